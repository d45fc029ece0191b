//! Files whose name promises harmless data, or a model, and whose bytes are something else.
//!
//! Comes last in the list of parsers: it adds to what the others found.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};
use stance_models::magic::Recognise as _;

use stance_models::magic::Magic;
use stance_models::members::{is_certain_model_name, is_data_name, says_device};
use stance_models::payload::script;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

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
        as_program(input).is_some() || as_data(input).is_some()
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
        let program = as_program(input).filter(|_| {
            // What a parser knows by its content is no program, whatever it is called.
            known.is_none()
                || input.magic().is_some_and(Magic::is_program)
                    && is_certain_model_name(input.file_name())
        });
        let (title, make) = match (program, as_data(input)) {
            (Some(title), _) => (title, true),
            // A pickle is a model whatever it is called; an archive only when it holds one.
            (None, Some(magic)) => (magic.title(), false),
            (None, None) => return,
        };
        let detail = format!("it is called `.{}` but is {title}", input.extension());
        let evidence = input.evidence_at(0..8, title);
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

/// The program that a file with the name of a model is.
fn as_program(input: &Input<'_>) -> Option<&'static str> {
    let certain = is_certain_model_name(input.file_name());
    let maybe = is_data_name(input.extension()) && !says_device(input.path());
    if !certain && !maybe {
        return None;
    }
    let head = input.head();
    match input.magic() {
        Some(magic) if magic.is_program() => Some(magic.title()),
        Some(_) => None,
        // No model starts like this, whole executable or not.
        None if head.starts_with(b"MZ") && certain => Some(Magic::Pe.title()),
        None if is_text_format(input.extension()) => None,
        None => is_source(input).then_some(Magic::Script.title()),
    }
}

/// Whether models of this extension are text, which may quote anything.
fn is_text_format(extension: &str) -> bool {
    matches!(extension, "pmml" | "dvc" | "model" | "sav")
}

/// Whether a file is the source text of a program that reaches out.
fn is_source(input: &Input<'_>) -> bool {
    let head = input.head();
    let start = head.get(..script::LONGEST).unwrap_or(head);
    let wide = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    if wide {
        // Two bytes a character, as some shells of Windows write them.
        let narrow: Vec<u8> = start.iter().copied().filter(|byte| *byte != 0).collect();
        return script::acts(narrow.get(2..).unwrap_or_default());
    }
    if input.extension() == "pth"
        && let Some(acts) = script::path_configuration(start)
    {
        return acts;
    }
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    !start.iter().any(control) && script::acts(start)
}

/// The container or pickle that a file with the name of plain data is.
fn as_data(input: &Input<'_>) -> Option<Magic> {
    let extension = input.extension();
    let (_, expected) = DATA.iter().find(|(name, _)| *name == extension)?;
    let magic = input.magic()?;
    (magic.may_hold_model() && Some(magic) != *expected).then_some(magic)
}
