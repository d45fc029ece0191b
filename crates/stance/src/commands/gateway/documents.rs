//! Documents of one's own whose passages are known again: read at the start, and kept as hashes only.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use stance_guard::leak::Fingerprints;
use stance_guard::policy::FingerprintSettings;

/// Largest file that is read, most that is read in all, and most files.
const LARGEST: u64 = 1 << 20;
const MOST: u64 = 512 << 20;
const FILES: usize = 100_000;

/// Directories with what others wrote, or what is made.
const LEFT_OUT: [&str; 6] = [
    "node_modules",
    "target",
    "venv",
    "__pycache__",
    "vendor",
    "dist",
];

/// Reads what the settings name; `settings` is their file, which relative paths are relative to.
pub(super) fn read(
    set: &FingerprintSettings,
    settings: &Path,
) -> anyhow::Result<Option<Fingerprints>> {
    if set.paths.is_empty() {
        return Ok(None);
    }
    let base = settings.parent().unwrap_or_else(|| Path::new("."));
    let mut known = Fingerprints::default();
    let mut left = Left {
        bytes: MOST,
        files: FILES,
    };
    for path in &set.paths {
        walk(&base.join(path), &mut left, &mut |path, text| {
            let name = path.strip_prefix(base).unwrap_or(path);
            known.add(&name.display().to_string(), text);
        })?;
    }
    for path in &set.except {
        walk(&base.join(path), &mut left, &mut |_, text| {
            known.except(text);
        })?;
    }
    Ok(Some(known))
}

/// How much may still be read.
struct Left {
    bytes: u64,
    files: usize,
}

/// Gives every text below a path, in the order of names. Links are not followed; what is larger than a text that people
/// write, hidden, made or of others is left out.
fn walk(path: &Path, left: &mut Left, each: &mut impl FnMut(&Path, &str)) -> anyhow::Result<()> {
    let cannot = || format!("guard.fingerprints: cannot read {}", path.display());
    let meta = std::fs::metadata(path).with_context(cannot)?;
    if meta.is_file() {
        return file(path, left, each);
    }
    let mut open: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(directory) = open.pop() {
        let cannot = || format!("guard.fingerprints: cannot read {}", directory.display());
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&directory).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            entries.push((entry.path(), entry.file_type().with_context(cannot)?));
        }
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (path, kind) in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            if kind.is_file() {
                file(&path, left, each)?;
            } else if kind.is_dir() && !LEFT_OUT.contains(&name.as_ref()) {
                open.push(path);
            }
        }
    }
    Ok(())
}

fn file(path: &Path, left: &mut Left, each: &mut impl FnMut(&Path, &str)) -> anyhow::Result<()> {
    let cannot = || format!("guard.fingerprints: cannot read {}", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .with_context(cannot)?;
    let length = bytes.len() as u64;
    if length > LARGEST {
        return Ok(());
    }
    // What is no text has no passages.
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(());
    };
    if left.bytes < length || left.files == 0 {
        bail!(
            "guard.fingerprints: more than {} MiB or {FILES} files; name what matters",
            MOST >> 20
        );
    }
    left.bytes -= length;
    left.files -= 1;
    each(path, &text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_what_is_of_others_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let text = "fn premium(age: u32) -> Money { TABLE.lookup(age).unwrap_or(DEFAULT_PREMIUM) }";
        for (place, bytes) in [
            ("src/a.rs", text.as_bytes()),
            (
                "src/node_modules/b.rs",
                b"let others = wrote(this, and, nobody, looks, at, it);",
            ),
            (
                "src/.git/c",
                b"let hidden = files(are, not, looked, at, by, anybody);",
            ),
            (
                "src/d.bin",
                b"\xff\xfe let binary = files(are, not, texts, at, all);",
            ),
        ] {
            let path = root.join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let settings = root.join("stance.toml");
        let set = |paths: &[&str]| FingerprintSettings {
            paths: paths.iter().map(|it| (*it).to_owned()).collect(),
            ..FingerprintSettings::default()
        };
        let known = read(&set(&["src"]), &settings).unwrap().unwrap();
        let mut alone = Fingerprints::default();
        alone.add("a", text);
        assert_eq!(known.len(), alone.len());
        assert!(read(&set(&[]), &settings).unwrap().is_none());
        let error = format!("{:#}", read(&set(&["gone"]), &settings).unwrap_err());
        assert!(
            error.contains("guard.fingerprints") && error.contains("gone"),
            "{error}"
        );
    }
}
