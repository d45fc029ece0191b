//! People.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Role;

/// The number of a person; none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The number.
    pub id: UserId,
    /// What the person signs in with, in lower case.
    pub login: String,
    /// What others call the person.
    pub name: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// What the person is here.
    pub role: Role,
    /// Whether a password was set.
    pub has_password: bool,
    /// Whether a second factor is asked for.
    pub has_totp: bool,
    /// Whether the person comes from the identity provider.
    pub external: bool,
    /// Whether the person may not sign in.
    pub disabled: bool,
    /// Since when the person is known.
    pub created: Timestamp,
    /// When the person last signed in.
    pub last_sign_in: Option<Timestamp>,
}

/// Somebody new.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// What the person will sign in with, in lower case.
    pub login: &'a str,
    /// What others call the person.
    pub name: &'a str,
    /// Where mail goes.
    pub email: Option<&'a str>,
    /// What the person is here.
    pub role: Role,
    /// Who this is at the identity provider, if anybody.
    pub subject: Option<&'a str>,
}

/// What is to change about a person; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserChange<'a> {
    /// What others call the person.
    pub name: Option<&'a str>,
    /// Where mail goes; `Some(None)` takes the address away.
    pub email: Option<Option<&'a str>>,
    /// What the person is here.
    pub role: Option<Role>,
    /// Whether the person may not sign in.
    pub disabled: Option<bool>,
}

/// What a sign-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Who signs in.
    pub user: User,
    /// A PHC string, if a password was set.
    pub password: Option<String>,
    /// The secret of the second factor in Base32, if there is one.
    pub totp: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
