//! Passwords: argon2id, on few threads, and equally long whether somebody is known or not.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Shortest password; NIST SP 800-63B, section 3.1.1.2, asks for 15 where it is the only factor.
const SHORTEST: usize = 12;

/// Longest password, in bytes.
const LONGEST: usize = 1024;

/// Hashes at the same time; each takes the memory below.
const THREADS: usize = 2;

/// How costly a hash is.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Hashing {
    /// The first choice of OWASP's Password Storage Cheat Sheet for argon2id.
    fn default() -> Self {
        Self {
            memory: 19 * 1024,
            passes: 2,
        }
    }
}

/// Checks and makes hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    cost: Hashing,
    threads: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(cost: Hashing) -> Self {
        Self {
            cost,
            threads: Arc::new(Semaphore::new(THREADS)),
        }
    }

    /// The hash of a password, as a PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, ApiError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(ApiError::internal)?;
        let (argon2, password) = (self.argon2()?, password.to_owned());
        self.apart(move || {
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
                .map_err(ApiError::internal)
        })
        .await
    }

    /// Whether it is the password of this hash; without a hash never, after as long.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let (argon2, password) = (self.argon2()?, password.to_owned());
        self.apart(move || {
            let Some(hash) = hash else {
                let spent = argon2.hash_password_with_salt(password.as_bytes(), &[0; 16]);
                return spent.map(|_| false).map_err(ApiError::internal);
            };
            Ok(argon2
                .verify_password(password.as_bytes(), hash.as_str())
                .is_ok())
        })
        .await
    }

    fn argon2(&self) -> Result<Argon2<'static>, ApiError> {
        let params = Params::new(self.cost.memory, self.cost.passes, 1, None);
        let params = params.map_err(ApiError::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// On a thread of its own, of which there are few.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = self.threads.clone().acquire_owned().await;
        let permit = permit.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(ApiError::internal)?
    }
}

/// For tests: the hash of a password, as a server makes it.
///
/// # Errors
///
/// When the system has no randomness.
pub async fn hash_for_tests(app: &crate::app::App, password: &str) -> Result<String, ApiError> {
    app.passwords.hash(password).await
}

/// Whether a password can be taken; what it is made of is everybody's own business (NIST SP 800-63B, 3.1.1.2).
///
/// # Errors
///
/// 422 with what would be right.
pub(crate) fn check(password: &str, login: &str) -> Result<(), ApiError> {
    let refused = |message: &str| Err(ApiError::invalid("password", message));
    let length = password.chars().count();
    if length < SHORTEST {
        return refused("take at least 12 characters; some words in a row are good");
    }
    if password.len() > LONGEST {
        return refused("take at most 1024 bytes");
    }
    let lower = password.to_lowercase();
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 5 || lower.contains(login) && length < login.chars().count() + 8 {
        return refused("this is too easy to guess; some words in a row are good");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_easy_is_refused_and_long_words_are_not() {
        for bad in ["short", "aaaaaaaaaaaaaaa", "ada.lovelace1", "abababababab"] {
            assert!(check(bad, "ada.lovelace").is_err(), "{bad}");
        }
        for good in ["correct horse battery", "ada.lovelace and her engine"] {
            assert!(check(good, "ada.lovelace").is_ok(), "{good}");
        }
    }
}
