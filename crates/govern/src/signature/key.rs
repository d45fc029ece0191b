//! Public keys and what they verify.

use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey as RsaKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::refusal::{Result, invalid, malformed, unsupported};
use super::{der, pem};

/// Object identifiers, as their DER content.
pub(crate) mod oid {
    pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    pub(crate) const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
    pub(crate) const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
    pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    pub(crate) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    pub(crate) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
    pub(crate) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
    pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    pub(crate) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    pub(crate) const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
    pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    pub(crate) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
    pub(crate) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
}

/// The hash that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    pub(crate) fn from_oid(oid: &[u8]) -> Result<Self> {
        match oid {
            oid::SHA256 => Ok(Self::Sha256),
            oid::SHA384 => Ok(Self::Sha384),
            oid::SHA512 => Ok(Self::Sha512),
            _ => Err(unsupported(
                "it uses a hash other than SHA-256, SHA-384 and SHA-512",
            )),
        }
    }
}

/// How a certificate or a timestamp was signed; the key must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ecdsa(Hash),
    Rsa(Hash),
    /// With a salt as long as the hash (RFC 7518, section 3.5). Tokens are signed so, certificates not.
    RsaPss(Hash),
    Ed25519,
}

impl Scheme {
    /// From an `AlgorithmIdentifier`.
    pub(crate) fn from_identifier(identifier: der::Element<'_>) -> Result<Self> {
        let mut reader = der::Reader::new(identifier.content);
        let algorithm = reader.next(der::OID)?.content;
        let scheme = match algorithm {
            oid::ECDSA_SHA256 => Self::Ecdsa(Hash::Sha256),
            oid::ECDSA_SHA384 => Self::Ecdsa(Hash::Sha384),
            oid::ECDSA_SHA512 => Self::Ecdsa(Hash::Sha512),
            oid::RSA_SHA256 => Self::Rsa(Hash::Sha256),
            oid::RSA_SHA384 => Self::Rsa(Hash::Sha384),
            oid::RSA_SHA512 => Self::Rsa(Hash::Sha512),
            oid::ED25519 => Self::Ed25519,
            oid::RSA_PSS => return Err(unsupported("a certificate is signed with RSA-PSS")),
            _ => {
                return Err(unsupported(
                    "a certificate is signed with an algorithm other than ECDSA, Ed25519 and RSA (PKCS #1 v1.5) \
                     over SHA-2",
                ));
            }
        };
        if !matches!(scheme, Self::Rsa(_)) {
            reader.end()?;
        }
        Ok(scheme)
    }
}

/// A public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    inner: Inner,
    /// `SubjectPublicKeyInfo` in DER.
    info: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Inner {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Ed25519(Ed25519Key),
    Rsa(RsaKey),
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
    }
}

impl PublicKey {
    /// From the text of a PEM file with one `PUBLIC KEY`.
    ///
    /// # Errors
    /// When it holds no such key, more than one, or one of a kind that is not supported.
    pub fn from_pem(text: &[u8]) -> Result<Self> {
        let blocks = pem::blocks(text, "the public key")?;
        match blocks.as_slice() {
            [block] if block.label == "PUBLIC KEY" => Self::from_der(&block.bytes),
            [block] if block.label.ends_with("PRIVATE KEY") => Err(malformed(
                "the public key file holds a private key; make the public one with `openssl pkey -pubout`",
            )),
            [block] if block.label == "CERTIFICATE" => Err(malformed(
                "the public key file holds a certificate; give it as a certificate",
            )),
            _ => Err(malformed(
                "the public key file does not hold one PEM block `PUBLIC KEY`",
            )),
        }
    }

