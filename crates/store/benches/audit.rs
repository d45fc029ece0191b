//! How long appending, verifying and proving take: `cargo bench -p stance-store --bench audit [-- ENTRIES]`.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(
    clippy::disallowed_methods,
    reason = "a bench takes times and writes files"
)]

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_govern::audit::Verifier;
use stance_govern::signature::PrivateKey;
use stance_store::audit::{Actor, ActorKind, AuditQuery, NewEntry, Object};
use stance_store::{AuditLog, Sqlite};

/// Entries of one transaction.
const BATCH: u64 = 1000;

fn entry(number: u64) -> NewEntry {
    let start = Timestamp::from_second(1_790_000_000).unwrap_or_default();
    NewEntry {
        at: start + SignedDuration::from_secs(number as i64),
        actor: Actor {
            kind: ActorKind::Person,
            id: format!("person-{}", number % 50),
            name: "Ann Example".to_owned(),
        },
        action: [
            "finding.accept",
            "finding.assign",
            "asset.edit",
            "change.approve",
        ][number as usize % 4]
            .to_owned(),
        object: Object {
            kind: "finding".to_owned(),
            id: format!("{:032x}", number % 100_000),
        },
        detail: json!({
            "reason": "the model is only loaded in the sandbox of the nightly job",
            "expires": "2027-03-31",
            "before": "open",
            "after": "accepted",
            "number": number,
        }),
    }
}

fn main() {
    // What cargo adds begins with two dashes.
    let entries: u64 = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let directory = std::env::temp_dir().join(format!("stance-audit-{}", std::process::id()));
    let path = directory.join("stance.db");
    let key = PrivateKey::ed25519(&[7; 32]).expect("32 bytes make a key");
    let keys = [key.public().clone()];
    let mut store = Sqlite::open(&path).expect("the temporary directory can be written");

    let clock = Instant::now();
    let mut done = 0;
    while done < entries {
        let batch: Vec<NewEntry> = (done..entries.min(done + BATCH)).map(entry).collect();
        done = store.audit_append(&batch).expect("entries are appended");
        store
            .audit_sign(&key, Timestamp::UNIX_EPOCH)
            .expect("the log extends itself");
    }
    told("append, 1000 at a time, each batch signed", clock, entries);

    let clock = Instant::now();
    for number in 0..1000 {
        store
            .audit_append(&[entry(number)])
            .expect("an entry is appended");
    }
    told("append, one at a time", clock, 1000);
    store
        .audit_sign(&key, Timestamp::UNIX_EPOCH)
        .expect("the log extends itself");

    let clock = Instant::now();
    let report = store
        .audit_verify(Verifier::default(), &keys, true)
        .expect("the log is read");
    assert!(report.holds(), "{:?}", report.faults);
    told(
        "verify: chain, tree, every checkpoint",
        clock,
        report.entries,
    );

    let mut lines = Vec::new();
    loop {
        let query = AuditQuery {
            after: Some(lines.len() as u64),
            ..AuditQuery::default()
        };
        let page = store.audit_entries(&query, 5000).expect("a page is read");
        if page.is_empty() {
            break;
        }
        lines.extend(page.iter().map(stance_store::audit::Entry::line));
    }
    let clock = Instant::now();
    let mut verifier = Verifier::default();
    for (number, line) in lines.iter().enumerate() {
        verifier.line(number as u64 + 1, line);
    }
    let exported = verifier.finish();
    assert!(exported.holds() && exported.root == report.root);
    told("verify the lines of an export", clock, exported.entries);
    drop(lines);

    let clock = Instant::now();
    for number in 0..1000 {
        let seq = number * (entries / 1000).max(1) + 1;
        assert!(store.audit_prove(seq).expect("it is proven").is_some());
    }
    told("prove", clock, 1000);

    let first = Timestamp::from_second(1_790_000_000).unwrap_or_default();
    let pages = [
        ("newest", AuditQuery::default()),
        (
            "of an actor",
            AuditQuery {
                actor: Some("person-7".to_owned()),
                ..AuditQuery::default()
            },
        ),
        (
            "of an action",
            AuditQuery {
                action: Some("asset.".to_owned()),
                ..AuditQuery::default()
            },
        ),
        (
            "of a thing",
            AuditQuery {
                object_id: Some(format!("{:032x}", 77)),
                ..AuditQuery::default()
            },
        ),
        (
            "of two hours",
            AuditQuery {
                from: Some(first + SignedDuration::from_hours(50)),
                until: Some(first + SignedDuration::from_hours(52)),
                ..AuditQuery::default()
            },
        ),
        (
            "of all times",
            AuditQuery {
                from: Some(first),
                ..AuditQuery::default()
            },
        ),
        (
            "of nobody",
            AuditQuery {
                actor: Some("x".to_owned()),
                ..AuditQuery::default()
            },
        ),
    ];
    for (name, query) in pages {
        let query = AuditQuery {
            newest_first: true,
            ..query
        };
        let clock = Instant::now();
        let found = store.audit_entries(&query, 100).expect("a page is read");
        println!(
            "page {name}: {} entries in {:.1} ms",
            found.len(),
            clock.elapsed().as_secs_f64() * 1000.0
        );
    }
    drop(store);
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    println!("size: {} MB", size >> 20);
    let _ = std::fs::remove_dir_all(&directory);
}

fn told(what: &str, clock: Instant, count: u64) {
    let seconds = clock.elapsed().as_secs_f64();
    println!(
        "{what}: {count} in {seconds:.2} s, {:.1} µs each",
        seconds * 1e6 / count as f64
    );
}
