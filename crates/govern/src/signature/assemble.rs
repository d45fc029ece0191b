//! Makes certificates, a Sigstore of its own, and signatures by both, for tests.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::encoding::base64;
use super::key::{PublicKey, oid};
use super::manifest::{Manifest, Piece, Serialization};
use super::private_key::PrivateKey;
use super::{Certificate, der, envelope, statement};

/// A P-256 key that a number names.
pub(crate) fn key(number: u8) -> PrivateKey {
    let mut secret = [0; 32];
    secret[31] = number;
    secret[7] = 1;
    PrivateKey::p256(&secret).unwrap()
}

/// A manifest of two small files.
pub(crate) fn manifest() -> Manifest {
    let mut manifest = Manifest::new("model", Serialization::default());
    for (name, content) in [("config.json", "{}"), ("weights/a.bin", "abc")] {
        let digest = Sha256::digest(content).to_vec();
        manifest.digests.insert(Piece::file(name), digest);
    }
    manifest
}

pub(crate) fn extension(name: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut content = der::element(der::OID, name);
    if critical {
        content.extend(der::element(der::BOOLEAN, &[0xff]));
    }
    content.extend(der::element(der::OCTET_STRING, value));
    der::element(der::SEQUENCE, &content)
}

pub(crate) fn authority(path_length: Option<u8>) -> Vec<u8> {
    let mut value = der::element(der::BOOLEAN, &[0xff]);
    if let Some(length) = path_length {
        value.extend(der::unsigned(&[length]));
    }
    extension(
        &[0x55, 0x1d, 0x13],
        true,
        &der::element(der::SEQUENCE, &value),
    )
}

/// Bit 0 is digital signatures (0x80), bit 5 signing certificates (0x04).
pub(crate) fn usage(bits: u8) -> Vec<u8> {
    extension(
        &[0x55, 0x1d, 0x0f],
        true,
        &der::element(der::BIT_STRING, &[0, bits]),
    )
}

pub(crate) fn purpose(last: u8) -> Vec<u8> {
    let name = der::element(der::OID, &[0x2b, 6, 1, 5, 5, 7, 3, last]);
    extension(
        &[0x55, 0x1d, 0x25],
        false,
        &der::element(der::SEQUENCE, &name),
    )
}

pub(crate) fn mail(address: &str) -> Vec<u8> {
    let names = der::element(der::SEQUENCE, &der::element(0x81, address.as_bytes()));
    extension(&[0x55, 0x1d, 0x11], true, &names)
}

pub(crate) fn provider(address: &str) -> Vec<u8> {
    let name = [0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 8];
    extension(
        &name,
        false,
        &der::element(der::UTF8_STRING, address.as_bytes()),
    )
}

pub(crate) fn name(common: &str) -> Vec<u8> {
    let pair = [
        der::element(der::OID, &[0x55, 4, 3]),
        der::element(der::UTF8_STRING, common.as_bytes()),
    ]
    .concat();
    let set = der::element(der::SET, &der::element(der::SEQUENCE, &pair));
    der::element(der::SEQUENCE, &set)
}

/// What a certificate is made of.
pub(crate) struct Draft<'a> {
    pub(crate) subject: &'a str,
    pub(crate) key: &'a PublicKey,
    pub(crate) issuer: &'a str,
    pub(crate) signer: &'a PrivateKey,
    /// As `20250101000000Z`.
    pub(crate) validity: (&'a str, &'a str),
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Draft<'_> {
    pub(crate) fn make(&self) -> Certificate {
        Certificate::from_der(&self.bytes()).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let algorithm = der::element(der::SEQUENCE, &der::element(der::OID, oid::ECDSA_SHA256));
        let validity = [self.validity.0, self.validity.1]
            .map(|at| der::element(der::GENERALIZED_TIME, at.as_bytes()))
            .concat();
        let signed = [
            der::element(der::context(0), &der::unsigned(&[2])),
            der::unsigned(&[7]),
            algorithm.clone(),
            name(self.issuer),
            der::element(der::SEQUENCE, &validity),
            name(self.subject),
            self.key.info().to_vec(),
            der::element(
                der::context(3),
                &der::element(der::SEQUENCE, &self.extensions.concat()),
            ),
        ]
        .concat();
        let signed = der::element(der::SEQUENCE, &signed);
        let signature = self.signer.sign(&signed).unwrap();
        let whole = [
            signed,
            algorithm,
            der::element(der::BIT_STRING, &[&[0], signature.as_slice()].concat()),
        ]
        .concat();
        der::element(der::SEQUENCE, &whole)
    }
}

