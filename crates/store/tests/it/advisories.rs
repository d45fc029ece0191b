//! Imported advisories, on a real file.

use std::collections::BTreeSet;

use stance_advisories::{Advisory, Affected, Event, Signals};
use stance_core::fact::Ecosystem;
use stance_store::{Advisories, StoreError};

use crate::fixture::Directory;

fn advisory(id: &str, fixed: &str) -> Advisory {
    Advisory {
        id: id.to_owned(),
        aliases: vec![format!("CVE-{id}")],
        source: "osv".to_owned(),
        affected: vec![Affected {
            ecosystem: Ecosystem::Pypi,
            name: "x".to_owned(),
            versions: Vec::new(),
            ranges: vec![vec![
                Event::Introduced("0".to_owned()),
                Event::Fixed(fixed.to_owned()),
            ]],
        }],
        ..Advisory::default()
    }
}

fn at() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

#[test]
fn what_was_imported_is_found_by_package_and_by_any_number() {
    let directory = Directory::new();
    let path = directory.path().join("deep/advisories.db");
    assert!(Advisories::open_to_read(&path).unwrap().is_none());
    let mut database = Advisories::open(&path).unwrap();
    database
        .import(|import| -> Result<(), StoreError> {
            assert!(import.add(&advisory("A", "2"))?);
            // Once more, and the same record with other words.
            assert!(!import.add(&advisory("A", "2"))?);
            assert!(import.add(&advisory("A", "3"))?);
            import.exploited(&["CVE-A".to_owned()])?;
            import.likelihood("CVE-A", 0.5)?;
            import.finish("osv", "all.zip", at(), 1, Some("2025-12-31"))
        })
        .unwrap();
    drop(database);

    let database = Advisories::open_to_read(&path).unwrap().unwrap();
    let wanted = BTreeSet::from([
        (Ecosystem::Pypi, "x".to_owned()),
        (Ecosystem::Npm, "x".to_owned()),
    ]);
    let known = database.known(&wanted).unwrap();
    let records = &known.advisories[&(Ecosystem::Pypi, "x".to_owned())];
    assert_eq!(records, &[advisory("A", "3")]);
    assert_eq!(known.advisories.len(), 1);
    let signals = Signals {
        exploited: true,
        likelihood: Some(0.5),
    };
    assert_eq!(known.signals["CVE-A"], signals);
    assert_eq!(database.find("CVE-A").unwrap().len(), 1);
    assert_eq!(database.find("A").unwrap().len(), 1);
    assert!(database.find("B").unwrap().is_empty());
    let status = database.status().unwrap();
    assert_eq!(status.advisories, 1);
    assert_eq!(status.ecosystems, [(Ecosystem::Pypi, 1)]);
    assert_eq!(status.imports[0].newest.as_deref(), Some("2025-12-31"));
}

#[test]
fn an_import_that_fails_leaves_nothing() {
    let mut database = Advisories::in_memory().unwrap();
    let failed = database.import(|import| -> Result<(), StoreError> {
        import.add(&advisory("A", "2"))?;
        Err(StoreError::NoScan(stance_store::ScanId(1)))
    });
    assert!(failed.is_err());
    assert_eq!(database.status().unwrap().advisories, 0);
}

#[test]
fn the_database_of_the_inventory_is_not_taken_for_it() {
    let directory = Directory::new();
    let path = directory.path().join("stance.db");
    drop(stance_store::Sqlite::open(&path).unwrap());
    let error = Advisories::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
}
