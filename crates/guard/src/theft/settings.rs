//! What may be set, and the caps that hold whatever comes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Limits and marks of a [`super::Watch`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The most identities that are remembered; each takes at most [`super::MOST_BYTES`].
    pub identities: usize,
    /// The most groups of young identities that are looked at together; each takes as much.
    pub groups: usize,
    /// An identity is young, and so also looked at together with its like, for so many of its requests.
    pub young: u32,
    /// Days of activity before habits count as known.
    pub warm_days: u32,
    /// Requests before habits count as known.
    pub warm_requests: u32,
    /// PRADA's δ: a W below it is no natural distribution of the logarithms of distances. Lower is quieter.
    pub prada: f64,
    /// An input of so many tokens is large for anybody.
    pub context: u32,
    /// An answer of so many tokens is long for anybody.
    pub answer: u32,
    /// The deepest that agents may call agents.
    pub depth: u8,
    /// Requests in a minute that are a rush when each could have [`Settings::large`] tokens of answer.
    pub rush: u32,
    /// A limit on the answer that counts as large.
    pub large: u32,
    /// Images or pieces of speech in ten minutes that are a rush.
    pub media: u32,
    /// Identities never seen before in an hour that are many for anybody.
    pub churn: u32,
    /// How long a rule is quiet about an identity after it spoke, in minutes, unless its score rises.
    pub quiet: u32,
    /// What single identities may spend in a day (UTC), in millionths of the unit of money.
    pub budgets: BTreeMap<u64, u64>,
    /// What is known of identities.
    pub expected: BTreeMap<u64, Expected>,
}

/// What an identity is known to do: the rules that would fire on it tell at most a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expected {
    /// Jobs that fill a template: templates are no news.
    pub batch: bool,
    /// Evaluations: probabilities and questions asked again are no news.
    pub evaluation: bool,
    /// Many people behind one key: many subjects are no news.
    pub shared: bool,
    /// Tests of robustness, privacy or extraction that were agreed on: nothing about theft is news.
    pub testing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identities: 10_000,
            groups: 256,
            young: 400,
            warm_days: 3,
            warm_requests: 100,
            prada: 0.78,
            context: 200_000,
            answer: 32_000,
            depth: 6,
            rush: 60,
            large: 4_000,
            media: 60,
            churn: 100,
            quiet: 1_440,
            budgets: BTreeMap::new(),
            expected: BTreeMap::new(),
        }
    }
}