pub(crate) const YEARS: (&str, &str) = ("20250101000000Z", "20350101000000Z");

/// A root of certificates, an intermediate one, and one that may sign, each of a key with its number.
pub(crate) fn chain() -> [Certificate; 3] {
    let (root, middle, leaf) = (key(1), key(2), key(3));
    let draft = |subject, key, issuer, signer, extensions| Draft {
        subject,
        key,
        issuer,
        signer,
        validity: YEARS,
        extensions,
    };
    [
        draft(
            "root",
            root.public(),
            "root",
            &root,
            vec![authority(None), usage(0x04)],
        )
        .make(),
        draft(
            "middle",
            middle.public(),
            "root",
            &root,
            vec![authority(Some(0)), usage(0x04)],
        )
        .make(),
        draft(
            "leaf",
            leaf.public(),
            "middle",
            &middle,
            vec![usage(0x80), purpose(3)],
        )
        .make(),
    ]
}

/// A Sigstore: authority (keys 11 and 12), certificate log (13), log (14), timestamp authority (15).
pub(crate) struct Sigstore {
    pub(crate) signer: PrivateKey,
    pub(crate) identity: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) certificate_validity: (&'static str, &'static str),
    /// Seconds since 1970.
    pub(crate) integrated: u64,
    pub(crate) seen_by_certificate_log: bool,
    /// Without it the entry has a timestamp of an authority instead of the log's word.
    pub(crate) promise: bool,
    pub(crate) timestamp: Option<&'static str>,
    /// Leaves of the log before and after the entry.
    pub(crate) neighbours: (u64, u64),
}

impl Default for Sigstore {
    fn default() -> Self {
        Self {
            signer: key(16),
            identity: "team@example.org",
            provider: "https://id.example.org",
            certificate_validity: ("20250601120000Z", "20250601121000Z"),
            integrated: 1_748_779_260, // 2025-06-01T12:01:00Z
            seen_by_certificate_log: true,
            promise: true,
            timestamp: None,
            neighbours: (2, 2),
        }
    }
}

fn log_id(key: &PrivateKey) -> Vec<u8> {
    Sha256::digest(key.public().info()).to_vec()
}

fn root_certificate(subject: &str, number: u8) -> Certificate {
    let key = key(number);
    Draft {
        subject,
        key: key.public(),
        issuer: subject,
        signer: &key,
        validity: YEARS,
        extensions: vec![authority(None), usage(0x04)],
    }
    .make()
}

fn timestamp_certificate() -> Certificate {
    Draft {
        subject: "times",
        key: key(15).public(),
        issuer: "times-root",
        signer: &key(17),
        validity: YEARS,
        extensions: vec![usage(0x80), purpose(8)],
    }
    .make()
}

fn issuing_certificate() -> Certificate {
    Draft {
        subject: "issuing",
        key: key(12).public(),
        issuer: "authority",
        signer: &key(11),
        validity: YEARS,
        extensions: vec![authority(Some(0)), usage(0x04)],
    }
    .make()
}

/// The `trusted_root.json` of that Sigstore.
pub(crate) fn trust_root() -> Value {
    let log = |key: &PrivateKey| {
        json!({
            "baseUrl": "https://log.example.org",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": base64(key.public().info()),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": { "start": "2025-01-01T00:00:00Z" },
            },
            "logId": { "keyId": base64(&log_id(key)) },
        })
    };
    let authority = |certificates: &[Certificate]| {
        let certificates: Vec<Value> = certificates
            .iter()
            .map(|certificate| json!({ "rawBytes": base64(certificate.as_der()) }))
            .collect();
        json!({
            "certChain": { "certificates": certificates },
            "validFor": { "start": "2025-01-01T00:00:00Z", "end": "2034-01-01T00:00:00.999Z" },
        })
    };
    json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [log(&key(14))],
        "certificateAuthorities": [authority(&[issuing_certificate(), root_certificate("authority", 11)])],
        "ctlogs": [log(&key(13))],
        "timestampAuthorities": [authority(&[timestamp_certificate(), root_certificate("times-root", 17)])],
    })
}

