//! The tamper-evident log: every entry is bound to all before it.
//!
//! Three layers, each of which finds what the one below cannot:
//!
//! 1. Each [`Entry`] carries SHA-256 of its own canonical JSON (RFC 8785), which holds the hash of the entry before: a
//!    changed, removed, inserted or moved entry breaks the chain, unless everything behind it is computed anew.
//! 2. The hashes are the leaves of a Merkle tree ([`crate::merkle`]), whose root at any size is one hash for all of it.
//!    Short proofs show that an entry is in it, and that a later log extends an earlier one.
//! 3. [`Checkpoint`]s are such roots, signed. A log that was computed anew does not lead to them; a copy of one that is
//!    kept elsewhere also finds a log that was cut together with its checkpoints.
//!
//! `docs/audit.md` describes format, verification with other tools, and what all this cannot show.

mod checkpoint;
mod entry;
mod evidence;
mod fault;
mod json;
mod report;
#[cfg(test)]
mod tests;
mod verify;

pub use checkpoint::{BadNote, Checkpoint, LARGEST_NOTE, verifier_key};
pub use entry::{Actor, ActorKind, Detail, Entry, GENESIS, NewEntry, Object, Stored, time};
pub use evidence::{BadProof, Extension, Inclusion, Proof};
pub use fault::{Fault, FaultKind};
pub use json::NotCanonical;
pub use report::{Head, Report, Source};
pub use verify::Verifier;

#[cfg(test)]
pub(crate) use tests::examples;

use crate::merkle::Hash;

/// The hash of the leaf of the tree that stands for an entry: the leaf's data is the entry's hash.
#[must_use]
pub fn leaf(entry: &Hash) -> Hash {
    crate::merkle::leaf_hash(entry)
}

/// The canonical form of a JSON value (RFC 8785).
///
/// # Errors
///
/// When it holds a number that is no double, is too deep or too long.
pub fn canonical(value: &serde_json::Value) -> Result<String, NotCanonical> {
    json::Json::of(value)?.canonical()
}

/// The canonical form of a JSON text (RFC 8785).
///
/// # Errors
///
/// When it is no JSON, names a member twice, is too deep or too long.
pub fn canonical_text(text: &str) -> Result<String, NotCanonical> {
    json::Json::parse(text)?.canonical()
}
