//! The audit log: canonical form, chain, checkpoints, proofs.

mod canonical;
mod checkpoints;
mod laws;
mod proofs;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::merkle::Frontier;
use crate::signature::PrivateKey;

/// A key that everybody knows.
fn key(byte: u8) -> PrivateKey {
    PrivateKey::ed25519(&[byte; 32]).unwrap()
}

fn new_entry(number: u64) -> NewEntry {
    NewEntry {
        at: Timestamp::from_millisecond(1_790_000_000_000 + number as i64 * 61_001).unwrap(),
        actor: Actor {
            kind: ActorKind::ALL[number as usize % 3],
            id: format!("u{}", number % 5),
            name: "Zoë \"Z\" \u{1f600}\n".to_owned(),
        },
        action: "finding.accept".to_owned(),
        object: Object {
            kind: "finding".to_owned(),
            id: format!("{number:032x}"),
        },
        detail: json!({"reason": "known\u{7f}", "until": "2027-01-01", "weight": 0.1, "\u{fb33}": [number, null]}),
    }
}

/// A log of so many entries.
fn log(size: u64) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for number in 1..=size {
        let previous = entries.last().map_or(GENESIS, |entry| entry.hash);
        entries.push(new_entry(number).seal(number, previous).unwrap());
    }
    entries
}

/// A line of an export, a checkpoint and a proof, as they are written.
pub(crate) fn examples() -> [String; 3] {
    let entries = log(3);
    let proof = Proof::Inclusion(Box::new(proofs::inclusion(&entries, 2)));
    let note = checkpoint(&entries).sign(&key(1)).unwrap();
    [entries[1].line(), note, proof.to_json()]
}

fn frontier(entries: &[Entry]) -> Frontier {
    let mut frontier = Frontier::default();
    for entry in entries {
        frontier.push(leaf(&entry.hash), |_, _| {});
    }
    frontier
}

fn checkpoint(entries: &[Entry]) -> Checkpoint {
    Checkpoint {
        origin: "stance/audit/test".to_owned(),
        size: entries.len() as u64,
        root: frontier(entries).root(),
    }
}

fn kinds(report: &Report) -> Vec<FaultKind> {
    report.faults.iter().map(|fault| fault.kind).collect()
}
