//! The right edge of a tree: what appending needs to know.

use super::{Hash, Node, fold, node_hash};

/// The complete subtrees that a tree of some size falls into, the largest first: one for each set bit of the size, so
/// at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// From its size and its [`bytes`](Self::to_bytes); `None` when they do not fit each other.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && peaks.len() == usize::try_from(size.count_ones()).ok()?;
        fits.then(|| Self {
            size,
            peaks: peaks.to_vec(),
        })
    }

    /// Its hashes behind each other, 32 bytes each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash and tells each subtree that this completes, the leaf itself first.
    ///
    /// A tree of 2^64 - 1 leaves takes no more.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Node, Hash)) {
        let Some(size) = self.size.checked_add(1) else {
            return;
        };
        let mut node = Node {
            level: 0,
            index: self.size,
        };
        let mut hash = leaf;
        completed(node, hash);
        while node.index & 1 == 1 {
            let Some(left) = self.peaks.pop() else {
                break;
            };
            hash = node_hash(&left, &hash);
            node = Node {
                level: node.level.saturating_add(1),
                index: node.index >> 1,
            };
            completed(node, hash);
        }
        self.peaks.push(hash);
        self.size = size;
    }

    /// The root of the tree: the Merkle tree hash of RFC 6962.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}
