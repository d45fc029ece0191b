//! Backups: made while others write, whole or refused, put back as they were.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use stance_govern::audit::Verifier;
use stance_store::audit::{AuditKey, checkpoint_now};
use stance_store::backup::{BackupError, MANIFEST, Manifest, back_up, check, restore};
use stance_store::{AuditLog as _, Closeness, Sqlite, Store as _, examine};

use crate::fixture::{Content, Directory, time};

const NOW: &str = "2026-11-26T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A data directory with two databases, keys and something else.
fn data(directory: &Directory) -> PathBuf {
    let data = directory.path().join("data");
    for name in ["stance.db", "service.db"] {
        let mut store = Sqlite::open(&data.join(name)).unwrap();
        Content::of(0..50).record(&mut store, "/a", 1);
        checkpoint_now(&mut store, &data, time(2)).unwrap();
    }
    std::fs::write(data.join("pseudonym.key"), "secret").unwrap();
    std::fs::write(data.join("notes.txt"), "of somebody").unwrap();
    data
}

fn entries(path: &Path) -> u64 {
    Sqlite::open(path).unwrap().audit_status().unwrap().size
}

#[test]
fn what_is_put_back_is_what_was_backed_up() {
    let directory = Directory::new();
    let data = data(&directory);
    let to = directory.path().join("backup");
    let made = back_up(&data, &to, "0.1.0", now()).unwrap();
    assert_eq!(made.left_out, ["notes.txt"]);
    let names: Vec<&str> = made.manifest.files.iter().map(|it| &*it.name).collect();
    assert_eq!(
        names,
        [
            "service.db",
            "stance.db",
            "audit.key",
            "audit.pub",
            "pseudonym.key"
        ]
    );
    assert_eq!(check(&to).unwrap(), made.manifest);
    let before = made.manifest.files[0].audit_entries.unwrap();

    let target = directory.path().join("other");
    let restored = restore(&to, &target, false, now()).unwrap();
    assert_eq!(restored.aside, None);
    let mut store = Sqlite::open(&target.join("service.db")).unwrap();
    let scan = store.last_scan(None).unwrap().unwrap();
    assert_eq!(store.findings_of(scan.id).unwrap().len(), 50);
    let key = AuditKey::public(&target).unwrap().unwrap();
    let report = store
        .audit_verify(Verifier::default(), &[key], true)
        .unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!(report.entries, before + 1, "that it was restored is told");
    // The key came along: the log goes on.
    checkpoint_now(&mut store, &target, time(30)).unwrap();
    drop(store);

    // A second time only when told, and then nothing is lost.
    let error = restore(&to, &target, false, now()).unwrap_err();
    assert!(
        matches!(&error, BackupError::Occupied { holds, .. } if holds.contains(&"service.db".to_owned())),
        "{error}"
    );
    let restored = restore(&to, &target, true, now()).unwrap();
    let aside = restored.aside.unwrap();
    assert_eq!(entries(&aside.join("service.db")), before + 1);
    assert_eq!(entries(&target.join("service.db")), before + 1);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::new();
    let data = data(&directory);
    let to = directory.path().join("backup");
    back_up(&data, &to, "0.1.0", now()).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&to), 0);
    for entry in std::fs::read_dir(&to).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0, "{}", path.display());
    }
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    let directory = Directory::new();
    let data = data(&directory);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut store = Sqlite::open(&data.join("service.db")).unwrap();
            let mut day = 2;
            while !over.load(Ordering::Relaxed) && day < 300 {
                let first = u32::try_from(day).unwrap() * 7;
                Content::of(first..first + 50).record(&mut store, "/a", day);
                day += 1;
            }
        });
        for number in 0..5 {
            let to = directory.path().join(format!("backup-{number}"));
            back_up(&data, &to, "0.1.0", now()).unwrap();
            let store = Sqlite::open(&to.join("service.db")).unwrap();
            let scans = store.scans(None, 999).unwrap();
            for scan in &scans {
                assert_eq!(store.findings_of(scan.id).unwrap().len(), 50);
            }
            let report = store.audit_verify(Verifier::default(), &[], true).unwrap();
            assert_eq!((report.scans, report.untold_scans), (scans.len() as u64, 0));
        }
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_backup_that_was_touched_is_refused_and_nothing_is_changed() {
    let directory = Directory::new();
    let data = data(&directory);
    let to = directory.path().join("backup");
    let manifest = back_up(&data, &to, "0.1.0", now()).unwrap().manifest;
    let target = directory.path().join("other");
    let refused = |what: &str| {
        let told = restore(&to, &target, true, now()).unwrap_err().to_string();
        assert!(told.contains(what), "{what}: {told}");
        assert!(!target.exists(), "{what}");
    };
    for part in &manifest.files {
        let path = to.join(&part.name);
        let whole = std::fs::read(&path).unwrap();
        let mut touched = whole.clone();
        let middle = touched.len() / 2;
        touched[middle] ^= 1;
        std::fs::write(&path, &touched).unwrap();
        refused(&format!("{} was changed", part.name));
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        refused(&part.name);
        std::fs::remove_file(&path).unwrap();
        refused(&format!("{} cannot be read", part.name));
        std::fs::write(&path, &whole).unwrap();
    }
    let path = to.join(MANIFEST);
    let text = std::fs::read_to_string(&path).unwrap();
    for (change, told) in [
        ("../service.db", "no file of a data directory"),
        ("stance.db", "twice"),
    ] {
        std::fs::write(&path, text.replace("service.db", change)).unwrap();
        refused(told);
    }
    std::fs::write(&path, text.replace("backup-v1", "backup-v9")).unwrap();
    refused("stance/backup-v9");
    // A manifest that fits a log somebody changed: the log itself tells.
    std::fs::write(&path, &text).unwrap();
    forge(&to);
    refused("service.db: entry 1");
    std::fs::remove_file(&path).unwrap();
    refused("is no backup");
}

