//! Signatures over models: OpenSSF Model Signing.
//!
//! A model signature is a Sigstore bundle (JSON) with a DSSE envelope around an in-toto statement, which names
//! every file of the model with its digest. [`verify`] says who signed, and gives the [`Manifest`] that was signed;
//! [`Manifest::differences`] holds it against the files at hand. [`sign`] makes one. All of it works
//! offline, against keys, certificates or a trust root that the user gives: a signature brings claims, never trust.
//!
//! Sources: the OpenSSF Model Signing specification 1.0, the Sigstore bundle format 0.1 to 0.3, DSSE 1.0, in-toto
//! statement 1, RFC 5280, RFC 6962, RFC 9162, RFC 3161; what versions 0.2 to 1.1 of `model-signing` write and accept.

#[cfg(test)]
mod assemble;
mod bundle;
mod certificate;
mod certificate_log;
mod chain;
pub(crate) mod der;
mod digest;
pub(crate) mod encoding;
mod envelope;
pub mod fuzzing;
mod identity;
pub(crate) mod json;
pub(crate) mod key;
mod manifest;
mod pem;
mod private_key;
mod refusal;
mod sign;
mod statement;
mod timestamp;
mod transparency;
mod trust_root;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use bundle::{Bundle, LARGEST};
pub use certificate::{Certificate, Name};
pub use digest::{Algorithm, Hasher};
pub use key::PublicKey;
pub use manifest::{Difference, Manifest, Method, Piece, Serialization, WHOLE};
pub use private_key::{PrivateKey, is_encrypted};
pub use refusal::{Refusal, Result};
pub use sign::sign;
pub use trust_root::TrustRoot;

use bundle::Material;
use refusal::{malformed, untrusted};

/// Whom the user trusts to sign.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The holder of a key.
    Key(PublicKey),
    /// Whoever has a certificate that leads to one of these.
    Certificates(Vec<Certificate>),
    /// An identity, as an identity provider vouches for it.
    Identity {
        /// A mail address, or the address of a workflow.
        identity: String,
        /// The address of the provider.
        provider: String,
        /// Whose word counts for that.
        root: Box<TrustRoot>,
    },
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The holder of a key.
    Key {
        /// Its kind, such as `ECDSA P-256`.
        kind: &'static str,
        /// SHA-256 of it in DER.
        fingerprint: String,
    },
    /// The holder of a certificate.
    Certificate {
        /// The common name of its subject.
        name: Option<String>,
        /// SHA-256 of it in DER.
        fingerprint: String,
        /// First and last moment of its validity.
        validity: (Timestamp, Timestamp),
    },
    /// An identity.
    Identity {
        /// A mail address, or the address of a workflow.
        identity: String,
        /// Who vouched for it.
        provider: String,
        /// When it signed, as somebody trusted says.
        at: Timestamp,
        /// Its place in the transparency log.
        log_index: u64,
    },
}

/// A signature that holds. Whether the model is what was signed is another question.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Who signed.
    pub signer: Signer,
    /// What was signed.
    pub manifest: Manifest,
    /// Whether it was made the way of `model-signing` before 1.0.
    pub is_of_old_form: bool,
}

/// Verifies a signature against what the user trusts.
///
/// Certificates are judged at the moment from which the signing certificate is valid, as `model-signing` does: nothing
/// that such a signature holds says when it was made. Those of identities are judged when the log or a timestamp
/// authority says that they were used.
///
/// # Errors
/// Why it is not accepted.
pub fn verify(bundle: &Bundle, trust: &Trust) -> Result<Verified> {
    let (signer, is_of_old_form) = match trust {
        Trust::Key(key) => by_key(bundle, key)?,
        Trust::Certificates(anchors) => by_certificate(bundle, anchors)?,
        Trust::Identity {
            identity,
            provider,
            root,
        } => (identity::verify(bundle, identity, provider, root)?, false),
    };
    Ok(Verified {
        signer,
        manifest: statement::read(&bundle.payload)?,
        is_of_old_form,
    })
}

/// Verifies a signature against several whom the user trusts: one is enough.
///
/// # Errors
/// Why none of them is. A signature that names another key, or no key, is [`Refusal::Untrusted`]; it is
/// [`Refusal::Invalid`] only when the key or the certificate that it names did not make it.
pub fn verify_any(bundle: &Bundle, trusted: &[Trust]) -> Result<Verified> {
    consistent(bundle)?;
    let named = |key: &PublicKey| matches!(&bundle.material, Material::Key(Some(hint)) if *hint == key.hint());
    let mut refusal = untrusted("nobody is trusted to sign models");
    for trust in trusted {
        match (verify(bundle, trust), trust) {
            (Ok(verified), _) => return Ok(verified),
            (Err(Refusal::Invalid(_)), Trust::Key(key)) if !named(key) => {
                refusal = untrusted("no key that is trusted made it");
            }
            // The signer is who should have signed: nobody else will do better.
            (Err(reason @ Refusal::Invalid(_)), _) => return Err(reason),
            (Err(reason), _) => refusal = reason,
        }
    }
    Err(refusal)
}

/// Checks what can be checked without trusting anybody: the payload is a statement about a model, and the
/// certificate that comes with it, if one does, belongs to the key that made it.
///
/// # Errors
/// What is wrong.
pub fn consistent(bundle: &Bundle) -> Result<Manifest> {
    let manifest = statement::read(&bundle.payload)?;
    if let Material::Certificates(certificates) = &bundle.material
        && let Some(signer) = certificates.first()
    {
        envelope::verify(&signer.key, &bundle.payload, &bundle.signature)?;
    }
    Ok(manifest)
}

fn by_key(bundle: &Bundle, key: &PublicKey) -> Result<(Signer, bool)> {
    let named_other = match &bundle.material {
        Material::Key(Some(hint)) => *hint != key.hint(),
        _ => false,
    };
    let is_of_old_form = match envelope::verify(key, &bundle.payload, &bundle.signature) {
        Ok(_) if named_other => {
            return Err(malformed("it names another key than the one that made it"));
        }
        Err(Refusal::Invalid(_)) if named_other => {
            return Err(untrusted(
                "it was made with another key than the one that is trusted",
            ));
        }
        verified => verified?,
    };
    let signer = Signer::Key {
        kind: key.kind(),
        fingerprint: key.fingerprint(),
    };
    Ok((signer, is_of_old_form))
}

fn by_certificate(bundle: &Bundle, anchors: &[Certificate]) -> Result<(Signer, bool)> {
    let Material::Certificates(certificates) = &bundle.material else {
        return Err(untrusted(
            "it is signed with a bare key, and no certificate comes with it",
        ));
    };
    let Some((signer, intermediates)) = certificates.split_first() else {
        return Err(malformed("its chain of certificates is empty"));
    };
    let is_of_old_form = envelope::verify(&signer.key, &bundle.payload, &bundle.signature)?;
    chain::find(signer, intermediates, anchors, signer.validity.0)?;
    may_sign_models(signer)?;
    let signer = Signer::Certificate {
        name: signer.name(),
        fingerprint: signer.fingerprint(),
        validity: signer.validity,
    };
    Ok((signer, is_of_old_form))
}

/// As `model-signing` asks: a usage of digital signatures or of signing code.
fn may_sign_models(signer: &Certificate) -> Result<()> {
    if signer.may_sign() || signer.extensions.code_signing {
        return Ok(());
    }
    Err(untrusted(
        "its certificate is not one for digital signatures or for signing code",
    ))
}
