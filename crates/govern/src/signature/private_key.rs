//! Private keys: read from PEM, used to sign, never printed.

use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::key::{self, PublicKey, oid};
use super::refusal::{Result, invalid, malformed, unsupported};
use super::{der, pem};

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9];
const HMAC_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 11];
const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42];

/// More rounds than anybody uses, and few enough to end.
const MOST_ROUNDS: u32 = 10_000_000;

/// A key that signs.
pub struct PrivateKey {
    inner: Inner,
    public: PublicKey,
}

enum Inner {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.public.kind())
    }
}

/// Whether the key in a PEM file waits for a password.
///
/// # Errors
/// When the file is no PEM.
pub fn is_encrypted(text: &[u8]) -> Result<bool> {
    let blocks = pem::blocks(text, "the private key")?;
    Ok(blocks
        .iter()
        .any(|block| block.label == "ENCRYPTED PRIVATE KEY"))
}

impl PrivateKey {
    /// From the text of a PEM file: PKCS #8, plain or encrypted with a password, or SEC 1.
    ///
    /// # Errors
    /// When there is no such key in it, the password is missing or wrong, or the kind is not supported.
    pub fn from_pem(text: &[u8], password: Option<&[u8]>) -> Result<Self> {
        let blocks = pem::blocks(text, "the private key")?;
        let block = blocks
            .iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or_else(|| malformed("the private key file holds no PEM block `PRIVATE KEY`"))?;
        match block.label.as_str() {
            "PRIVATE KEY" => from_pkcs8(&block.bytes),
            "EC PRIVATE KEY" => from_sec1(&block.bytes, None),
            "ENCRYPTED PRIVATE KEY" => {
                let password = password.ok_or_else(|| {
                    malformed("the private key is encrypted and no password is given")
                })?;
                from_pkcs8(&decrypt(&block.bytes, password)?).map_err(|_| {
                    invalid("the password of the private key is wrong, or the file damaged")
                })
            }
            _ => Err(unsupported("the private key is no ECDSA or Ed25519 key")),
        }
    }

    /// A key from its secret bytes: 32 for Ed25519.
    ///
    /// # Errors
    /// Never for 32 bytes.
    pub fn ed25519(secret: &[u8; 32]) -> Result<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        let info = key::info(oid::ED25519, None, key.verifying_key().as_bytes());
        Ok(Self {
            inner: Inner::Ed25519(Box::new(key)),
            public: PublicKey::from_der(&info)?,
        })
    }

    /// A key on the curve P-256 from its secret number, big-endian.
    ///
    /// # Errors
    /// When the number is zero or not below the order of the curve.
    pub fn p256(secret: &[u8]) -> Result<Self> {
        on_curve(oid::P256, secret)
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its PKCS #8 form in PEM, as `openssl` reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let (algorithm, secret) = match &self.inner {
            Inner::P256(key) => (ec_identifier(oid::P256), ec_secret(&key.to_bytes())),
            Inner::P384(key) => (ec_identifier(oid::P384), ec_secret(&key.to_bytes())),
            Inner::P521(key) => (ec_identifier(oid::P521), ec_secret(&key.to_bytes())),
            Inner::Ed25519(key) => (
                der::element(der::SEQUENCE, &der::element(der::OID, oid::ED25519)),
                der::element(der::OCTET_STRING, &key.to_bytes()),
            ),
        };
        let whole = [
            der::unsigned(&[0]),
            algorithm,
            der::element(der::OCTET_STRING, &secret),
        ];
        pem::armour("PRIVATE KEY", &der::element(der::SEQUENCE, &whole.concat()))
    }

    /// Signs a message with the hash of the curve. Equal messages get equal signatures: the number
    /// that must never repeat comes from key and message (RFC 6979), not from the machine.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| invalid("the private key cannot sign");
        Ok(match &self.inner {
            Inner::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    key.sign_prehash(&Sha256::digest(message)).map_err(failed)?;
                key::signature_to_der(&signature.to_bytes())
            }
            Inner::P384(key) => {
                let signature: p384::ecdsa::Signature =
                    key.sign_prehash(&Sha384::digest(message)).map_err(failed)?;
                key::signature_to_der(&signature.to_bytes())
            }
            Inner::P521(key) => {
                let signature: p521::ecdsa::Signature =
                    key.sign_prehash(&Sha512::digest(message)).map_err(failed)?;
                key::signature_to_der(&signature.to_bytes())
            }
            Inner::Ed25519(key) => {
                use ed25519_dalek::Signer as _;
                key.sign(message).to_bytes().to_vec()
            }
        })
    }
}

