//! Proofs that stand alone.

use std::convert::Infallible;

use super::*;
use crate::merkle::{Node, prove_consistency, prove_inclusion, subtree};
use crate::signature::PublicKey;

fn keys() -> Vec<PublicKey> {
    vec![key(1).public().clone()]
}

fn nodes(entries: &[Entry]) -> impl FnMut(Node) -> Result<Hash, Infallible> {
    |node| {
        let first = (node.index << node.level) as usize;
        let leaves: Vec<_> = entries[first..first + (1 << node.level)]
            .iter()
            .map(|entry| leaf(&entry.hash))
            .collect();
        Ok(subtree(node.level, &leaves).unwrap())
    }
}

pub(super) fn inclusion(entries: &[Entry], seq: u64) -> Inclusion {
    let size = entries.len() as u64;
    Inclusion {
        entry: entries[seq as usize - 1].clone(),
        path: prove_inclusion(seq - 1, size, nodes(entries))
            .unwrap()
            .unwrap(),
        checkpoint: checkpoint(entries).sign(&key(1)).unwrap(),
    }
}

fn extension(entries: &[Entry], old: usize) -> Extension {
    Extension {
        old: checkpoint(&entries[..old]).sign(&key(1)).unwrap(),
        new: checkpoint(entries).sign(&key(1)).unwrap(),
        path: prove_consistency(old as u64, entries.len() as u64, nodes(entries))
            .unwrap()
            .unwrap(),
    }
}

#[test]
fn a_proof_goes_through_a_file_and_proves_its_entry() {
    let entries = log(11);
    for seq in 1..=11 {
        let proof = inclusion(&entries, seq);
        let file = Proof::Inclusion(Box::new(proof.clone())).to_json();
        let Proof::Inclusion(read) = Proof::from_json(&file).unwrap() else {
            panic!("{file}");
        };
        assert_eq!(*read, proof);
        assert_eq!(read.verify(&keys()), Ok(checkpoint(&entries)));
        // However a program writes it again.
        let value: serde_json::Value = serde_json::from_str(&file).unwrap();
        for text in [value.to_string(), format!("{value:#}")] {
            let Ok(Proof::Inclusion(read)) = Proof::from_json(&text) else {
                panic!("{text}");
            };
            assert!(read.verify(&keys()).is_ok());
        }
    }
}

#[test]
fn a_proof_of_something_else_is_refused() {
    let entries = log(11);
    let proof = inclusion(&entries, 4);
    assert_eq!(
        proof.verify(&[key(2).public().clone()]),
        Err(BadProof::Checkpoint(BadNote::Unknown))
    );
    let mut edited = proof.clone();
    edited.entry.action = "finding.reopen".to_owned();
    assert_eq!(edited.verify(&keys()), Err(BadProof::Edited(4)));
    let mut recomputed = edited.clone();
    recomputed.entry.hash = recomputed.entry.computed_hash();
    assert!(matches!(
        recomputed.verify(&keys()),
        Err(BadProof::Wrong(_))
    ));
    let mut other = proof.clone();
    other.entry = entries[4].clone();
    assert!(matches!(other.verify(&keys()), Err(BadProof::Wrong(_))));
    let earlier = Inclusion {
        checkpoint: checkpoint(&entries[..3]).sign(&key(1)).unwrap(),
        ..proof
    };
    assert!(matches!(earlier.verify(&keys()), Err(BadProof::Wrong(_))));
}

#[test]
fn an_extension_is_one_and_nothing_else_is() {
    let entries = log(11);
    let proof = extension(&entries, 6);
    let file = Proof::Extension(proof.clone()).to_json();
    assert_eq!(Proof::from_json(&file), Ok(Proof::Extension(proof.clone())));
    let (old, new) = proof.verify(&keys()).unwrap();
    assert_eq!((old.size, new.size), (6, 11));

    let mut forged = entries[..5].to_vec();
    forged.push(new_entry(99).seal(6, forged[4].hash).unwrap());
    let branched = Extension {
        old: checkpoint(&forged).sign(&key(1)).unwrap(),
        ..proof.clone()
    };
    assert!(matches!(branched.verify(&keys()), Err(BadProof::Wrong(_))));
    let mut elsewhere = checkpoint(&entries[..6]);
    elsewhere.origin = "stance/audit/other".to_owned();
    let mixed = Extension {
        old: elsewhere.sign(&key(1)).unwrap(),
        ..proof
    };
    assert!(matches!(mixed.verify(&keys()), Err(BadProof::Wrong(_))));
}

#[test]
fn what_is_no_proof_is_refused() {
    let file = Proof::Inclusion(Box::new(inclusion(&log(3), 2))).to_json();
    for text in [
        "".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        file.replace("inclusion", "exclusion"),
        file.replace("\"path\": [", "\"path\": [7,"),
        file.replace("\"path\": [", "\"path\": [\"00\","),
        file.replace("\"path\"", "\"paths\""),
        file.replace("\"actor\":{", "\"actors\":{"),
        file.replace("\"kind\":\"finding\"", "\"kind\":7"),
        file.replace("\"seq\":2", "\"seq\":2.5"),
        file.replace(
            "\"path\": [",
            &format!(
                "\"path\": [{}",
                format!("\"{}\",", "0".repeat(64)).repeat(66)
            ),
        ),
    ] {
        assert!(
            matches!(Proof::from_json(&text), Err(BadProof::Malformed(_))),
            "{text}"
        );
    }
}
