//! What is scanned, and what its paths are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Stream, StreamOptions};

/// A directory or file that is scanned.
#[derive(Clone, Debug)]
pub struct Target {
    /// As people wrote it.
    pub given: PathBuf,
    /// Absolute, links resolved; what the store keys by.
    pub absolute: PathBuf,
    /// What the scanned root is called: the last part of its absolute path.
    pub name: String,
    /// The directory that evidence paths are relative to.
    base: PathBuf,
    /// What stands before every evidence path; empty for a single target.
    prefix: String,
    /// What it is when it is no path.
    stream: Option<Stream>,
}

/// Why a path cannot be scanned.
#[derive(Debug, thiserror::Error)]
#[error("cannot scan `{}`: {source}", path.display())]
pub struct TargetError {
    path: PathBuf,
    source: std::io::Error,
}

impl Target {
    /// A target alone: its evidence paths are relative to it.
    ///
    /// # Errors
    /// When the path does not exist or cannot be resolved.
    pub fn new(path: &Path) -> Result<Self, TargetError> {
        if let Some(stream) = Stream::parse(path) {
            return Ok(Self {
                given: PathBuf::from(stream.shown()),
                absolute: PathBuf::from(stream.shown()),
                name: stream.shown(),
                base: PathBuf::new(),
                prefix: String::new(),
                stream: Some(stream),
            });
        }
        let failed = |source| TargetError {
            path: path.to_owned(),
            source,
        };
        let absolute = path.canonicalize().map_err(failed)?;
        let metadata = absolute.metadata().map_err(failed)?;
        let base = if metadata.is_dir() {
            absolute.clone()
        } else {
            absolute.parent().map_or_else(PathBuf::new, Path::to_owned)
        };
        let name = absolute
            .file_name()
            .map_or_else(|| "root".to_owned(), |name| display(Path::new(name)));
        Ok(Self {
            given: path.to_owned(),
            absolute,
            name,
            base,
            prefix: String::new(),
            stream: None,
        })
    }

    /// What it is when it is no path: standard input, an address.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    /// What a stream is called in evidence: its file name, and among others where it comes from.
    #[must_use]
    pub fn stream_name(&self, stream: &Stream, options: &StreamOptions) -> Arc<str> {
        let name = stream.file_name(options);
        match (&*self.prefix, stream) {
            ("", _) | (_, Stream::StandardInput) => name.into(),
            (whole, _) => whole.into(),
        }
    }

    /// A target among others: its evidence paths start with the path as given.
    #[must_use]
    pub fn among_others(mut self) -> Self {
        if let Some(stream) = &self.stream {
            self.prefix = stream.shown();
        } else if self.base == self.absolute {
            let given = display(&self.given);
            let given = given.trim_start_matches("./").trim_end_matches('/');
            self.prefix = format!("{given}/");
        } else if let Some(parent) = self
            .given
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            self.prefix = format!("{}/", display(parent));
        }
        self
    }

    /// What has to be readable to look at the target: itself, and the blobs of a model cache when it
    /// is one of its snapshots. Nothing for a stream.
    #[must_use]
    pub fn readable(&self) -> Vec<PathBuf> {
        if self.stream.is_some() {
            return Vec::new();
        }
        let mut readable = vec![self.absolute.clone()];
        let mut above = self.absolute.ancestors();
        let snapshots =
            above.find(|above| above.file_name().is_some_and(|name| name == "snapshots"));
        if let Some(repository) = snapshots.and_then(Path::parent) {
            let blobs = repository.join("blobs");
            readable.extend(Some(blobs).filter(|blobs| blobs.is_dir()));
        }
        readable
    }

    /// Where the file or directory of an evidence path lies; the inverse of [`Target::evidence_path`] for
    /// names in UTF-8.
    #[must_use]
    pub fn on_disk(&self, evidence_path: &str) -> PathBuf {
        let relative = evidence_path
            .strip_prefix(&self.prefix)
            .unwrap_or(evidence_path);
        self.base.join(relative)
    }

    /// The evidence path of the target itself, when it is a file.
    #[must_use]
    pub fn file(&self) -> Option<Arc<str>> {
        (self.stream.is_none() && self.base != self.absolute)
            .then(|| self.evidence_path(&self.absolute))
    }

    /// The evidence path of a file of this target.
    #[must_use]
    pub fn evidence_path(&self, path: &Path) -> Arc<str> {
        let relative = path.strip_prefix(&self.base).unwrap_or(path);
        format!("{}{}", self.prefix, display(relative)).into()
    }
}

/// A path with `/` between its parts; bytes that are not UTF-8 become `\xNN`,
/// so that two names never become one.
pub(crate) fn display(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        if std::path::MAIN_SEPARATOR == '/' {
            out.push_str(chunk.valid());
        } else {
            out.push_str(&chunk.valid().replace(std::path::MAIN_SEPARATOR, "/"));
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn names_that_are_not_utf8_stay_apart() {
        let path = |bytes: &'static [u8]| display(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(path(b"a/\xff.pkl"), "a/\\xff.pkl");
        assert_ne!(path(b"\xfe"), path(b"\xff"));
    }
}
