//! Tokens whose signature was verified a moment ago: a caller sends the same one with each request, and RSA takes longer than all the
//! rest of a small exchange.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use stance_govern::token::{Claims, Keys};

/// Most tokens that are remembered; then it begins anew.
const MOST: usize = 4096;

/// Claims by the digest of their token, and the keys that vouched for them.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<[u8; 32], Vouched>>);

/// Claims, and the keys that vouch for them.
type Vouched = (Arc<Keys>, Arc<Claims>);

impl Seen {
    /// The claims of a token, from memory if the same keys vouched for it, else by `verify`. What they claim is still to be held
    /// against the clock.
    pub(crate) fn or<E>(
        &self,
        token: &str,
        keys: &Arc<Keys>,
        verify: impl FnOnce() -> Result<Claims, E>,
    ) -> Result<Arc<Claims>, E> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        {
            let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((vouched, claims)) = all.get(&digest)
                && Arc::ptr_eq(vouched, keys)
            {
                return Ok(claims.clone());
            }
        }
        let claims = Arc::new(verify()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(digest, (keys.clone(), claims.clone()));
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer as _;
    use stance_govern::token::{Algorithm, Doubt, Purpose, Token, base64url};

    use super::*;

    #[test]
    fn a_token_is_verified_once_for_each_set_of_keys() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let x = base64url(key.verifying_key().as_bytes());
        let set = format!("{{\"keys\":[{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x}\"}}]}}");
        let keys = || Arc::new(Keys::read(set.as_bytes(), Purpose::Signatures).unwrap());
        let signed = format!("{}.{}", base64url(b"{\"alg\":\"EdDSA\"}"), base64url(b"{}"));
        let signature = key.sign(signed.as_bytes()).to_bytes();
        let token = format!("{signed}.{}", base64url(&signature));
        let (seen, first, second) = (Seen::default(), keys(), keys());
        let verify = |keys: &Keys| Token::read(&token, 1000)?.verify(keys, &Algorithm::ALL);
        assert!(seen.or(&token, &first, || verify(&first)).is_ok());
        let never = || Err(Doubt::Forged);
        assert!(seen.or(&token, &first, never).is_ok(), "from memory");
        assert!(seen.or(&token, &second, never).is_err(), "other keys");
        assert!(seen.or(&token.replace("ey", "eY"), &first, never).is_err());
    }
}
