//! What a policy may take.

use std::time::Duration;

/// What a policy may take. Everything beyond ends with a [`Fault`](crate::Fault).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long one evaluation may take.
    pub time: Duration,
    /// How many bytes built-in functions may produce within one evaluation.
    pub produced: u64,
    /// How many values an input, a result or an argument may have, each counted as often as it appears.
    pub nodes: u64,
    /// How many bytes one source may have.
    pub source: usize,
    /// How many bytes all sources together may have.
    pub sources: usize,
    /// How deep brackets may be nested. The engine's parser tries what a bracket may be, one after the other, so the time it
    /// takes doubles with each.
    pub nesting: u32,
    /// How many operators, dots or brackets may follow each other within one expression.
    pub chain: u32,
    /// How many rules may need each other in a row.
    pub rules_in_a_row: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(5),
            produced: 64 << 20,
            nodes: 2_000_000,
            source: 1 << 20,
            sources: 32 << 20,
            nesting: 20,
            chain: 256,
            rules_in_a_row: 256,
        }
    }
}
