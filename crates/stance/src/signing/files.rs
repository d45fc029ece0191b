//! The files of a model, and their digests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail, ensure};
use stance_govern::signature::{Difference, Manifest, Piece, Serialization, WHOLE};

/// What the tools of this field leave out at the top of a model: it changes without the model.
const OF_GIT: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Which files of a model count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Paths relative to the model that are left out, with all below them.
    ignored: BTreeSet<String>,
    /// Whether links to files count as those files.
    pub(crate) allow_symlinks: bool,
}

impl Selection {
    /// Leaves out what users name, the signature itself, and, unless they say otherwise, the files of git.
    pub(crate) fn new(
        model: &Path,
        ignored: &[PathBuf],
        signature: &Path,
        with_git: bool,
    ) -> anyhow::Result<Self> {
        let mut selection = Self::default();
        for path in ignored {
            let within = within(model, path).with_context(|| {
                format!(
                    "cannot ignore {}: it does not lie in the model",
                    path.display()
                )
            })?;
            selection.ignored.insert(within);
        }
        if !with_git {
            selection.ignored.extend(OF_GIT.map(str::to_owned));
        }
        if let Some(path) = signature_within(model, signature) {
            selection.ignored.insert(path);
        }
        Ok(selection)
    }

    /// Also leaves out what a verified signature says it left out.
    pub(crate) fn also_ignore(&mut self, paths: &[String]) {
        self.ignored
            .extend(paths.iter().filter_map(|path| plain(Path::new(path))));
    }

    /// What is left out, in order.
    pub(crate) fn ignored(&self) -> Vec<String> {
        self.ignored.iter().cloned().collect()
    }

    pub(crate) fn ignores(&self, path: &str) -> bool {
        let mut end = Some(path);
        while let Some(part) = end {
            if self.ignored.contains(part) {
                return true;
            }
            end = part.rsplit_once('/').map(|(above, _)| above);
        }
        false
    }
}

/// A path as one relative to the model, as people may write it: absolute, from the working directory
/// through the model's own path, or from the model on.
fn within(model: &Path, path: &Path) -> Option<String> {
    if let Ok(rest) = path.strip_prefix(model) {
        return plain(rest);
    }
    if path.is_absolute() {
        let absolute = std::path::absolute(model).ok()?;
        return plain(path.strip_prefix(absolute).ok()?);
    }
    plain(path)
}

/// Where in a model its signature lies, if it does.
fn signature_within(model: &Path, signature: &Path) -> Option<String> {
    let directory = signature.parent().map_or(Path::new("."), |parent| {
        if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        }
    });
    let directory = directory.canonicalize().ok()?;
    let model = model.canonicalize().ok()?;
    let path = directory.join(signature.file_name()?);
    plain(path.strip_prefix(model).ok()?)
}

/// The one proper form of a relative path, with `/`; `None` for one that is absolute, empty or leads out.
fn plain(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The files of a model with their sizes, and what there is besides.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Size by path relative to the model, [`WHOLE`] for a model that is one file.
    pub(crate) files: BTreeMap<String, u64>,
    /// Links and special files, which no signature can cover.
    pub(crate) problems: Vec<Difference>,
}

impl Listing {
    /// Lists a model.
    pub(crate) fn of(model: &Path, selection: &Selection) -> anyhow::Result<Self> {
        let metadata =
            std::fs::metadata(model).with_context(|| format!("cannot read {}", model.display()))?;
        let mut listing = Self::default();
        if metadata.is_file() {
            listing.files.insert(WHOLE.to_owned(), metadata.len());
            return Ok(listing);
        }
        ensure!(
            metadata.is_dir(),
            "{} is neither a file nor a directory",
            model.display()
        );
        let mut directories = vec![(model.to_owned(), String::new())];
        while let Some((directory, prefix)) = directories.pop() {
            let failed = || format!("cannot list {}", directory.display());
            for entry in std::fs::read_dir(&directory).with_context(failed)? {
                let entry = entry.with_context(failed)?;
                let name = entry.file_name();
                let path = format!("{prefix}{}", name.to_string_lossy());
                if selection.ignores(&path) {
                    continue;
                }
                if name.to_str().is_none() {
                    listing.problem(path, "has a name that no signature can hold (no UTF-8)");
                    continue;
                }
                listing.take(&entry.path(), path, selection, &mut directories)?;
            }
        }
        listing.problems.sort();
        Ok(listing)
    }

