//! Findings as a file, for gateways that have no service beside them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Subject;

/// What names the format.
const FORMAT: &str = "stance/posture-v1";

/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Findings as they were at a time, `stance/posture-v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The name of the format.
    format: String,
    /// When it was so.
    pub time: Timestamp,
    /// What has findings.
    pub subjects: Vec<Subject>,
}

/// Why a file is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be read.
    #[error("cannot read the snapshot {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is larger than any that `stance posture export` writes.
    #[error("{}: more than {} MiB, which no snapshot has", path.display(), LARGEST >> 20)]
    Size {
        /// Which file.
        path: PathBuf,
    },
    /// It is something else, or of a version that is not known here.
    #[error(
        "{}: no snapshot of the form {FORMAT} ({what}); `stance posture export -o FILE` writes one",
        path.display()
    )]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl Snapshot {
    /// What was found about these, at this time.
    #[must_use]
    pub fn new(subjects: Vec<Subject>, time: Timestamp) -> Self {
        Self {
            format: FORMAT.to_owned(),
            time,
            subjects,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is too large, or is no snapshot.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(|source| SnapshotError::Read {
                path: path.to_owned(),
                source,
            })?;
        if bytes.len() as u64 > LARGEST {
            return Err(SnapshotError::Size {
                path: path.to_owned(),
            });
        }
        let no = |what: String| SnapshotError::Form {
            path: path.to_owned(),
            what,
        };
        // The format first: another version may have other members.
        let form: Form = serde_json::from_slice(&bytes).map_err(|error| no(error.to_string()))?;
        if form.format != FORMAT {
            let told: String = form.format.chars().take(64).collect();
            return Err(no(format!("it says {told:?}")));
        }
        serde_json::from_slice(&bytes).map_err(|error| no(error.to_string()))
    }
}

#[derive(Deserialize)]
struct Form {
    format: String,
}
