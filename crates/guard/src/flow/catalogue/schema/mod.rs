//! Arguments held against the JSON Schema of a tool (draft 2020-12, the vocabulary that tools use).
//!
//! Schemas come from strangers. They are walked once within limits, references that leave the document are refused, patterns
//! are compiled for an automaton that cannot backtrack, and a check has a number of steps. What is not understood is said,
//! never taken for met.

mod check;
mod limits;
mod numbers;

use std::collections::BTreeMap;

use regex_automata::meta::Regex;
use serde_json::Value;

pub use check::{Fault, Outcome};
pub use limits::{Limits, Refused};

/// A schema that was looked through and is ready to check with.
#[derive(Clone, Debug)]
pub struct Schema {
    root: Value,
    patterns: BTreeMap<String, Regex>,
    /// Keywords in it that are not understood.
    unknown: Vec<String>,
    limits: Limits,
}

impl Schema {
    /// Looks a schema through.
    ///
    /// # Errors
    ///
    /// Why it is refused: too deep, too large, a pattern that is none or too costly, a reference to elsewhere.
    pub fn new(root: &Value, limits: Limits) -> Result<Self, Refused> {
        let looked = limits::look(root, limits)?;
        Ok(Self {
            root: root.clone(),
            patterns: looked.patterns,
            unknown: looked.unknown,
            limits,
        })
    }

    /// Keywords that were found and are not understood, so that they were not checked.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Holds `arguments` against the schema.
    #[must_use]
    pub fn check(&self, arguments: &Value) -> Outcome {
        check::Check::new(self).run(arguments)
    }
}

#[cfg(test)]
mod tests;
