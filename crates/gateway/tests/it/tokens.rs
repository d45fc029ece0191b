//! Tokens that tests sign, and the keys that they are held against.

use ed25519_dalek::Signer as _;
use serde_json::{Value, json};
use stance_govern::token::base64url;

/// Who issues them.
pub(crate) const ISSUER: &str = "https://id.example.org";

fn signing(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

/// A set with the public half of a key.
pub(crate) fn set(seed: u8, kid: &str, purpose: &str) -> Value {
    json!({"keys": [jwk(seed, kid, purpose)]})
}

pub(crate) fn jwk(seed: u8, kid: &str, purpose: &str) -> Value {
    let x = base64url(signing(seed).verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": purpose, "x": x})
}

/// A token with any header and claims, as texts.
pub(crate) fn raw(seed: u8, header: &str, claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        base64url(header.as_bytes()),
        base64url(claims.as_bytes())
    );
    let signature = signing(seed).sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", base64url(&signature))
}

/// A good token of [`ISSUER`] for `stance`, with more claims over it.
pub(crate) fn token(seed: u8, kid: &str, more: Value) -> String {
    let mut claims =
        json!({"iss": ISSUER, "aud": "stance", "sub": "ada", "iat": now(), "exp": now() + 300});
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}).to_string();
    raw(seed, &header, &claims.to_string())
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let now = std::time::SystemTime::now();
    let passed = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(passed.as_secs()).unwrap()
}
