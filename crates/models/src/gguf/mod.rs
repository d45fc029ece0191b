//! GGUF, the file of llama.cpp: typed metadata, tensor descriptions, tensors.
//!
//! Versions 1 to 3; see <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
//! Only metadata and descriptions are read.

#[doc(hidden)]
pub mod assemble;
mod metadata;
mod tensors;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use types::tensor_type;

use std::collections::BTreeSet;
use std::sync::Arc;

use stance_core::fact::{Anomaly, AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Gguf = Gguf;

pub(crate) struct Gguf;

impl Inspector for Gguf {
    fn name(&self) -> &'static str {
        "gguf"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.head().starts_with(b"GGUF")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut file = File {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Gguf, input.len(), input.evidence()),
            at: 4,
            narrow: false,
            alignment: 32,
            keys: BTreeSet::new(),
        };
        if let Err(error) = file.read(facts) {
            error.tell(&mut file, facts);
        }
        let File {
            window, artifact, ..
        } = file;
        window.finish(facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// A file on the way from its start to the end of the descriptions.
struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    at: u64,
    /// Version 1 counts in 32 bits.
    narrow: bool,
    alignment: u64,
    /// The first keys of the metadata, to see one that comes twice.
    keys: BTreeSet<String>,
}

/// Why reading ended early.
enum Error {
    /// The header says something that cannot be.
    Lie(String, u64),
    /// A version or type that nobody has described.
    Unknown(String),
    Stop(Stop, &'static str),
}

impl Error {
    fn tell(self, file: &mut File<'_, '_>, facts: &mut Facts<'_>) {
        let at = file.at;
        let (reason, detail) = match self {
            Self::Lie(detail, from) => {
                let evidence = file
                    .input
                    .evidence_at(from..from.saturating_add(8), &detail);
                file.artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::LyingHeader,
                    detail: detail.clone(),
                    evidence,
                });
                (GapReason::Malformed, detail)
            }
            Self::Stop(Stop::End, what) => {
                let detail = format!("the file ends inside {what}");
                let evidence = file.input.evidence_at(at..file.input.len(), &detail);
                file.artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::Truncated,
                    detail: detail.clone(),
                    evidence,
                });
                (GapReason::Malformed, detail)
            }
            Self::Stop(Stop::Limit, what) => (
                GapReason::Limit,
                format!("{what} are longer than the limit for headers"),
            ),
            Self::Stop(Stop::Failed, what) => {
                (GapReason::Unreadable, format!("cannot read {what}"))
            }
            Self::Unknown(detail) => (GapReason::Malformed, detail),
        };
        let evidence = file.input.evidence_at(at..at.saturating_add(1), &detail);
        facts.gap(reason, format!("GGUF: {detail}"), evidence);
    }
}

impl File<'_, '_> {
    fn read(&mut self, facts: &mut Facts<'_>) -> Result<(), Error> {
        let version = self.u32("the header")?;
        if !(1..=3).contains(&version) {
            let big = version.swap_bytes();
            return Err(Error::Unknown(if (1..=3).contains(&big) {
                format!("version {big} in big-endian order is not read")
            } else {
                format!("version {version} is not known")
            }));
        }
        self.narrow = version == 1;
        self.artifact
            .metadata
            .insert("gguf.version".to_owned(), version.to_string());
        let tensors_at = self.at;
        let tensors = self.count("the header")?;
        let entries_at = self.at;
        let entries = self.count("the header")?;
        let size = self.input.len();
        // The least that an entry or a description takes: a count each that passes cannot be true.
        if entries.saturating_mul(12) > size {
            self.lie(
                format!("it claims {entries} metadata entries in {size} bytes"),
                entries_at,
            );
        }
        if tensors.saturating_mul(16) > size {
            self.lie(
                format!("it claims {tensors} tensors in {size} bytes"),
                tensors_at,
            );
        }
        self.read_metadata(entries, facts)?;
        self.read_tensors(tensors, facts)
    }

    fn lie(&mut self, detail: String, at: u64) {
        let evidence = self.input.evidence_at(at..at.saturating_add(8), &detail);
        self.artifact.anomalies.push(Anomaly {
            kind: AnomalyKind::LyingHeader,
            detail,
            evidence,
        });
    }

    fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        let value = self
            .window
            .u32(self.at)
            .map_err(|stop| Error::Stop(stop, what))?;
        self.at = self.at.saturating_add(4);
        Ok(value)
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, Error> {
        let value = self
            .window
            .u64(self.at)
            .map_err(|stop| Error::Stop(stop, what))?;
        self.at = self.at.saturating_add(8);
        Ok(value)
    }

    /// A count or length, which version 1 writes in 32 bits.
    fn count(&mut self, what: &'static str) -> Result<u64, Error> {
        if self.narrow {
            self.u32(what).map(u64::from)
        } else {
            self.u64(what)
        }
    }

    /// The place and length of a text; the position moves behind it.
    fn text(&mut self, what: &'static str) -> Result<(u64, u64), Error> {
        let from = self.at;
        let length = self.count(what)?;
        let start = self.at;
        let end = start.saturating_add(length);
        if end > self.input.len() {
            let detail = format!(
                "a text in {what} claims {length} bytes, and {} follow",
                self.input.len().saturating_sub(start)
            );
            return Err(Error::Lie(detail, from));
        }
        self.at = end;
        Ok((start, length))
    }

    /// At most `keep` bytes of a text that was passed.
    fn kept(&mut self, (start, length): (u64, u64), keep: usize) -> Result<String, Error> {
        self.window
            .text(start, length, keep)
            .map_err(|stop| Error::Stop(stop, "a text"))
    }
}
