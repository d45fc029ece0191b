//! Whom to believe about Sigstore identities: `trusted_root.json`, given by the user.

use jiff::Timestamp;
use serde_json::Value;

use super::certificate::Certificate;
use super::json::{self, Object};
use super::key::PublicKey;
use super::refusal::{Refusal, Result, malformed, shown, unsupported};

/// The authorities and logs of one Sigstore instance.
#[derive(Clone, Debug)]
pub struct TrustRoot {
    /// Transparency logs of signatures (Rekor).
    pub(crate) logs: Vec<Log>,
    /// Transparency logs of certificates.
    pub(crate) certificate_logs: Vec<Log>,
    /// Those who issue certificates for identities (Fulcio).
    pub(crate) authorities: Vec<Authority>,
    /// Those who sign times.
    pub(crate) timestamp_authorities: Vec<Authority>,
}

/// A log and the key with which it signs.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) id: Vec<u8>,
    pub(crate) key: PublicKey,
    pub(crate) period: Period,
}

/// A chain of certificates, from the one that issues or signs to its root.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) period: Period,
}

/// When something is to be believed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Period {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Period {
    pub(crate) fn covers(self, at: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at <= end)
    }
}

impl TrustRoot {
    /// Reads `trusted_root.json`, or the trust configuration of a client that holds one.
    ///
    /// # Errors
    /// When the file is neither, or names no authority or no log.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut file = json::object(bytes, "the trust root")?;
        let media_type = json::text(&file, "mediaType")?.to_owned();
        if media_type.starts_with("application/vnd.dev.sigstore.clienttrustconfig") {
            file = json::member(&file, "trustedRoot")?.clone();
        } else if !media_type.starts_with("application/vnd.dev.sigstore.trustedroot") {
            return Err(unsupported(format!(
                "the trust root is a `{}` and no trusted_root.json",
                shown(&media_type)
            )));
        }
        let root = Self {
            logs: known(&file, "tlogs", log)?,
            certificate_logs: known(&file, "ctlogs", log)?,
            authorities: known(&file, "certificateAuthorities", authority)?,
            timestamp_authorities: known(&file, "timestampAuthorities", authority)?,
        };
        if root.logs.is_empty() || root.authorities.is_empty() {
            return Err(malformed(
                "the trust root names no transparency log or no certificate authority that can be used",
            ));
        }
        Ok(root)
    }

    /// The log of signatures with this id.
    pub(crate) fn log(&self, id: &[u8]) -> Option<&Log> {
        self.logs.iter().find(|log| log.id == id)
    }

    /// The log of certificates with this id.
    pub(crate) fn certificate_log(&self, id: &[u8]) -> Option<&Log> {
        self.certificate_logs.iter().find(|log| log.id == id)
    }
}

/// The entries of a list whose keys are supported: an unknown key of a log that nobody uses must not make
/// all others useless.
fn known<T>(file: &Object, name: &str, read: impl Fn(&Object) -> Result<T>) -> Result<Vec<T>> {
    let mut entries = Vec::new();
    for value in json::list(file, name)? {
        let Value::Object(object) = value else {
            return Err(malformed(format!(
                "`{name}` of the trust root holds something that is no object"
            )));
        };
        match read(object) {
            Ok(entry) => entries.push(entry),
            Err(Refusal::Unsupported(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(entries)
}

fn log(object: &Object) -> Result<Log> {
    let key = json::member(object, "publicKey")?;
    let bytes = json::bytes(key, "rawBytes")?;
    let bare =
        json::has(key, "keyDetails") && json::text(key, "keyDetails")?.starts_with("PKCS1_RSA");
    Ok(Log {
        id: json::bytes(json::member(object, "logId")?, "keyId")?,
        key: if bare {
            PublicKey::from_pkcs1(&bytes)?
        } else {
            PublicKey::from_der(&bytes)?
        },
        period: period(key)?,
    })
}

fn authority(object: &Object) -> Result<Authority> {
    let chain = json::list(json::member(object, "certChain")?, "certificates")?;
    let certificates = chain
        .iter()
        .map(|value| match value {
            Value::Object(object) => Certificate::from_der(&json::bytes(object, "rawBytes")?),
            _ => Err(malformed("a certificate of the trust root is no object")),
        })
        .collect::<Result<Vec<_>>>()?;
    if certificates.is_empty() {
        return Err(malformed(
            "an authority of the trust root has no certificate",
        ));
    }
    Ok(Authority {
        certificates,
        period: period(object)?,
    })
}

fn period(object: &Object) -> Result<Period> {
    if !json::has(object, "validFor") {
        return Ok(Period::default());
    }
    let period = json::member(object, "validFor")?;
    let moment = |name: &str| -> Result<Option<Timestamp>> {
        if !json::has(period, name) {
            return Ok(None);
        }
        let text = json::text(period, name)?;
        text.parse()
            .map(Some)
            .map_err(|_| malformed("a time of the trust root is none"))
    };
    Ok(Period {
        start: moment("start")?,
        end: moment("end")?,
    })
}
