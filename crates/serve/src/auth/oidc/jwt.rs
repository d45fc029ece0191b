//! ID tokens: signatures (RFC 7515, RFC 7518) with the keys of the provider (RFC 7517).

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::encode::from_base64url;

/// Longest token.
const MOST: usize = 64 * 1024;

/// The keys of a provider.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// One key; what is not needed is left out.
#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is no token, or in a way that is not taken.
    Malformed(&'static str),
    /// None of the keys made it; there may be newer ones.
    UnknownKey,
    /// The signature is wrong.
    Forged,
}

/// The claims of a token that one of the keys signed, with RS256 or ES256 and nothing else.
pub(super) fn claims(token: &str, keys: &Keys) -> Result<Value, Doubt> {
    if token.len() > MOST {
        return Err(Doubt::Malformed("it is too long"));
    }
    let malformed = || Doubt::Malformed("it has not three parts in Base64");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
    let part = |text: &str| from_base64url(text).ok_or_else(malformed);
    let header: Header = serde_json::from_slice(&part(header)?)
        .map_err(|_| Doubt::Malformed("its header names no algorithm"))?;
    let signature = part(signature)?;
    let kind = match header.alg.as_str() {
        "RS256" => "RSA",
        "ES256" => "EC",
        _ => {
            return Err(Doubt::Malformed(
                "it is signed with neither RS256 nor ES256",
            ));
        }
    };
    let mut tried = false;
    for key in &keys.keys {
        let other = header.kid.is_some() && key.kid.is_some() && header.kid != key.kid;
        if key.kty != kind
            || other
            || key
                .purpose
                .as_deref()
                .is_some_and(|purpose| purpose != "sig")
        {
            continue;
        }
        tried = true;
        if key.verifies(signed.as_bytes(), &signature) {
            return serde_json::from_slice(&part(payload)?)
                .map_err(|_| Doubt::Malformed("its claims are no JSON"));
        }
    }
    Err(if tried {
        Doubt::Forged
    } else {
        Doubt::UnknownKey
    })
}

impl Key {
    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self.kty.as_str() {
            "RSA" => self.rsa().is_some_and(|key| {
                let hash = Sha256::digest(signed);
                key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, signature)
                    .is_ok()
            }),
            "EC" => self.p256().is_some_and(|key| {
                Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }),
            _ => false,
        }
    }

    /// From 2048 bits, below which no signature is worth anything, to 8192, above which it only takes time.
    fn rsa(&self) -> Option<PublicKey> {
        let modulus = from_base64url(self.n.as_deref()?)?;
        let exponent = from_base64url(self.e.as_deref()?)?;
        if !(256..=1024).contains(&modulus.len()) || exponent.len() > 8 {
            return None;
        }
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        PublicKey::new(number(&modulus), number(&exponent)).ok()
    }

    fn p256(&self) -> Option<VerifyingKey> {
        if self.crv.as_deref() != Some("P-256") {
            return None;
        }
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let coordinate = from_base64url(coordinate.as_deref()?)?;
            if coordinate.len() != 32 {
                return None;
            }
            point.extend(coordinate);
        }
        VerifyingKey::from_sec1_bytes(&point).ok()
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer as _;
    use serde_json::json;

    use super::*;
    use crate::encode::base64url;

    fn keys(key: &SigningKey, kid: &str) -> Keys {
        let point = key.verifying_key().to_sec1_point(false);
        let part = |range: std::ops::Range<usize>| base64url(&point.as_bytes()[range]);
        let key = json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": part(1..33), "y": part(33..65)});
        serde_json::from_value(json!({"keys": [{"kty": "OKP"}, key]})).unwrap()
    }

    fn token(key: &SigningKey, header: &Value) -> String {
        let part = |value: &Value| base64url(&serde_json::to_vec(value).unwrap());
        let signed = format!("{}.{}", part(header), part(&json!({"sub": "ada"})));
        let signature: Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", base64url(&signature.to_bytes()))
    }

    #[test]
    fn only_what_a_key_of_the_provider_signed_is_believed() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let good = token(&key, &json!({"alg": "ES256", "kid": "a"}));
        assert_eq!(claims(&good, &keys(&key, "a")).unwrap()["sub"], "ada");
        assert_eq!(claims(&good, &keys(&key, "b")), Err(Doubt::UnknownKey));
        let other = SigningKey::from_slice(&[8; 32]).unwrap();
        assert_eq!(claims(&good, &keys(&other, "a")), Err(Doubt::Forged));
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let changed = format!("{header}.{}.{signature}", base64url(b"{\"sub\":\"eve\"}"));
        assert_eq!(claims(&changed, &keys(&key, "a")), Err(Doubt::Forged));
    }

    #[test]
    fn no_algorithm_but_the_two_is_taken() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        for algorithm in ["none", "HS256", "es256", ""] {
            let token = token(&key, &json!({"alg": algorithm}));
            assert!(
                matches!(claims(&token, &keys(&key, "a")), Err(Doubt::Malformed(_))),
                "{algorithm}"
            );
        }
        for bad in ["", "a.b", "a.b.c", "....", &"a".repeat(100_000)] {
            assert!(matches!(
                claims(bad, &keys(&key, "a")),
                Err(Doubt::Malformed(_))
            ));
        }
    }
}
