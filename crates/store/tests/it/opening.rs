//! Files that are not what they should be, and older ones.

use rusqlite::Connection;
use stance_store::{SCHEMA_VERSION, Sqlite, State, Store, StoreError};

use crate::fixture::{Content, Directory, end, finding};

#[test]
fn a_new_database_is_for_its_owner_only() {
    let directory = Directory::new();
    let store = Sqlite::open(&directory.database()).unwrap();
    assert_eq!(store.last_scan(None).unwrap(), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(directory.database())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let directory = Directory::new();
    let path = directory.path().join("stance.db");
    let garbage = b"this is not a database, it is somebody's notes".repeat(100);
    std::fs::write(&path, &garbage).unwrap();
    let error = Sqlite::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let told = error.to_string();
    assert!(
        told.contains(path.to_str().unwrap()) && told.contains("left as it is"),
        "{told}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), garbage);
}

#[test]
fn a_damaged_page_is_an_error_that_names_the_file() {
    let directory = Directory::new();
    let path = directory.database();
    let scan = Content::of(0..500)
        .record(&mut Sqlite::open(&path).unwrap(), "/a", 1)
        .scan;
    // All pages but the first: the head stays good, the tables are noise.
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0xa5;
    }
    std::fs::write(&path, &bytes).unwrap();
    let error = match Sqlite::open(&path) {
        Ok(store) => store.findings_of(scan).unwrap_err(),
        Err(error) => error,
    };
    assert!(
        matches!(&error, StoreError::Corrupt { path: named, .. } if *named == path),
        "{error:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_later_schema_is_refused() {
    let directory = Directory::new();
    let path = directory.database();
    drop(Sqlite::open(&path).unwrap());
    let raw = Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 999).unwrap();
    drop(raw);
    let bytes = std::fs::read(&path).unwrap();
    let error = Sqlite::open(&path).unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 999,
                known: SCHEMA_VERSION,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("use a later stance"), "{error}");
}

#[test]
fn the_database_of_another_program_is_refused() {
    let directory = Directory::new();
    for version in [0, 1, SCHEMA_VERSION] {
        let path = directory.path().join(format!("{version}.db"));
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch("CREATE TABLE songs (title TEXT)")
            .unwrap();
        raw.pragma_update(None, "user_version", version).unwrap();
        drop(raw);
        let bytes = std::fs::read(&path).unwrap();
        let error = Sqlite::open(&path).unwrap_err();
        assert!(matches!(error, StoreError::NotOurs { .. }), "{error:?}");
        assert_eq!(
            std::fs::read(&path).unwrap(),
            bytes,
            "not even its journal mode"
        );
    }
}

