//! Which files are read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stance_core::fact::GapReason;

use super::{Logs, extensions, shown};

/// Deepest directory that is looked into.
const DEEPEST: usize = 64;

/// Most files that are read in one run.
const MOST_FILES: usize = 1_000_000;

/// Something to read.
pub(super) struct Entry {
    /// What reports call it.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// A file, and whether it may be reached through a link: one that the user names.
    File(bool),
    StandardInput,
}

/// Lists what lies at a path that the user names.
pub(super) fn list(path: &Path, entries: &mut Vec<Entry>, logs: &mut Logs) -> io::Result<()> {
    if path == Path::new("-") {
        entries.push(Entry {
            name: "standard input".to_owned(),
            path: PathBuf::new(),
            kind: Kind::StandardInput,
        });
        return Ok(());
    }
    // A path that the user names may be a link.
    if fs::metadata(path)?.is_dir() {
        directory(path, 0, entries, logs);
    } else {
        file(path, true, entries);
    }
    Ok(())
}

fn file(path: &Path, named: bool, entries: &mut Vec<Entry>) {
    entries.push(Entry {
        name: shown(path),
        path: path.to_owned(),
        kind: Kind::File(named),
    });
}

fn directory(path: &Path, depth: usize, entries: &mut Vec<Entry>, logs: &mut Logs) {
    let name: Arc<str> = shown(path).into();
    if depth > DEEPEST || entries.len() >= MOST_FILES {
        let detail = "there are more files or deeper directories than are read";
        logs.gap(&name, GapReason::Limit, detail);
        return;
    }
    logs.coverage.directories = logs.coverage.directories.saturating_add(1);
    let mut inside = match fs::read_dir(path) {
        Ok(read) => read.filter_map(Result::ok).collect::<Vec<_>>(),
        Err(error) => {
            logs.gap(&name, GapReason::Unreadable, &error.to_string());
            return;
        }
    };
    inside.sort_by_key(fs::DirEntry::file_name);
    if extensions::is_list(path) {
        let names = inside
            .iter()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect::<Vec<_>>();
        if extensions::are_ids(&names) {
            // What else the extensions hold is their code.
            for name in names {
                for manifest in extensions::manifests(&path.join(name)) {
                    file(&manifest, false, entries);
                }
            }
            inside.retain(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        }
    }
    for entry in inside {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            directory(&path, depth.saturating_add(1), entries, logs);
        } else if kind.is_file() && !is_beside(&path) {
            file(&path, false, entries);
        }
    }
}

/// Files that only belong to a database beside them.
fn is_beside(path: &Path) -> bool {
    let name = path.as_os_str().to_string_lossy();
    ["-wal", "-shm", "-journal"]
        .iter()
        .any(|end| name.ends_with(end))
}
