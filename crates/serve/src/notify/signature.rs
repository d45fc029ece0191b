//! Secrets of webhooks, and what is signed with them, as the Standard Webhooks specification has it: HMAC-SHA256 over
//! id, time and body.
//!
//! A secret is never kept. It is made again from a key in a file beside the database and a salt in the database, so that
//! neither of the two gives it away alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use stance_store::notifications::SigningKey;

use crate::encode::base64;

/// The key that secrets are made with, for its owner only.
pub(crate) const KEY_FILE: &str = "webhooks.key";

/// A secret as programs know it.
const PREFIX: &str = "whsec_";

/// What a webhook is signed with.
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// As programs write it: `whsec_` and Base64.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}", base64(&self.0))
    }

    /// The value of `webhook-signature`.
    pub(crate) fn sign(&self, message: &str, seconds: i64, body: &str) -> String {
        let mut mac = keyed(&self.0);
        mac.update(format!("{message}.{seconds}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", base64(&mac.finalize().into_bytes()))
    }

    fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

/// A new key, with its secret, which is shown once.
///
/// # Errors
///
/// When there is no randomness, or the file cannot be used.
pub(crate) fn make(data_dir: &Path) -> Result<(SigningKey, Secret), String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| error.to_string())?;
    let path = data_dir.join(KEY_FILE);
    let key = match read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(&path),
        read => read,
    };
    let key = key.map_err(|error| format!("{KEY_FILE} cannot be used: {error}"))?;
    let secret = derived(&key, &salt);
    let signing = SigningKey {
        salt: salt.to_vec(),
        digest: secret.digest(),
    };
    Ok((signing, secret))
}

/// The secret of a webhook.
///
/// # Errors
///
/// In one sentence, when the file of the key is gone or another.
pub(crate) fn secret(data_dir: &Path, key: &SigningKey) -> Result<Secret, String> {
    let file = read(&data_dir.join(KEY_FILE))
        .map_err(|error| format!("{KEY_FILE} cannot be read ({error}); renew the secret"))?;
    let secret = derived(&file, &key.salt);
    if secret.digest() != key.digest {
        return Err(format!(
            "{KEY_FILE} is not the one the secret was made with; restore it, or renew the secret"
        ));
    }
    Ok(secret)
}

fn derived(key: &[u8], salt: &[u8]) -> Secret {
    let mut mac = keyed(key);
    mac.update(b"stance webhook secret\0");
    mac.update(salt);
    Secret(mac.finalize().into_bytes().into())
}

/// A mark with a key of at most 64 bytes, which is filled up with zeros (RFC 2104).
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block.into())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut key = Vec::new();
    File::open(path)?.take(33).read_to_end(&mut key)?;
    if key.len() == 32 {
        Ok(key)
    } else {
        Err(io::Error::other("it does not hold 32 bytes"))
    }
}

/// Makes the file; another that was made meanwhile counts.
fn create(path: &Path) -> io::Result<Vec<u8>> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(mut file) => {
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key.to_vec())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the specification and of its libraries, and what `hmac` of Python says of it.
        let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let bytes = crate::encode::from_base64url(secret).unwrap();
        let mut key = keyed(&bytes);
        key.update(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
        assert_eq!(
            base64(&key.finalize().into_bytes()),
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_is_made_again_from_the_two_halves_only() {
        let directory = tempfile::tempdir().unwrap();
        let (key, first) = make(directory.path()).unwrap();
        let (other, second) = make(directory.path()).unwrap();
        assert_ne!(first.text(), second.text());
        assert_eq!(secret(directory.path(), &key).unwrap().text(), first.text());
        let mixed = SigningKey {
            salt: other.salt,
            digest: key.digest.clone(),
        };
        assert!(secret(directory.path(), &mixed).is_err());
        std::fs::write(directory.path().join(KEY_FILE), [7; 32]).unwrap();
        let refused = secret(directory.path(), &key).err().unwrap();
        assert!(refused.contains("renew"), "{refused}");
    }
}
