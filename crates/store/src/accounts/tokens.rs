//! Tokens of programs.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, UserId};

/// The number of a token; no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A token; it never may more than its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub owner: UserId,
    /// The owner's login.
    pub owner_login: String,
    /// What it may do, as the service names it.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; never by itself if `None`.
    pub expires: Option<Timestamp>,
    /// When it was last used; minutes are exact enough.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// A token to make.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Of what the program will show.
    pub secret: &'a Digest,
    /// What its owner calls it.
    pub name: &'a str,
    /// Whose it is.
    pub owner: UserId,
    /// What it may do: words without spaces.
    pub scopes: &'a [String],
    /// When it ends; never by itself if `None`.
    pub expires: Option<Timestamp>,
}
