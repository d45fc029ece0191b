//! Certificates that tests make: Ed25519, as short as they can be.

use std::path::{Path, PathBuf};

use ed25519_dalek::Signer as _;

const ED25519: [u8; 5] = [6, 3, 0x2b, 0x65, 0x70];

/// A name of whom a certificate is for: its tag, and its bytes.
pub(crate) type Name<'n> = (u8, &'n [u8]);

pub(crate) const MAIL: u8 = 0x81;
pub(crate) const HOST: u8 = 0x82;
pub(crate) const URI: u8 = 0x86;
pub(crate) const IP: u8 = 0x87;

/// What a certificate is made of; keys are seeds.
#[derive(Clone, Copy)]
pub(crate) struct Draft<'d> {
    pub(crate) subject: &'d str,
    pub(crate) seed: u8,
    pub(crate) issuer: &'d str,
    pub(crate) signer: u8,
    pub(crate) names: &'d [Name<'d>],
    pub(crate) is_authority: bool,
    pub(crate) serial: u8,
    /// As `260101000000Z`.
    pub(crate) until: &'d str,
}

impl<'d> Draft<'d> {
    /// An authority that signs itself.
    pub(crate) fn authority(name: &'d str, seed: u8) -> Self {
        Self {
            subject: name,
            seed,
            issuer: name,
            signer: seed,
            names: &[],
            is_authority: true,
            serial: 7,
            until: "491231000000Z",
        }
    }

    /// What an authority signs.
    pub(crate) fn by(authority: Self, subject: &'d str, seed: u8, names: &'d [Name<'d>]) -> Self {
        Self {
            subject,
            seed,
            issuer: authority.subject,
            signer: authority.seed,
            names,
            is_authority: false,
            serial: 7,
            until: "491231000000Z",
        }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = element(0x30, &[&ED25519]);
        let times = [b"250101000000Z", self.until.as_bytes()].map(|at| element(0x17, &[at]));
        let point = signing(self.seed).verifying_key().to_bytes();
        let key = element(0x30, &[&algorithm, &element(3, &[&[0], &point])]);
        let mut extensions = Vec::new();
        if self.is_authority {
            let value = element(0x30, &[&element(1, &[&[0xff]])]);
            extensions.extend(extension(0x13, &value));
        }
        // Bit 0 is digital signatures, bit 5 signing certificates, bit 6 lists of those that are revoked.
        let usage: u8 = if self.is_authority { 0x06 } else { 0x80 };
        extensions.extend(extension(0x0f, &element(3, &[&[0, usage]])));
        if !self.names.is_empty() {
            let names: Vec<Vec<u8>> = self
                .names
                .iter()
                .map(|(tag, name)| element(*tag, &[name]))
                .collect();
            extensions.extend(extension(0x11, &element(0x30, &[&names.concat()])));
        }
        let signed = element(
            0x30,
            &[
                &element(0xa0, &[&element(2, &[&[2]])]),
                &element(2, &[&[self.serial]]),
                &algorithm,
                &common(self.issuer),
                &element(0x30, &[&times.concat()]),
                &common(self.subject),
                &key,
                &element(0xa3, &[&element(0x30, &[&extensions])]),
            ],
        );
        let signature = signing(self.signer).sign(&signed).to_bytes();
        element(
            0x30,
            &[&signed, &algorithm, &element(3, &[&[0], &signature])],
        )
    }

    pub(crate) fn pem(&self) -> String {
        armour("CERTIFICATE", &self.der())
    }

    /// A list of what this authority revoked, by serial numbers, which is of now until `next` (RFC 5280, section 5).
    pub(crate) fn revokes(&self, serials: &[u8], next: &str) -> Vec<u8> {
        let algorithm = element(0x30, &[&ED25519]);
        let at = element(0x17, &[b"250101000000Z"]);
        let each: Vec<Vec<u8>> = serials
            .iter()
            .map(|serial| element(0x30, &[&element(2, &[&[*serial]]), &at]))
            .collect();
        let revoked = match serials {
            [] => Vec::new(),
            _ => element(0x30, &[&each.concat()]),
        };
        let number = element(4, &[&element(2, &[&[1]])]);
        let number = element(0x30, &[&[6, 3, 0x55, 0x1d, 0x14], &number]);
        let signed = element(
            0x30,
            &[
                &element(2, &[&[1]]),
                &algorithm,
                &common(self.subject),
                &at,
                &element(0x17, &[next.as_bytes()]),
                &revoked,
                &element(0xa0, &[&element(0x30, &[&number])]),
            ],
        );
        let signature = signing(self.seed).sign(&signed).to_bytes();
        element(
            0x30,
            &[&signed, &algorithm, &element(3, &[&[0], &signature])],
        )
    }

    /// Its private key in PKCS #8.
    pub(crate) fn key_der(&self) -> Vec<u8> {
        let secret = element(4, &[&element(4, &[&[self.seed; 32]])]);
        let algorithm = element(0x30, &[&ED25519]);
        element(0x30, &[&element(2, &[&[0]]), &algorithm, &secret])
    }

    pub(crate) fn key_pem(&self) -> String {
        armour("PRIVATE KEY", &self.key_der())
    }
}

/// Writes a file, and gives where it is.
pub(crate) fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn signing(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

fn common(name: &str) -> Vec<u8> {
    let pair = [&[6, 3, 0x55, 4, 3][..], &element(12, &[name.as_bytes()])].concat();
    element(0x30, &[&element(0x31, &[&element(0x30, &[&pair])])])
}

/// A critical extension of those whose number begins with 2.5.29.
fn extension(last: u8, value: &[u8]) -> Vec<u8> {
    let critical = element(1, &[&[0xff]]);
    element(
        0x30,
        &[&[6, 3, 0x55, 0x1d, last], &critical, &element(4, &[value])],
    )
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match u16::try_from(content.len()).unwrap().to_be_bytes() {
        [0, short] if short < 0x80 => bytes.push(short),
        [0, short] => bytes.extend([0x81, short]),
        [high, low] => bytes.extend([0x82, high, low]),
    }
    bytes.extend(content);
    bytes
}

pub(crate) fn armour(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
