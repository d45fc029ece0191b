//! An entry of a transparency log (Rekor): that the signature was recorded, and when.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::encoding::{base64, from_base64};
use super::json::{self, Object};
use super::key::PublicKey;
use super::refusal::{Result, invalid, malformed, shown, unsupported};
use super::trust_root::Log;
use super::{bundle::Bundle, envelope};
use crate::merkle;

/// What a bundle says about one entry.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    pub(crate) index: u64,
    pub(crate) log_id: Vec<u8>,
    kind: String,
    version: String,
    integrated: Option<u64>,
    /// The log's promise to include the entry, over entry, index and time.
    promise: Option<Vec<u8>>,
    proof: Option<Proof>,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Proof {
    index: u64,
    size: u64,
    root: Vec<u8>,
    hashes: Vec<Vec<u8>>,
    checkpoint: String,
}

impl LogEntry {
    pub(crate) fn read(object: &Object) -> Result<Self> {
        let kind = json::member(object, "kindVersion")?;
        let promise = match object.get("inclusionPromise") {
            Some(Value::Object(promise)) => Some(json::bytes(promise, "signedEntryTimestamp")?),
            _ => None,
        };
        let proof = match object.get("inclusionProof") {
            Some(Value::Object(proof)) => Some(Proof::read(proof)?),
            _ => None,
        };
        let integrated = zero_if_missing(object, "integratedTime")?;
        Ok(Self {
            index: zero_if_missing(object, "logIndex")?,
            log_id: json::bytes(json::member(object, "logId")?, "keyId")?,
            kind: json::text(kind, "kind")?.to_owned(),
            version: json::text(kind, "version")?.to_owned(),
            integrated: (integrated > 0).then_some(integrated),
            promise,
            proof,
            body: json::bytes(object, "canonicalizedBody")?,
        })
    }

    /// Verifies that `log` holds the entry. Gives the time at which it took it up, where the log signed that.
    ///
    /// `promise_is_enough` for the oldest bundles, which have no proof of inclusion.
    pub(crate) fn verify(&self, log: &Log, promise_is_enough: bool) -> Result<Option<Timestamp>> {
        match &self.proof {
            Some(proof) => proof.verify(&self.body, log)?,
            None if promise_is_enough && self.promise.is_some() => {}
            None => return Err(malformed("its log entry has no proof of inclusion")),
        }
        let (Some(promise), Some(integrated)) = (&self.promise, self.integrated) else {
            return Ok(None);
        };
        // RFC 8785: members in order, no space; numbers and these texts need no escape.
        let signed = format!(
            r#"{{"body":"{}","integratedTime":{integrated},"logID":"{}","logIndex":{}}}"#,
            base64(&self.body),
            stance_core::digest::hex(&self.log_id),
            self.index
        );
        by_log(&log.key, signed.as_bytes(), promise)
            .map_err(|_| invalid("the log did not promise to record this entry"))?;
        let integrated = i64::try_from(integrated)
            .ok()
            .and_then(|second| Timestamp::from_second(second).ok())
            .ok_or_else(|| malformed("the time of its log entry is none"))?;
        Ok(Some(integrated))
    }

    /// Verifies that the entry is about this very signature by this very certificate.
    pub(crate) fn is_about(&self, bundle: &Bundle, signer: &Certificate) -> Result<()> {
        let body = json::object(&self.body, "the log entry")?;
        let other = || invalid("the log entry is about another signature");
        if json::text(&body, "kind")? != self.kind
            || json::text(&body, "apiVersion")? != self.version
        {
            return Err(other());
        }
        let spec = json::member(&body, "spec")?;
        let payload = Sha256::digest(&bundle.payload);
        let good = match (self.kind.as_str(), self.version.as_str()) {
            ("dsse", "0.0.1") => {
                let hash = json::member(spec, "payloadHash")?;
                let [Value::Object(signature)] = json::list(spec, "signatures")? else {
                    return Err(other());
                };
                json::text(hash, "algorithm")? == "sha256"
                    && json::text(hash, "value")? == stance_core::digest::hex(&payload)
                    && json::text(signature, "signature")? == base64(&bundle.signature)
                    && from_base64(json::text(signature, "verifier")?)
                        .is_some_and(|verifier| is_certificate(&verifier, signer))
            }
            ("dsse", "0.0.2") => {
                let spec = json::member(spec, "dsseV002")?;
                let hash = json::member(spec, "payloadHash")?;
                let [Value::Object(signature)] = json::list(spec, "signatures")? else {
                    return Err(other());
                };
                json::text(hash, "algorithm")? == "SHA2_256"
                    && json::bytes(hash, "digest")? == payload.as_slice()
                    && is_signature(signature, bundle, signer)?
            }
            ("hashedrekord", "0.0.2") => {
                let spec = json::member(spec, "hashedRekordV002")?;
                let data = json::member(spec, "data")?;
                let digest = json::bytes(data, "digest")?;
                let hash = match json::text(data, "algorithm")? {
                    "SHA2_256" => super::key::Hash::Sha256,
                    "SHA2_384" => super::key::Hash::Sha384,
                    "SHA2_512" => super::key::Hash::Sha512,
                    _ => return Err(other()),
                };
                digest == hash.of(&envelope::encode(&bundle.payload))
                    && is_signature(json::member(spec, "signature")?, bundle, signer)?
            }
            (kind, version) => {
                return Err(unsupported(format!(
                    "its log entry is of the kind `{}` {}",
                    shown(kind),
                    shown(version)
                )));
            }
        };
        if good { Ok(()) } else { Err(other()) }
    }
}

