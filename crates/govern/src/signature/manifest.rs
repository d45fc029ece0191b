//! What is signed: names, and the digests of their bytes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::digest::Algorithm;
use super::refusal::{Result, malformed, shown, unsupported};

/// Most resources that a manifest may have.
const MOST_RESOURCES: usize = 1_000_000;

/// The name of the one resource of a model that is a single file.
pub const WHOLE: &str = ".";

/// How a model is cut into resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Each file is one.
    Files,
    /// Each stretch of this many bytes of a file is one.
    Shards(u64),
}

/// How a model becomes a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serialization {
    /// How it is cut.
    pub method: Method,
    /// How the pieces are hashed.
    pub algorithm: Algorithm,
    /// Whether symbolic links to files count as those files.
    pub allow_symlinks: bool,
    /// Paths, relative to the model, that are left out, with all that is below them.
    pub ignored: Vec<String>,
}

impl Default for Serialization {
    /// Files by SHA-256, no links.
    fn default() -> Self {
        Self {
            method: Method::Files,
            algorithm: Algorithm::Sha256,
            allow_symlinks: false,
            ignored: Vec::new(),
        }
    }
}

/// A piece of a file: its path, and the bytes from and to when it is a shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Path relative to the model, with `/`; [`WHOLE`] for a model that is one file.
    pub path: String,
    /// First byte, and the one after the last; `None` for the whole file.
    pub range: Option<(u64, u64)>,
}

impl Piece {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            range: None,
        }
    }

    /// How many pieces a file of `size` bytes has.
    #[must_use]
    pub fn count(size: u64, method: Method) -> u64 {
        match method {
            Method::Files => 1,
            Method::Shards(shard) => size.div_ceil(shard.max(1)),
        }
    }

    /// The pieces of a file of `size` bytes.
    #[must_use]
    pub fn of_file(path: &str, size: u64, method: Method) -> Vec<Self> {
        let Method::Shards(shard) = method else {
            return vec![Self::file(path)];
        };
        let shard = shard.max(1);
        let mut pieces = Vec::new();
        let mut from = 0;
        while from < size {
            let to = from.saturating_add(shard).min(size);
            pieces.push(Self {
                path: path.to_owned(),
                range: Some((from, to)),
            });
            from = to;
        }
        pieces
    }

    /// Its name in a manifest.
    #[must_use]
    pub fn name(&self) -> String {
        match self.range {
            Some((from, to)) => format!("{}:{from}:{to}", self.path),
            None => self.path.clone(),
        }
    }

    fn from_name(name: &str, method: Method) -> Result<Self> {
        let piece = match method {
            Method::Files => Self::file(name),
            Method::Shards(_) => {
                let bad = || malformed(format!("`{}` names no shard `path:from:to`", shown(name)));
                let mut parts = name.rsplitn(3, ':');
                let to = parts.next().and_then(decimal).ok_or_else(bad)?;
                let from = parts.next().and_then(decimal).ok_or_else(bad)?;
                let path = parts.next().ok_or_else(bad)?;
                if from >= to {
                    return Err(bad());
                }
                Self {
                    path: path.to_owned(),
                    range: Some((from, to)),
                }
            }
        };
        if piece.path != WHOLE {
            check_path(&piece.path)?;
        }
        Ok(piece)
    }

    /// Order of paths by their parts, as Python orders them.
    fn order(&self, other: &Self) -> Ordering {
        let parts = self.path.split('/').cmp(other.path.split('/'));
        parts.then(self.range.cmp(&other.range))
    }
}

/// Digits without sign or leading zeros.
fn decimal(text: &str) -> Option<u64> {
    let plain =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    plain.then(|| text.parse().ok()).flatten()
}

/// Refuses a path that is not relative, leaves the model, or is not in its one proper form.
fn check_path(path: &str) -> Result<()> {
    let proper = !path.is_empty()
        && !path.contains('\0')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if proper {
        return Ok(());
    }
    Err(malformed(format!(
        "it names the file `{}`, which is not a plain path within the model",
        shown(path)
    )))
}

