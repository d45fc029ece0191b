//! From a request to whoever sent it.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use jiff::Timestamp;
use stance_store::Accounts as _;

use super::{Bearer, Permission, Person, Principal};
use crate::app::App;
use crate::error::ApiError;
use crate::http::cookie;
use crate::note::{EXACT, note};
use crate::secret;

/// What every token begins with, so that scanners of secrets know them.
pub(crate) const TOKEN_PREFIX: &str = "stance_";

/// Longest secret that is looked at.
const MOST: usize = 200;

/// Who sent a request with these headers. A token that is wrong is an error; a session that ended is nobody.
///
/// # Errors
///
/// 401 for a token that is none or has ended; those of the database.
pub(crate) async fn principal(
    app: &App,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Principal, ApiError> {
    if let Some(given) = headers.get(AUTHORIZATION) {
        let given = given.to_str().unwrap_or_default();
        return bearer(app, given, now).await;
    }
    let secret = cookie::get(&app.settings, headers.get_all(COOKIE), cookie::SESSION);
    let Some(secret) = secret.filter(|secret| secret.len() <= MOST) else {
        return Ok(Principal::Nobody);
    };
    let digest = secret::digest(&secret);
    let idle = app.settings.sessions.idle;
    let found = app
        .db
        .read(move |store| Ok(store.session(&digest, now, idle)?))
        .await?;
    let Some((session, user)) = found else {
        return Ok(Principal::Nobody);
    };
    if now.duration_since(session.last_seen) > EXACT {
        let id = session.id;
        note(app, &format!("session:{id}"), now, move |store| {
            Ok(store.touch(&[id], &[], now)?)
        })
        .await;
    }
    Ok(Principal::Person(Arc::new(Person {
        user,
        session,
        csrf: secret::derive(&secret, "csrf"),
    })))
}

async fn bearer(app: &App, given: &str, now: Timestamp) -> Result<Principal, ApiError> {
    let token = given
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| token.starts_with(TOKEN_PREFIX) && token.len() <= MOST);
    let Some(token) = token else {
        return Err(ApiError::unauthenticated());
    };
    let digest = secret::digest(token);
    let found = app
        .db
        .read(move |store| Ok(store.token(&digest, now)?))
        .await?;
    let (token, owner) = found.ok_or_else(ApiError::unauthenticated)?;
    let used = token.last_used.unwrap_or(Timestamp::MIN);
    if now.duration_since(used) > EXACT {
        let id = token.id;
        note(app, &format!("token:{id}"), now, move |store| {
            Ok(store.touch(&[], &[id], now)?)
        })
        .await;
    }
    let scopes = token
        .scopes
        .iter()
        .filter_map(|scope| Permission::scope(scope))
        .collect();
    Ok(Principal::Token(Arc::new(Bearer {
        token,
        owner,
        scopes,
    })))
}
