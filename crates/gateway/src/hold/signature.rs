//! What questions and answers are signed with, as the Standard Webhooks specification has it: HMAC-SHA256 over id, time and
//! body, in the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. The notifications of `stance serve` have
//! the same form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::header::HeaderMap;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Names the message that is signed.
pub(super) const ID: &str = "webhook-id";
/// When, in seconds since 1970.
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
/// `v1,` and Base64.
pub(super) const SIGNATURE: &str = "webhook-signature";

/// How far the clocks of both sides may be apart, in seconds.
const TOLERANCE: i64 = 300;

/// Shortest secret, in bytes.
const SHORTEST: usize = 24;

/// A secret that both sides know.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// From how programs write it.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bytes = match text.strip_prefix("whsec_") {
            Some(encoded) => BASE64
                .decode(encoded)
                .map_err(|_| "what follows `whsec_` is no Base64".to_owned())?,
            None => text.as_bytes().to_vec(),
        };
        if bytes.len() < SHORTEST {
            return Err(format!("a secret has at least {SHORTEST} bytes"));
        }
        Ok(Self(bytes))
    }

    /// The value of `webhook-signature`.
    pub(super) fn sign(&self, message: &str, seconds: i64, body: &[u8]) -> String {
        // Keys of any length are taken; this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(format!("{message}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    /// Whether the headers hold a signature over this message and body that is not old. `now` is in seconds.
    pub(super) fn verifies(
        &self,
        headers: &HeaderMap,
        message: &str,
        body: &[u8],
        now: i64,
    ) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(at), Some(given)) = (
            text(ID),
            text(TIMESTAMP).and_then(|at| at.parse::<i64>().ok()),
            text(SIGNATURE),
        ) else {
            return false;
        };
        if id != message || now.saturating_sub(at).saturating_abs() > TOLERANCE {
            return false;
        }
        let right = self.sign(message, at, body);
        !right.is_empty()
            && given
                .split(' ')
                .any(|one| bool::from(one.as_bytes().ct_eq(right.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(id: &str, at: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ID, id.parse().unwrap());
        headers.insert(TIMESTAMP, at.into());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        headers
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let message = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = b"{\"test\": 2432232314}";
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(secret.sign(message, 1_614_265_330, body), signature);
        let given = headers(message, 1_614_265_330, &format!("v1a,x {signature}"));
        assert!(secret.verifies(&given, message, body, 1_614_265_330 + 299));
        assert!(
            !secret.verifies(&given, message, body, 1_614_265_330 + 301),
            "old"
        );
        assert!(!secret.verifies(&given, "other", body, 1_614_265_330));
        assert!(!secret.verifies(&given, message, b"{}", 1_614_265_330));
        assert!(Secret::parse("whsec_short").is_err() && Secret::parse("short").is_err());
    }
}
