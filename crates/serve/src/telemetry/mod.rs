//! What passes at run time, from those who see it to the database: the gateway within, gateways that report, the receiver of
//! telemetry, and logs that are sent.
//!
//! All of it goes through [`keep`], which is where words are left out unless somebody has switched on that they are kept, and
//! where times are put right that cannot be.

mod keep;
mod logs;
mod report;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;

use crate::app::App;
use crate::auth::{self, Permission, Principal};
use crate::error::ApiError;
use crate::route::Routes;
use words::Readers;

pub use keep::{keep, measure, release};
pub use logs::{LogRefused, LogTaken, Logs, MOST as MOST_OF_A_LOG, SentLog, UnreadRecord};
pub(crate) use words::tell_read;

pub(crate) fn routes() -> Routes {
    logs::routes(report::routes())
}

/// What the service remembers of traffic beside what is in the database.
#[derive(Debug, Default)]
pub struct Telemetry {
    words: AtomicBool,
    readers: Readers,
}

impl Telemetry {
    /// Whether words are kept from now on, where those who tell of exchanges give them.
    pub fn keep_words(&self, kept: bool) {
        self.words.store(kept, Ordering::Relaxed);
    }

    /// Whether they are.
    #[must_use]
    pub fn keeps_words(&self) -> bool {
        self.words.load(Ordering::Relaxed)
    }
}

/// Whether whoever sends with these headers may tell what passed: a token with the scope `ingest`.
///
/// # Errors
///
/// 401 without a token or with one that has ended, 403 with one that may not, 429 for one that asks too much, and those of
/// the database.
pub async fn admit(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let now = app.clock.now();
    let who = auth::principal(app, headers, now).await?;
    match who {
        Principal::Token(_) if who.may(Permission::Ingest) => Ok(()),
        Principal::Token(_) => Err(ApiError::forbidden("the token lacks the scope `ingest`")),
        // A session of a browser is no token: what browsers send by themselves counts for nothing here.
        Principal::Person(_) | Principal::Nobody => Err(ApiError::unauthenticated()),
    }
}
