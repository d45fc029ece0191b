//! Proofs: that a leaf is in a tree, and that one tree is the beginning of another.

use super::{Hash, Node, empty_root, fold, node_hash};

/// The path that proves that leaf `index` is in the tree of `size` leaves (`PATH`, RFC 6962, section 2.1.1), from the
/// leaf upwards. `nodes` gives the hash of a complete subtree within that tree.
///
/// `None` when there is no such leaf.
///
/// # Errors
///
/// What `nodes` says.
pub fn prove_inclusion<E>(
    index: u64,
    size: u64,
    mut nodes: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut first, mut end) = (0, size);
    let mut path = Vec::new();
    while let Some(split) = split(first, end) {
        if index < split {
            path.push(range(split, end, &mut nodes)?);
            end = split;
        } else {
            path.push(range(first, split, &mut nodes)?);
            first = split;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The path that proves that the tree of `old` leaves is the beginning of the one of `new` (`PROOF`, RFC 6962, section
/// 2.1.2). It is empty when one of them is empty or both are the same.
///
/// `None` when `old` is larger.
///
/// # Errors
///
/// What `nodes` says.
pub fn prove_consistency<E>(
    old: u64,
    new: u64,
    mut nodes: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old > new {
        return Ok(None);
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(Some(path));
    }
    let (mut first, mut end) = (0, new);
    while old != end
        && let Some(split) = split(first, end)
    {
        if old <= split {
            path.push(range(split, end, &mut nodes)?);
            end = split;
        } else {
            path.push(range(first, split, &mut nodes)?);
            first = split;
        }
    }
    // The verifier knows the root of the old tree, and so this part when it is all of it.
    if first > 0 {
        path.push(range(first, end, &mut nodes)?);
    }
    path.reverse();
    Ok(Some(path))
}

/// The root that the tree of `size` leaves has when leaf `index` has this hash and the path is right (RFC 9162,
/// section 2.1.3.2). `None` when no tree of that size has such a path.
#[must_use]
pub fn inclusion_root(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    let mut last = size.checked_sub(1)?;
    let mut at = index;
    if at > last {
        return None;
    }
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Whether the path proves that leaf `index` of the tree of `size` leaves and this root has this hash.
#[must_use]
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    inclusion_root(leaf, index, size, path).as_ref() == Some(root)
}

/// Whether the path proves that the tree of `old` leaves is the beginning of the one of `new` (RFC 9162, section
/// 2.1.4.2). The empty tree is the beginning of every tree.
#[must_use]
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    path: &[Hash],
) -> bool {
    if old == 0 {
        return path.is_empty() && *old_root == empty_root();
    }
    if old >= new {
        return old == new && path.is_empty() && old_root == new_root;
    }
    let known = old.is_power_of_two().then_some(old_root);
    let mut path = known.into_iter().chain(path);
    let Some(start) = path.next() else {
        return false;
    };
    let (mut at, mut last) = (old.saturating_sub(1), new.saturating_sub(1));
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut before, mut after) = (*start, *start);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node_hash(sibling, &before);
            after = node_hash(sibling, &after);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            after = node_hash(&after, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *new_root
}

/// The hash of a complete subtree from those of the subtrees `height` levels below it, in order.
///
/// `None` when there are not `2^height` of them.
#[must_use]
pub fn subtree(height: u8, below: &[Hash]) -> Option<Hash> {
    if below.len() != 1_usize.checked_shl(height.into())? {
        return None;
    }
    let mut row = below.to_vec();
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.first().copied()
}

/// The hash over the leaves from `first` to before `end`, as RFC 6962 splits them; `first` is a multiple of a power of
/// two that is at least the length.
fn range<E>(
    mut first: u64,
    end: u64,
    nodes: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let mut peaks = Vec::new();
    while let Some(level) = end.checked_sub(first).and_then(u64::checked_ilog2) {
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        peaks.push(nodes(Node {
            level,
            index: first >> level,
        })?);
        first = first.saturating_add(1 << level);
    }
    Ok(fold(&peaks))
}

/// Where the tree over the leaves from `first` to before `end` is split: the left half is the largest power of two
/// below the length. `None` for a leaf.
fn split(first: u64, end: u64) -> Option<u64> {
    let length = end.checked_sub(first)?;
    let level = length.checked_sub(1)?.checked_ilog2()?;
    first.checked_add(1_u64.checked_shl(level)?)
}