impl Sigstore {
    pub(crate) fn certificate(&self) -> Certificate {
        let issuer = key(12);
        let mut extensions = vec![
            usage(0x80),
            purpose(3),
            mail(self.identity),
            provider(self.provider),
        ];
        let draft = |extensions| Draft {
            subject: "signer",
            key: self.signer.public(),
            issuer: "issuing",
            signer: &issuer,
            validity: self.certificate_validity,
            extensions,
        };
        if self.seen_by_certificate_log {
            let body = draft(extensions.clone())
                .make()
                .without_timestamps()
                .unwrap();
            let at = (self.integrated * 1000).to_be_bytes();
            let signed = [
                &[0, 0][..],
                &at,
                &[0, 1],
                &Sha256::digest(issuer.public().info()),
                &(body.len() as u32).to_be_bytes()[1..],
                &body,
                &[0, 0],
            ]
            .concat();
            let signature = key(13).sign(&signed).unwrap();
            let length = |bytes: &[u8]| (bytes.len() as u16).to_be_bytes();
            let entry = [
                &[0][..],
                &log_id(&key(13)),
                &at,
                &[0, 0, 4, 3],
                &length(&signature),
                &signature,
            ]
            .concat();
            let list = [&length(&entry)[..], &entry].concat();
            let list = [&length(&list)[..], &list].concat();
            let value = der::element(der::OCTET_STRING, &list);
            extensions.push(extension(super::certificate::TIMESTAMP_LIST, false, &value));
        }
        draft(extensions).make()
    }

    /// Signs a manifest the way a client of Sigstore does.
    pub(crate) fn sign(&self, manifest: &Manifest) -> Value {
        let certificate = self.certificate();
        let payload = statement::write(manifest);
        let signature = self.signer.sign(&envelope::encode(&payload)).unwrap();
        let body = json!({
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": { "algorithm": "sha256", "value": "00" },
                "payloadHash": {
                    "algorithm": "sha256",
                    "value": stance_core::digest::sha256_hex(&payload),
                },
                "signatures": [{
                    "signature": base64(&signature),
                    "verifier": base64(certificate.to_pem().as_bytes()),
                }],
            },
        })
        .to_string();
        let mut entry = json!({
            "logIndex": "42",
            "logId": { "keyId": base64(&log_id(&key(14))) },
            "kindVersion": { "kind": "dsse", "version": "0.0.1" },
            "inclusionProof": self.proof(body.as_bytes()),
            "canonicalizedBody": base64(body.as_bytes()),
        });
        if self.promise {
            let promised = format!(
                r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":42}}"#,
                base64(body.as_bytes()),
                self.integrated,
                stance_core::digest::hex(&log_id(&key(14)))
            );
            entry["integratedTime"] = self.integrated.to_string().into();
            let signature = key(14).sign(promised.as_bytes()).unwrap();
            entry["inclusionPromise"] = json!({ "signedEntryTimestamp": base64(&signature) });
        }
        let timestamps: Vec<Value> = self
            .timestamp
            .iter()
            .map(|at| json!({ "signedTimestamp": base64(&timestamp(&signature, at)) }))
            .collect();
        json!({
            "mediaType": super::bundle::MEDIA_TYPE,
            "verificationMaterial": {
                "certificate": { "rawBytes": base64(certificate.as_der()) },
                "tlogEntries": [entry],
                "timestampVerificationData": { "rfc3161Timestamps": timestamps },
            },
            "dsseEnvelope": {
                "payload": base64(&payload),
                "payloadType": super::bundle::PAYLOAD_TYPE,
                "signatures": [{ "sig": base64(&signature) }],
            },
        })
    }

    fn proof(&self, body: &[u8]) -> Value {
        let (before, after) = self.neighbours;
        let mut leaves: Vec<Vec<u8>> = (0..before).map(|_| leaf(b"before")).collect();
        leaves.push(leaf(body));
        leaves.extend((0..after).map(|_| leaf(b"after")));
        let (root, path) = tree(&leaves, before as usize);
        let note = format!("log.example.org - 1\n{}\n{}\n", leaves.len(), base64(&root));
        let signature = key(14).sign(note.as_bytes()).unwrap();
        let hint = log_id(&key(14));
        let line = base64(&[&hint[..4], &signature].concat());
        json!({
            "logIndex": before.to_string(),
            "rootHash": base64(&root),
            "treeSize": leaves.len().to_string(),
            "hashes": path.iter().map(|hash| base64(hash)).collect::<Vec<_>>(),
            "checkpoint": { "envelope": format!("{note}\n\u{2014} log.example.org {line}\n") },
        })
    }
}

