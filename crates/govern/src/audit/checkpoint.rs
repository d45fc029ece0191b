//! Checkpoints: what the log was at some size, signed.
//!
//! The form is that of public transparency logs, so that their tools and witnesses can read it: C2SP `tlog-checkpoint`
//! within C2SP `signed-note` 1.0, with Ed25519.

use sha2::{Digest as _, Sha256};
use stance_core::digest::hex;

use crate::merkle::Hash;
use crate::signature::encoding::{base64, from_base64};
use crate::signature::{PrivateKey, PublicKey};

/// Largest note that is read, in bytes.
pub const LARGEST_NOTE: usize = 64 << 10;

/// Most signatures of a note that are looked at.
const MOST_SIGNATURES: usize = 64;

/// The byte by which signed notes name Ed25519.
const ED25519: u8 = 1;

/// What a log was at some size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log among all others.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a note is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// It does not have the form.
    #[error("it is no checkpoint: {0}")]
    Malformed(&'static str),
    /// Nobody who is trusted signed it.
    #[error("none of the trusted keys signed it")]
    Unknown,
    /// Somebody who is trusted is named as the signer and did not sign this.
    #[error("its signature is not valid")]
    Invalid,
    /// The key cannot sign checkpoints.
    #[error("checkpoints are signed with Ed25519 keys only")]
    Key,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    /// The signed note. Equal input gives equal bytes.
    ///
    /// # Errors
    ///
    /// When the key is not Ed25519, or the origin cannot be the name of a key.
    pub fn sign(&self, key: &PrivateKey) -> Result<String, BadNote> {
        if !is_key_name(&self.origin) {
            return Err(BadNote::Malformed("its origin is no name of a key"));
        }
        let id = key_id(&self.origin, key.public())?;
        let text = self.text();
        let signature = key.sign(text.as_bytes()).map_err(|_| BadNote::Invalid)?;
        let signature = [&id[..], &signature].concat();
        Ok(format!(
            "{text}\n\u{2014} {} {}\n",
            self.origin,
            base64(&signature)
        ))
    }

    /// Reads a note that one of these keys signed, under the name of the origin. Signatures by others say nothing;
    /// one that does not hold although it names one of the keys spoils the note.
    ///
    /// # Errors
    ///
    /// Why it is not accepted.
    pub fn verify(note: &str, keys: &[PublicKey]) -> Result<Self, BadNote> {
        let (text, signatures) = split(note)?;
        let checkpoint = read(text)?;
        let mut signed = false;
        for (name, signature) in signatures.into_iter().take(MOST_SIGNATURES) {
            if name != checkpoint.origin {
                continue;
            }
            let Some((id, signature)) = signature.split_first_chunk::<4>() else {
                return Err(BadNote::Malformed("a signature is too short"));
            };
            for key in keys {
                if key_id(name, key)? != *id {
                    continue;
                }
                key.own_scheme()
                    .and_then(|scheme| key.verify(scheme, text.as_bytes(), signature))
                    .map_err(|_| BadNote::Invalid)?;
                signed = true;
            }
        }
        if signed {
            Ok(checkpoint)
        } else {
            Err(BadNote::Unknown)
        }
    }

    /// Reads a note without asking who signed it.
    ///
    /// # Errors
    ///
    /// When it has not the form.
    pub fn unverified(note: &str) -> Result<Self, BadNote> {
        read(split(note)?.0)
    }
}

/// The public key in the form that tools of transparency logs take: `origin+id+key`.
///
/// # Errors
///
/// When the key is not Ed25519.
pub fn verifier_key(origin: &str, key: &PublicKey) -> Result<String, BadNote> {
    let id = key_id(origin, key)?;
    let public = key.ed25519().ok_or(BadNote::Key)?;
    let encoded = [&[ED25519][..], &public].concat();
    Ok(format!("{origin}+{}+{}", hex(&id), base64(&encoded)))
}

/// The first bytes of a signature, which name its key.
fn key_id(name: &str, key: &PublicKey) -> Result<[u8; 4], BadNote> {
    let public = key.ed25519().ok_or(BadNote::Key)?;
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(public)
        .finalize();
    digest
        .first_chunk::<4>()
        .copied()
        .ok_or(BadNote::Malformed("no digest"))
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|character| {
            !character.is_whitespace() && !character.is_control() && character != '+'
        })
}

/// Name of a key, and what it signed with its id before it.
type Signature<'n> = (&'n str, Vec<u8>);

/// Text and signatures of a note.
fn split(note: &str) -> Result<(&str, Vec<Signature<'_>>), BadNote> {
    if note.len() > LARGEST_NOTE {
        return Err(BadNote::Malformed("it is too long"));
    }
    if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(BadNote::Malformed("it has control characters"));
    }
    let no_signature = BadNote::Malformed("it has no signature");
    let at = note.rfind("\n\n").ok_or_else(|| no_signature.clone())?;
    let (text, rest) = note
        .split_at_checked(at.saturating_add(1))
        .ok_or_else(|| no_signature.clone())?;
    let lines = rest
        .strip_prefix('\n')
        .and_then(|rest| rest.strip_suffix('\n'))
        .filter(|rest| !rest.is_empty())
        .ok_or(no_signature)?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        let signature = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '))
            .filter(|(name, _)| is_key_name(name))
            .and_then(|(name, signature)| Some((name, from_base64(signature)?)))
            .ok_or(BadNote::Malformed("a line of its signatures is none"))?;
        signatures.push(signature);
    }
    Ok((text, signatures))
}

fn read(text: &str) -> Result<Checkpoint, BadNote> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let mut lines = body.split('\n');
    let origin = lines.next().unwrap_or_default();
    let size = lines.next().unwrap_or_default();
    let root = lines.next().and_then(from_base64);
    if origin.is_empty() || lines.any(str::is_empty) {
        return Err(BadNote::Malformed("it has empty lines"));
    }
    let plain = size == "0" || !size.starts_with('0');
    let size = size
        .bytes()
        .all(|digit| digit.is_ascii_digit())
        .then(|| size.parse().ok())
        .flatten()
        .filter(|_| plain)
        .ok_or(BadNote::Malformed("its size is no number"))?;
    let root = root
        .and_then(|root| root.try_into().ok())
        .ok_or(BadNote::Malformed("its root is no SHA-256 digest"))?;
    Ok(Checkpoint {
        origin: origin.to_owned(),
        size,
        root,
    })
}
