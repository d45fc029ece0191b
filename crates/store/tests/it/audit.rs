//! The audit log where it is a file: what stands beside it, and what somebody changed in it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::json;
use stance_govern::audit::{Checkpoint, FaultKind, Verifier};
use stance_govern::signature::PrivateKey;
use stance_store::audit::{
    AuditKey, DUE_AGE, DUE_ENTRIES, KEY_FILE, NewEntry, PUBLIC_FILE, checkpoint_if_due,
    checkpoint_now,
};
use stance_store::{AuditLog, Sqlite, Store, StoreError};

use crate::fixture::{Content, Directory, time};
use crate::suite::audit::{at, entry};

fn filled(size: i64) -> Sqlite {
    let mut store = Sqlite::in_memory().unwrap();
    let entries: Vec<NewEntry> = (1..=size).map(entry).collect();
    assert_eq!(store.audit_append(&entries).unwrap(), size as u64);
    store
}

fn key() -> PrivateKey {
    PrivateKey::ed25519(&[5; 32]).unwrap()
}

#[test]
fn the_database_itself_refuses_to_change_what_was_recorded() {
    let directory = Directory::new();
    let mut store = Sqlite::open(&directory.database()).unwrap();
    let entries: Vec<NewEntry> = (1..=300).map(entry).collect();
    store.audit_append(&entries).unwrap();
    store.audit_sign(&key(), time(2)).unwrap();
    drop(store);
    let raw = Connection::open(directory.database()).unwrap();
    for change in [
        "UPDATE audit_log SET action = 'x' WHERE seq = 5",
        "DELETE FROM audit_log WHERE seq = 300",
        "UPDATE audit_nodes SET hash = zeroblob(32)",
        "DELETE FROM audit_nodes",
        "UPDATE audit_checkpoints SET note = ''",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_head SET size = 299",
        "UPDATE audit_head SET origin = 'other'",
        "DELETE FROM audit_head",
    ] {
        let error = raw.execute(change, []).unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{change}: {error}"
        );
    }
}

#[test]
fn a_scan_and_its_entry_come_together() {
    let directory = Directory::new();
    let path = directory.database();
    let mut store = Sqlite::open(&path).unwrap();
    let content = Content::of([1, 2, 2]);
    let scan = content.record(&mut store, "/srv/demo", 1).scan;
    let told = store.audit_entry(1).unwrap();
    assert_eq!(told.action, "scan.recorded");
    assert_eq!(
        (told.object.kind.as_str(), told.object.id),
        ("scan", scan.to_string())
    );
    let detail = told.detail.value();
    assert_eq!(
        (&detail["target"], &detail["opened"]),
        (&json!("/srv/demo"), &json!(2))
    );

    // What cannot be told does not happen.
    drop(store);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER no_entry BEFORE INSERT ON audit_log BEGIN SELECT raise(ABORT, 'full'); END",
    )
    .unwrap();
    let mut store = Sqlite::open(&path).unwrap();
    assert!(store.record_scan(&content.scan("/srv/demo", 2)).is_err());
    assert_eq!(store.scans(None, 9).unwrap().len(), 1);
    drop(store);
    raw.execute_batch("DROP TRIGGER no_entry").unwrap();

    let verify = || {
        let store = Sqlite::open(&path).unwrap();
        store.audit_verify(Verifier::default(), &[], true).unwrap()
    };
    let report = verify();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!((report.scans, report.untold_scans), (1, 0));
    raw.execute_batch("UPDATE payloads SET body = replace(body, 'number 1', 'number 7')")
        .unwrap();
    let report = verify();
    assert_eq!(report.faults[0].kind, FaultKind::Contents);
    assert_eq!(report.faults[0].seq, Some(1));
}

#[test]
fn scans_older_than_the_log_are_counted_and_no_fault() {
    let directory = Directory::new();
    let path = directory.database();
    Content::of([1]).record(&mut Sqlite::open(&path).unwrap(), "/a", 1);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "INSERT INTO scans (id, target, tool_version, started, finished, coverage)
         SELECT 99, target, tool_version, started, finished, coverage FROM scans",
    )
    .unwrap();
    let store = Sqlite::open(&path).unwrap();
    let report = store.audit_verify(Verifier::default(), &[], true).unwrap();
    assert!(report.holds());
    assert_eq!((report.scans, report.untold_scans), (1, 1));
}

#[test]
fn two_logs_are_never_signed() {
    let directory = Directory::new();
    let path = directory.database();
    let mut store = Sqlite::open(&path).unwrap();
    store
        .audit_append(&(1..=9).map(entry).collect::<Vec<_>>())
        .unwrap();
    let first = store.audit_sign(&key(), time(2)).unwrap();
    drop(store);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "DROP TRIGGER audit_log_is_never_changed;
         UPDATE audit_log SET hash = zeroblob(32) WHERE seq = 4;",
    )
    .unwrap();
    let mut store = Sqlite::open(&path).unwrap();
    store.audit_append(&[entry(10)]).unwrap();
    let error = store.audit_sign(&key(), time(3)).unwrap_err();
    assert!(matches!(error, StoreError::AuditChanged(_)), "{error}");
    assert!(error.to_string().contains("stance audit verify"), "{error}");
    assert!(
        matches!(store.audit_extension(&first.note), Ok(Some(_))),
        "that one is itself"
    );

    let mut other = filled(9);
    let theirs = other.audit_sign(&key(), time(2)).unwrap();
    let error = store.audit_extension(&theirs.note).unwrap_err();
    assert!(error.to_string().contains("another log"), "{error}");
}

