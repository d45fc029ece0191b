//! The audit log in SQLite.

mod append;
mod prove;
mod read;
mod verify;

use rusqlite::{Connection, OptionalExtension as _, params};

pub(crate) use append::{append, append_all};

use jiff::Timestamp;
use stance_govern::audit::{
    Checkpoint, Entry, Extension, Head, Inclusion, NewEntry, Report, Verifier,
};
use stance_govern::merkle::{Frontier, verify_consistency};
use stance_govern::signature::{PrivateKey, PublicKey};

use super::Sqlite;
use crate::audit::{AuditLog, AuditQuery, AuditStatus, StoredCheckpoint};
use crate::{Result, StoreError};

/// The tree is stored at every so many levels; what lies between is worked out.
const STRIDE: u8 = 8;

/// The state of the log cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the state of the audit log is damaged; `stance audit verify` says what is wrong")]
struct Damaged;

fn damaged() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(Damaged))
}

/// Names the log, and what its next entry builds on.
fn head(db: &Connection) -> rusqlite::Result<(String, Head)> {
    let mut head =
        db.prepare_cached("SELECT origin, size, last, frontier FROM audit_head WHERE id = 1")?;
    let row = head.query_row([], |row| {
        let size = u64::try_from(row.get::<_, i64>(1)?).map_err(|_| damaged())?;
        let frontier: Vec<u8> = row.get(3)?;
        let head = Head {
            size,
            last: row.get(2)?,
            frontier: Frontier::from_bytes(size, &frontier).ok_or_else(damaged)?,
        };
        Ok((row.get(0)?, head))
    });
    row.optional()?.ok_or_else(damaged)
}

fn last_checkpoint(db: &Connection) -> rusqlite::Result<Option<StoredCheckpoint>> {
    let mut last = db.prepare_cached(
        "SELECT size, at, note FROM audit_checkpoints ORDER BY size DESC LIMIT 1",
    )?;
    last.query_row([], checkpoint_of).optional()
}

fn checkpoint_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredCheckpoint> {
    Ok(StoredCheckpoint {
        size: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged())?,
        at: Timestamp::from_millisecond(row.get(1)?).unwrap_or_default(),
        note: row.get(2)?,
    })
}

/// A checkpoint of the log as it is now, unless the log does not extend the last one.
fn sign(
    db: &Connection,
    key: &PrivateKey,
    now: Timestamp,
) -> rusqlite::Result<std::result::Result<StoredCheckpoint, String>> {
    let (origin, head) = head(db)?;
    let now_signed = Checkpoint {
        origin,
        size: head.size,
        root: head.frontier.root(),
    };
    if let Some(last) = last_checkpoint(db)? {
        if last.size > head.size {
            return Ok(Err(format!(
                "{} entries were signed, and it has {}",
                last.size, head.size
            )));
        }
        let before = match Checkpoint::unverified(&last.note) {
            Ok(before) if before.size == last.size => before,
            _ => return Ok(Err("its last checkpoint was changed".to_owned())),
        };
        let path = prove::consistency(db, before.size, head.size)?;
        let extends = before.origin == now_signed.origin
            && verify_consistency(
                before.size,
                &before.root,
                now_signed.size,
                &now_signed.root,
                &path,
            );
        if !extends {
            return Ok(Err(format!(
                "it does not extend its checkpoint of {} entries",
                last.size
            )));
        }
        if last.size == head.size {
            return Ok(Ok(last));
        }
    }
    let note = match now_signed.sign(key) {
        Ok(note) => note,
        Err(reason) => return Ok(Err(reason.to_string())),
    };
    let at = now.as_millisecond();
    db.execute(
        "INSERT INTO audit_checkpoints (size, at, note) VALUES (?1, ?2, ?3)",
        params![append::number(head.size)?, at, note],
    )?;
    Ok(Ok(StoredCheckpoint {
        size: head.size,
        at: Timestamp::from_millisecond(at).unwrap_or(now),
        note,
    }))
}

impl AuditLog for Sqlite {
    fn audit_append(&mut self, entries: &[NewEntry]) -> Result<u64> {
        self.write(|transaction| append_all(transaction, entries))
    }

    fn audit_entries(&self, query: &AuditQuery, limit: usize) -> Result<Vec<Entry>> {
        self.read_audit_entries(query, limit)
    }

    fn audit_entry(&self, seq: u64) -> Result<Entry> {
        let found = self.read_audit_entries(
            &AuditQuery {
                after: Some(seq.saturating_sub(1)),
                ..AuditQuery::default()
            },
            1,
        )?;
        found
            .into_iter()
            .find(|entry| entry.seq == seq)
            .ok_or(StoreError::NoEntry(seq))
    }

    fn audit_status(&self) -> Result<AuditStatus> {
        let explain = |error| self.explain(error);
        let (origin, head) = head(&self.connection).map_err(explain)?;
        Ok(AuditStatus {
            origin,
            size: head.size,
            checkpoint: last_checkpoint(&self.connection).map_err(explain)?,
        })
    }

    fn audit_verify(&self, verifier: Verifier, keys: &[PublicKey], scans: bool) -> Result<Report> {
        self.reading(|db| Ok(verify::verify(db, verifier, keys, scans)?))
    }

    fn audit_sign(&mut self, key: &PrivateKey, now: Timestamp) -> Result<StoredCheckpoint> {
        self.write(|transaction| sign(transaction, key, now))?
            .map_err(StoreError::AuditChanged)
    }

    fn audit_prove(&self, seq: u64) -> Result<Option<Inclusion>> {
        let explain = |error| self.explain(error);
        let entry = self.audit_entry(seq)?;
        let Some(last) = last_checkpoint(&self.connection).map_err(explain)? else {
            return Ok(None);
        };
        let index = seq.saturating_sub(1);
        let path = prove::inclusion(&self.connection, index, last.size).map_err(explain)?;
        Ok(path.map(|path| Inclusion {
            entry,
            path,
            checkpoint: last.note,
        }))
    }

    fn audit_extension(&self, earlier: &str) -> Result<Option<Extension>> {
        let explain = |error| self.explain(error);
        let Some(last) = last_checkpoint(&self.connection).map_err(explain)? else {
            return Ok(None);
        };
        let changed = |reason: String| StoreError::AuditChanged(reason);
        let old = Checkpoint::unverified(earlier).map_err(|reason| changed(reason.to_string()))?;
        let new =
            Checkpoint::unverified(&last.note).map_err(|reason| changed(reason.to_string()))?;
        if old.origin != new.origin {
            return Err(changed(
                "the earlier checkpoint is about another log".to_owned(),
            ));
        }
        if old.size > new.size {
            return Err(changed(format!(
                "the earlier checkpoint was signed for {} entries, and the last one for {}",
                old.size, new.size
            )));
        }
        let path = prove::consistency(&self.connection, old.size, new.size).map_err(explain)?;
        if !verify_consistency(old.size, &old.root, new.size, &new.root, &path) {
            return Err(changed(format!(
                "it does not extend the checkpoint of {} entries",
                old.size
            )));
        }
        Ok(Some(Extension {
            old: earlier.to_owned(),
            new: last.note,
            path,
        }))
    }
}
