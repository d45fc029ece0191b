//! The own sessions.

use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::{Session, SessionId};

use super::{AccountView, done, own};
use crate::ask::{Ask, Path};
use crate::error::ApiError;
use crate::http::cookie;
use crate::record::Teller;
use crate::route::redirect;
use crate::view::Done;

/// Somebody who is signed in with one browser.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SessionView {
    /// The number.
    pub(super) id: i64,
    /// When it began.
    pub(super) created: Timestamp,
    /// When it was last used; minutes are exact enough.
    pub(super) last_seen: Timestamp,
    /// When it ends, used or not.
    pub(super) expires: Timestamp,
    /// How the browser calls itself.
    pub(super) agent: String,
    /// Where from.
    pub(super) address: String,
    /// Whether it is the one that asks.
    pub(super) current: bool,
}

impl SessionView {
    pub(super) fn of(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.0,
            created: session.created,
            last_seen: session.last_seen,
            expires: session.expires,
            agent: session.agent,
            address: session.address,
            current: current == Some(session.id),
        }
    }
}

pub(super) async fn end(ask: Ask, Path(id): Path<i64>) -> Result<Response, ApiError> {
    let user = own(&ask)?.id;
    let session = SessionId(id);
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            if !store.end_session(user, session)? {
                return Err(ApiError::not_found(format_args!("session {id} of yours")));
            }
            teller.tell(store, "session.end", "session", id, json!({}))
        })
        .await?;
    let current = ask.who.person().map(|person| person.session.id);
    if current == Some(session) && !ask.request.api {
        let gone = cookie::remove(&ask.settings, cookie::SESSION);
        return Ok(([(SET_COOKIE, gone)], redirect("/sign-in")).into_response());
    }
    Ok(done(&ask, "The session ended.").await?.into_response())
}

pub(super) async fn end_others(ask: Ask) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.id;
    let current = ask.who.person().map(|person| person.session.id);
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            let ended = store.end_sessions(user, current)?;
            teller.tell(
                store,
                "session.end_others",
                "user",
                user,
                json!({"ended": ended}),
            )
        })
        .await?;
    done(&ask, "You are signed out everywhere else.").await
}
