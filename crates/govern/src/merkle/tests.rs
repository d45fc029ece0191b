//! The tree against its definition, and against another implementation.

use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;

/// MTH of RFC 6962, as it is defined.
fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(&root_of(&leaves[..split]), &root_of(&leaves[split..]))
        }
    }
}

fn data(size: usize) -> Vec<[u8; 8]> {
    (0..size as u64).map(u64::to_be_bytes).collect()
}

fn leaves(size: usize) -> Vec<Hash> {
    data(size).iter().map(|data| leaf_hash(data)).collect()
}

/// Complete subtrees, worked out from all leaves.
fn nodes(leaves: &[Hash]) -> impl FnMut(Node) -> Result<Hash, Infallible> {
    |node| {
        let first = (node.index << node.level) as usize;
        Ok(subtree(node.level, &leaves[first..first + (1 << node.level)]).unwrap())
    }
}

fn frontier(leaves: &[Hash]) -> Frontier {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf, |_, _| {});
    }
    frontier
}

#[test]
fn hashes_are_those_of_rfc_6962() {
    // SHA-256 of nothing, of one zero byte, and of two such leaves behind a one.
    let hex = stance_core::digest::hex;
    assert_eq!(
        hex(&empty_root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hex(&leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
    assert_eq!(
        hex(&leaf_hash(&[0])),
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    );
    assert_eq!(
        hex(&node_hash(&leaf_hash(b""), &leaf_hash(&[0]))),
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    );
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let mut other = MemoryBackedTree::<Sha256, [u8; 8]>::new();
    for (size, data) in data(70).into_iter().enumerate() {
        assert_eq!(frontier(&leaves(size)).root(), root_of(&leaves(size)));
        other.push(data);
        let size = size + 1;
        let leaves = leaves(size);
        let root = frontier(&leaves).root();
        assert_eq!(root, root_of(&leaves));
        assert_eq!(root.as_slice(), other.root().as_bytes().as_slice());
        for index in 0..size {
            let path = prove_inclusion(index as u64, size as u64, nodes(&leaves)).unwrap();
            let path = path.unwrap();
            assert_eq!(path.concat(), other.prove_inclusion(index).as_bytes());
            assert!(verify_inclusion(
                leaves[index],
                index as u64,
                size as u64,
                &path,
                &root
            ));
        }
        for old in 1..size {
            let path = prove_consistency(old as u64, size as u64, nodes(&leaves)).unwrap();
            let path = path.unwrap();
            assert_eq!(
                path.concat(),
                other.prove_consistency(size - old).as_bytes()
            );
        }
    }
}

#[test]
fn there_is_no_proof_of_what_is_not_there() {
    let leaves = leaves(4);
    assert_eq!(prove_inclusion(4, 4, nodes(&leaves)), Ok(None));
    assert_eq!(prove_inclusion(0, 0, nodes(&leaves)), Ok(None));
    assert_eq!(prove_consistency(5, 4, nodes(&leaves)), Ok(None));
    assert_eq!(subtree(2, &leaves[..3]), None);
    assert_eq!(subtree(200, &leaves), None);
}

#[test]
fn a_frontier_is_read_as_it_was_written_and_else_refused() {
    let edge = frontier(&leaves(37));
    let bytes = edge.to_bytes();
    assert_eq!(Frontier::from_bytes(37, &bytes), Some(edge));
    assert_eq!(Frontier::from_bytes(36, &bytes), None);
    assert_eq!(Frontier::from_bytes(37, &bytes[1..]), None);
    assert_eq!(Frontier::from_bytes(0, &[]), Some(Frontier::default()));
}

#[test]
fn sizes_beyond_all_logs_neither_panic_nor_hang() {
    let hash = [7; 32];
    for size in [1 << 40, u64::MAX - 1, u64::MAX] {
        let node = |_| Ok::<_, Infallible>(hash);
        let path = prove_inclusion(size - 1, size, node).unwrap().unwrap();
        assert!(inclusion_root(hash, size - 1, size, &path).is_some());
        let path = prove_consistency(size - 1, size, node).unwrap().unwrap();
        assert!(!verify_consistency(size - 1, &hash, size, &hash, &path));
        assert!(!verify_inclusion(hash, size, size, &path, &hash));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_log_is_the_beginning_of_any_later_one_and_of_no_other(
        new in 1_usize..150, part in 0.0..1.0, wrong in any::<prop::sample::Index>(), bit in 0_usize..256,
    ) {
        let old = (new as f64 * part) as usize;
        let leaves = leaves(new);
        let (before, after) = (frontier(&leaves[..old]).root(), frontier(&leaves).root());
        let (old, new) = (old as u64, new as u64);
        let path = prove_consistency(old, new, nodes(&leaves)).unwrap().unwrap();
        prop_assert!(verify_consistency(old, &before, new, &after, &path));
        let flip = |hash: &Hash| {
            let mut hash = *hash;
            hash[bit / 8] ^= 1 << (bit % 8);
            hash
        };
        prop_assert!(!verify_consistency(old, &flip(&before), new, &after, &path));
        if old > 0 {
            prop_assert!(!verify_consistency(old, &before, new, &flip(&after), &path));
        }
        let mut longer = path.clone();
        longer.push([0; 32]);
        prop_assert!(!verify_consistency(old, &before, new, &after, &longer));
        if !path.is_empty() {
            let mut changed = path.clone();
            let at = wrong.index(path.len());
            changed[at] = flip(&changed[at]);
            prop_assert!(!verify_consistency(old, &before, new, &after, &changed));
            prop_assert!(!verify_consistency(old, &before, new, &after, &path[1..]));
        }
    }

    #[test]
    fn a_proof_is_about_its_entry_at_its_place_only(
        size in 1_usize..150, at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        wrong in any::<prop::sample::Index>(), bit in 0_usize..256,
    ) {
        let leaves = leaves(size);
        let (index, other) = (at.index(size), other.index(size));
        let root = frontier(&leaves).root();
        let path = prove_inclusion(index as u64, size as u64, nodes(&leaves)).unwrap().unwrap();
        let verify = |leaf: usize, index: usize, size: usize, path: &[Hash]| {
            verify_inclusion(leaves[leaf], index as u64, size as u64, path, &root)
        };
        prop_assert!(verify(index, index, size, &path));
        prop_assert_eq!(verify(other, index, size, &path), other == index);
        prop_assert_eq!(verify(index, other, size, &path), other == index);
        if !path.is_empty() {
            let mut changed = path.clone();
            let place = wrong.index(path.len());
            changed[place][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify(index, index, size, &changed));
            prop_assert!(!verify(index, index, size, &path[1..]));
        }
    }

    #[test]
    fn what_appending_completes_is_what_proofs_are_made_of(size in 1_usize..150) {
        let leaves = leaves(size);
        let mut known = std::collections::HashMap::new();
        let mut frontier = Frontier::default();
        for leaf in &leaves {
            frontier.push(*leaf, |node, hash| {
                known.insert(node, hash);
            });
        }
        let mut worked_out = nodes(&leaves);
        for (node, hash) in &known {
            prop_assert_eq!(*hash, worked_out(*node).unwrap());
        }
        let index = size as u64 / 2;
        let path = prove_inclusion(index, size as u64, |node| known.get(&node).copied().ok_or(node));
        prop_assert!(path.is_ok());
    }
}
