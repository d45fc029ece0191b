//! One request with its answer, as far as habits and theft are concerned.

use serde::{Deserialize, Serialize};

use super::point::Point;
use super::print::Print;
use super::simhash::mix;

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A conversation or a completion.
    #[default]
    Generate,
    /// Vectors for texts.
    Embed,
    /// Classes or scores: a model that decides.
    Classify,
    /// An image to be made or read.
    Image,
    /// Speech to be made or heard.
    Audio,
    /// A call of a tool.
    Tool,
    /// A call of another agent.
    Agent,
}

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer.
    #[default]
    Answered,
    /// The model or a guard refused.
    Refused,
    /// With an error.
    Failed,
    /// Not yet: the answer is still being given. Such an event is judged and not remembered; send the whole one when it ends.
    Running,
}

/// What a request asks for beside an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    /// Probabilities of tokens or scores of classes.
    pub probabilities: bool,
    /// Weights on single tokens (`logit_bias`).
    pub bias: bool,
    /// More than one answer (`n`, `best_of`).
    pub many: bool,
    /// The prompt given back (`echo`).
    pub echo: bool,
    /// No randomness: temperature 0 or a fixed seed.
    pub fixed: bool,
}

impl Asks {
    pub(super) const fn bits(self) -> u8 {
        self.probabilities as u8
            | (self.bias as u8) << 1
            | (self.many as u8) << 2
            | (self.echo as u8) << 3
            | (self.fixed as u8) << 4
    }

    /// Whether more is asked for than a reader of answers needs.
    pub(super) const fn harvests(self) -> bool {
        self.probabilities || self.bias
    }
}

/// One request with its answer. Names come in as hashes ([`name`]): nothing here can be read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who asked: a hash of the key, the account or the workload.
    pub identity: u64,
    /// Which model, tool server or agent was asked.
    pub model: u32,
    /// What for.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
    /// What was asked for beside.
    pub asks: Asks,
    /// Tokens of the request.
    pub input: u32,
    /// Tokens of the answer; those so far while it is running.
    pub output: u32,
    /// The most tokens that the answer could have had; 0 where nothing was said.
    pub limit: u32,
    /// What it cost, in millionths of the unit of money of the budgets.
    pub cost: u64,
    /// The user's text.
    pub prompt: Option<Print>,
    /// The numbers that were classified or looked up.
    pub point: Option<Point>,
    /// The class that was answered: a hash of its name.
    pub class: Option<u32>,
    /// Which tool was called or which agent spoke to which.
    pub tool: Option<u32>,
    /// The call with its arguments, as a hash: the same call has the same.
    pub call: Option<u64>,
    /// How many agents stand between this call and a person.
    pub depth: u8,
}

/// The hash of a name, for the fields of an [`Event`].
#[must_use]
pub fn name(text: &str) -> u32 {
    (identity(text) >> 32) as u32
}

/// The hash of an identity's name. It is not keyed: who may guess names may recognise them in stored state, so give a keyed digest where
/// that matters.
#[must_use]
pub fn identity(text: &str) -> u64 {
    text.bytes()
        .fold(0x51a9_ce5e, |hash, byte| mix(hash ^ u64::from(byte)))
}
