//! Files whose name promises harmless data, or a model, and whose bytes are something else.
//!
//! Comes last in the list of parsers: it adds to what the others found.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};

use crate::input::Input;
use crate::magic::Magic;
use crate::members::is_certain_model_name;
use crate::registry::Inspector;
use crate::report::Facts;

pub(crate) static INSPECTOR: Disguise = Disguise;

/// Extensions of formats that run nothing when they are read, with what they start with, if with anything.
const DATA: &[(&str, Option<Magic>)] = &[
    ("safetensors", Some(Magic::Safetensors)),
    ("gguf", Some(Magic::Gguf)),
    ("ggml", None),
    ("onnx", None),
    ("tflite", Some(Magic::Tflite)),
    ("h5", Some(Magic::Hdf5)),
    ("hdf5", Some(Magic::Hdf5)),
    ("npy", Some(Magic::Npy)),
    ("json", None),
    ("yaml", None),
    ("yml", None),
    ("toml", None),
    ("xml", None),
    ("txt", None),
    ("md", None),
    ("csv", None),
    ("tsv", None),
    ("png", None),
    ("jpg", None),
    ("jpeg", None),
    ("gif", None),
    ("bmp", None),
    ("webp", None),
    ("svg", None),
    ("pdf", None),
    ("wav", None),
    ("mp3", None),
];

pub(crate) struct Disguise;

impl Inspector for Disguise {
    fn name(&self) -> &'static str {
        "disguise"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        as_executable(input).is_some() || as_data(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let known = facts.artifact_mut(input.path());
        // A llamafile is a program by design.
        if known
            .as_ref()
            .is_some_and(|known| known.format == ArtifactFormat::Llamafile)
        {
            return;
        }
        let (magic, make) = match (as_executable(input), as_data(input)) {
            (Some(magic), _) => (magic, true),
            // A pickle is a model whatever it is called; an archive only when it holds one.
            (None, Some(magic)) => (magic, false),
            (None, None) => return,
        };
        let detail = format!(
            "it is called `.{}` but is {}",
            input.extension(),
            magic.title()
        );
        let evidence = input.evidence_at(0..8, magic.title());
        if let Some(known) = known {
            known.anomaly(AnomalyKind::NameMismatch, detail, evidence);
        } else if make {
            let mut artifact = Artifact::new(ArtifactFormat::Other, input.len(), input.evidence());
            artifact.anomaly(AnomalyKind::NameMismatch, detail, evidence);
            let path = Arc::clone(input.path());
            facts.add(&path, Fact::Artifact(Box::new(artifact)));
        }
    }
}

/// The executable that a file with the name of a model is.
fn as_executable(input: &Input<'_>) -> Option<Magic> {
    if !is_certain_model_name(input.file_name()) {
        return None;
    }
    let head = input.head();
    match input.magic() {
        Some(magic) if magic.is_executable() => Some(magic),
        // No model starts like this, whole executable or not.
        None if head.starts_with(b"MZ") => Some(Magic::Pe),
        _ => None,
    }
}

/// The container or pickle that a file with the name of plain data is.
fn as_data(input: &Input<'_>) -> Option<Magic> {
    let extension = input.extension();
    let (_, expected) = DATA.iter().find(|(name, _)| *name == extension)?;
    let magic = input.magic()?;
    (magic.may_hold_model() && Some(magic) != *expected).then_some(magic)
}
