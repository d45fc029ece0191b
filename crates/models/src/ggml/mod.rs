//! GGML files as llama.cpp wrote them before GGUF: a mark, a version, hyperparameters, the
//! vocabulary, then the tensors, each with a small header.
//!
//! Under the oldest mark, `ggml`, every program of its time had hyperparameters of its own; of those
//! only the mark is told.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason, Tensor};

use crate::gguf::tensor_type;
use crate::weights::{self, Element};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Ggml = Ggml;

/// Most tokens and tensors.
const MOST: u32 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Without a version.
    Plain,
    /// With a version.
    Versioned,
    /// With a version and aligned tensors.
    Aligned,
    /// A LoRA adapter.
    Adapter,
}

fn mark(head: &[u8]) -> Option<Mark> {
    // Numbers, so the letters stand the other way round.
    match head.first_chunk::<4>()? {
        b"lmgg" => Some(Mark::Plain),
        b"fmgg" => Some(Mark::Versioned),
        b"tjgg" => Some(Mark::Aligned),
        b"algg" => Some(Mark::Adapter),
        _ => None,
    }
}

pub(crate) struct Ggml;

impl Inspector for Ggml {
    fn name(&self) -> &'static str {
        "ggml"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        mark(input.head()).is_some() && input.len() >= 32
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Ggml, input.len(), input.evidence());
        let mut file = File {
            window: Window::new(input, input.options().limits.header),
            at: 4,
            aligned: false,
            tensors: Vec::new(),
        };
        let end = match mark(input.head()) {
            Some(Mark::Plain) | None => Ok(()),
            Some(mark) => file.read(mark, &mut artifact),
        };
        match end {
            Ok(()) => {}
            Err(End::Lie(detail)) => {
                let at = file.at;
                let evidence = input.evidence_at(at..at.saturating_add(4), &detail);
                facts.gap(GapReason::Malformed, detail.clone(), evidence.clone());
                artifact.anomaly(AnomalyKind::LyingHeader, detail, evidence);
            }
            Err(End::Stop(stop)) => {
                let (reason, detail) = match stop {
                    Stop::End => (GapReason::Malformed, "the file ends inside its structure"),
                    Stop::Limit => (
                        GapReason::Limit,
                        "its structure is longer than the limit for headers",
                    ),
                    Stop::Failed => (GapReason::Unreadable, "it cannot be read"),
                };
                facts.gap(reason, format!("GGML: {detail}"), input.evidence());
            }
        }
        let File {
            window, tensors, ..
        } = file;
        window.finish(facts);
        describe(input, &tensors, &mut artifact, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn describe(input: &Input<'_>, tensors: &[Tensor], artifact: &mut Artifact, facts: &mut Facts<'_>) {
    if tensors.is_empty() {
        return;
    }
    artifact.tensors = Some(tensors.len() as u64);
    let elements = |tensor: &Tensor| {
        tensor
            .shape
            .iter()
            .fold(1_u64, |all, size| all.saturating_mul(*size))
    };
    artifact.parameters = Some(
        tensors
            .iter()
            .fold(0, |sum: u64, tensor| sum.saturating_add(elements(tensor))),
    );
    for tensor in tensors {
        let count = artifact.dtypes.entry(tensor.dtype.clone()).or_default();
        *count = count.saturating_add(1);
        artifact.list_tensor(input.options().limits.tensors, || tensor.clone());
    }
    let places = tensors.iter().filter_map(|tensor| {
        Some(weights::Tensor {
            name: &tensor.name,
            element: Element::of(&tensor.dtype),
            at: tensor.offset?,
            bytes: tensor.bytes?,
            row: None,
        })
    });
    weights::examine(input, places, artifact, facts);
}

enum End {
    Lie(String),
    Stop(Stop),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

struct File<'a> {
    window: Window<'a>,
    at: u64,
    aligned: bool,
    tensors: Vec<Tensor>,
}

impl File<'_> {
    fn read(&mut self, mark: Mark, artifact: &mut Artifact) -> Result<(), End> {
        let version = self.u32()?;
        let mut keep = |key: &str, value: u32| {
            artifact.metadata.insert(key.to_owned(), value.to_string());
        };
        keep("version", version);
        self.aligned = matches!(mark, Mark::Aligned | Mark::Adapter);
        if mark == Mark::Adapter {
            keep("lora.rank", self.u32()?);
            keep("lora.alpha", self.u32()?);
            artifact.architecture = Some("LoRA adapter".to_owned());
        } else {
            let words = self.u32()?;
            keep("vocabulary", words);
            for key in [
                "embedding",
                "multiple",
                "heads",
                "layers",
                "rotation",
                "file_type",
            ] {
                keep(key, self.u32()?);
            }
            artifact.architecture = Some("llama".to_owned());
            // The least that a word takes: its length and its score.
            if u64::from(words).saturating_mul(8) > self.window.len() || words > MOST {
                return Err(End::Lie(format!(
                    "it claims a vocabulary of {words} words in {} bytes",
                    self.window.len()
                )));
            }
            for _ in 0..words {
                let length = self.u32()?;
                self.pass(u64::from(length).saturating_add(4), "a word")?;
            }
        }
        while self.at < self.window.len() {
            if self.tensors.len() >= MOST as usize {
                return Err(End::Stop(Stop::Limit));
            }
            self.tensor()?;
        }
        Ok(())
    }

    fn tensor(&mut self) -> Result<(), End> {
        let dimensions = self.u32()?;
        let name_length = self.u32()?;
        let kind = self.u32()?;
        if dimensions > 4 || name_length > 512 {
            return Err(End::Lie(format!(
                "a tensor claims {dimensions} dimensions and a name of {name_length} bytes"
            )));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(u64::from(self.u32()?));
        }
        let name = self.window.text(self.at, u64::from(name_length), 80)?;
        self.pass(u64::from(name_length), "the name of a tensor")?;
        if self.aligned {
            self.at = self.at.next_multiple_of(32);
        }
        let Some(known) = tensor_type(kind) else {
            return Err(End::Lie(format!(
                "the tensor {name:?} has the unknown type {kind}"
            )));
        };
        let elements = shape
            .iter()
            .fold(1_u64, |all, size| all.saturating_mul(*size));
        let bytes = elements.div_ceil(known.block).saturating_mul(known.bytes);
        let offset = self.at;
        self.pass(bytes, "a tensor")?;
        self.tensors.push(Tensor {
            name,
            dtype: known.name.to_owned(),
            shape,
            offset: Some(offset),
            bytes: Some(bytes),
        });
        Ok(())
    }

    fn u32(&mut self) -> Result<u32, End> {
        let value = self.window.u32(self.at)?;
        self.at = self.at.saturating_add(4);
        Ok(value)
    }

    fn pass(&mut self, bytes: u64, what: &str) -> Result<(), End> {
        let left = self.window.len().saturating_sub(self.at);
        if bytes > left {
            return Err(End::Lie(format!(
                "{what} claims {bytes} bytes, and {left} follow"
            )));
        }
        self.at = self.at.saturating_add(bytes);
        Ok(())
    }
}
