//! Making a backup.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::check::look;
use super::manifest::{FORMAT, KNOWN, Kind, MANIFEST, Manifest, Part};
use super::{BackupError, cannot, files};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it holds.
    pub manifest: Manifest,
    /// What lies in the data directory and is not in it: nothing of ours, or of no use elsewhere.
    pub left_out: Vec<String>,
}

/// What lies beside databases and is of no use without the process that has them open.
const PASSING: [&str; 3] = ["service.lock", "service.checkpoint", "making.db"];

/// Backs a data directory up into a new directory. Others may read and write meanwhile; each database is copied as it is
/// at one moment, and what was copied is checked.
///
/// # Errors
///
/// [`BackupError`]; then nothing is left at `to`.
pub fn back_up(
    data: &Path,
    to: &Path,
    tool_version: &str,
    now: Timestamp,
) -> Result<Made, BackupError> {
    if !KNOWN
        .iter()
        .any(|(name, kind)| *kind == Kind::Database && data.join(name).is_file())
    {
        return Err(BackupError::Nothing(data.to_owned()));
    }
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    refuse_inside(data, to)?;
    let mut draft = to.as_os_str().to_owned();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    // What an earlier one that was broken off left is worth nothing.
    if draft.is_dir() {
        std::fs::remove_dir_all(&draft).map_err(cannot(&draft))?;
    }
    let made = fill(data, &draft, tool_version, now).and_then(|made| {
        std::fs::rename(&draft, to).map_err(cannot(to))?;
        let beside = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        let beside = beside.unwrap_or_else(|| Path::new("."));
        files::sync_directory(beside).map_err(cannot(beside))?;
        Ok(made)
    });
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    made
}

fn refuse_inside(data: &Path, to: &Path) -> Result<(), BackupError> {
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let (Ok(data), Ok(parent)) = (data.canonicalize(), parent.canonicalize()) else {
        // What is not there is said by whatever needs it first.
        return Ok(());
    };
    if parent.starts_with(data) {
        return Err(BackupError::Inside(to.to_owned()));
    }
    Ok(())
}

fn fill(
    data: &Path,
    draft: &Path,
    tool_version: &str,
    now: Timestamp,
) -> Result<Made, BackupError> {
    files::create_directory(draft).map_err(cannot(draft))?;
    let mut parts = Vec::new();
    for (name, kind) in KNOWN {
        let (from, to) = (data.join(name), draft.join(name));
        if !from.is_file() {
            continue;
        }
        match kind {
            Kind::Database | Kind::Advisories => {
                crate::copy(&from, &to)?;
                std::fs::File::open(&to)
                    .and_then(|file| file.sync_all())
                    .map_err(cannot(&to))?;
            }
            Kind::Secret | Kind::Public => {
                files::copy(&from, &to).map_err(cannot(&from))?;
            }
        }
        let (bytes, sha256) = files::digest(&to).map_err(cannot(&to))?;
        parts.push(Part {
            name: name.to_owned(),
            kind,
            bytes,
            sha256,
            schema: None,
            audit_entries: None,
        });
    }
    for part in &mut parts {
        let seen = look(draft, part)?;
        part.schema = seen.schema;
        part.audit_entries = seen.audit_entries;
        // A damage that was copied is told now, while there is an older backup.
        if !seen.problems.is_empty() {
            return Err(BackupError::Unsound {
                path: data.join(&part.name),
                problems: seen.problems,
            });
        }
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        created: now,
        tool_version: tool_version.to_owned(),
        files: parts,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::NoBackup {
        path: draft.to_owned(),
        reason: error.to_string(),
    })?;
    let path = draft.join(MANIFEST);
    files::write(&path, &text).map_err(cannot(&path))?;
    files::sync_directory(draft).map_err(cannot(draft))?;
    Ok(Made {
        manifest,
        left_out: left_out(data).map_err(cannot(data))?,
    })
}

fn left_out(data: &Path) -> std::io::Result<Vec<String>> {
    let mut left_out = Vec::new();
    for entry in std::fs::read_dir(data)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stem = name
            .strip_suffix("-wal")
            .or_else(|| name.strip_suffix("-shm"))
            .or_else(|| name.strip_suffix("-journal"))
            .unwrap_or(&name);
        let known = KNOWN.iter().any(|(known, _)| *known == stem) || PASSING.contains(&stem);
        if !known {
            left_out.push(name);
        }
    }
    left_out.sort_unstable();
    Ok(left_out)
}
