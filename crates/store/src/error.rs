//! What can go wrong: what happened, to which file, what to do.

use std::path::PathBuf;

use crate::ScanId;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created.
    #[error(
        "cannot open the database {}: {reason}; check the path and its permissions, or choose another with `--data-dir`",
        path.display()
    )]
    Open {
        /// The database file.
        path: PathBuf,
        /// The words of the system or of SQLite.
        reason: String,
    },
    /// The file is not a database, or a damaged one. It is left as it is.
    #[error(
        "the database {} is damaged or not a database ({reason}); it was left as it is: move it away or restore it from a backup, then run again",
        path.display()
    )]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// The words of SQLite.
        reason: String,
    },
    /// The file is the database of another program.
    #[error("{} is the database of another program; choose another with `--data-dir`", path.display())]
    NotOurs {
        /// The database file.
        path: PathBuf,
    },
    /// A later version of Stance wrote the file.
    #[error(
        "the database {} has schema version {found}, this stance knows up to {known}; use a later stance, or another `--data-dir`",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest schema version that is known here.
        known: i64,
    },
    /// Another process held the file for too long.
    #[error("another process is writing to the database {}; try again when it has finished", path.display())]
    Busy {
        /// The database file.
        path: PathBuf,
    },
    /// There is no scan of this number.
    #[error("there is no scan {0} in the database; it may have been pruned")]
    NoScan(ScanId),
    /// There is nothing of this number or name.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its number or name.
        id: String,
    },
    /// What is there stands against it.
    #[error("{0}")]
    Conflict(String),
    /// There is no source of this number.
    #[error("there is no source {0}; it may have been removed")]
    NoSource(crate::SourceNumber),
    /// Whoever asks for something may not approve it.
    #[error("{what} was asked for by {person}: somebody else has to approve it")]
    OwnRequest {
        /// What was asked for, such as `waiver 7`.
        what: String,
        /// Who asked for it.
        person: String,
    },
    /// A decision came too late.
    #[error("{what} is {state} already; load it again to see who decided")]
    Decided {
        /// What was to be decided.
        what: String,
        /// Where it stands.
        state: &'static str,
    },
    /// Somebody edited the same thing in between.
    #[error("{what} was edited by somebody else meanwhile; load it again and repeat the change")]
    Edited {
        /// What was to be edited.
        what: String,
    },
    /// What was asked for makes no sense.
    #[error("{0}")]
    Refused(String),
    /// Looking for so short a text would take too long.
    #[error(
        "there is too much here to look for one or two characters: give three or more, or another filter"
    )]
    ShortText,
    /// There is no entry of this number in the audit log.
    #[error("there is no entry {0} in the audit log")]
    NoEntry(u64),
    /// What would be signed or proven is not what was signed before.
    #[error(
        "the audit log is not what it was: {0}; nothing was signed, `stance audit verify` says more"
    )]
    AuditChanged(String),
    /// The key that signs the audit log cannot be used.
    #[error("cannot use the key of the audit log {}: {reason}", path.display())]
    AuditKey {
        /// The file of the key.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// What is stored cannot be understood.
    #[error("the database {} holds {what} that this version cannot read: {reason}", path.display())]
    Unreadable {
        /// The database file.
        path: PathBuf,
        /// What was being read.
        what: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// There is no room for what was to be written.
    #[error(
        "there is no room on the disk of the database {}; nothing of this step was recorded: make room, then do it again",
        path.display()
    )]
    Full {
        /// The database file.
        path: PathBuf,
    },
    /// Anything else that SQLite refuses.
    #[error("the database {} failed: {source}; nothing of this step was recorded", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}