/// A response of the timestamp authority about a signature.
pub(crate) fn timestamp(signature: &[u8], at: &str) -> Vec<u8> {
    let oid = |content: &[u8]| der::element(der::OID, content);
    let sequence = |parts: &[Vec<u8>]| der::element(der::SEQUENCE, &parts.concat());
    let sha256 = sequence(&[oid(oid::SHA256)]);
    let info_type = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 4];
    let info = sequence(&[
        der::unsigned(&[1]),
        oid(&[0x2a, 3, 4]),
        sequence(&[
            sha256.clone(),
            der::element(der::OCTET_STRING, &Sha256::digest(signature)),
        ]),
        der::unsigned(&[9]),
        der::element(der::GENERALIZED_TIME, at.as_bytes()),
    ]);
    let attribute = |last: u8, value: Vec<u8>| {
        sequence(&[
            oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, last]),
            der::element(der::SET, &value),
        ])
    };
    let attributes = [
        attribute(3, oid(&info_type)),
        attribute(4, der::element(der::OCTET_STRING, &Sha256::digest(&info))),
    ]
    .concat();
    let signed = key(15).sign(&der::element(der::SET, &attributes)).unwrap();
    let signer = sequence(&[
        der::unsigned(&[1]),
        sequence(&[name("times-root"), der::unsigned(&[7])]),
        sha256.clone(),
        der::element(der::context(0), &attributes),
        sequence(&[oid(oid::ECDSA_SHA256)]),
        der::element(der::OCTET_STRING, &signed),
    ]);
    let data = sequence(&[
        der::unsigned(&[3]),
        der::element(der::SET, &sha256),
        sequence(&[
            oid(&info_type),
            der::element(der::context(0), &der::element(der::OCTET_STRING, &info)),
        ]),
        der::element(der::SET, &signer),
    ]);
    sequence(&[
        sequence(&[der::unsigned(&[0])]),
        sequence(&[
            oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]),
            der::element(der::context(0), &data),
        ]),
    ])
}

pub(crate) fn leaf(body: &[u8]) -> Vec<u8> {
    Sha256::new_with_prefix([0])
        .chain_update(body)
        .finalize()
        .to_vec()
}

/// Root of a tree over leaves, and the path from one of them to it (RFC 9162, section 2.1).
pub(crate) fn tree(leaves: &[Vec<u8>], at: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let node = |left: &[u8], right: &[u8]| {
        Sha256::new_with_prefix([1])
            .chain_update(left)
            .chain_update(right)
            .finalize()
            .to_vec()
    };
    if let [only] = leaves {
        return (only.clone(), Vec::new());
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    if at < left.len() {
        let (hash, mut path) = tree(left, at);
        let other = tree(right, 0).0;
        path.push(other.clone());
        (node(&hash, &other), path)
    } else {
        let (hash, mut path) = tree(right, at - left.len());
        let other = tree(left, 0).0;
        path.push(other.clone());
        (node(&other, &hash), path)
    }
}