fn ec_identifier(curve: &[u8]) -> Vec<u8> {
    let both = [
        der::element(der::OID, oid::EC_PUBLIC_KEY),
        der::element(der::OID, curve),
    ];
    der::element(der::SEQUENCE, &both.concat())
}

fn ec_secret(secret: &[u8]) -> Vec<u8> {
    let both = [der::unsigned(&[1]), der::element(der::OCTET_STRING, secret)];
    der::element(der::SEQUENCE, &both.concat())
}

fn from_pkcs8(bytes: &[u8]) -> Result<PrivateKey> {
    let mut outer = der::Reader::new(bytes);
    let mut reader = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    if reader.small()? > 1 {
        return Err(unsupported("the private key has an unknown version"));
    }
    let mut algorithm = reader.inside(der::SEQUENCE)?;
    let secret = reader.next(der::OCTET_STRING)?.content;
    match algorithm.next(der::OID)?.content {
        oid::EC_PUBLIC_KEY => from_sec1(secret, Some(algorithm.next(der::OID)?.content)),
        oid::ED25519 => {
            let mut inner = der::Reader::new(secret);
            let seed = inner.next(der::OCTET_STRING)?.content;
            inner.end()?;
            let seed = seed
                .try_into()
                .map_err(|_| malformed("an Ed25519 key has not 32 bytes"))?;
            PrivateKey::ed25519(seed)
        }
        oid::RSA => Err(unsupported(
            "models are not signed with RSA keys, only with ECDSA and Ed25519",
        )),
        _ => Err(unsupported(
            "the private key is of a kind other than P-256, P-384, P-521 and Ed25519",
        )),
    }
}

fn from_sec1(bytes: &[u8], curve: Option<&[u8]>) -> Result<PrivateKey> {
    let mut outer = der::Reader::new(bytes);
    let mut reader = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    if reader.small()? != 1 {
        return Err(unsupported("the private key has an unknown version"));
    }
    let secret = reader.next(der::OCTET_STRING)?.content;
    let named = match reader.optional(der::context(0))? {
        Some(parameters) => Some(der::Reader::new(parameters.content).next(der::OID)?.content),
        None => None,
    };
    let curve = curve
        .or(named)
        .ok_or_else(|| malformed("the private key does not say on which curve it lies"))?;
    on_curve(curve, secret)
}

pub(super) fn on_curve(curve: &[u8], secret: &[u8]) -> Result<PrivateKey> {
    let off = |_| malformed("the private key is no number of its curve");
    let (inner, point) = match curve {
        oid::P256 => {
            let key = p256::ecdsa::SigningKey::from_slice(secret).map_err(off)?;
            let point = key.verifying_key().to_sec1_point(false);
            (Inner::P256(key), point.as_bytes().to_vec())
        }
        oid::P384 => {
            let key = p384::ecdsa::SigningKey::from_slice(secret).map_err(off)?;
            let point = key.verifying_key().to_sec1_point(false);
            (Inner::P384(key), point.as_bytes().to_vec())
        }
        oid::P521 => {
            let key = p521::ecdsa::SigningKey::from_slice(secret).map_err(off)?;
            let point = key.verifying_key().to_sec1_point(false);
            (Inner::P521(key), point.as_bytes().to_vec())
        }
        _ => {
            return Err(unsupported(
                "the private key lies on a curve other than P-256, P-384 and P-521",
            ));
        }
    };
    let info = key::info(oid::EC_PUBLIC_KEY, Some(curve), &point);
    Ok(PrivateKey {
        inner,
        public: PublicKey::from_der(&info)?,
    })
}