/// Names and digests of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What the signer called the model; it says nothing about the bytes.
    pub name: String,
    /// How the digests came about.
    pub serialization: Serialization,
    /// Digest by piece.
    pub digests: BTreeMap<Piece, Vec<u8>>,
}

impl Manifest {
    /// An empty one.
    #[must_use]
    pub fn new(name: &str, serialization: Serialization) -> Self {
        Self {
            name: name.to_owned(),
            serialization,
            digests: BTreeMap::new(),
        }
    }

    /// Adds a resource as a signature names it.
    pub(crate) fn add(&mut self, name: &str, digest: Vec<u8>) -> Result<()> {
        if digest.len() != self.serialization.algorithm.size() {
            return Err(malformed(format!(
                "the digest of `{}` has not the length of {}",
                shown(name),
                self.serialization.algorithm.name()
            )));
        }
        if self.digests.len() >= MOST_RESOURCES {
            return Err(unsupported("it names more than a million files"));
        }
        let piece = Piece::from_name(name, self.serialization.method)?;
        if self.digests.insert(piece, digest).is_some() {
            return Err(malformed(format!("it names `{}` twice", shown(name))));
        }
        Ok(())
    }

    /// Whether the model is a single file.
    #[must_use]
    pub fn is_one_file(&self) -> bool {
        !self.digests.is_empty() && self.digests.keys().all(|piece| piece.path == WHOLE)
    }

    /// The files it names.
    #[must_use]
    pub fn files(&self) -> BTreeSet<&str> {
        self.digests
            .keys()
            .map(|piece| piece.path.as_str())
            .collect()
    }

    /// Its resources, in order of their paths.
    pub(crate) fn resources(&self) -> Vec<(&Piece, &[u8])> {
        let mut resources: Vec<_> = self
            .digests
            .iter()
            .map(|(piece, digest)| (piece, digest.as_slice()))
            .collect();
        resources.sort_by(|(a, _), (b, _)| a.order(b));
        resources
    }

    /// How `found`, the manifest of the model at hand, differs from this one, which was signed. Empty
    /// when it does not.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut differences = BTreeSet::new();
        let (signed, there) = (self.files(), found.files());
        for path in signed.union(&there) {
            let difference = match (signed.contains(path), there.contains(path)) {
                (true, false) => Difference::Missing((*path).to_owned()),
                (false, true) => Difference::Extra((*path).to_owned()),
                _ => continue,
            };
            differences.insert(difference);
        }
        for (piece, digest) in &self.digests {
            if there.contains(piece.path.as_str()) && found.digests.get(piece) != Some(digest) {
                differences.insert(Difference::Changed(piece.path.clone()));
            }
        }
        for piece in found.digests.keys() {
            if signed.contains(piece.path.as_str()) && !self.digests.contains_key(piece) {
                differences.insert(Difference::Changed(piece.path.clone()));
            }
        }
        differences.into_iter().collect()
    }
}

/// SHA-256 over digests in their order, which stands for the whole model.
pub(crate) fn root<'d>(digests: impl Iterator<Item = &'d [u8]>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest);
    }
    hash.finalize().to_vec()
}

/// One way in which a model is not what was signed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// A signed file with other bytes.
    Changed(String),
    /// A signed file that is not there.
    Missing(String),
    /// A file that is there and was not signed.
    Extra(String),
    /// Something that is no plain file, or a link where links do not count, and why it cannot be judged.
    NotAFile(String, &'static str),
}

impl Difference {
    /// The path it is about.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Changed(path)
            | Self::Missing(path)
            | Self::Extra(path)
            | Self::NotAFile(path, _) => path,
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Changed(_) => "has other bytes than were signed",
            Self::Missing(_) => "was signed and is not there",
            Self::Extra(_) => "is there and was not signed",
            Self::NotAFile(_, why) => why,
        }
    }

    /// One word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::Missing(_) => "missing",
            Self::Extra(_) => "extra",
            Self::NotAFile(..) => "not-a-file",
        }
    }
}
