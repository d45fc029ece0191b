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
    /// There is no such row, by what it is and its number.
    #[error("there is no {0} {1}")]
    NotFound(&'static str, i64),
    /// Another one has this name for good.
    #[error("there is already a {0} `{1}`")]
    Exists(&'static str, String),
    /// Somebody else changed it since it was read.
    #[error(
        "the {0} was changed by somebody else since you read it; look at it again, then repeat your change"
    )]
    Stale(&'static str),
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
    /// Anything else that SQLite refuses, such as a full disk.
    #[error("the database {} failed: {source}; nothing of this step was recorded", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}
