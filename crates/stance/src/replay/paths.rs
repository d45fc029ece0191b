//! The files of the paths that are named.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Deepest directory that is looked through.
const DEEPEST: usize = 32;

/// All files, those of a directory in the order of their names. Links in directories are not followed.
pub(crate) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            all.push(path.clone());
            continue;
        }
        let meta =
            std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if meta.is_dir() {
            walk(path, 0, &mut all)?;
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}

fn walk(directory: &Path, depth: usize, all: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let told = || format!("cannot read {}", directory.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).with_context(told)? {
        let entry = entry.with_context(told)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden {
            entries.push((entry.path(), entry.file_type().with_context(told)?));
        }
    }
    entries.sort_by(|one, two| one.0.cmp(&two.0));
    for (path, kind) in entries {
        if kind.is_dir() && depth < DEEPEST {
            walk(&path, depth + 1, all)?;
        } else if kind.is_file() {
            all.push(path);
        }
    }
    Ok(())
}