    fn take(
        &mut self,
        at: &Path,
        path: String,
        selection: &Selection,
        directories: &mut Vec<(PathBuf, String)>,
    ) -> anyhow::Result<()> {
        let failed = || format!("cannot read {}", at.display());
        let metadata = std::fs::symlink_metadata(at).with_context(failed)?;
        if metadata.is_symlink() {
            if !selection.allow_symlinks {
                self.problem(
                    path,
                    "is a symbolic link (--allow-symlinks lets links to files count)",
                );
                return Ok(());
            }
            match std::fs::metadata(at) {
                Ok(target) if target.is_file() => {
                    self.files.insert(path, target.len());
                }
                Ok(target) if target.is_dir() => {
                    self.problem(
                        path,
                        "is a symbolic link to a directory, which no signature covers",
                    );
                }
                _ => self.problem(path, "is a symbolic link that leads to no file"),
            }
        } else if metadata.is_dir() {
            directories.push((at.to_owned(), format!("{path}/")));
        } else if metadata.is_file() {
            self.files.insert(path, metadata.len());
        } else {
            self.problem(path, "is neither a file nor a directory");
        }
        Ok(())
    }

    fn problem(&mut self, path: String, why: &'static str) {
        self.problems.push(Difference::NotAFile(path, why));
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().sum()
    }
}

/// Hashes files of a model, on all cores. A file that shrinks meanwhile is an error.
pub(crate) fn hash(
    model: &Path,
    files: &BTreeMap<String, u64>,
    name: &str,
    serialization: &Serialization,
) -> anyhow::Result<Manifest> {
    let mut pieces: Vec<(Piece, u64)> = Vec::new();
    for (path, size) in files {
        for piece in Piece::of_file(path, *size, serialization.method) {
            let bytes = piece.range.map_or(*size, |(from, to)| to - from);
            pieces.push((piece, bytes));
        }
    }
    // The largest first, so that no core is left with it at the end.
    pieces.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Manifest::new(name, serialization.clone()));
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let work = || -> anyhow::Result<()> {
            let mut buffer = vec![0; CHUNK];
            while let Some((piece, _)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                let digest = digest(model, piece, serialization, &mut buffer)?;
                if let Ok(mut manifest) = done.lock() {
                    manifest.digests.insert(piece.clone(), digest);
                }
            }
            Ok(())
        };
        let others: Vec<_> = (1..cores.min(pieces.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut result = work();
        for other in others {
            match other.join() {
                Ok(outcome) => result = result.and(outcome),
                Err(_) => bail!("a thread that hashes broke down"),
            }
        }
        result
    })?;
    Ok(done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn digest(
    model: &Path,
    piece: &Piece,
    serialization: &Serialization,
    buffer: &mut [u8],
) -> anyhow::Result<Vec<u8>> {
    let path = if piece.path == WHOLE {
        model.to_owned()
    } else {
        model.join(&piece.path)
    };
    let failed = || format!("cannot read {}", path.display());
    let mut file = File::open(&path).with_context(failed)?;
    let mut left = u64::MAX;
    if let Some((from, to)) = piece.range {
        file.seek(SeekFrom::Start(from)).with_context(failed)?;
        left = to - from;
    }
    let mut hasher = serialization.algorithm.start();
    while left > 0 {
        let wanted = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = match file.read(&mut buffer[..wanted]) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(failed),
        };
        if read == 0 {
            ensure!(
                piece.range.is_none(),
                "{} changed while it was read",
                path.display()
            );
            break;
        }
        hasher.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(hasher.finish())
}
