//! Who asks, how they prove it, and what they may.

pub(crate) mod csrf;
mod password;
mod permission;
mod principal;
mod recognise;
pub(crate) mod sign_in;
pub(crate) mod totp;

pub use password::{Hashing, hash_for_tests};
pub(crate) use password::{Passwords, check as check_password};
pub use permission::{Permission, Row};
pub use principal::{Bearer, Person, Principal};
pub(crate) use recognise::{TOKEN_PREFIX, principal};
pub use totp::code_for_tests;
