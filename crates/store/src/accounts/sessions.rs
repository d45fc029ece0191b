//! Sessions of browsers, and links that begin the first one.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, UserId};

/// The number of a session; no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub i64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Somebody who is signed in with one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The number.
    pub id: SessionId,
    /// When the person signed in.
    pub created: Timestamp,
    /// When it was last used; minutes are exact enough.
    pub last_seen: Timestamp,
    /// When it ends, used or not.
    pub expires: Timestamp,
    /// How the browser calls itself.
    pub agent: String,
    /// Where from.
    pub address: String,
}

/// A session to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// Of what the browser will show.
    pub secret: &'a Digest,
    /// Who signed in.
    pub user: UserId,
    /// When it ends, used or not.
    pub expires: Timestamp,
    /// How the browser calls itself.
    pub agent: &'a str,
    /// Where from.
    pub address: &'a str,
}

/// A link that signs somebody in once, to set a password.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Of what stands in the link.
    pub secret: Digest,
    /// For whom.
    pub user: UserId,
    /// Until when.
    pub expires: Timestamp,
}