#[test]
fn a_path_that_cannot_be_opened_is_named() {
    let directory = Directory::new();
    let error = Sqlite::open(directory.path()).unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

/// A database as version 1 wrote it, with finding 1 gone in its second scan.
#[test]
fn version_1_becomes_the_present_one() {
    let directory = Directory::new();
    let path = directory.path().join("stance.db");
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(include_str!("../../migrations/0001_scans.sql"))
        .unwrap();
    raw.execute_batch(
        "INSERT INTO targets VALUES (1, '/a', 'demo');
         INSERT INTO scans VALUES
             (1, 1, '0.1.0', '2026-11-01T10:00:00.000Z', '2026-11-01T10:00:01.500Z', '{}'),
             (2, 1, '0.1.0', '2026-11-02T10:00:00.000Z', '2026-11-02T10:00:01.500Z', '{}');",
    )
    .unwrap();
    for number in [1, 2] {
        let body = serde_json::to_string(&finding(number)).unwrap();
        raw.execute(
            "INSERT INTO payloads VALUES (?1, ?1, 'm', ?2)",
            (number, body),
        )
        .unwrap();
    }
    for (scan, number) in [(1, 1), (1, 2), (2, 2)] {
        raw.execute(
            "INSERT INTO contents VALUES (?1, 'finding', ?2, 0, ?3)",
            (scan, finding(number).id.as_str(), number),
        )
        .unwrap();
    }
    raw.pragma_update(None, "application_id", 0x5354_4e43)
        .unwrap();
    raw.pragma_update(None, "user_version", 1).unwrap();
    drop(raw);

    let mut store = Sqlite::open(&path).unwrap();
    let told: Vec<_> = store
        .findings_life("/a")
        .unwrap()
        .into_iter()
        .map(|life| {
            (
                life.finding,
                life.state,
                life.since,
                life.first_seen,
                life.last_seen,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (finding(1), State::Fixed, end(2), end(1), end(1)),
            (finding(2), State::Open, end(1), end(1), end(2)),
        ]
    );
    let changes = Content::of([1, 2]).record(&mut store, "/a", 3).changes;
    assert_eq!(changes.reopened, [finding(1).id]);
    drop(store);
    drop(Sqlite::open(&path).unwrap());
}

/// What was asked for before requests could lapse keeps its numbers, findings and decisions.
#[test]
fn requests_of_an_older_schema_are_kept() {
    use stance_store::{Attestations as _, Drift as _, Estate as _, RequestState, WaiverNumber};

    let directory = Directory::new();
    let path = directory.path().join("stance.db");
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(concat!(
        include_str!("../../migrations/0001_scans.sql"),
        include_str!("../../migrations/0002_life.sql"),
        include_str!("../../migrations/0003_audit.sql"),
        include_str!("../../migrations/0004_estate.sql"),
        include_str!("../../migrations/0010_accounts.sql"),
        include_str!("../../migrations/0020_jobs.sql"),
        include_str!("../../migrations/0040_compliance.sql"),
        include_str!("../../migrations/0050_objectives.sql"),
        include_str!("../../migrations/0055_size.sql"),
        include_str!("../../migrations/0060_notifications.sql"),
        include_str!("../../migrations/0061_retention.sql"),
        include_str!("../../migrations/0070_judged.sql"),
    ))
    .unwrap();
    raw.execute_batch(
        "INSERT INTO source (id, key, name, kind, created) VALUES (1, '/a', 'a', 'directory', 1);
         INSERT INTO asset (id, scope, key, kind, name, how, part, present, first_seen)
         VALUES (1, 1, 'agent:a', 'agent', 'a', 'declared', 'a', 1, 1);
         INSERT INTO finding (id, source, key, asset, rule, severity, confidence, state, message, path, first_seen,
             since, meaning, body, asset_kind, fix)
         VALUES (1, 1, 'x', 1, 'a/b', 3, 2, 'open', 'm', 'p', 1, 1, 'm', '{}', 'agent', 'f'),
             (2, 1, 'y', 1, 'a/b', 3, 2, 'open', 'm', 'p', 1, 1, 'm', '{}', 'agent', 'f');
         INSERT INTO waiver VALUES
             (3, 'held', 'user:1', 1000, 5000, 'expired', 'user:2', 2000, 'ok'),
             (4, 'ran out', 'user:1', 1000, 5000, 'expired', NULL, NULL, NULL),
             (7, 'waits', 'user:1', 1000, 9000, 'requested', NULL, NULL, NULL);
         INSERT INTO waived VALUES (3, 1), (4, 1), (7, 1), (7, 2);
         INSERT INTO attestation VALUES
             (2, 'iso-42001-2023:A.2.2', 'met', 'signed', NULL, 'user:1', 1000, 5000, 'approved', 'user:2', 2000, NULL);
         INSERT INTO expected_change VALUES
             (5, NULL, '*', '*', 'CHG-1', 'user:1', 'user:2', 'approved', 1000, 5000);",
    )
    .unwrap();
    raw.pragma_update(None, "application_id", 0x5354_4e43)
        .unwrap();
    raw.pragma_update(None, "user_version", 12).unwrap();
    drop(raw);

    let store = Sqlite::open(&path).unwrap();
    let waiver = |number| store.waiver(WaiverNumber(number)).unwrap().unwrap();
    assert_eq!(waiver(3).asked.state, RequestState::Expired);
    assert_eq!(waiver(3).asked.decider.as_deref(), Some("user:2"));
    assert_eq!(
        waiver(4).asked.state,
        RequestState::Lapsed,
        "nobody decided it"
    );
    assert_eq!((waiver(7).findings, waiver(7).asked.renews), (2, None));
    let [attestation] = &store.standing_attestations().unwrap()[..] else {
        panic!("one stands");
    };
    assert_eq!(
        (attestation.number.0, &*attestation.asked.reason),
        (2, "signed")
    );
    let [expected] = &store.expected_changes(9).unwrap()[..] else {
        panic!("one was announced");
    };
    assert_eq!(expected.number.0, 5);
    assert_eq!(expected.asked.decider.as_deref(), Some("user:2"));
    assert_eq!(expected.asked.expires.as_millisecond(), 5000);
    assert_eq!(expected.asked.requested, None);
}