/// Decrypts an `EncryptedPrivateKeyInfo` (RFC 5958) the way `openssl` encrypts it: PBES2 with PBKDF2 and AES.
fn decrypt(bytes: &[u8], password: &[u8]) -> Result<Vec<u8>> {
    let other = || {
        unsupported(
            "the private key is encrypted in another way than PBKDF2 with SHA-2 and AES-CBC; \
             `openssl pkcs8 -topk8 -v2 aes-256-cbc` writes that",
        )
    };
    let mut outer = der::Reader::new(bytes);
    let mut reader = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    let mut algorithm = reader.inside(der::SEQUENCE)?;
    let sealed = reader.next(der::OCTET_STRING)?.content;
    if algorithm.next(der::OID)?.content != PBES2 {
        return Err(other());
    }
    let mut parameters = algorithm.inside(der::SEQUENCE)?;
    let mut derivation = parameters.inside(der::SEQUENCE)?;
    let mut cipher = parameters.inside(der::SEQUENCE)?;
    if derivation.next(der::OID)?.content != PBKDF2 {
        return Err(other());
    }
    let mut derivation = derivation.inside(der::SEQUENCE)?;
    let salt = derivation.next(der::OCTET_STRING)?.content;
    let rounds = derivation.unsigned()?.iter().fold(0_u64, |rounds, digit| {
        rounds.saturating_mul(256).saturating_add(u64::from(*digit))
    });
    let rounds = u32::try_from(rounds)
        .ok()
        .filter(|rounds| (1..=MOST_ROUNDS).contains(rounds))
        .ok_or_else(other)?;
    derivation.optional(der::INTEGER)?; // Length of the key, which the cipher says as well.
    let hash = match derivation.optional(der::SEQUENCE)? {
        Some(hash) => der::Reader::new(hash.content).next(der::OID)?.content,
        None => return Err(other()), // SHA-1
    };
    let encryption = cipher.next(der::OID)?.content;
    let vector: &[u8; 16] = cipher
        .next(der::OCTET_STRING)?
        .content
        .try_into()
        .map_err(|_| other())?;

    let mut key = [0; 32];
    let key = match encryption {
        AES_128_CBC => key.get_mut(..16).unwrap_or_default(),
        AES_256_CBC => &mut key[..],
        _ => return Err(other()),
    };
    match hash {
        HMAC_SHA256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
        HMAC_SHA512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, key),
        _ => return Err(other()),
    }
    let mut plain = sealed.to_vec();
    if plain.is_empty() || !plain.len().is_multiple_of(16) {
        return Err(malformed("the encrypted private key has no whole blocks"));
    }
    if let Ok(key) = <&[u8; 32]>::try_from(&*key) {
        let mut decryptor = cbc::Decryptor::<aes::Aes256>::new(key.into(), vector.into());
        for block in plain.as_chunks_mut::<16>().0 {
            decryptor.decrypt_block(block.into());
        }
    } else if let Ok(key) = <&[u8; 16]>::try_from(&*key) {
        let mut decryptor = cbc::Decryptor::<aes::Aes128>::new(key.into(), vector.into());
        for block in plain.as_chunks_mut::<16>().0 {
            decryptor.decrypt_block(block.into());
        }
    }
    let wrong = || invalid("the password of the private key is wrong, or the file damaged");
    let padding = plain.last().copied().ok_or_else(wrong)?;
    let kept = plain
        .len()
        .checked_sub(usize::from(padding))
        .ok_or_else(wrong)?;
    let tail = plain.get(kept..).ok_or_else(wrong)?;
    if !(1..=16).contains(&padding) || tail.iter().any(|byte| *byte != padding) {
        return Err(wrong());
    }
    plain.truncate(kept);
    Ok(plain)
}
