//! Names that stand for users: a keyed hash, so that nobody without the key can try out who it is.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use anyhow::{Context as _, bail};
use stance_core::digest::hmac_sha256;

/// Shortest key, in bytes.
const SHORTEST: usize = 16;

/// What turns users into pseudonyms.
pub(super) struct Pseudonyms(Vec<u8>);

impl Pseudonyms {
    /// Those of the key in a file, or of a random one.
    pub(super) fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else {
            // The standard library's source of randomness, which the system seeds.
            let key = (0..4_u8).flat_map(|n| RandomState::new().hash_one(n).to_le_bytes());
            return Ok(Self(key.collect()));
        };
        let key = std::fs::read(file)
            .with_context(|| format!("cannot read the key {}", file.display()))?;
        let key = key.trim_ascii().to_vec();
        if key.len() < SHORTEST {
            bail!(
                "the key in {} is shorter than {SHORTEST} bytes; `openssl rand -hex 32` makes one",
                file.display()
            );
        }
        Ok(Self(key))
    }

    /// The pseudonym of a user.
    pub(super) fn of(&self, user: &str) -> String {
        let hash = hmac_sha256(&self.0, user.as_bytes());
        let short: String = stance_core::digest::hex(&hash).chars().take(16).collect();
        format!("user-{short}")
    }

    /// A path in which the user that it belongs to has their pseudonym.
    pub(super) fn path(&self, path: &str) -> String {
        let mut is_home = false;
        let parts: Vec<String> = path
            .split('/')
            .map(|part| {
                let shown = if is_home && !part.is_empty() {
                    self.of(part)
                } else {
                    part.to_owned()
                };
                is_home = matches!(part, "home" | "Users");
                shown
            })
            .collect();
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_decides_and_hides_who_it_is() {
        let a = Pseudonyms(b"0123456789abcdef".to_vec());
        let b = Pseudonyms(b"fedcba9876543210".to_vec());
        assert_eq!(a.of("ann"), a.of("ann"));
        assert_ne!(a.of("ann"), a.of("bob"));
        assert_ne!(a.of("ann"), b.of("ann"));
        let path = a.path("copies/home/ann/History");
        assert!(!path.contains("ann") && path.starts_with("copies/home/user-"));
        let random = |_| Pseudonyms::new(None).unwrap().of("ann");
        assert_ne!(random(1), random(2));
    }
}
