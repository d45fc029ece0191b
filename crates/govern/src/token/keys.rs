//! The keys of an issuer (JWK sets, RFC 7517).

use serde_json::Value;

use super::{Algorithm, Doubt, from_base64url};
use crate::signature::der;
use crate::signature::json::{self, Object};
use crate::signature::key::{PublicKey, info, oid};

/// Most keys of a set: each may be tried on a token that names none.
const MOST: usize = 64;

/// What the keys of a set are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Signatures: `use` is `sig` or missing.
    #[default]
    Signatures,
    /// JWT-SVIDs, in a bundle of a SPIFFE trust domain: `use` is `jwt-svid`.
    JwtSvid,
}

/// The keys of an issuer. Those that nothing here could verify with are left out.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    key: PublicKey,
}

impl Keys {
    /// Reads a set.
    ///
    /// # Errors
    /// What is no set of keys, has too many, or holds a private key, which is nobody's to have here.
    pub fn read(bytes: &[u8], purpose: Purpose) -> Result<Self, Doubt> {
        let set = json::object(bytes, "it").map_err(|_| {
            Doubt::Malformed("it is no JSON object in which each member stands once")
        })?;
        let Some(Value::Array(all)) = set.get("keys") else {
            return Err(Doubt::Malformed("it has no list `keys`"));
        };
        if all.len() > MOST {
            return Err(Doubt::Malformed("it has more than 64 keys"));
        }
        let mut keys = Vec::new();
        for key in all {
            let Value::Object(key) = key else {
                return Err(Doubt::Malformed("a key in it is no object"));
            };
            if key.contains_key("d") || key.contains_key("k") {
                return Err(Doubt::Malformed(
                    "it holds a private or a shared key; it has to have public ones only",
                ));
            }
            keys.extend(Key::read(key, purpose));
        }
        Ok(Self(keys))
    }

    /// Whether there is none that anything could be verified with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys with which a token may have been signed.
    pub(super) fn fitting(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &PublicKey> {
        self.0
            .iter()
            .filter(move |key| {
                let is_named = match (kid, key.kid.as_deref()) {
                    (Some(named), Some(own)) => named == own,
                    _ => true,
                };
                is_named
                    && key.key.kind() == algorithm.kind()
                    && key.algorithm.is_none_or(|own| own == algorithm)
            })
            .map(|key| &key.key)
    }
}

impl Key {
    /// `None` for a key that is for something else, or of a kind that is not known.
    fn read(key: &Object, purpose: Purpose) -> Option<Self> {
        let word = |name: &str| key.get(name).and_then(Value::as_str);
        let is_ours = match (purpose, word("use")) {
            (Purpose::Signatures, purpose) => purpose.is_none_or(|it| it == "sig"),
            (Purpose::JwtSvid, purpose) => purpose == Some("jwt-svid"),
        };
        let verifies = match key.get("key_ops") {
            None => true,
            Some(Value::Array(all)) => all.iter().any(|it| it == "verify"),
            Some(_) => false,
        };
        if !is_ours || !verifies {
            return None;
        }
        let algorithm = match word("alg") {
            Some(name) => Some(Algorithm::from_name(name)?),
            None => None,
        };
        Some(Self {
            kid: word("kid").map(str::to_owned),
            algorithm,
            key: public_key(word("kty")?, word("crv"), |name| {
                from_base64url(word(name)?)
            })?,
        })
    }
}

/// The key that the members make. `member` gives the bytes of one.
fn public_key(
    kind: &str,
    curve: Option<&str>,
    member: impl Fn(&str) -> Option<Vec<u8>>,
) -> Option<PublicKey> {
    let key = match (kind, curve) {
        ("RSA", _) => {
            let numbers = [der::unsigned(&member("n")?), der::unsigned(&member("e")?)];
            return PublicKey::from_pkcs1(&der::element(der::SEQUENCE, &numbers.concat())).ok();
        }
        ("EC", Some(curve)) => {
            let (curve, size) = match curve {
                "P-256" => (oid::P256, 32),
                "P-384" => (oid::P384, 48),
                "P-521" => (oid::P521, 66),
                _ => return None,
            };
            let mut point = vec![4];
            for name in ["x", "y"] {
                let coordinate = member(name).filter(|it| it.len() == size)?;
                point.extend(coordinate);
            }
            info(oid::EC_PUBLIC_KEY, Some(curve), &point)
        }
        ("OKP", Some("Ed25519")) => info(oid::ED25519, None, &member("x")?),
        _ => return None,
    };
    PublicKey::from_der(&key).ok()
}
