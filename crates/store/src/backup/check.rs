//! Whether a backup is what it was when it was made.

use std::path::Path;

use stance_govern::audit::Verifier;

use super::manifest::{Kind, Manifest, Part};
use super::{BackupError, files};
use crate::audit::AuditKey;
use crate::{AuditLog as _, Closeness, Sqlite, examine, examine_form};

/// Checks every file of a backup against the manifest, every database, and every audit log with the key beside it.
///
/// # Errors
///
/// [`BackupError::NoBackup`], or [`BackupError::Unsound`] with everything that is wrong.
pub fn check(directory: &Path) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(directory)?;
    let mut problems = faults(directory, &manifest)?;
    if problems.is_empty() {
        for part in &manifest.files {
            let seen = look(directory, part)?;
            problems.extend(seen.problems);
            if seen.schema != part.schema || seen.audit_entries != part.audit_entries {
                problems.push(format!("{} is not what the manifest tells", part.name));
            }
        }
    }
    if problems.is_empty() {
        Ok(manifest)
    } else {
        Err(BackupError::Unsound {
            path: directory.to_owned(),
            problems,
        })
    }
}

/// Files that are missing or others than the manifest tells.
pub(super) fn faults(directory: &Path, manifest: &Manifest) -> Result<Vec<String>, BackupError> {
    let mut problems = Vec::new();
    for part in &manifest.files {
        match files::digest(&directory.join(&part.name)) {
            Ok((bytes, sha256)) if (bytes, &sha256) == (part.bytes, &part.sha256) => {}
            Ok((bytes, _)) if bytes != part.bytes => problems.push(format!(
                "{} has {bytes} bytes instead of {}",
                part.name, part.bytes
            )),
            Ok(_) => problems.push(format!("{} was changed", part.name)),
            Err(error) => problems.push(format!("{} cannot be read: {error}", part.name)),
        }
    }
    Ok(problems)
}

/// What a file of a backup looks like.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) schema: Option<i64>,
    pub(super) audit_entries: Option<u64>,
    pub(super) problems: Vec<String>,
}

/// Looks into a file of a backup.
pub(super) fn look(directory: &Path, part: &Part) -> Result<Seen, BackupError> {
    let path = directory.join(&part.name);
    let told = |problems: Vec<String>| {
        let name = &part.name;
        let told = problems.into_iter().map(|it| format!("{name}: {it}"));
        told.collect::<Vec<_>>()
    };
    Ok(match part.kind {
        Kind::Secret | Kind::Public => Seen::default(),
        Kind::Advisories => Seen {
            problems: told(examine_form(&path, Closeness::Whole)?),
            ..Seen::default()
        },
        Kind::Database => {
            let examined = examine(&path, Closeness::Whole)?;
            let mut problems = told(examined.damages);
            let mut audit_entries = None;
            // Version 3 brought the log; a database that is damaged is not read any further.
            if problems.is_empty() && examined.schema >= 3 {
                let keys: Vec<_> = AuditKey::public(directory)?.into_iter().collect();
                let store = Sqlite::open_to_read(&path)?;
                let report = store.audit_verify(Verifier::default(), &keys, false)?;
                audit_entries = Some(report.entries);
                problems = told(report.faults.iter().map(ToString::to_string).collect());
            }
            Seen {
                schema: Some(examined.schema),
                audit_entries,
                problems,
            }
        }
    })
}
