//! Putting a backup back.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::manifest::{KNOWN, Kind, Manifest};
use super::{BackupError, cannot, check, files};
use crate::audit::{Actor, NewEntry, Object};
use crate::{AuditLog as _, Sqlite};

/// A backup that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What it held.
    pub manifest: Manifest,
    /// Where that lies now which was in the data directory before.
    pub aside: Option<PathBuf>,
}

/// Puts a backup into a data directory, of which the caller made sure that nobody works in it. The backup is checked
/// whole before anything is changed, and the files are checked again while they are copied. The audit log of each
/// database tells that it was restored.
///
/// # Errors
///
/// [`BackupError`]. What the directory held is either untouched or, once the copies are complete, in the directory that
/// [`Restored::aside`] would name.
pub fn restore(
    from: &Path,
    data: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let manifest = check(from)?;
    if !data.is_dir() {
        if let Some(parent) = data.parent() {
            std::fs::create_dir_all(parent).map_err(cannot(parent))?;
        }
        files::create_directory(data).map_err(cannot(data))?;
    }
    let holds = ours(data).map_err(cannot(data))?;
    if !holds.is_empty() && !replace {
        return Err(BackupError::Occupied {
            directory: data.to_owned(),
            holds,
        });
    }
    let draft = data.join(".restoring");
    if draft.is_dir() {
        std::fs::remove_dir_all(&draft).map_err(cannot(&draft))?;
    }
    let copied = fill(from, &draft, &manifest);
    if copied.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    copied?;
    let aside = put_aside(data, &holds, now)?;
    for part in &manifest.files {
        let to = data.join(&part.name);
        std::fs::rename(draft.join(&part.name), &to).map_err(cannot(&to))?;
    }
    std::fs::remove_dir(&draft).map_err(cannot(&draft))?;
    files::sync_directory(data).map_err(cannot(data))?;
    tell(data, &manifest, now)?;
    Ok(Restored { manifest, aside })
}

/// The files of ours in a data directory, with those that belong to databases.
fn ours(data: &Path) -> std::io::Result<Vec<String>> {
    let mut holds = Vec::new();
    for entry in std::fs::read_dir(data)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The lock is held by whoever restores.
        if name != "service.lock" && name != ".restoring" {
            holds.push(name);
        }
    }
    holds.sort_unstable();
    Ok(holds)
}

fn fill(from: &Path, draft: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    files::create_directory(draft).map_err(cannot(draft))?;
    for part in &manifest.files {
        let (source, target) = (from.join(&part.name), draft.join(&part.name));
        let (bytes, sha256) = files::copy(&source, &target).map_err(cannot(&target))?;
        if (bytes, &sha256) != (part.bytes, &part.sha256) {
            return Err(BackupError::Unsound {
                path: from.to_owned(),
                problems: vec![format!("{} changed while it was copied", part.name)],
            });
        }
        #[cfg(unix)]
        if part.kind == Kind::Public {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(&target, mode).map_err(cannot(&target))?;
        }
    }
    files::sync_directory(draft).map_err(cannot(draft))
}

/// Moves files of ours out of the way; the logs of databases with them, which would be taken for those of the new ones.
fn put_aside(
    data: &Path,
    holds: &[String],
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    let is_ours = |name: &str| {
        // What was signed here is more than what comes back.
        name == "service.checkpoint"
            || KNOWN.iter().any(|(known, _)| {
                name.strip_prefix(known)
                    .is_some_and(|rest| ["", "-wal", "-shm", "-journal"].contains(&rest))
            })
    };
    let moved: Vec<&String> = holds.iter().filter(|name| is_ours(name)).collect();
    if moved.is_empty() {
        return Ok(None);
    }
    let name = format!("before-restore-{}", now.strftime("%Y%m%dT%H%M%S%3fZ"));
    let aside = data.join(name);
    files::create_directory(&aside).map_err(cannot(&aside))?;
    for name in moved {
        let from = data.join(name);
        std::fs::rename(&from, aside.join(name)).map_err(cannot(&from))?;
    }
    Ok(Some(aside))
}

/// Tells the audit logs, so that nobody wonders why they end earlier than a checkpoint that was kept elsewhere.
fn tell(data: &Path, manifest: &Manifest, now: Timestamp) -> Result<(), BackupError> {
    for part in &manifest.files {
        if part.kind != Kind::Database {
            continue;
        }
        let mut store = Sqlite::open(&data.join(&part.name))?;
        store.audit_append(&[NewEntry {
            at: now,
            actor: Actor::system("restore"),
            action: "backup.restore".to_owned(),
            object: Object {
                kind: "backup".to_owned(),
                id: manifest.created.to_string(),
            },
            detail: json!({"sha256": part.sha256, "entries": part.audit_entries, "made_by": manifest.tool_version}),
        }])?;
    }
    Ok(())
}
