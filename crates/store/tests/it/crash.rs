//! A crash in the middle of a scan leaves the state before it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use stance_govern::audit::Verifier;
use stance_store::{AuditLog as _, Sqlite, Store};

use crate::fixture::{Content, Directory, id};

/// Names the database to the child process.
const CHILD: &str = "STANCE_STORE_CRASH_DATABASE";

/// Findings of each scan that the child records.
const FINDINGS: u32 = 2_000;

#[test]
fn a_transaction_that_is_never_committed_leaves_nothing() {
    let directory = Directory::new();
    let path = directory.database();
    Content::of([1]).record(&mut Sqlite::open(&path).unwrap(), "/a", 1);

    let mut raw = Connection::open(&path).unwrap();
    let half = raw
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    half.execute("DELETE FROM finding_life", []).unwrap();
    half.execute("DELETE FROM contents", []).unwrap();
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(
        store.findings_life("/a").unwrap().len(),
        1,
        "readers see the state before"
    );
    drop(half);
    drop(raw);

    let mut store = Sqlite::open(&path).unwrap();
    assert_eq!(store.findings_life("/a").unwrap().len(), 1);
    let changes = Content::of([]).record(&mut store, "/a", 2).changes;
    assert_eq!(changes.fixed, [id(1)]);
}

#[test]
fn a_killed_process_leaves_whole_scans_only() {
    let directory = Directory::new();
    let path = directory.database();
    for round in 0..4_u64 {
        let before = count(&path);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::child_that_records_many_scans",
                "--ignored",
            ])
            .env(CHILD, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while count(&path) <= before {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "the child records nothing"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        // A different moment of the next transaction in every round.
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        let raw = Connection::open(&path).unwrap();
        let verdict: String = raw
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok");
        drop(raw);
        let store = Sqlite::open(&path).unwrap();
        for scan in store.scans(Some("/a"), 999).unwrap() {
            assert_eq!(store.findings_of(scan.id).unwrap().len(), FINDINGS as usize);
            assert_eq!(store.assets_of(scan.id).unwrap().len(), 2);
        }
        assert_eq!(store.assets_life("/a").unwrap().len(), 2);
        // Each scan that is there is told, and nothing else is.
        let report = store.audit_verify(Verifier::default(), &[], true).unwrap();
        assert!(report.holds(), "{:?}", report.faults);
        assert_eq!((report.scans, report.untold_scans), (report.entries, 0));
    }
}

fn count(path: &Path) -> usize {
    Sqlite::open(path)
        .unwrap()
        .scans(Some("/a"), 999)
        .unwrap()
        .len()
}

#[test]
#[ignore = "the other half of a_killed_process_leaves_whole_scans_only"]
fn child_that_records_many_scans() {
    let Some(path) = std::env::var_os(CHILD) else {
        return;
    };
    let mut store = Sqlite::open(Path::new(&path)).unwrap();
    // Bounded, should the parent die before it kills this.
    for day in 1..=300 {
        // Other findings each time, so that every scan writes much.
        let first = u32::try_from(day).unwrap() * 7;
        Content::of(first..first + FINDINGS).record(&mut store, "/a", day);
    }
}
