//! The cache of the Hugging Face hub: `snapshots/<revision>/<file>` are links to `blobs/<digest>`.
//!
//! The names stand in the snapshots and the bytes in the blobs; a loader opens the first and gets
//! the second. So does a scan, although it follows no other links: one that leads from a
//! snapshot to a blob of the same repository leads nowhere else.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The blob that a link of a snapshot leads to; `None` for any other link.
pub(super) fn blob_of(link: &Path) -> Option<PathBuf> {
    let snapshots = link
        .ancestors()
        .skip(2)
        .find(|above| above.file_name().is_some_and(|name| name == "snapshots"))?;
    let blobs = snapshots.parent()?.join("blobs").canonicalize().ok()?;
    let blob = link.canonicalize().ok()?;
    let is_blob = blob.parent() == Some(&*blobs) && blob.is_file() && is_digest(&blob);
    is_blob.then_some(blob)
}

/// Whether a file is a blob of a cache that has snapshots.
pub(super) fn is_blob(path: &Path) -> bool {
    let blobs = path.parent();
    is_digest(path)
        && blobs.is_some_and(|blobs| {
            blobs.file_name().is_some_and(|name| name == "blobs")
                && blobs
                    .parent()
                    .is_some_and(|repository| repository.join("snapshots").is_dir())
        })
}

/// Blobs are called after SHA-1 or SHA-256.
fn is_digest(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The blobs that were met, some under the name that a snapshot gives them.
#[derive(Default)]
pub(super) struct Blobs {
    met: Vec<PathBuf>,
    named: HashSet<PathBuf>,
}

impl Blobs {
    pub(super) fn meet(&mut self, blob: &Path) {
        self.met.push(blob.to_owned());
    }

    pub(super) fn name(&mut self, blob: &Path) {
        self.named.insert(blob.to_owned());
    }

    /// Those that no snapshot names: they are files like any other.
    pub(super) fn unnamed(&mut self) -> Vec<PathBuf> {
        let met = std::mem::take(&mut self.met);
        met.into_iter()
            .filter(|blob| {
                let whole = blob.canonicalize();
                !whole.is_ok_and(|whole| self.named.contains(&whole))
            })
            .collect()
    }
}
