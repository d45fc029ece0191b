//! Secrets of ours: random, shown once, kept as SHA-256 only.

use sha2::{Digest as _, Sha256};
use stance_store::accounts::Digest;

use crate::encode::base64url;
use crate::error::ApiError;

/// A new secret of 256 bits, as text for a URL, a cookie or a header.
///
/// # Errors
///
/// When the system has no randomness.
pub(crate) fn new() -> Result<String, ApiError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
    Ok(base64url(&bytes))
}

/// What is kept of a secret. It has 256 bits of its own, so that nothing slower is needed.
pub(crate) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// A secret that follows from another, for another purpose.
pub(crate) fn derive(secret: &str, purpose: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(secret.as_bytes());
    base64url(&hash.finalize())
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    bool::from(subtle::ConstantTimeEq::ct_eq(
        one.as_bytes(),
        other.as_bytes(),
    ))
}
