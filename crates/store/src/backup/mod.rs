//! Backups of a data directory: made while others write, checked whole, and put back.
//!
//! A backup is a directory: a copy of each database as it is at one moment, the keys beside them, and a [`Manifest`] with
//! the SHA-256 of each file. It is made under another name and gets its own at the end, so that what has the name is
//! whole.
#![expect(
    clippy::disallowed_methods,
    reason = "a backup is files, as the data directory is"
)]

mod check;
mod files;
mod make;
mod manifest;
mod restore;

use std::io;
use std::path::{Path, PathBuf};

pub use check::check;
pub use make::{Made, back_up};
pub use manifest::{FORMAT, Kind, MANIFEST, Manifest, Part};
pub use restore::{Restored, restore};

use crate::StoreError;

/// Why a backup was not made, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error(
        "there is nothing to back up: {} holds no database of Stance; `--data-dir` chooses another directory",
        .0.display()
    )]
    Nothing(PathBuf),
    /// Something stands where the backup is to be.
    #[error("{} exists; give the backup a name of its own", .0.display())]
    Exists(PathBuf),
    /// It would lie in what it is a backup of.
    #[error(
        "{} lies in the data directory; what goes wrong there would take the backup with it, so put it elsewhere",
        .0.display()
    )]
    Inside(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        reason: io::Error,
    },
    /// The directory is no backup.
    #[error("{} is no backup: {reason}", path.display())]
    NoBackup {
        /// The directory.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The backup is not what it was when it was made, or was made of something damaged.
    #[error("{} is not whole: {}; use another backup", path.display(), problems.join("; "))]
    Unsound {
        /// The directory.
        path: PathBuf,
        /// What is wrong, a sentence each.
        problems: Vec<String>,
    },
    /// The directory where it is to go holds something.
    #[error(
        "{} holds {} already: choose an empty one with `--data-dir`, or put aside what is there with `--replace`",
        directory.display(),
        holds.join(", ")
    )]
    Occupied {
        /// The directory.
        directory: PathBuf,
        /// What lies there.
        holds: Vec<String>,
    },
    /// A database did not do what it was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn cannot(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |reason| BackupError::File {
        path: path.to_owned(),
        reason,
    }
}
