//! Why a policy could not be compiled or evaluated.

use std::fmt;

use serde::Serialize;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The text is no Rego.
    Syntax,
    /// The text is larger, deeper or longer than the limits allow.
    Size,
    /// A METADATA block means nothing.
    Metadata,
    /// A function is called that there is none of, or that policies may not call.
    Function,
    /// Rules need each other in a circle.
    Recursion,
    /// Two rules give different values for one thing.
    Conflict,
    /// A built-in function refused what it was given, and the caller wants to know.
    Builtin,
    /// The evaluation took longer than it may.
    Time,
    /// The evaluation produced more than it may.
    Memory,
    /// The engine broke.
    Panic,
    /// Anything else an evaluation ends with.
    Evaluation,
}

impl What {
    /// The name, as it is told.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Size => "size",
            Self::Metadata => "metadata",
            Self::Function => "function",
            Self::Recursion => "recursion",
            Self::Conflict => "conflict",
            Self::Builtin => "builtin",
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Panic => "panic",
            Self::Evaluation => "evaluation",
        }
    }
}

/// Where in the sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The name of the source.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character of the line, from 1; 0 where only the line is known.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file, self.line)?;
        if self.column > 0 {
            write!(out, ":{}", self.column)?;
        }
        Ok(())
    }
}

/// Why a policy could not be compiled or evaluated, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
pub struct Fault {
    /// What went wrong.
    pub what: What,
    /// Where, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What happened and what to do, in words.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(out, "{place}: ")?;
        }
        out.write_str(&self.message)
    }
}

impl Fault {
    /// A fault without a place.
    pub fn new(what: What, message: impl Into<String>) -> Self {
        Self {
            what,
            place: None,
            message: message.into(),
        }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, file: &str, line: u32, column: u32) -> Self {
        self.place = Some(Place {
            file: file.to_owned(),
            line,
            column,
        });
        self
    }
}
