//! What a backup says of itself.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BackupError, files};

/// The file of the manifest.
pub const MANIFEST: &str = "manifest.json";

/// What `format` says in a manifest of this version.
pub const FORMAT: &str = "stance/backup-v1";

/// Largest manifest that is read.
const LARGEST: u64 = 1 << 20;

/// The files of a data directory that a backup holds, with what they are, in the order in which they are copied.
pub(super) const KNOWN: [(&str, Kind); 7] = [
    ("service.db", Kind::Database),
    ("stance.db", Kind::Database),
    ("advisories.db", Kind::Advisories),
    // Behind the databases: a log that is signed has its key then.
    ("audit.key", Kind::Secret),
    ("audit.pub", Kind::Public),
    ("pseudonym.key", Kind::Secret),
    ("webhooks.key", Kind::Secret),
];

/// What a file of a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A database with an audit log.
    Database,
    /// The database of imported advisories.
    Advisories,
    /// A key that nobody else may have.
    Secret,
    /// A key for everybody.
    Public,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name, in the backup and in the data directory.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The schema version of a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<i64>,
    /// How many entries its audit log has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_entries: Option<u64>,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub created: Timestamp,
    /// The version of the program that made it.
    pub tool_version: String,
    /// Its files.
    pub files: Vec<Part>,
}

impl Manifest {
    /// Reads the manifest of a backup, and nothing else of it.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoBackup`].
    pub fn read(directory: &Path) -> Result<Self, BackupError> {
        let refuse = |reason: String| BackupError::NoBackup {
            path: directory.to_owned(),
            reason,
        };
        let path = directory.join(MANIFEST);
        let text = files::read_bounded(&path, LARGEST)
            .map_err(|error| refuse(format!("{MANIFEST} cannot be read: {error}")))?;
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|error| refuse(format!("{MANIFEST} is none: {error}")))?;
        if manifest.format != FORMAT {
            return Err(refuse(format!(
                "its format is `{}`, and this version reads `{FORMAT}`",
                manifest.format
            )));
        }
        for part in &manifest.files {
            // What is not one of our files is written nowhere, whatever it is called.
            if !KNOWN.contains(&(part.name.as_str(), part.kind)) {
                return Err(refuse(format!(
                    "{MANIFEST} names `{}`, which is no file of a data directory",
                    part.name
                )));
            }
        }
        let mut names: Vec<&str> = manifest.files.iter().map(|part| &*part.name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() != manifest.files.len() || names.is_empty() {
            return Err(refuse(format!(
                "{MANIFEST} names no file, or one of them twice"
            )));
        }
        Ok(manifest)
    }
}
