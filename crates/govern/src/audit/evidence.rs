//! Proofs that stand alone: a file for somebody who does not have the log.

use serde_json::{Value, json};
use stance_core::digest::hex;

use super::checkpoint::{BadNote, Checkpoint};
use super::entry::{Entry, from_hex};
use super::json::Json;
use super::leaf;
use crate::merkle::{Hash, verify_consistency, verify_inclusion};
use crate::signature::PublicKey;

/// Longest path of a proof: one hash for each bit of the size, and one more.
const LONGEST: usize = 65;

/// That an entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The entry.
    pub entry: Entry,
    /// Hashes from its leaf to the root of the checkpoint.
    pub path: Vec<Hash>,
    /// A signed note about a size of at least its number.
    pub checkpoint: String,
}

/// That the log of one checkpoint is the beginning of the log of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The earlier signed note.
    pub old: String,
    /// The later one.
    pub new: String,
    /// Hashes that lead to both roots.
    pub path: Vec<Hash>,
}

/// Either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// That an entry is in the log.
    Inclusion(Box<Inclusion>),
    /// That one log extends another.
    Extension(Extension),
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// The file has not the form of a proof.
    #[error("it is no proof of an audit log: {0}")]
    Malformed(&'static str),
    /// A checkpoint of it is not accepted.
    #[error("its checkpoint is not accepted: {0}")]
    Checkpoint(#[from] BadNote),
    /// The contents of the entry do not give its hash.
    #[error("the contents of entry {0} do not give its hash: it was changed")]
    Edited(u64),
    /// The path does not lead to the root that was signed.
    #[error("{0}")]
    Wrong(&'static str),
}

impl Proof {
    /// The file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let path = |path: &[Hash]| path.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
        let list = |value: &Value| format!("{value:#}").replace('\n', "\n  ");
        let text = |text: &str| Value::from(text).to_string();
        match self {
            // The entry is written as it was hashed, so that no other writer of numbers comes between.
            Self::Inclusion(proof) => format!(
                "{{\n  \"proof\": \"inclusion\",\n  \"entry\": {},\n  \"path\": {},\n  \"checkpoint\": {}\n}}\n",
                proof.entry.line(),
                list(&json!(path(&proof.path))),
                text(&proof.checkpoint)
            ),
            Self::Extension(proof) => format!(
                "{{\n  \"proof\": \"extension\",\n  \"old\": {},\n  \"new\": {},\n  \"path\": {}\n}}\n",
                text(&proof.old),
                text(&proof.new),
                list(&json!(path(&proof.path)))
            ),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`BadProof::Malformed`]
    pub fn from_json(text: &str) -> Result<Self, BadProof> {
        const MISSING: BadProof = BadProof::Malformed("a member is missing or of another kind");
        let json = Json::parse(text).map_err(|_| BadProof::Malformed("it is no proper JSON"))?;
        let note = |name: &str| json.text(name).map(str::to_owned).ok_or(MISSING);
        let Some(Json::List(path)) = json.get("path") else {
            return Err(MISSING);
        };
        if path.len() > LONGEST {
            return Err(BadProof::Malformed(
                "its path is longer than any log is deep",
            ));
        }
        let path = path
            .iter()
            .map(|hash| match hash {
                Json::Text(hash) => from_hex(hash),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(BadProof::Malformed("its path holds no SHA-256 digest"))?;
        match json.text("proof") {
            Some("inclusion") => {
                let entry = json.get("entry").ok_or(MISSING)?;
                Ok(Self::Inclusion(Box::new(Inclusion {
                    entry: Entry::from_json(entry).map_err(BadProof::Malformed)?,
                    path,
                    checkpoint: note("checkpoint")?,
                })))
            }
            Some("extension") => Ok(Self::Extension(Extension {
                old: note("old")?,
                new: note("new")?,
                path,
            })),
            _ => Err(BadProof::Malformed(
                "`proof` is neither inclusion nor extension",
            )),
        }
    }
}

impl Inclusion {
    /// Gives the checkpoint under which the entry stands.
    ///
    /// # Errors
    ///
    /// Why it proves nothing.
    pub fn verify(&self, keys: &[PublicKey]) -> Result<Checkpoint, BadProof> {
        let checkpoint = Checkpoint::verify(&self.checkpoint, keys)?;
        let entry = &self.entry;
        if entry.computed_hash() != entry.hash {
            return Err(BadProof::Edited(entry.seq));
        }
        let index = entry.seq.checked_sub(1);
        let proven = index.is_some_and(|index| {
            let leaf = leaf(&entry.hash);
            verify_inclusion(leaf, index, checkpoint.size, &self.path, &checkpoint.root)
        });
        if proven {
            Ok(checkpoint)
        } else {
            Err(BadProof::Wrong(
                "the log that was signed does not have this entry at this place",
            ))
        }
    }
}

impl Extension {
    /// Gives both checkpoints.
    ///
    /// # Errors
    ///
    /// Why it proves nothing.
    pub fn verify(&self, keys: &[PublicKey]) -> Result<(Checkpoint, Checkpoint), BadProof> {
        let old = Checkpoint::verify(&self.old, keys)?;
        let new = Checkpoint::verify(&self.new, keys)?;
        if old.origin != new.origin {
            return Err(BadProof::Wrong("its checkpoints are about two logs"));
        }
        if verify_consistency(old.size, &old.root, new.size, &new.root, &self.path) {
            Ok((old, new))
        } else {
            Err(BadProof::Wrong(
                "the later log does not extend the earlier one",
            ))
        }
    }
}
