//! What rules found, rule by rule.

use super::{By, Span, Step, Sums};

/// What of it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectionQuery {
    /// When.
    pub span: Span,
    /// The steps of the trend; no trend when there are none.
    pub step: Option<Step>,
    /// Only this rule.
    pub rule: Option<String>,
    /// Only where it was about this identity or this model: [`By::Identity`] or [`By::Model`], and its name.
    pub about: Option<(By, String)>,
    /// How many rules at most.
    pub rules: usize,
    /// How many identities and models of each rule at most, and how many examples.
    pub each: usize,
}

impl DetectionQuery {
    /// All rules of a span, up to 200, with five of everything and without a trend.
    #[must_use]
    pub const fn of(span: Span) -> Self {
        Self {
            span,
            step: None,
            rule: None,
            about: None,
            rules: 200,
            each: 5,
        }
    }
}

/// What one rule found. All figures are of interactions about which it had something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule.
    pub rule: String,
    /// How many interactions, and what was decided about them.
    pub sums: Sums,
    /// Who asked, the most first; only the one that was asked about, if any, and nobody where it was about a model.
    pub identities: Vec<Met>,
    /// The models, the most first; likewise.
    pub models: Vec<Met>,
    /// Ids of the newest interactions, the newest first.
    pub samples: Vec<String>,
    /// How many interactions in each step of the span, the oldest first.
    pub trend: Vec<u64>,
}

/// An identity or a model that a rule was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Its name.
    pub name: String,
    /// How many interactions, and what was decided about them.
    pub sums: Sums,
    /// Ids of the newest of them that were found among the last ones of the rule, the newest first.
    pub samples: Vec<String>,
}