fn is_signature(object: &Object, bundle: &Bundle, signer: &Certificate) -> Result<bool> {
    let verifier = json::member(object, "verifier")?;
    let certificate = json::member(verifier, "x509Certificate")?;
    Ok(json::bytes(object, "content")? == bundle.signature
        && json::bytes(certificate, "rawBytes")? == signer.as_der())
}

fn is_certificate(pem: &[u8], signer: &Certificate) -> bool {
    let blocks = super::pem::blocks(pem, "the log entry").unwrap_or_default();
    matches!(blocks.as_slice(), [block] if block.label == "CERTIFICATE" && block.bytes == signer.as_der())
}

fn zero_if_missing(object: &Object, name: &str) -> Result<u64> {
    if json::has(object, name) {
        json::number(object, name)
    } else {
        Ok(0)
    }
}

fn by_log(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<()> {
    key.verify(key.own_scheme()?, message, signature)
}

impl Proof {
    fn read(object: &Object) -> Result<Self> {
        let hashes = json::list(object, "hashes")?
            .iter()
            .map(|hash| match hash {
                Value::String(text) => {
                    from_base64(text).ok_or_else(|| malformed("a hash of its proof is no base64"))
                }
                _ => Err(malformed("a hash of its proof is no text")),
            })
            .collect::<Result<Vec<_>>>()?;
        if hashes.len() > 64 {
            return Err(malformed(
                "its proof of inclusion is longer than any log is deep",
            ));
        }
        Ok(Self {
            index: zero_if_missing(object, "logIndex")?,
            size: zero_if_missing(object, "treeSize")?,
            root: json::bytes(object, "rootHash")?,
            hashes,
            checkpoint: json::text(json::member(object, "checkpoint")?, "envelope")?.to_owned(),
        })
    }

    fn verify(&self, body: &[u8], log: &Log) -> Result<()> {
        if !self.leads_to_root(body) {
            return Err(invalid("the proof that the log holds it does not hold"));
        }
        let (size, root) = checkpoint(&self.checkpoint, log)?;
        if size != self.size || root != self.root {
            return Err(invalid(
                "the log signed another state than the proof leads to",
            ));
        }
        Ok(())
    }

    fn leads_to_root(&self, body: &[u8]) -> bool {
        let path: Option<Vec<_>> = self
            .hashes
            .iter()
            .map(|hash| hash.as_slice().try_into().ok())
            .collect();
        path.and_then(|path| {
            merkle::inclusion_root(merkle::leaf_hash(body), self.index, self.size, &path)
        })
        .is_some_and(|root| root.as_slice() == self.root)
    }
}

/// Verifies a checkpoint, a signed note on the state of a log. Gives size and root.
fn checkpoint(note: &str, log: &Log) -> Result<(u64, Vec<u8>)> {
    let bad = || malformed("the checkpoint of its log is no signed note");
    let (text, signatures) = note.split_once("\n\n").ok_or_else(bad)?;
    let signed = format!("{text}\n");
    let found = signatures
        .lines()
        .take(32)
        .filter_map(|line| line.strip_prefix("\u{2014} ")?.rsplit_once(' '))
        .filter_map(|(_, signature)| from_base64(signature))
        .filter_map(|bytes| {
            let (hint, signature) = bytes.split_at_checked(4)?;
            (Some(hint) == log.id.get(..4)).then(|| signature.to_vec())
        })
        .any(|signature| by_log(&log.key, signed.as_bytes(), &signature).is_ok());
    if !found {
        return Err(invalid("the checkpoint is not signed by its log"));
    }
    let mut lines = text.lines();
    let (_origin, size, root) = (lines.next(), lines.next(), lines.next());
    let size = size.and_then(|size| size.parse().ok()).ok_or_else(bad)?;
    let root = root.and_then(from_base64).ok_or_else(bad)?;
    Ok((size, root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::assemble::{leaf, tree};

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
        for size in 1..20_usize {
            let leaves: Vec<_> = (0..size).map(|at| leaf(&[at as u8])).collect();
            for at in 0..size {
                let (root, hashes) = tree(&leaves, at);
                let proof = Proof {
                    index: at as u64,
                    size: size as u64,
                    root,
                    hashes,
                    checkpoint: String::new(),
                };
                assert!(proof.leads_to_root(&[at as u8]), "{at} of {size}");
                assert!(!proof.leads_to_root(&[99]));
                for wrong in 0..size as u64 + 2 {
                    let moved = Proof {
                        index: wrong,
                        ..proof.clone()
                    };
                    assert_eq!(moved.leads_to_root(&[at as u8]), wrong == at as u64);
                }
                let mut longer = proof.clone();
                longer.hashes.push(vec![0; 32]);
                assert!(!longer.leads_to_root(&[at as u8]));
            }
        }
    }
}
