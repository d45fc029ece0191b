//! What is told of a pattern: which rule, how sure, what changed.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $id:literal,)+) => {
        /// A pattern over many requests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule {
            $($(#[$doc])* #[serde(rename = $id)] $rule,)+
        }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$rule,)+];

            /// The id used in every output.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)+ }
            }
        }
    };
}

rules! {
    /// Many more requests than this identity makes at this hour.
    Rate "theft/rate-change",
    /// Many more tokens sent, received or paid for than usual.
    Volume "theft/volume-change",
    /// More refusals than usual.
    Refusals "theft/refusals-change",
    /// More errors than usual.
    Errors "theft/errors-change",
    /// Many more subjects within an hour than usual.
    Subjects "theft/topics-change",
    /// A tool, a model or a language that was never used before, or an hour at which nothing ever happened.
    Novelty "theft/novelty",
    /// Several habits changed within the same hour.
    Habits "theft/habits-change",
    /// Distances between queries that no natural data have (PRADA).
    Prada "theft/prada",
    /// Queries that cover the space evenly instead of clustering.
    Coverage "theft/coverage-growth",
    /// The same on a pace and with answers that make training data.
    Distillation "theft/distillation",
    /// One text with a slot that is filled with value after value.
    Template "theft/template-enumeration",
    /// Probabilities and biases asked for with every request.
    Probabilities "theft/probability-harvest",
    /// Prompts that make a model recite what it was trained on.
    Divergence "theft/divergence-prompt",
    /// Many texts, each asked again without randomness.
    Duplicates "theft/fixed-duplicates",
    /// Neighbours of a text asked for with probabilities: was it in the training data?
    Membership "theft/membership-inference",
    /// Beginnings of texts to be continued word for word.
    Prefixes "theft/prefix-probing",
    /// Small steps on both sides of a decision.
    Boundary "theft/boundary-search",
    /// Steps that halve the way to a decision.
    Bisection "theft/boundary-bisection",
    /// A context that grows with every call.
    Context "theft/context-growth",
    /// The same calls over and over.
    Loop "theft/call-loop",
    /// Agents that call agents that call agents.
    Recursion "theft/agent-recursion",
    /// An answer that does not end.
    Runaway "theft/runaway-answer",
    /// A budget that will not last.
    Budget "theft/budget-forecast",
    /// Requests with large limits in a rush.
    Flood "theft/request-flood",
    /// Images or speech in a rush.
    Media "theft/media-flood",
    /// Many identities that nobody has seen before.
    Churn "theft/identity-churn",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Whom a signal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One identity.
    Identity(u64),
    /// Young identities that behave as one; `keys` is about how many.
    Together {
        /// What they have in common, as a hash.
        shape: u64,
        /// About how many they are.
        keys: u32,
        /// The one whose event made it known.
        last: u64,
    },
    /// All of them.
    Everybody,
}

/// A number that tells, and what it usually is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What is counted, with its unit.
    pub name: &'static str,
    /// What it is.
    pub is: f64,
    /// What it usually is, or what the rule asks for.
    pub usual: f64,
}

/// A pattern that was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// Which.
    pub rule: Rule,
    /// Whose.
    pub subject: Subject,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// How sure: from [`NOTICE`] on worth a look, from [`ALERT`] on worth an action. It is no probability.
    pub score: f32,
    /// Whether the identity's own habits were known; without them only what is strange for anybody is told.
    pub known: bool,
    /// What was seen, in words.
    pub what: String,
    /// The figures behind it.
    pub figures: Vec<Figure>,
}

/// Worth a look beside others.
pub const NOTICE: f32 = 0.3;
/// Worth an action.
pub const ALERT: f32 = 0.5;

/// What a detector found, before it is known whose it is.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) rule: Rule,
    pub(super) score: f32,
    pub(super) what: String,
    pub(super) figures: Vec<Figure>,
    /// Which pattern of its kind it is, where one identity can show several at a time: each is news by itself.
    pub(super) which: u32,
}

impl Found {
    pub(super) const fn new(rule: Rule, score: f32, what: String) -> Self {
        Self {
            rule,
            score,
            what,
            figures: Vec::new(),
            which: 0,
        }
    }

    pub(super) const fn which(mut self, which: u32) -> Self {
        self.which = which;
        self
    }

    pub(super) fn figure(mut self, name: &'static str, is: f64, usual: f64) -> Self {
        self.figures.push(Figure { name, is, usual });
        self
    }
}

/// A score that is [`ALERT`] at `alert` and nears 1 as the measure grows by doublings.
pub(super) fn graded(measure: f64, alert: f64) -> f32 {
    if measure <= 0.0 || alert <= 0.0 {
        return 0.0;
    }
    let doublings = (measure / alert).log2();
    (0.5 + 0.15 * doublings).clamp(0.0, 0.97) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_read_as_rules() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
        assert!(ids.iter().all(|id| id.starts_with("theft/")));
    }

    #[test]
    fn a_score_is_an_alert_at_its_mark_and_grows() {
        assert!((graded(40.0, 40.0) - ALERT).abs() < 1e-6);
        assert!(graded(160.0, 40.0) > graded(80.0, 40.0));
        assert!(graded(1e12, 40.0) < 1.0);
    }
}
