//! The audit log: appended with what it tells, read in pages, signed, proven.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_govern::audit::Verifier;
use stance_govern::signature::{PrivateKey, PublicKey};
use stance_store::Backend;
use stance_store::audit::{Actor, ActorKind, AuditQuery, NewEntry, Object};
use stance_store::{AuditLog, StoreError};

use super::Place;
use crate::fixture::time;

pub(crate) fn entry(number: i64) -> NewEntry {
    let people = ["ann", "bob", "cay"];
    let actions = ["finding.accept", "finding.reopen", "asset.edit", "finding"];
    NewEntry {
        at: at(number),
        actor: Actor {
            kind: ActorKind::Person,
            id: people[number as usize % 3].to_owned(),
            name: "Somebody".to_owned(),
        },
        action: actions[number as usize % 4].to_owned(),
        object: Object {
            kind: ["finding", "asset"][number as usize % 2].to_owned(),
            id: (number % 7).to_string(),
        },
        detail: json!({ "number": number, "weight": 0.1 }),
    }
}

pub(crate) fn at(number: i64) -> Timestamp {
    time(1) + SignedDuration::from_secs(number)
}

fn filled<P: Place>(place: &P, size: i64) -> P::Store {
    let mut store = place.open();
    let entries: Vec<NewEntry> = (1..=size).map(entry).collect();
    assert_eq!(store.audit_append(&entries).unwrap(), size as u64);
    store
}

fn key() -> PrivateKey {
    PrivateKey::ed25519(&[5; 32]).unwrap()
}

fn keys() -> Vec<PublicKey> {
    vec![key().public().clone()]
}

fn seqs(store: &impl Backend, query: &AuditQuery, limit: usize) -> Vec<u64> {
    let entries = store.audit_entries(query, limit).unwrap();
    entries.iter().map(|entry| entry.seq).collect()
}

pub(crate) fn entries_are_read_as_they_were_appended_and_in_pages<P: Place>() {
    let place = P::new();
    let mut store = filled(&place, 10);
    assert_eq!(store.audit_append(&[entry(11)]).unwrap(), 11);
    let read = store.audit_entry(11).unwrap();
    assert_eq!(
        (read.at, read.actor, read.object),
        (at(11), entry(11).actor, entry(11).object)
    );
    assert_eq!(read.detail.value(), entry(11).detail);
    assert_eq!(read.previous, store.audit_entry(10).unwrap().hash);
    assert!(matches!(
        store.audit_entry(12),
        Err(StoreError::NoEntry(12))
    ));
    assert!(matches!(store.audit_entry(0), Err(StoreError::NoEntry(0))));

    let all = AuditQuery::default();
    assert_eq!(seqs(&store, &all, 3), [1, 2, 3]);
    let after = AuditQuery {
        after: Some(3),
        ..all.clone()
    };
    assert_eq!(seqs(&store, &after, 3), [4, 5, 6]);
    let newest = AuditQuery {
        newest_first: true,
        ..all.clone()
    };
    assert_eq!(seqs(&store, &newest, 3), [11, 10, 9]);
    assert_eq!(
        seqs(
            &store,
            &AuditQuery {
                after: Some(9),
                ..newest
            },
            3
        ),
        [8, 7, 6]
    );
    let last = AuditQuery {
        after: Some(11),
        ..all
    };
    assert!(seqs(&store, &last, 3).is_empty());
}

