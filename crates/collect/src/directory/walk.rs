//! Which files of a tree are looked at.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use ignore::{DirEntry, WalkBuilder};
use stance_core::Coverage;
use stance_core::fact::GapReason;

use super::cached::{Blobs, blob_of, is_blob};
use super::relevant::is_relevant;
use super::{Ignored, is_inside};
use crate::{Context, Target};

/// What the walk met.
pub(super) enum Entry {
    /// A file to look at.
    File(PathBuf),
    /// A link that stands for a file, and that file.
    Link { path: PathBuf, file: PathBuf },
    /// Something that cannot be looked at.
    Gap {
        path: PathBuf,
        reason: GapReason,
        detail: String,
    },
}

/// Entries go through the queue by the dozen, so that locks cost little.
pub(super) type Batch = Vec<Entry>;

const BATCH: usize = 64;

/// Walks the target and sends what it meets. Ends early when nobody listens.
pub(super) fn walk(target: &Target, context: &Context<'_>, queue: &SyncSender<Batch>) -> Coverage {
    let mut walk = Walk {
        target,
        context,
        queue,
        batch: Vec::with_capacity(BATCH),
        coverage: Coverage::default(),
        visited: HashSet::new(),
        in_repository: Arc::default(),
        blobs: Blobs::default(),
    };
    let respects_ignored = context.ignored != Ignored::All;
    walk.run(respects_ignored, false);
    if context.ignored == Ignored::Relevant && walk.may_ignore_anything() {
        // A second walk that ignores nothing meets what the first one passed over.
        walk.run(false, true);
    }
    for blob in walk.blobs.unnamed() {
        walk.send(Entry::File(blob));
    }
    walk.flush();
    walk.coverage
}

struct Walk<'a> {
    target: &'a Target,
    context: &'a Context<'a>,
    queue: &'a SyncSender<Batch>,
    batch: Batch,
    coverage: Coverage,
    /// Relevant files of the first walk, so that the second one leaves them out.
    visited: HashSet<PathBuf>,
    /// Whether a repository was met on the way.
    in_repository: Arc<AtomicBool>,
    /// What a model cache holds, by its own names.
    blobs: Blobs,
}

impl Walk<'_> {
    fn run(&mut self, respects_ignored: bool, second: bool) {
        let excluded = self.context.exclude_directories.clone();
        let root = self.target.absolute.clone();
        let in_repository = Arc::clone(&self.in_repository);
        let walker = WalkBuilder::new(&self.target.absolute)
            .standard_filters(false)
            .git_ignore(respects_ignored)
            .git_exclude(respects_ignored)
            .parents(respects_ignored)
            // A personal or system-wide list must not change what a scan of the same bytes says,
            // and `.ignore` files are no agreement that a security tool should honour.
            .git_global(false)
            .follow_links(self.context.follow_links)
            .filter_entry(move |entry| {
                if entry.file_name() == ".git" {
                    in_repository.store(true, Ordering::Relaxed);
                }
                entry.depth() == 0 || !is_left_out(entry, &root, &excluded)
            })
            .build();
        for entry in walker {
            match entry {
                Ok(entry) => self.meet(&entry, second),
                Err(error) if !second => self.fail(&error),
                Err(_) => {}
            }
        }
    }

    /// Outside of repositories nothing is ignored, and the first walk has met everything.
    fn may_ignore_anything(&self) -> bool {
        self.in_repository.load(Ordering::Relaxed)
            || self
                .target
                .absolute
                .ancestors()
                .any(|directory| directory.join(".git").exists())
    }

    fn meet(&mut self, entry: &DirEntry, second: bool) {
        let Some(kind) = entry.file_type() else {
            return;
        };
        let relative = entry.path().strip_prefix(&self.target.absolute);
        if relative
            .is_ok_and(|path| !path.as_os_str().is_empty() && self.context.exclude.is_match(path))
        {
            if !second {
                self.coverage.skip("excluded");
            }
            return;
        }
        let relevant = || entry.file_name().to_str().is_some_and(is_relevant);
        if second {
            if kind.is_file() && relevant() && !self.visited.contains(entry.path()) {
                self.send(Entry::File(entry.path().to_owned()));
            }
        } else if kind.is_dir() {
            self.coverage.directories += 1;
        } else if kind.is_file() {
            if self.context.ignored == Ignored::Relevant && relevant() {
                self.visited.insert(entry.path().to_owned());
            }
            if is_blob(entry.path()) {
                self.blobs.meet(entry.path());
                return;
            }
            self.send(Entry::File(entry.path().to_owned()));
        } else if kind.is_symlink()
            && let Some(file) = blob_of(entry.path())
        {
            self.blobs.name(&file);
            let path = entry.path().to_owned();
            self.send(Entry::Link { path, file });
        } else if kind.is_symlink() {
            self.coverage.skip("symbolic_link");
            if !self.leads_somewhere_scanned(entry.path()) {
                self.send(Entry::Gap {
                    path: entry.path().to_owned(),
                    reason: GapReason::Special,
                    detail: "it is a symbolic link out of the scanned tree or to nothing; links are not followed".to_owned(),
                });
            }
        } else {
            self.send(Entry::Gap {
                path: entry.path().to_owned(),
                reason: GapReason::Special,
                detail: "it is a pipe, a socket or a device".to_owned(),
            });
        }
    }

    /// Whether a link leads to something that the walk meets anyway.
    fn leads_somewhere_scanned(&self, link: &Path) -> bool {
        link.canonicalize()
            .is_ok_and(|end| end.starts_with(&self.target.absolute))
    }

    fn fail(&mut self, error: &ignore::Error) {
        let path = path_of(error).unwrap_or(&self.target.absolute).to_owned();
        self.send(Entry::Gap {
            path,
            reason: GapReason::Unreadable,
            detail: error.to_string(),
        });
    }

    fn send(&mut self, entry: Entry) {
        self.batch.push(entry);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // Sending fails only when every worker is gone, which the collector reports.
        let _ = self.queue.send(batch);
    }
}

/// Directories that are never entered: the stores of version control (looked
/// at by a collector of their own), what the caller excludes, and the pseudo
/// file systems, whose files are not files.
fn is_left_out(entry: &DirEntry, root: &Path, excluded: &[PathBuf]) -> bool {
    let path = entry.path();
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        if matches!(
            entry.file_name().to_str(),
            Some(".git" | ".hg" | ".svn" | ".jj")
        ) {
            return true;
        }
        if root == Path::new("/")
            && ["/proc", "/sys", "/dev", "/run"]
                .iter()
                .any(|pseudo| path == Path::new(pseudo))
        {
            return true;
        }
    }
    is_inside(path, excluded)
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}
