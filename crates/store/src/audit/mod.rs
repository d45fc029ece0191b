//! The audit log: what people, tokens and Stance itself did, where nobody can change it unnoticed.
//!
//! What an entry is, and how it is bound to all before it, is [`stance_govern::audit`]; here it is kept. Whatever
//! changes something appends its entry in the same transaction.

mod key;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
pub use stance_govern::audit::{Actor, ActorKind, Entry, NewEntry, Object};
use stance_govern::audit::{Extension, Inclusion, Report, Verifier};
use stance_govern::signature::{PrivateKey, PublicKey};

pub use key::{AuditKey, KEY_FILE, PUBLIC_FILE};

use crate::Result;

/// A checkpoint is due when so many entries are not covered by the last one, ...
pub const DUE_ENTRIES: u64 = 1000;

/// ... or when any is not and the last one is so old.
pub const DUE_AGE: SignedDuration = SignedDuration::from_hours(1);

/// Which entries are wanted. All conditions must hold; the default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only those behind this number; before it, if the newest come first.
    pub after: Option<u64>,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
    /// Only by the actor with this id.
    pub actor: Option<String>,
    /// Only this action; one that ends with a dot, as in `finding.`, wants all that begin with it.
    pub action: Option<String>,
    /// Only about things of this kind.
    pub object_kind: Option<String>,
    /// Only about the thing with this id.
    pub object_id: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

/// A signed checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredCheckpoint {
    /// How many entries there were.
    pub size: u64,
    /// When it was signed; the signature does not cover this.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditStatus {
    /// Names the log among all others.
    pub origin: String,
    /// How many entries there are.
    pub size: u64,
    /// The last checkpoint.
    pub checkpoint: Option<StoredCheckpoint>,
}

/// What the product wants of its audit log.
pub trait AuditLog {
    /// Appends entries, all or none, and gives the number of the last one.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or an entry has no canonical form.
    fn audit_append(&mut self, entries: &[NewEntry]) -> Result<u64>;

    /// Entries in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or holds something that is no entry.
    fn audit_entries(&self, query: &AuditQuery, limit: usize) -> Result<Vec<Entry>>;

    /// One entry.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoEntry`](crate::StoreError::NoEntry) when there is none of this number.
    fn audit_entry(&self, seq: u64) -> Result<Entry>;

    /// Where the log stands.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn audit_status(&self) -> Result<AuditStatus>;

    /// Reads the whole log as it is at one moment, holds it against itself and against every stored checkpoint, which
    /// one of `keys` must have signed. `verifier` may already expect checkpoints from elsewhere. With `scans`, the
    /// stored results of scans are held against what the log says was recorded.
    ///
    /// # Errors
    ///
    /// When the database cannot be read. What is wrong with the log is in the report.
    fn audit_verify(&self, verifier: Verifier, keys: &[PublicKey], scans: bool) -> Result<Report>;

    /// Signs the log as it is now and keeps the checkpoint; gives the last one when nothing was appended since.
    ///
    /// # Errors
    ///
    /// [`StoreError::AuditChanged`](crate::StoreError::AuditChanged) when the log does not extend the last checkpoint:
    /// two logs are never signed.
    fn audit_sign(&mut self, key: &PrivateKey, now: Timestamp) -> Result<StoredCheckpoint>;

    /// Proves that an entry is in the log of the last checkpoint; `None` when that is too small, or there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoEntry`](crate::StoreError::NoEntry) when there is none of this number.
    fn audit_prove(&self, seq: u64) -> Result<Option<Inclusion>>;

    /// Proves that the log of the last checkpoint extends that of an earlier one, a signed note; `None` when there is
    /// no checkpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError::AuditChanged`](crate::StoreError::AuditChanged) when the note is no earlier checkpoint of this
    /// log.
    fn audit_extension(&self, earlier: &str) -> Result<Option<Extension>>;
}

/// Signs the log if so much happened, or so long ago, that a checkpoint is due. Makes the key when there is none.
///
/// # Errors
///
/// When the key in `directory` cannot be read or made, or the log cannot be signed.
pub fn checkpoint_if_due(
    store: &mut dyn AuditLog,
    directory: &Path,
    now: Timestamp,
) -> Result<Option<StoredCheckpoint>> {
    let status = store.audit_status()?;
    let due = status.checkpoint.is_none_or(|last| {
        let more = status.size.saturating_sub(last.size);
        let age = now.duration_since(last.at);
        // A clock that was set back does not put off what is due.
        more >= DUE_ENTRIES || more > 0 && (age >= DUE_AGE || age.is_negative())
    });
    if due && status.size > 0 {
        checkpoint_now(store, directory, now).map(Some)
    } else {
        Ok(None)
    }
}

/// Signs the log as it is now. Makes the key when there is none, which the log tells.
///
/// # Errors
///
/// When the key in `directory` cannot be read or made, or the log cannot be signed.
pub fn checkpoint_now(
    store: &mut dyn AuditLog,
    directory: &Path,
    now: Timestamp,
) -> Result<StoredCheckpoint> {
    let key = signing_key(store, directory, now)?;
    store.audit_sign(key.private(), now)
}

/// The key that signs the log. Makes it when there is none, which the log tells.
///
/// # Errors
///
/// When the key in `directory` cannot be read or made.
pub fn signing_key(store: &mut dyn AuditLog, directory: &Path, now: Timestamp) -> Result<AuditKey> {
    let key = AuditKey::open(directory)?;
    if key.is_new() {
        store.audit_append(&[NewEntry {
            at: now,
            actor: Actor::system("audit"),
            action: "audit.key.create".to_owned(),
            object: Object {
                kind: "key".to_owned(),
                id: key.private().public().fingerprint(),
            },
            detail: serde_json::json!({ "algorithm": key.private().public().kind() }),
        }])?;
    }
    Ok(key)
}