pub(crate) fn filters_hold_together_and_alone<P: Place>() {
    let place = P::new();
    let store = filled(&place, 120);
    let queries = [
        AuditQuery {
            actor: Some("ann".to_owned()),
            ..AuditQuery::default()
        },
        AuditQuery {
            action: Some("finding.accept".to_owned()),
            ..AuditQuery::default()
        },
        AuditQuery {
            action: Some("finding.".to_owned()),
            ..AuditQuery::default()
        },
        AuditQuery {
            object_kind: Some("asset".to_owned()),
            ..AuditQuery::default()
        },
        AuditQuery {
            object_id: Some("3".to_owned()),
            ..AuditQuery::default()
        },
        AuditQuery {
            from: Some(at(5)),
            until: Some(at(25)),
            ..AuditQuery::default()
        },
        AuditQuery {
            action: Some("finding.".to_owned()),
            actor: Some("bob".to_owned()),
            object_id: Some("3".to_owned()),
            object_kind: Some("finding".to_owned()),
            from: Some(at(2)),
            until: Some(at(119)),
            ..AuditQuery::default()
        },
    ];
    for query in queries {
        let wanted: Vec<u64> = (1..=120)
            .filter(|number| {
                let entry = entry(*number);
                query
                    .actor
                    .as_ref()
                    .is_none_or(|actor| *actor == entry.actor.id)
                    && query
                        .action
                        .as_ref()
                        .is_none_or(|action| match action.strip_suffix('.') {
                            Some(_) => entry.action.starts_with(action),
                            None => *action == entry.action,
                        })
                    && query
                        .object_kind
                        .as_ref()
                        .is_none_or(|kind| *kind == entry.object.kind)
                    && query
                        .object_id
                        .as_ref()
                        .is_none_or(|id| *id == entry.object.id)
                    && query.from.is_none_or(|from| entry.at >= from)
                    && query.until.is_none_or(|until| entry.at < until)
            })
            .map(|number| number as u64)
            .collect();
        assert!(!wanted.is_empty() && wanted.len() < 120, "{query:?}");
        assert_eq!(seqs(&store, &query, 999), wanted, "{query:?}");
        let newest = AuditQuery {
            newest_first: true,
            after: wanted.last().copied(),
            ..query
        };
        let before: Vec<u64> = wanted.iter().rev().skip(1).take(2).copied().collect();
        assert_eq!(seqs(&store, &newest, 2), before, "{newest:?}");
    }
}

pub(crate) fn a_batch_is_appended_whole_or_not_at_all<P: Place>() {
    let place = P::new();
    let mut store = filled(&place, 3);
    let mut bad = entry(5);
    bad.detail = json!({ "number": u64::MAX });
    let error = store.audit_append(&[entry(4), bad]).unwrap_err();
    assert!(error.to_string().contains("write it as text"), "{error}");
    assert_eq!(store.audit_status().unwrap().size, 3);
    assert_eq!(store.audit_append(&[entry(4)]).unwrap(), 4);
    assert!(
        store
            .audit_verify(Verifier::default(), &[], true)
            .unwrap()
            .holds()
    );
}

pub(crate) fn every_entry_is_proven_and_every_checkpoint_extends_those_before<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut notes = Vec::new();
    let mut size = 0;
    // Within a stored subtree, at its end, behind it, and with a level of stored subtrees above.
    for step in [1, 6, 248, 1, 1, 300, 66_000] {
        let entries: Vec<NewEntry> = (size + 1..=size + step).map(entry).collect();
        size += step;
        store.audit_append(&entries).unwrap();
        let signed = store.audit_sign(&key(), at(size)).unwrap();
        assert_eq!(signed.size, size as u64);
        for seq in [1, 2, size / 2 + 1, size - 1, size].map(|seq| seq.clamp(1, size) as u64) {
            let proof = store.audit_prove(seq).unwrap().unwrap();
            assert_eq!(proof.entry.seq, seq);
            assert_eq!(proof.verify(&keys()).unwrap().size, size as u64);
        }
        notes.push(signed.note);
        for note in &notes {
            let proof = store.audit_extension(note).unwrap().unwrap();
            assert!(proof.verify(&keys()).is_ok());
        }
    }
    store.audit_append(&[entry(1)]).unwrap();
    assert_eq!(
        store.audit_prove(size as u64 + 1).unwrap(),
        None,
        "not signed yet"
    );
    let report = store
        .audit_verify(Verifier::default(), &keys(), false)
        .unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!(report.stored, (7, Some(size as u64)));
}

pub(crate) fn signing_again_without_news_gives_the_same_checkpoint<P: Place>() {
    let place = P::new();
    let mut store = filled(&place, 5);
    let first = store.audit_sign(&key(), time(2)).unwrap();
    assert_eq!(store.audit_sign(&key(), time(3)).unwrap(), first);
    assert_eq!(store.audit_status().unwrap().checkpoint, Some(first));
}
