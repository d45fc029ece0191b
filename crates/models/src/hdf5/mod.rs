//! HDF5, as Keras 2 and many others write it: groups, datasets, attributes.
//!
//! A reader of its own that looks only at structure: which datasets there are,
//! which other files they pull in, and what Keras has written into attributes.
//! See <https://docs.hdfgroup.org/archive/support/HDF5/doc/H5.format.html>.

#[doc(hidden)]
pub mod assemble;
mod attribute;
mod data;
mod dense;
mod group;
mod heap;
mod keras;
mod link;
mod message;
mod object;
mod superblock;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, External, Fact, GapReason,
};

use stance_read::Inspector;
use stance_read::external;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Hdf5 = Hdf5;

/// Objects of one file that are visited.
const OBJECTS: usize = 200_000;

/// Messages, symbols and records that are looked at in all: parts of a hostile
/// file may lie on top of each other and be read any number of times.
const PARTS: u32 = 4_000_000;

/// Bytes of configuration that are read in all.
const TEXT: u64 = 32 * 1024 * 1024;

/// Outside files that are told.
const EXTERNALS: usize = 256;

pub(crate) struct Hdf5;

impl Inspector for Hdf5 {
    fn name(&self) -> &'static str {
        "hdf5"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        superblock::find(input.head()).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut file = File {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Hdf5, input.len(), input.evidence()),
            base: 0,
            offsets: 8,
            lengths: 8,
            seen: HashSet::new(),
            open: Vec::new(),
            stored: Vec::new(),
            externals: BTreeSet::new(),
            plugins: BTreeSet::new(),
            gaps: BTreeSet::new(),
            parts_left: PARTS,
            text_left: TEXT,
            tensors: 0,
            parameters: 0,
            keras: false,
        };
        file.read();
        file.examine(facts);
        if file.keras {
            file.artifact.framework = Some("keras".to_owned());
        } else {
            file.artifact.framework = None;
        }
        file.artifact.tensors = Some(file.tensors);
        file.artifact.parameters = Some(file.parameters);
        for (reason, detail) in std::mem::take(&mut file.gaps) {
            facts.gap(reason, format!("HDF5: {detail}"), input.evidence());
        }
        let File {
            window, artifact, ..
        } = file;
        window.finish(facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Why a part of the file was left.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Error {
    Stop(Stop),
    /// Something else stands where this should.
    Missing(&'static str),
    /// A form that is not read.
    Unread(&'static str),
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    /// What addresses count from.
    base: u64,
    /// Bytes of an address and of a length.
    offsets: u8,
    lengths: u8,
    /// Addresses of objects and nodes that were visited, so that cycles end.
    seen: HashSet<u64>,
    open: Vec<u64>,
    /// The data of datasets, until the structure was read.
    stored: Vec<data::Stored>,
    externals: BTreeSet<String>,
    /// Numbers of filters that libraries bring.
    plugins: BTreeSet<u16>,
    gaps: BTreeSet<(GapReason, String)>,
    parts_left: u32,
    text_left: u64,
    tensors: u64,
    parameters: u64,
    keras: bool,
}

impl File<'_, '_> {
    fn read(&mut self) {
        let root = match self.read_superblock() {
            Ok(root) => root,
            Err(error) => return self.note(error),
        };
        self.visit(root);
        while let Some(address) = self.open.pop() {
            if self.parts_left == 0 {
                return self.note(Error::Unread("what follows the first four million parts"));
            }
            if let Err(error) = self.read_object(address) {
                self.note(error);
            }
        }
    }

    /// Takes one part from what may be looked at.
    fn spend(&mut self) -> Result<(), Error> {
        self.spend_many(0)
    }

    /// Counts a part that holds `more` others.
    fn spend_many(&mut self, more: u64) -> Result<(), Error> {
        self.parts_left = u32::try_from(more)
            .ok()
            .and_then(|more| more.checked_add(1))
            .and_then(|count| self.parts_left.checked_sub(count))
            .ok_or(Error::Unread("what follows the first four million parts"))?;
        Ok(())
    }

    /// Remembers an object for a visit, unless it was visited.
    fn visit(&mut self, address: u64) {
        if self.seen.len() >= OBJECTS {
            let detail = format!("only the first {OBJECTS} objects are looked at");
            self.gaps.insert((GapReason::Limit, detail));
        } else if self.seen.insert(address) {
            self.open.push(address);
        }
    }

    /// Remembers that a part could not be read; each reason once.
    fn note(&mut self, error: Error) {
        let (reason, detail) = match error {
            Error::Stop(Stop::End) => (
                GapReason::Malformed,
                "an address or length leads out of the file".to_owned(),
            ),
            Error::Stop(Stop::Limit) => (
                GapReason::Limit,
                "its structure is longer than the limit for headers".to_owned(),
            ),
            Error::Stop(Stop::Failed) => (GapReason::Unreadable, "it cannot be read".to_owned()),
            Error::Missing(what) => (
                GapReason::Malformed,
                format!("there is no {what} where one should be"),
            ),
            Error::Unread(what) => (GapReason::Limit, format!("{what} is not read")),
        };
        if error == Error::Stop(Stop::End) && self.gaps.is_empty() {
            self.artifact.anomalies.push(Anomaly {
                kind: AnomalyKind::Truncated,
                detail: detail.clone(),
                evidence: self.input.evidence(),
            });
        }
        if self.gaps.len() < 16 {
            self.gaps.insert((reason, detail));
        }
    }

    fn add_external(&mut self, location: String, what: &str, at: u64) {
        if self.externals.len() >= EXTERNALS || !self.externals.insert(location.clone()) {
            return;
        }
        let evidence = self
            .input
            .evidence_at(at..at.saturating_add(1), format!("{what}: {location:?}"));
        self.artifact.external.push(External {
            escapes: external::escapes(&location),
            location,
            evidence,
        });
    }

    /// The place in the file that an address stands for; `None` for the address of nothing.
    fn place(&self, address: u64) -> Option<u64> {
        let nothing = match self.offsets {
            8 => u64::MAX,
            width => (1_u64 << u32::from(width).saturating_mul(8)).wrapping_sub(1),
        };
        (address != nothing).then(|| self.base.saturating_add(address))
    }

    /// A number of `width` bytes.
    fn number(&mut self, at: u64, width: u8) -> Result<u64, Error> {
        let bytes = self.window.get(at, usize::from(width.min(8)))?;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(u64::from_le_bytes(wide))
    }

    fn offset(&mut self, at: u64) -> Result<u64, Error> {
        self.number(at, self.offsets)
    }

    fn length(&mut self, at: u64) -> Result<u64, Error> {
        self.number(at, self.lengths)
    }

    /// Whether these bytes stand at a place.
    fn expect(&mut self, at: u64, mark: &[u8], what: &'static str) -> Result<(), Error> {
        if self.window.get(at, mark.len())? == mark {
            Ok(())
        } else {
            Err(Error::Missing(what))
        }
    }

    /// Text up to its NUL, of at most `most` bytes.
    fn c_string(&mut self, at: u64, most: usize) -> Result<String, Error> {
        let rest = usize::try_from(self.input.len().saturating_sub(at)).unwrap_or(most);
        let bytes = self.window.get(at, most.min(rest))?;
        let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
    }
}

/// `at + more` without overflow.
fn plus(at: u64, more: impl Into<u64>) -> u64 {
    at.saturating_add(more.into())
}