    /// From a `SubjectPublicKeyInfo` in DER.
    pub(crate) fn from_der(info: &[u8]) -> Result<Self> {
        let mut outer = der::Reader::new(info);
        let mut reader = outer.inside(der::SEQUENCE)?;
        outer.end()?;
        let mut algorithm = reader.inside(der::SEQUENCE)?;
        let bits = reader.bits()?;
        reader.end()?;
        let inner = match algorithm.next(der::OID)?.content {
            oid::EC_PUBLIC_KEY => {
                let curve = algorithm.next(der::OID).map_err(|_| {
                    unsupported(
                        "an elliptic curve key has parameters of its own instead of a named curve",
                    )
                })?;
                algorithm.end()?;
                on_curve(curve.content, bits)?
            }
            oid::ED25519 => {
                algorithm.end()?;
                let bytes = bits
                    .try_into()
                    .map_err(|_| malformed("an Ed25519 key has not 32 bytes"))?;
                let key = Ed25519Key::from_bytes(bytes)
                    .ok()
                    .filter(|key| !key.is_weak())
                    .ok_or_else(|| malformed("an Ed25519 key is no proper point"))?;
                Inner::Ed25519(key)
            }
            oid::RSA => Inner::Rsa(rsa_key(bits)?),
            _ => {
                return Err(unsupported(
                    "a public key is of a kind other than P-256, P-384, P-521, Ed25519 and RSA",
                ));
            }
        };
        Ok(Self {
            inner,
            info: info.to_vec(),
        })
    }

    /// From an RSA key without its kind around it (PKCS #1), as a log of some Sigstore instances has one.
    pub(crate) fn from_pkcs1(key: &[u8]) -> Result<Self> {
        let algorithm = [der::element(der::OID, oid::RSA), vec![5, 0]].concat();
        let bits = [&[0], key].concat();
        let whole = [
            der::element(der::SEQUENCE, &algorithm),
            der::element(der::BIT_STRING, &bits),
        ];
        Self::from_der(&der::element(der::SEQUENCE, &whole.concat()))
    }

    /// Its kind, as people say it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.inner {
            Inner::P256(_) => "ECDSA P-256",
            Inner::P384(_) => "ECDSA P-384",
            Inner::P521(_) => "ECDSA P-521",
            Inner::Ed25519(_) => "Ed25519",
            Inner::Rsa(_) => "RSA",
        }
    }

    /// The PEM file that holds it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::armour("PUBLIC KEY", &self.info)
    }

    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) fn info(&self) -> &[u8] {
        &self.info
    }

    /// SHA-256 of its PEM file: the hint by which a signature names its key.
    #[must_use]
    pub fn hint(&self) -> String {
        stance_core::digest::sha256_hex(self.to_pem().as_bytes())
    }

    /// SHA-256 of its DER form, by which people and logs name it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        stance_core::digest::sha256_hex(&self.info)
    }

    /// The 32 bytes of an Ed25519 key (RFC 8032); `None` for keys of other kinds.
    #[must_use]
    pub fn ed25519(&self) -> Option<[u8; 32]> {
        match &self.inner {
            Inner::Ed25519(key) => Some(key.to_bytes()),
            _ => None,
        }
    }

    /// The scheme in which this key signs a model: the hash is the one of the curve.
    pub(crate) fn own_scheme(&self) -> Result<Scheme> {
        match self.inner {
            Inner::P256(_) => Ok(Scheme::Ecdsa(Hash::Sha256)),
            Inner::P384(_) => Ok(Scheme::Ecdsa(Hash::Sha384)),
            Inner::P521(_) => Ok(Scheme::Ecdsa(Hash::Sha512)),
            Inner::Ed25519(_) => Ok(Scheme::Ed25519),
            Inner::Rsa(_) => Err(unsupported(
                "models are not signed with RSA keys, only with ECDSA and Ed25519",
            )),
        }
    }

    /// Verifies a signature over a message.
    pub(crate) fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<()> {
        let failed = || invalid("it was not made over these bytes by this key");
        let good = match (&self.inner, scheme) {
            (Inner::P256(key), Scheme::Ecdsa(hash)) => {
                let signature = fixed::<32>(signature).ok_or_else(failed)?;
                p256::ecdsa::Signature::from_slice(&signature)
                    .and_then(|signature| key.verify_prehash(&hash.of(message), &signature))
                    .is_ok()
            }
            (Inner::P384(key), Scheme::Ecdsa(hash)) => {
                let signature = fixed::<48>(signature).ok_or_else(failed)?;
                p384::ecdsa::Signature::from_slice(&signature)
                    .and_then(|signature| key.verify_prehash(&hash.of(message), &signature))
                    .is_ok()
            }
            (Inner::P521(key), Scheme::Ecdsa(hash)) => {
                let signature = fixed::<66>(signature).ok_or_else(failed)?;
                // The library wants at least half as many bytes as the curve has; as a number, a hash
                // with zeros before it is the same hash.
                let digest = hash.of(message);
                let mut padded = vec![0; 64_usize.saturating_sub(digest.len())];
                padded.extend(digest);
                p521::ecdsa::Signature::from_slice(&signature)
                    .and_then(|signature| key.verify_prehash(&padded, &signature))
                    .is_ok()
            }
            (Inner::Ed25519(key), Scheme::Ed25519) => {
                ed25519_dalek::Signature::from_slice(signature)
                    .and_then(|signature| key.verify_strict(message, &signature))
                    .is_ok()
            }
            (Inner::Rsa(key), Scheme::Rsa(hash)) => {
                let padding = match hash {
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                key.verify(padding, &hash.of(message), signature).is_ok()
            }
            (Inner::Rsa(key), Scheme::RsaPss(hash)) => match hash {
                Hash::Sha256 => key.pss_verify::<Sha256>(message, signature),
                Hash::Sha384 => key.pss_verify::<Sha384>(message, signature),
                Hash::Sha512 => key.pss_verify::<Sha512>(message, signature),
            }
            .is_ok(),
            _ => {
                return Err(invalid(
                    "the kind of the key and the algorithm of the signature differ",
                ));
            }
        };
        if good { Ok(()) } else { Err(failed()) }
    }
}

