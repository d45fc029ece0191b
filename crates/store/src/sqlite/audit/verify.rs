//! Verification: all that is stored goes into a verifier, as it is at one moment.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use stance_govern::audit::{FaultKind, Report, Source, Verifier};
use stance_govern::merkle::Node;
use stance_govern::signature::PublicKey;

use super::read::{ENTRY, stored};
use super::{checkpoint_of, head};
use crate::sqlite::record::ContentsDigest;

/// What keeps the tables append-only.
const GUARDS: [&str; 8] = [
    "audit_log_is_never_changed",
    "audit_log_is_never_shortened",
    "audit_nodes_are_never_changed",
    "audit_nodes_are_never_removed",
    "audit_checkpoints_are_never_changed",
    "audit_checkpoints_are_never_removed",
    "audit_head_only_grows",
    "audit_head_is_never_removed",
];

/// Reads all that is stored into a verifier.
pub(super) fn verify(
    db: &Connection,
    mut verifier: Verifier,
    keys: &[PublicKey],
    with_scans: bool,
) -> rusqlite::Result<Report> {
    match head(db) {
        Ok((origin, head)) => {
            verifier.origin(&origin);
            verifier.head(head);
        }
        Err(error) if error.sqlite_error_code().is_none() => {
            let what = "what the next entry builds on is gone or cannot be read";
            verifier.fault(FaultKind::Tree, None, what);
        }
        Err(error) => return Err(error),
    }
    guards(db, &mut verifier)?;
    if with_scans {
        scans(db, &mut verifier)?;
    }
    checkpoints(db, &mut verifier, keys)?;
    let mut nodes = db.prepare("SELECT level, position, hash FROM audit_nodes")?;
    let mut rows = nodes.query([])?;
    while let Some(row) = rows.next()? {
        let read = (row.get(0), row.get::<_, i64>(1), row.get(2));
        match read {
            (Ok(level), Ok(index), Ok(hash)) if index >= 0 => {
                let index = index.unsigned_abs();
                verifier.node(Node { level, index }, hash);
            }
            _ => verifier.fault(FaultKind::Tree, None, "a stored hash of the tree is none"),
        }
    }
    let mut entries = db.prepare(&format!("{ENTRY} ORDER BY seq"))?;
    let mut rows = entries.query([])?;
    while let Some(row) = rows.next()? {
        match stored(row)? {
            Some(stored) if stored.seq > 0 => verifier.entry(&stored),
            _ => {
                let seq: i64 = row.get(0).unwrap_or_default();
                let what = "it cannot be read: a column has another kind of value";
                match u64::try_from(seq) {
                    Ok(seq) if seq > 0 => verifier.unreadable(seq, what),
                    _ => {
                        let what = format!("an entry has the number {seq}");
                        verifier.fault(FaultKind::Misplaced, None, what);
                    }
                }
            }
        }
    }
    Ok(verifier.finish())
}

fn guards(db: &Connection, verifier: &mut Verifier) -> rusqlite::Result<()> {
    let mut known =
        db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = ?1")?;
    for guard in GUARDS {
        let count: i64 = known.query_row([guard], |row| row.get(0))?;
        if count == 0 {
            let what = format!(
                "the trigger {guard} is gone: somebody took away what keeps the log from being changed"
            );
            verifier.fault(FaultKind::Guard, None, what);
        }
    }
    Ok(())
}

fn checkpoints(
    db: &Connection,
    verifier: &mut Verifier,
    keys: &[PublicKey],
) -> rusqlite::Result<()> {
    let mut stored = db.prepare("SELECT size, at, note FROM audit_checkpoints ORDER BY size")?;
    let mut rows = stored.query([])?;
    while let Some(row) = rows.next()? {
        match checkpoint_of(row) {
            Ok(checkpoint) => {
                let name = format!("the stored checkpoint of {} entries", checkpoint.size);
                verifier.checkpoint(Source::Stored, &name, &checkpoint.note, keys);
            }
            Err(_) => {
                let what = "a stored checkpoint cannot be read";
                verifier.fault(FaultKind::Checkpoint, None, what);
            }
        }
    }
    Ok(())
}

/// Holds the stored results of each scan against the digest that the log has of them.
fn scans(db: &Connection, verifier: &mut Verifier) -> rusqlite::Result<()> {
    let mut scans = db.prepare("SELECT id FROM scans ORDER BY id")?;
    let mut entry = db.prepare(
        "SELECT seq, detail FROM audit_log
         WHERE object_id = ?1 AND object_kind = 'scan' AND action = 'scan.recorded' ORDER BY seq DESC LIMIT 1",
    )?;
    let mut contents = db.prepare(
        "SELECT key, body FROM contents JOIN payloads ON payloads.id = contents.payload
         WHERE scan = ?1 AND part = ?2 ORDER BY position",
    )?;
    let mut rows = scans.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let told: Option<(i64, String)> = entry
            .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((seq, detail)) = told else {
            verifier.scan(id, None, false);
            continue;
        };
        let mut digest = ContentsDigest::default();
        for part in ["asset", "relation", "finding"] {
            let mut things = contents.query(params![id, part])?;
            while let Some(thing) = things.next()? {
                digest.add(
                    part,
                    &thing.get::<_, String>(0)?,
                    &thing.get::<_, String>(1)?,
                );
            }
        }
        let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
        let recorded = detail.get("contents").and_then(Value::as_str);
        let holds = recorded == Some(&digest.finish());
        verifier.scan(id, u64::try_from(seq).ok(), holds);
    }
    Ok(())
}
