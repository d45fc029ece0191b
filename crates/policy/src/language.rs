//! What a policy language has to do for us, so that the engine behind it can be exchanged.

use std::sync::Arc;

use serde_json::Value;

use crate::fault::Fault;
use crate::limits::Limits;
use crate::outline::Module;
use crate::source::{Source, Version};

/// A language that policies are written in.
pub trait Language {
    /// Compiles all sources of one version of a policy, together with the data that its rules see as `data`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the sources.
    fn compile(
        &self,
        sources: &[Source],
        data: Value,
        version: Version,
        limits: &Limits,
    ) -> Result<Arc<dyn Policy>, Vec<Fault>>;
}

/// A compiled policy; any number of threads may ask it at once.
pub trait Policy: Send + Sync {
    /// What the sources declare, in their order.
    fn modules(&self) -> &[Module];

    /// Gives the values of rules for one input.
    ///
    /// # Errors
    ///
    /// What ended the evaluation.
    fn evaluate(&self, asked: &Asked<'_>) -> Result<Evaluation, Fault>;

    /// Gives the bindings that make a query true, each an object of the query's variables.
    ///
    /// # Errors
    ///
    /// What ended the evaluation.
    fn query(&self, query: &str, asked: &Asked<'_>) -> Result<Vec<Value>, Fault>;
}

/// What is asked of a policy.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The rules whose values are wanted, as `data.package.rule`.
    pub rules: &'a [String],
    /// What the rules see as `input`; without one it is undefined.
    pub input: Option<&'a Value>,
    /// What is put over the data of the policy for this evaluation.
    pub data: Option<&'a Value>,
    /// The time that policies read, in nanoseconds since 1970; without one it is undefined.
    pub now: Option<i64>,
    /// Whether a built-in function that refuses its arguments ends the evaluation; else it is undefined there.
    pub strict: bool,
    /// Whether the lines that were evaluated are wanted.
    pub coverage: bool,
    /// What the evaluation may take, in place of the limits the policy was compiled with.
    pub limits: Option<&'a Limits>,
    /// Whether to evaluate on the caller's stack where the policy is shallow enough. It saves starting a thread; what the
    /// engine does between two looks at the clock then holds up the caller.
    pub here: bool,
}

impl<'a> Asked<'a> {
    /// Asks for these rules and this input, with everything else as it comes.
    #[must_use]
    pub const fn new(rules: &'a [String], input: Option<&'a Value>) -> Self {
        Self {
            rules,
            input,
            data: None,
            now: None,
            strict: false,
            coverage: false,
            limits: None,
            here: false,
        }
    }
}

/// What came of an evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The value of each rule that was asked for; none where it is undefined. Sets are arrays.
    pub values: Vec<Option<Value>>,
    /// What the policy printed, each with the place.
    pub prints: Vec<String>,
    /// What built-in functions refused, where that did not end the evaluation.
    pub refused: Vec<String>,
    /// The lines that were evaluated and those that were not, of each source, if that was asked for.
    pub coverage: Vec<Lines>,
}

/// Which lines of a source were evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The name of the source.
    pub file: String,
    /// The lines that were.
    pub covered: Vec<u32>,
    /// The lines that were not, though they could have been.
    pub missed: Vec<u32>,
}
