//! Recording scans and reading them back.

use stance_store::{Changes, ScanId, Sqlite, Store, StoreError};

use crate::fixture::{Content, Directory, end, id, time};

#[test]
fn a_scan_is_read_back_as_it_was() {
    let directory = Directory::new();
    let content = Content::of([3, 1, 2]);
    let recorded = {
        let mut store = Sqlite::open(&directory.database()).unwrap();
        content.record(&mut store, "/srv/demo", 1)
    };
    assert_eq!(recorded.changes.opened, [id(3), id(1), id(2)]);
    assert_eq!(recorded.changes.appeared.len(), 2);

    let store = Sqlite::open(&directory.database()).unwrap();
    let scan = store.last_scan(Some("/srv/demo")).unwrap().unwrap();
    assert_eq!(scan.id, recorded.scan);
    assert_eq!((&*scan.name, &*scan.tool_version), ("demo", "0.1.0"));
    assert_eq!((scan.started, scan.finished), (time(1), end(1)));
    assert_eq!(scan.coverage, content.coverage);
    let assets: Vec<_> = content.assets.values().cloned().collect();
    assert_eq!(store.assets_of(scan.id).unwrap(), assets);
    assert_eq!(store.relations_of(scan.id).unwrap(), content.relations);
    assert_eq!(
        store.findings_of(scan.id).unwrap(),
        content.findings,
        "in the order of the scan"
    );
}

#[test]
fn targets_have_histories_of_their_own() {
    let mut store = Sqlite::in_memory().unwrap();
    let first = Content::of([1]).record(&mut store, "/a", 1).scan;
    let other = Content::of([1]).record(&mut store, "/b", 2);
    let last = Content::of([]).record(&mut store, "/a", 3).scan;
    assert_eq!(other.changes.opened, [id(1)]);
    let ids = |target, limit| -> Vec<ScanId> {
        let scans = store.scans(target, limit).unwrap();
        scans.into_iter().map(|scan| scan.id).collect()
    };
    assert_eq!(ids(Some("/a"), 9), [last, first]);
    assert_eq!(ids(None, 2), [last, other.scan]);
    assert_eq!(store.last_scan(Some("/c")).unwrap(), None);
    assert_eq!(store.findings_life("/c").unwrap(), []);
}

#[test]
fn scanning_the_same_again_changes_nothing() {
    let mut store = Sqlite::in_memory().unwrap();
    let content = Content::of([1, 2]);
    let first = content.record(&mut store, "/a", 1);
    let second = content.record(&mut store, "/a", 2);
    assert_eq!(second.changes, Changes::default());
    assert!(second.scan > first.scan);
    let diff = store.diff(first.scan, second.scan).unwrap();
    assert!(diff.assets.is_empty() && diff.findings.is_empty());
}

#[test]
fn a_finding_that_is_told_twice_counts_once() {
    let mut store = Sqlite::in_memory().unwrap();
    let recorded = Content::of([1, 1]).record(&mut store, "/a", 1);
    assert_eq!(recorded.changes.opened, [id(1)]);
    assert_eq!(store.findings_of(recorded.scan).unwrap().len(), 1);
}

#[test]
fn a_number_without_a_scan_is_an_error() {
    let store = Sqlite::in_memory().unwrap();
    let missing = ScanId(7);
    for result in [
        store.scan(missing).map(drop),
        store.assets_of(missing).map(drop),
        store.findings_of(missing).map(drop),
        store.diff(missing, missing).map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, StoreError::NoScan(ScanId(7))));
        assert!(error.to_string().contains("no scan 7"), "{error}");
    }
}

#[test]
fn pruning_forgets_scans_but_not_what_became_of_findings() {
    let mut store = Sqlite::in_memory().unwrap();
    let old = Content::of([1, 2]).record(&mut store, "/a", 1).scan;
    Content::of([2]).record(&mut store, "/a", 2);
    let last = Content::of([2]).record(&mut store, "/a", 3).scan;
    let other = Content::of([5]).record(&mut store, "/b", 3).scan;
    let life = store.findings_life("/a").unwrap();

    assert_eq!(store.prune(1).unwrap(), 2);
    assert!(matches!(store.scan(old), Err(StoreError::NoScan(_))));
    assert_eq!(store.findings_of(last).unwrap().len(), 1);
    assert_eq!(store.findings_of(other).unwrap().len(), 1);
    assert_eq!(store.findings_life("/a").unwrap(), life);
    assert_eq!(store.prune(0).unwrap(), 0, "the last scan stays");
    let next = Content::of([]).record(&mut store, "/a", 4).scan;
    assert!(next > other, "numbers are not used again");
}

#[test]
fn ten_thousand_findings_are_kept_once() {
    let directory = Directory::new();
    let database = directory.database();
    let content = Content::of(0..10_000);
    let size = || {
        // Opening and closing moves the log into the file.
        drop(Sqlite::open(&database).unwrap());
        std::fs::metadata(&database).unwrap().len()
    };
    content.record(&mut Sqlite::open(&database).unwrap(), "/a", 1);
    let once = size();
    content.record(&mut Sqlite::open(&database).unwrap(), "/a", 2);
    let twice = size();
    let store = Sqlite::open(&database).unwrap();
    assert_eq!(store.findings_life("/a").unwrap().len(), 10_000);
    assert!(twice - once < once / 4, "{once} bytes, then {twice}");
}

#[test]
fn two_processes_may_write_at_once() {
    let directory = Directory::new();
    let database = directory.database();
    let writers: Vec<_> = (0..4_u32)
        .map(|writer| {
            let database = database.clone();
            std::thread::spawn(move || {
                let mut store = Sqlite::open(&database).unwrap();
                for day in 1..=10 {
                    Content::of([writer, 100]).record(&mut store, "/a", day);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let store = Sqlite::open(&database).unwrap();
    assert_eq!(store.scans(Some("/a"), 99).unwrap().len(), 40);
    assert_eq!(store.findings_life("/a").unwrap().len(), 5);
}
