//! The files of a classifier, read within bounds.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use stance_classifier::tokenizer::MOST_BYTES as MOST_TOKENIZER;
use stance_core::Severity;
use stance_core::fact::Fact;
use stance_inspect::{Bytes, Interests, Limits, Options};

use crate::commands::findings;

/// Largest model, with all that lies beside it, in bytes.
const MOST_MODEL: u64 = 4 << 30;

/// Largest `config.json`, in bytes.
const MOST_CONFIG: u64 = 1 << 20;

/// Most files beside a model that hold weights.
const MOST_EXTERNAL: usize = 64;

/// Names that exporters give to a model.
const NAMES: [&str; 4] = [
    "model.onnx",
    "onnx/model.onnx",
    "model_quantized.onnx",
    "onnx/model_quantized.onnx",
];

/// What was read.
pub(super) struct Files {
    pub(super) model: Vec<u8>,
    pub(super) external: Vec<(String, Vec<u8>)>,
    pub(super) tokenizer: Vec<u8>,
    pub(super) config: Vec<u8>,
}

impl Files {
    /// Reads all files of a directory, or of the model that is named.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let (model, directory) = places(path)?;
        let mut room = MOST_MODEL;
        let bytes = bounded(&model, room)?;
        room = room.saturating_sub(bytes.len() as u64);
        let mut external = Vec::new();
        for name in named(&bytes)? {
            let beside = model.parent().unwrap_or_else(|| Path::new("."));
            let bytes = bounded(&within(beside, &name)?, room)?;
            room = room.saturating_sub(bytes.len() as u64);
            external.push((name, bytes));
        }
        Ok(Self {
            tokenizer: bounded(
                &beside(&directory, &model, "tokenizer.json")?,
                MOST_TOKENIZER as u64,
            )?,
            config: bounded(&beside(&directory, &model, "config.json")?, MOST_CONFIG)?,
            model: bytes,
            external,
        })
    }

    /// All of its bytes.
    pub(super) fn size(&self) -> u64 {
        let external = self.external.iter().map(|(_, bytes)| bytes.len());
        let all = external.chain([self.model.len(), self.tokenizer.len(), self.config.len()]);
        all.fold(0, |sum, next| sum.saturating_add(next as u64))
    }

    /// Refuses a model about which Stance's own rules say something grave.
    pub(super) fn ensure_harmless(&self) -> anyhow::Result<()> {
        let found = findings(Path::new("model.onnx"), &Bytes(&self.model), Severity::High);
        let Some(worst) = found.first() else {
            return Ok(());
        };
        bail!(
            "`stance inspect` finds {} in the model, {}: {}",
            worst.rule,
            worst.severity.name(),
            crate::output::printable(&worst.message)
        )
    }
}

/// The model, and the directory that was named or that it lies in.
fn places(path: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    if path.is_dir() {
        let model = NAMES
            .iter()
            .map(|name| path.join(name))
            .find(|it| it.is_file());
        let model = model.with_context(|| format!("there is no {} in it", NAMES.join(", ")))?;
        return Ok((model, path.to_owned()));
    }
    ensure!(path.exists(), "there is no such file or directory");
    let directory = path.parent().unwrap_or_else(|| Path::new("."));
    Ok((path.to_owned(), directory.to_owned()))
}

/// A file that belongs to the model: in the directory, beside the model, or above it where it lies in `onnx`.
fn beside(directory: &Path, model: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let near = model.parent();
    let above = near
        .filter(|it| it.file_name().is_some_and(|name| name == "onnx"))
        .and_then(Path::parent);
    let all = [Some(directory), near, above];
    let found = all.into_iter().flatten().map(|it| it.join(name));
    let mut found = found.filter(|it| it.is_file());
    found
        .next()
        .with_context(|| format!("there is no {name} beside the model"))
}

/// A file beside the model, also after all links.
fn within(directory: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let real = |path: &Path| {
        path.canonicalize()
            .with_context(|| format!("cannot open {}", path.display()))
    };
    let path = real(&directory.join(name))?;
    ensure!(
        path.starts_with(real(directory)?),
        "the model reads weights from {}, which does not lie beside it",
        path.display()
    );
    Ok(path)
}

/// The files in which a model says that its weights lie.
fn named(model: &[u8]) -> anyhow::Result<Vec<String>> {
    let interests = Interests::new([]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &stance_inspect::registry::ALL,
    };
    let report = stance_inspect::scan("model.onnx", &Bytes(model), &options);
    let mut names = Vec::new();
    for (_, fact) in report.facts {
        let Fact::Artifact(artifact) = fact else {
            continue;
        };
        for external in artifact.external {
            ensure!(
                !external.escapes,
                "the model reads weights from {}, which does not lie beside it",
                crate::output::printable(&external.location)
            );
            if !names.contains(&external.location) {
                names.push(external.location);
            }
        }
    }
    ensure!(
        names.len() <= MOST_EXTERNAL,
        "the model has its weights in too many files"
    );
    Ok(names)
}

/// A regular file, up to a size.
fn bounded(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let meta = file
        .metadata()
        .with_context(|| format!("cannot open {shown}"))?;
    ensure!(meta.is_file(), "{shown} is no regular file");
    ensure!(meta.len() <= most, "{shown} is larger than {most} bytes");
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {shown}"))?;
    ensure!(
        bytes.len() as u64 <= most,
        "{shown} is larger than {most} bytes"
    );
    Ok(bytes)
}
