//! The file: a Sigstore bundle (v0.1 to v0.3, JSON) around a DSSE envelope.

use serde_json::Value;

use super::certificate::Certificate;
use super::json::{self, Object};
use super::refusal::{Result, malformed, shown, unsupported};
use super::transparency::LogEntry;

/// The media type of what is written today.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    MEDIA_TYPE,
];

/// The payload of a model signature.
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The largest file that is read: a manifest of a hundred thousand files is a third of it.
pub const LARGEST: u64 = 64 << 20;

/// A signature file that was read and not yet verified.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The version of the bundle format is 0.1, which needs no proof of inclusion.
    pub(crate) is_oldest: bool,
    pub(crate) material: Material,
    pub(crate) entries: Vec<LogEntry>,
    /// Timestamps of authorities (RFC 3161), in DER.
    pub(crate) timestamps: Vec<Vec<u8>>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// What the file says about who signed; nothing of it is believed.
#[derive(Clone, Debug)]
pub(crate) enum Material {
    /// A key, by a hint.
    Key(Option<String>),
    /// A certificate, and others between it and a trusted one.
    Certificates(Vec<Certificate>),
}

impl Bundle {
    /// Reads a signature file. Nothing is verified by that.
    ///
    /// # Errors
    /// When it is no Sigstore bundle with a signed in-toto statement.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 > LARGEST {
            return Err(malformed("it is larger than 64 MiB"));
        }
        let bundle = json::object(bytes, "the file")?;
        let media_type = json::text(&bundle, "mediaType")?;
        if !MEDIA_TYPES.contains(&media_type) {
            return Err(unsupported(format!(
                "its media type is `{}`, and Sigstore bundles of version 0.1 to 0.3 are known",
                shown(media_type)
            )));
        }
        if json::has(&bundle, "messageSignature") {
            return Err(unsupported(
                "it signs one message, as for a package, and not a model (no DSSE envelope)",
            ));
        }
        let envelope = json::member(&bundle, "dsseEnvelope")?;
        let payload_type = json::text(envelope, "payloadType")?;
        if payload_type != PAYLOAD_TYPE {
            return Err(unsupported(format!(
                "its payload is `{}` and not `{PAYLOAD_TYPE}`",
                shown(payload_type)
            )));
        }
        let signature = match json::list(envelope, "signatures")? {
            [Value::Object(signature)] => json::bytes(signature, "sig")?,
            [_] => return Err(malformed("its signature is no object")),
            [] => return Err(malformed("it has no signature")),
            _ => {
                return Err(malformed(
                    "it has more than one signature, which says nothing clear",
                ));
            }
        };
        let material = json::member(&bundle, "verificationMaterial")?;
        let timestamps = match material.get("timestampVerificationData") {
            Some(Value::Object(data)) => json::list(data, "rfc3161Timestamps")?,
            None | Some(Value::Null) => &[],
            Some(_) => return Err(malformed("`timestampVerificationData` is no object")),
        };
        let entries = json::list(material, "tlogEntries")?;
        if timestamps.len() > 8 || entries.len() > 8 {
            return Err(malformed("it has more than 8 timestamps or log entries"));
        }
        Ok(Self {
            is_oldest: media_type == "application/vnd.dev.sigstore.bundle+json;version=0.1",
            material: read_material(material)?,
            entries: each(entries, LogEntry::read)?,
            timestamps: each(timestamps, |one| json::bytes(one, "signedTimestamp"))?,
            payload: json::bytes(envelope, "payload")?,
            signature,
        })
    }

    /// Whether a certificate, rather than a bare key, comes with it.
    #[must_use]
    pub fn has_certificate(&self) -> bool {
        matches!(self.material, Material::Certificates(_))
    }

    /// Whether it was recorded in a transparency log, as Sigstore identities sign.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        !self.entries.is_empty()
    }
}

fn read_material(material: &Object) -> Result<Material> {
    let kinds = ["publicKey", "x509CertificateChain", "certificate"];
    let given = kinds
        .iter()
        .filter(|kind| json::has(material, kind))
        .count();
    if given != 1 {
        return Err(malformed(format!(
            "it names {given} signers (a public key, a certificate, a chain) instead of one"
        )));
    }
    if json::has(material, "publicKey") {
        let key = json::member(material, "publicKey")?;
        let hint = if json::has(key, "hint") {
            Some(json::text(key, "hint")?.to_owned())
        } else {
            None
        };
        return Ok(Material::Key(hint.filter(|hint| !hint.is_empty())));
    }
    let certificates = if json::has(material, "certificate") {
        vec![certificate(json::member(material, "certificate")?)?]
    } else {
        let chain = json::member(material, "x509CertificateChain")?;
        let chain = json::list(chain, "certificates")?;
        if chain.len() > 8 {
            return Err(malformed("it has more than 8 certificates"));
        }
        each(chain, certificate)?
    };
    if certificates.is_empty() {
        return Err(malformed("its chain of certificates is empty"));
    }
    Ok(Material::Certificates(certificates))
}

fn certificate(object: &Object) -> Result<Certificate> {
    Certificate::from_der(&json::bytes(object, "rawBytes")?)
}

fn each<T>(list: &[Value], read: impl Fn(&Object) -> Result<T>) -> Result<Vec<T>> {
    list.iter()
        .map(|value| match value {
            Value::Object(object) => read(object),
            _ => Err(malformed("a list holds something that is no object")),
        })
        .collect()
}
