//! Signing in at the identity provider: leaving, and coming back.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::json;
use stance_store::accounts::{NewUser, User, UserChange};
use stance_store::{Accounts as _, Sqlite, StoreError};

use super::Next;
use crate::ask::{Ask, Query};
use crate::auth::oidc::{self, Identity, Journey, OpenId, Return};
use crate::auth::sign_in;
use crate::encode::{base64url, from_base64url};
use crate::error::ApiError;
use crate::http::cookie;
use crate::record::Teller;
use crate::route::redirect;

/// What the browser keeps meanwhile.
const JOURNEY: &str = "journey";

/// Seconds that signing in there may take.
const PATIENCE: i64 = 600;

fn provider(ask: &Ask) -> Result<&Arc<OpenId>, ApiError> {
    let provider = ask.openid.as_ref();
    provider.ok_or_else(|| ApiError::not_found("identity provider"))
}

fn back(ask: &Ask) -> String {
    format!("{}/sign-in/provider/return", ask.base_url())
}

/// Sends the browser to the provider.
pub(super) async fn leave(ask: Ask, Query(next): Query<Next>) -> Result<Response, ApiError> {
    let (endpoint, client) = provider(&ask)?.endpoint(ask.now).await?;
    let journey = Journey::new(next.path())?;
    let address = journey.address(&endpoint, &client, &back(&ask));
    let kept = base64url(&serde_json::to_vec(&journey).map_err(ApiError::internal)?);
    // Not `Strict`: the browser comes back from a page of the provider.
    let cookie = cookie::set(&ask.settings, JOURNEY, &kept, "Lax", PATIENCE);
    Ok(([(SET_COOKIE, cookie)], redirect(&address)).into_response())
}

/// Takes the browser in that comes back.
pub(super) async fn arrive(
    ask: Ask,
    headers: HeaderMap,
    Query(came): Query<Return>,
) -> Result<Response, ApiError> {
    let openid = provider(&ask)?;
    let kept = cookie::get(&ask.settings, headers.get_all(COOKIE), JOURNEY)
        .and_then(|kept| from_base64url(&kept))
        .and_then(|kept| serde_json::from_slice::<Journey>(&kept).ok());
    let journey = kept.ok_or_else(|| {
        ApiError::forbidden(
            "this sign-in did not begin in this browser, or took too long; begin again",
        )
    })?;
    let identity = oidc::arrive(openid, &journey, came, &back(&ask), ask.now).await?;
    let now = ask.now;
    let user = ask
        .db
        .write(move |store| known(store, &identity, now))
        .await?;
    if user.disabled {
        return Err(ApiError::forbidden(
            "your account here is disabled; ask an administrator",
        ));
    }
    let session = sign_in::begin(&ask, user.id).await?;
    let gone = cookie::remove(&ask.settings, JOURNEY);
    let next = Next { next: journey.next };
    let mut response = redirect(&next.path());
    response.headers_mut().append(SET_COOKIE, session);
    response.headers_mut().append(SET_COOKIE, gone);
    Ok(response)
}

/// The person of an identity, taken in if need be; name, mail and role are as the provider says.
fn known(store: &mut Sqlite, identity: &Identity, now: Timestamp) -> Result<User, ApiError> {
    let Some(user) = store.user_of_subject(&identity.subject)? else {
        return take_in(store, identity, now);
    };
    let change = UserChange {
        name: Some(&identity.name),
        email: Some(identity.email.as_deref()),
        role: Some(identity.role),
        disabled: None,
    };
    let changed = match store.change_user(user.id, &change) {
        // The last administrator stays one, whatever the provider says: somebody has to be.
        Err(StoreError::Conflict(_)) => return Ok(user),
        changed => changed?,
    };
    if changed.role != user.role {
        let detail = json!({"role": {"before": user.role.name(), "after": changed.role.name()}});
        let teller = Teller::of_system("identity provider", now);
        teller.tell(store, "user.change", "user", user.id, detail)?;
    }
    Ok(changed)
}

fn take_in(store: &mut Sqlite, identity: &Identity, now: Timestamp) -> Result<User, ApiError> {
    // A name that somebody else has is no reason to be them: a number behind it makes another.
    for number in 0..100 {
        let login = match number {
            0 => identity.login.clone(),
            number => format!("{}-{number}", identity.login),
        };
        let new = NewUser {
            login: &login,
            name: &identity.name,
            email: identity.email.as_deref(),
            role: identity.role,
            subject: Some(&identity.subject),
        };
        match store.add_user(&new, now) {
            Err(StoreError::Conflict(_)) => {}
            added => {
                let id = added?;
                let detail = json!({"login": login, "role": identity.role.name()});
                let teller = Teller::of_system("identity provider", now);
                teller.tell(store, "user.add", "user", id, detail)?;
                return Ok(store.user(id)?);
            }
        }
    }
    Err(ApiError::conflict("there are too many people of this name"))
}
