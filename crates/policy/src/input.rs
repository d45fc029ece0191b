//! What a policy is held against: documents of JSON, YAML and TOML.

use serde_json::Value;
use stance_read::limits::Limits as Reading;
use stance_read::tree::{Notation, Tree};

use crate::metadata::json_of;

/// The notation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML, with any number of documents.
    Yaml,
    /// TOML.
    Toml,
}

impl Format {
    /// The notation that a file with this extension has.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// The documents of a text.
///
/// # Errors
///
/// Where the text is no such notation, with the line.
pub fn documents(format: Format, text: &str) -> Result<Vec<Value>, String> {
    let notation = match format {
        Format::Json => {
            return serde_json::from_str(text)
                .map(|value| vec![value])
                .map_err(|error| format!("no JSON: {error}"));
        }
        Format::Yaml => Notation::Yaml,
        Format::Toml => Notation::Toml,
    };
    let tree = Tree::parse(notation, text, &Reading::default());
    if let Some(error) = tree.errors.first() {
        let before = text.get(..error.offset.min(text.len())).unwrap_or(text);
        return Err(format!(
            "no {}: line {}: {}",
            notation.title(),
            before.matches('\n').count().saturating_add(1),
            error.message
        ));
    }
    if tree.documents.is_empty() {
        return Ok(vec![Value::Null]);
    }
    Ok(tree.documents.iter().map(json_of).collect())
}