fn on_curve(curve: &[u8], point: &[u8]) -> Result<Inner> {
    let off = |_| malformed("an elliptic curve key is no point of its curve");
    Ok(match curve {
        oid::P256 => Inner::P256(p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?),
        oid::P384 => Inner::P384(p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?),
        oid::P521 => Inner::P521(p521::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off)?),
        _ => {
            return Err(unsupported(
                "an elliptic curve key lies on a curve other than P-256, P-384 and P-521",
            ));
        }
    })
}

fn rsa_key(bits: &[u8]) -> Result<RsaKey> {
    let mut outer = der::Reader::new(bits);
    let mut reader = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    let (modulus, exponent) = (reader.unsigned()?, reader.unsigned()?);
    reader.end()?;
    // From 2048 bits, below which no signature is worth anything, to 8192, above which it only takes time.
    if !(256..=1024).contains(&modulus.len()) || exponent.len() > 8 {
        return Err(unsupported(
            "an RSA key has fewer than 2048 bits or more than 8192",
        ));
    }
    RsaKey::new(
        BoxedUint::from_be_slice_vartime(modulus),
        BoxedUint::from_be_slice_vartime(exponent),
    )
    .map_err(|_| malformed("an RSA key makes no sense"))
}

/// `r` and `s` of an ECDSA signature in DER, each in as many bytes as the curve has.
fn fixed<const SIZE: usize>(signature: &[u8]) -> Option<Vec<u8>> {
    let mut outer = der::Reader::new(signature);
    let mut reader = outer.inside(der::SEQUENCE).ok()?;
    outer.end().ok()?;
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let number = reader.unsigned().ok()?;
        bytes.resize(bytes.len().checked_add(SIZE.checked_sub(number.len())?)?, 0);
        bytes.extend_from_slice(number);
    }
    reader.end().ok()?;
    Some(bytes)
}

/// The DER form of `r` and `s`, which stand behind each other in equal halves.
pub(crate) fn signature_to_der(halves: &[u8]) -> Vec<u8> {
    let (r, s) = halves.split_at(halves.len() / 2);
    der::element(
        der::SEQUENCE,
        &[der::unsigned(r), der::unsigned(s)].concat(),
    )
}

/// A `SubjectPublicKeyInfo` in DER.
pub(crate) fn info(algorithm: &[u8], curve: Option<&[u8]>, bits: &[u8]) -> Vec<u8> {
    let mut identifier = der::element(der::OID, algorithm);
    if let Some(curve) = curve {
        identifier.extend(der::element(der::OID, curve));
    }
    let mut whole = der::element(der::SEQUENCE, &identifier);
    whole.extend(der::element(der::BIT_STRING, &[&[0], bits].concat()));
    der::element(der::SEQUENCE, &whole)
}
