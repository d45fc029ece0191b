//! The Merkle tree of RFC 6962 over SHA-256: one hash for a list that only grows.
//!
//! The [`Frontier`] is all that appending needs: one hash for each set bit of the size. Proofs are made of complete
//! subtrees ([`Node`]), which never change once they are there, so that whoever stores some of them can prove anything
//! about any size, past ones included. Why this is not a library: `docs/adr/0009-audit-log.md`.

mod frontier;
mod proof;
#[cfg(test)]
mod tests;

pub use frontier::Frontier;
pub use proof::{
    inclusion_root, prove_consistency, prove_inclusion, subtree, verify_consistency,
    verify_inclusion,
};

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// A complete subtree: its `2^level` leaves begin with leaf `index * 2^level`. Level 0 is a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its height above the leaves.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

/// The root of a tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The hash of a leaf (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new_with_prefix([0])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of what has two subtrees (RFC 6962, section 2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over subtrees of falling size that stand side by side.
fn fold(peaks: &[Hash]) -> Hash {
    let mut peaks = peaks.iter().rev();
    let Some(last) = peaks.next() else {
        return empty_root();
    };
    peaks.fold(*last, |right, left| node_hash(left, &right))
}