/// Changes an entry of the log in a backup, and the manifest with it.
fn forge(backup: &Path) {
    let database = backup.join("service.db");
    let raw = rusqlite::Connection::open(&database).unwrap();
    raw.execute_batch(
        "CREATE TEMP TABLE guard AS SELECT sql FROM sqlite_schema WHERE name = 'audit_log_is_never_changed';
         DROP TRIGGER audit_log_is_never_changed;
         UPDATE audit_log SET actor_name = 'somebody else' WHERE seq = 1;",
    )
    .unwrap();
    let guard: String = raw
        .query_row("SELECT sql FROM temp.guard", [], |row| row.get(0))
        .unwrap();
    raw.execute_batch(&guard).unwrap();
    drop(raw);
    let mut manifest = Manifest::read(backup).unwrap();
    let bytes = std::fs::read(&database).unwrap();
    manifest.files[0].bytes = bytes.len() as u64;
    manifest.files[0].sha256 = stance_core::digest::sha256_hex(&bytes);
    let text = serde_json::to_vec(&manifest).unwrap();
    std::fs::write(backup.join(MANIFEST), text).unwrap();
}

#[test]
fn what_is_damaged_is_not_backed_up_unnoticed() {
    let directory = Directory::new();
    let data = data(&directory);
    let path = data.join("service.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // From the second page on: the head stays good, the rest is noise.
    for byte in bytes.iter_mut().skip(4096 * 4) {
        *byte = 0xa5;
    }
    std::fs::write(&path, &bytes).unwrap();
    let to = directory.path().join("backup");
    let told = back_up(&data, &to, "0.1.0", now()).unwrap_err().to_string();
    assert!(
        told.contains("service.db") && told.contains("damaged"),
        "{told}"
    );
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the data directory: {left:?}");
    let look = examine(&path, Closeness::Quick);
    assert!(look.is_err() || !look.unwrap().damages.is_empty());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let directory = Directory::new();
    let empty = directory.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let to = directory.path().join("backup");
    let error = back_up(&empty, &to, "0.1.0", now()).unwrap_err();
    assert!(matches!(error, BackupError::Nothing(_)), "{error}");
    let data = data(&directory);
    let error = back_up(&data, &data.join("backup"), "0.1.0", now()).unwrap_err();
    assert!(matches!(error, BackupError::Inside(_)), "{error}");
    let error = back_up(&data, &empty, "0.1.0", now()).unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
    assert!(!to.exists());
}
