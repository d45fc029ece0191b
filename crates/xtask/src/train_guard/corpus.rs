//! The given corpora: JSON lines, gzip, one file per source.

use std::io::Read;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};

/// A text to learn from or to measure on.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// What is held out together.
    pub(crate) group: String,
    /// The file or family it is from.
    pub(crate) source: String,
    pub(crate) text: String,
    pub(crate) attack: bool,
    /// Where the attack stands in the text, where that is known.
    pub(crate) injected: Option<Range<usize>>,
    /// Whether a model may learn from it; else it is only measured.
    pub(crate) learnt: bool,
    /// Whether figures are of it; else it only teaches.
    pub(crate) measured: bool,
}

impl Sample {
    pub(crate) fn benign(group: &str, text: String) -> Self {
        Self {
            group: group.to_owned(),
            source: group.to_owned(),
            text,
            attack: false,
            injected: None,
            learnt: true,
            measured: true,
        }
    }

    pub(crate) fn attack(group: &str, source: &str, text: String) -> Self {
        Self {
            group: group.to_owned(),
            source: source.to_owned(),
            text,
            attack: true,
            injected: None,
            learnt: true,
            measured: true,
        }
    }
}

/// The texts of `DIR/NAME.jsonl.gz`, in the order of the file.
pub(crate) fn texts(directory: &Path, name: &str) -> Result<Vec<String>> {
    let path = directory.join(format!("{name}.jsonl.gz"));
    let file = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file.as_slice())
        .read_to_string(&mut lines)
        .with_context(|| format!("decompressing {}", path.display()))?;
    lines
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line)
                .with_context(|| format!("a line of {}", path.display()))?;
            Ok(value["text"].as_str().unwrap_or_default().to_owned())
        })
        .filter(|text| !matches!(text, Ok(text) if text.trim().is_empty()))
        .collect()
}
