//! Configuration files as one tree with places: JSON with comments, YAML and TOML.
//!
//! Every node knows the bytes of the text it came from, so that
//! [`Text::evidence`](crate::Text::evidence) can point at it. A mistake in the
//! text is a value beside the tree, and what could be read stays: one bad
//! entry does not hide its siblings.

mod json;
mod node;
mod toml;
mod yaml;

use stance_core::fact::GapReason;

use crate::limits::Limits;
use crate::report::Facts;
use crate::text::Text;

pub use node::{Entry, Node, Value};

use std::sync::Arc;

/// What was read of a text, and where reading failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The documents: one for JSON and TOML, any number for YAML; none when nothing could be read.
    pub documents: Vec<Node>,
    /// What could not be read, in order; at most [`Tree::MAX_ERRORS`].
    pub errors: Vec<Error>,
    /// The tags of a YAML text that are not of its core schema, each once; at most [`Tree::MAX_TAGS`].
    pub tags: Vec<Tag>,
}

/// A YAML tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its whole name, with its prefix put in: `tag:yaml.org,2002:python/name:x.y`, `!new:x.y`.
    pub name: String,
    /// The bytes of the node it stands before.
    pub span: std::ops::Range<usize>,
}

/// A place where reading failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// [`GapReason::Limit`] or [`GapReason::Malformed`].
    pub reason: GapReason,
    /// Byte of the text.
    pub offset: usize,
    /// What was expected or which limit was met.
    pub message: String,
}

/// The notation of a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON, also with comments, trailing commas, single quotes and bare keys.
    Json,
    /// YAML 1.2.
    Yaml,
    /// TOML.
    Toml,
}

impl Notation {
    /// The notation that a file extension (lower case, no dot) stands for.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "json" | "jsonc" | "json5" | "code-workspace" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
        }
    }
}

impl Tree {
    /// Most errors that are kept.
    pub const MAX_ERRORS: usize = 16;

    /// Most tags that are kept.
    pub const MAX_TAGS: usize = 1024;

    /// Reads `text` as `notation`.
    #[must_use]
    pub fn parse(notation: Notation, text: &str, limits: &Limits) -> Self {
        match notation {
            Notation::Json => json::parse(text, limits),
            Notation::Yaml => yaml::parse(text, limits, false),
            Notation::Toml => toml::parse(text, limits),
        }
    }

    /// Reads `text` as YAML in which tags mean something, as in CloudFormation: `!Sub x` becomes `{"!Sub": x}`.
    #[must_use]
    pub fn parse_with_tags(text: &str, limits: &Limits) -> Self {
        yaml::parse(text, limits, true)
    }

    /// The first document.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.documents.first()
    }

    /// Says with a gap that parts of `path` could not be read. `what` names the
    /// kind of file: `MCP configuration`.
    pub fn report(&self, what: &str, path: &Arc<str>, text: &Text<'_>, facts: &mut Facts<'_>) {
        // The first one tells; what follows is often only its echo.
        let limit = self.errors.iter().find(|e| e.reason == GapReason::Limit);
        if let Some(error) = limit.or(self.errors.first()) {
            let range = error.offset..error.offset.saturating_add(1);
            facts.gap(
                error.reason,
                format!("{what}: {error}"),
                text.evidence(path, range),
            );
        }
    }

    fn fail(&mut self, reason: GapReason, offset: usize, message: impl Into<String>) {
        if self.errors.len() < Self::MAX_ERRORS {
            self.errors.push(Error {
                reason,
                offset,
                message: message.into(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