#[test]
fn a_checkpoint_is_due_by_number_or_by_age() {
    let directory = Directory::new();
    let place = directory.path().join("keys");
    let mut store = Sqlite::in_memory().unwrap();
    let due = |store: &mut Sqlite, now: Timestamp| {
        let signed = checkpoint_if_due(store, &place, now).unwrap();
        signed.map(|signed| signed.size)
    };
    assert_eq!(due(&mut store, time(1)), None, "nothing to sign");
    store.audit_append(&[entry(1)]).unwrap();
    // The key that this makes is told as well.
    assert_eq!(due(&mut store, time(1)), Some(2));
    assert_eq!(store.audit_entry(2).unwrap().action, "audit.key.create");
    assert_eq!(due(&mut store, time(9)), None, "nothing new");
    store.audit_append(&[entry(3)]).unwrap();
    let almost = time(1) + DUE_AGE - SignedDuration::from_secs(1);
    assert_eq!(due(&mut store, almost), None);
    assert_eq!(due(&mut store, time(1) + DUE_AGE), Some(3));
    let many: Vec<NewEntry> = (0..DUE_ENTRIES as i64).map(entry).collect();
    store.audit_append(&many[1..]).unwrap();
    assert_eq!(due(&mut store, time(1) + DUE_AGE), None);
    store.audit_append(&many[..1]).unwrap();
    assert_eq!(due(&mut store, time(1) + DUE_AGE), Some(3 + DUE_ENTRIES));
    store.audit_append(&[entry(3)]).unwrap();
    assert_eq!(
        due(&mut store, time(1)),
        Some(4 + DUE_ENTRIES),
        "the clock was set back"
    );

    let public = AuditKey::public(&place).unwrap().unwrap();
    let note = store.audit_status().unwrap().checkpoint.unwrap().note;
    assert!(Checkpoint::verify(&note, &[public]).is_ok());
}

#[test]
fn a_key_is_made_once_and_for_its_owner_only() {
    let directory = Directory::new();
    let place = directory.path();
    assert_eq!(AuditKey::public(place).unwrap(), None);
    let first = AuditKey::open(place).unwrap();
    assert!(first.is_new());
    let again = AuditKey::open(place).unwrap();
    assert!(!again.is_new());
    assert_eq!(first.private().public(), again.private().public());
    assert_eq!(
        AuditKey::public(place).unwrap().as_ref(),
        Some(first.private().public())
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = place.join(KEY_FILE);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = AuditKey::open(place).unwrap_err().to_string();
        assert!(
            error.contains("mode 640") && error.contains("chmod 600"),
            "{error}"
        );
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let names: Vec<_> = std::fs::read_dir(place)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn keys_that_do_not_fit_are_refused() {
    let directory = Directory::new();
    let place = directory.path();
    AuditKey::open(place).unwrap();
    let (private, public) = (place.join(KEY_FILE), place.join(PUBLIC_FILE));
    let kept = std::fs::read(&private).unwrap();
    std::fs::remove_file(&private).unwrap();
    let error = AuditKey::open(place).unwrap_err().to_string();
    assert!(error.contains("restore it"), "{error}");
    assert!(
        !private.exists(),
        "no new key takes the place of a lost one"
    );

    std::fs::write(&private, &kept).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&private, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::write(&public, key().public().to_pem()).unwrap();
    let error = AuditKey::open(place).unwrap_err().to_string();
    assert!(error.contains("another key"), "{error}");
    std::fs::remove_file(&public).unwrap();
    AuditKey::open(place).unwrap();
    assert!(public.exists(), "the public half is written again");

    std::fs::write(&private, "no key").unwrap();
    let error = AuditKey::open(place).unwrap_err();
    assert!(matches!(error, StoreError::AuditKey { .. }), "{error}");
    std::fs::write(&private, PrivateKey::p256(&[3; 32]).unwrap().to_pem()).unwrap();
    let error = AuditKey::open(place).unwrap_err().to_string();
    assert!(error.contains("no Ed25519 key"), "{error}");
}

#[test]
fn many_processes_make_one_key_and_one_chain() {
    let directory = Directory::new();
    let (path, place) = (directory.database(), directory.path().join("keys"));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (path, place) = (path.clone(), place.clone());
            std::thread::spawn(move || {
                let mut store = Sqlite::open(&path).unwrap();
                for number in 0..20 {
                    store.audit_append(&[entry(number)]).unwrap();
                    checkpoint_now(&mut store, &place, at(number)).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let store = Sqlite::open(&path).unwrap();
    let public = AuditKey::public(&place).unwrap().unwrap();
    let report = store
        .audit_verify(Verifier::default(), &[public], true)
        .unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!(report.entries, 81, "80 and the key");
}
