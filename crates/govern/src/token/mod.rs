//! Signed tokens (JWT, RFC 7519): read, held against the keys of whoever is said to have issued them (RFC 7515, RFC 7517,
//! RFC 7518, RFC 8037), and what they claim held against what is expected, as RFC 8725 asks.
//!
//! Only keys that the caller has count: what a header brings along (`jwk`, `jku`, `x5u`, `x5c`) is not looked at. Algorithms
//! without a key pair (`none`, `HS256` and their like) are none of ours. A member that stands twice, which two readers may read
//! differently, makes a token malformed.

mod claims;
mod keys;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

use crate::signature::encoding::{base64, from_base64};
use crate::signature::json::{self, Object};
use crate::signature::key::{Hash, Scheme};

pub use claims::{Claims, Expected};
pub use keys::{Keys, Purpose};

/// Longest name of a key, in bytes.
const LONGEST_KID: usize = 256;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    Rs256,
    /// RSA, PKCS #1 v1.5, SHA-384.
    Rs384,
    /// RSA, PKCS #1 v1.5, SHA-512.
    Rs512,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// RSA, PSS, SHA-384.
    Ps384,
    /// RSA, PSS, SHA-512.
    Ps512,
    /// ECDSA on P-256, SHA-256.
    Es256,
    /// ECDSA on P-384, SHA-384.
    Es384,
    /// ECDSA on P-521, SHA-512.
    Es512,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All that are taken.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Its name in headers and keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// From its name; names have one spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        // RFC 9864 calls the one curve of EdDSA that is in use by its name.
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    const fn scheme(self) -> Scheme {
        match self {
            Self::Rs256 => Scheme::Rsa(Hash::Sha256),
            Self::Rs384 => Scheme::Rsa(Hash::Sha384),
            Self::Rs512 => Scheme::Rsa(Hash::Sha512),
            Self::Ps256 => Scheme::RsaPss(Hash::Sha256),
            Self::Ps384 => Scheme::RsaPss(Hash::Sha384),
            Self::Ps512 => Scheme::RsaPss(Hash::Sha512),
            Self::Es256 => Scheme::Ecdsa(Hash::Sha256),
            Self::Es384 => Scheme::Ecdsa(Hash::Sha384),
            Self::Es512 => Scheme::Ecdsa(Hash::Sha512),
            Self::EdDsa => Scheme::Ed25519,
        }
    }

    /// The kind of the key that it goes with, as `PublicKey::kind` says it.
    const fn kind(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => {
                "RSA"
            }
            Self::Es256 => "ECDSA P-256",
            Self::Es384 => "ECDSA P-384",
            Self::Es512 => "ECDSA P-521",
            Self::EdDsa => "Ed25519",
        }
    }

    /// Bytes of `r` and `s` together; nothing for other signatures.
    const fn halves(self) -> Option<usize> {
        match self {
            Self::Es256 => Some(64),
            Self::Es384 => Some(96),
            Self::Es512 => Some(132),
            _ => None,
        }
    }
}

/// Why a token is not believed. Says nothing of what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It is no token, or one in a way that is not taken.
    #[error("{0}")]
    Malformed(&'static str),
    /// None of the keys made it; there may be newer ones.
    #[error("none of the known keys is the one it names")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Forged,
    /// What it claims is not what is expected.
    #[error("{0}")]
    Claim(&'static str),
}

/// A token whose form is right, and of which nothing is believed yet.
#[derive(Clone, Debug)]
pub struct Token<'t> {
    algorithm: Algorithm,
    kid: Option<String>,
    kind: Option<String>,
    signed: &'t str,
    claims: Object,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Reads a token of at most `most` bytes.
    ///
    /// # Errors
    /// [`Doubt::Malformed`] for what is no token, and for one whose header asks for what is not taken.
    pub fn read(text: &'t str, most: usize) -> Result<Self, Doubt> {
        const PARTS: Doubt = Doubt::Malformed("it has not three parts in Base64");
        if text.len() > most {
            return Err(Doubt::Malformed("it is too long"));
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(PARTS)?;
        let (header, claims) = signed.split_once('.').ok_or(PARTS)?;
        let part = |text: &str| from_base64url(text).ok_or(PARTS);
        let header = json::object(&part(header)?, "it")
            .map_err(|_| Doubt::Malformed("its header is no proper JSON"))?;
        // RFC 7515, section 4.1.11: what is critical and not understood makes it invalid.
        if ["crit", "b64", "enc", "zip"]
            .iter()
            .any(|name| header.contains_key(*name))
        {
            return Err(Doubt::Malformed(
                "its header asks for more than a signature",
            ));
        }
        let word = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(word)) if word.len() <= LONGEST_KID => Ok(Some(word.clone())),
            Some(_) => Err(Doubt::Malformed("its header has a name that is none")),
        };
        let algorithm = word("alg")?
            .and_then(|name| Algorithm::from_name(&name))
            .ok_or(Doubt::Malformed("its algorithm is not taken"))?;
        let claims = json::object(&part(claims)?, "it")
            .map_err(|_| Doubt::Malformed("its claims are no proper JSON"))?;
        Ok(Self {
            algorithm,
            kid: word("kid")?,
            kind: word("typ")?,
            signed,
            claims,
            signature: part(signature)?,
        })
    }

    /// Who it says issued it. Nothing vouches for that before [`Token::verify`]: it tells which keys to hold it against.
    #[must_use]
    pub fn said_issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// Who it says it is about, as [`Token::said_issuer`].
    #[must_use]
    pub fn said_subject(&self) -> Option<&str> {
        self.claims.get("sub").and_then(Value::as_str)
    }

    /// Its claims, once one of the keys is found to have signed it with one of the algorithms.
    ///
    /// # Errors
    /// [`Doubt::UnknownKey`] where none of the keys could have, [`Doubt::Forged`] where none did.
    pub fn verify(self, keys: &Keys, algorithms: &[Algorithm]) -> Result<Claims, Doubt> {
        let algorithm = self.algorithm;
        if !algorithms.contains(&algorithm) {
            return Err(Doubt::Malformed("its algorithm is not taken"));
        }
        let signature: Cow<'_, [u8]> = match algorithm.halves() {
            None => Cow::Borrowed(&self.signature),
            Some(length) if length == self.signature.len() => {
                crate::signature::key::signature_to_der(&self.signature).into()
            }
            Some(_) => return Err(Doubt::Forged),
        };
        let mut doubt = Doubt::UnknownKey;
        for key in keys.fitting(self.kid.as_deref(), algorithm) {
            doubt = Doubt::Forged;
            let verified = key.verify(algorithm.scheme(), self.signed.as_bytes(), &signature);
            if verified.is_ok() {
                return Ok(Claims::new(self.claims, self.kind));
            }
        }
        Err(doubt)
    }
}

/// Base64 for URLs without padding (RFC 4648, section 5), strictly: one text for one value.
fn from_base64url(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    let mut plain = text.replace('-', "+").replace('_', "/");
    while !plain.len().is_multiple_of(4) {
        plain.push('=');
    }
    from_base64(&plain)
}

/// Bytes as Base64 for URLs without padding, as tokens have them.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    base64(bytes)
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}
