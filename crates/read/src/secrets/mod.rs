//! Credentials in any text.
//!
//! One pass looks for long runs of letters and digits, which every key holds, and for a few
//! literals that mark the others; only what begins like a key, or is given to a name
//! that speaks of one, is looked at closer: shape, checksum, entropy, and whether
//! it merely stands for a key, as in documentation.

mod address;
mod alphabet;
mod find;
mod inspector;
mod name;
mod pattern;
mod place;
mod private_key;
mod proof;
mod runs;
mod shape;
mod shaped;

#[cfg(test)]
mod tests;

pub(crate) use address::userinfo;
pub(crate) use find::beginnings;
pub(crate) use inspector::INSPECTOR;
pub use place::{is_dot_env, is_dot_env_template};

pub use find::{Match, find};
pub use pattern::{Grade, Pattern, pattern};
