//! Recording scans and reading them back.

use stance_store::{Sqlite, Store};

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
