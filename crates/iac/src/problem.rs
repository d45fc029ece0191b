//! What could not be read or resolved.

use std::fmt;

use crate::value::Span;

/// Something that was not looked at, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble it is.
    pub reason: Reason,
    /// In words.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The text is not what its format allows.
    Syntax,
    /// A limit was met; what lies behind it was not looked at.
    Limit,
    /// What is used stands in a file or registry that is not part of the tree.
    Elsewhere,
    /// A construct that is read but not carried out.
    Unsupported,
}

impl Reason {
    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Limit => "limit",
            Self::Elsewhere => "elsewhere",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.name(), self.message)
    }
}

/// Most problems of one kind that are kept of one file.
const KEPT: usize = 32;

/// The problems of a model, bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    pub(crate) list: Vec<Problem>,
    counts: std::collections::HashMap<(u32, Reason), usize>,
}

impl Problems {
    pub(crate) fn add(&mut self, reason: Reason, span: Span, message: impl Into<String>) {
        let count = self.counts.entry((span.file, reason)).or_default();
        if *count >= KEPT {
            return;
        }
        let problem = Problem {
            reason,
            message: message.into(),
            span,
        };
        // Modules that are used often have the same trouble each time.
        if !self.list.iter().rev().take(64).any(|one| *one == problem) {
            *count = count.saturating_add(1);
            self.list.push(problem);
        }
    }
}
