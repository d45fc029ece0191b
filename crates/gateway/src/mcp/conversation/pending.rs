//! A message that was judged, and what may become of it.

use stance_core::exchange::ToolDefinition;
use stance_core::traffic::Action;
use stance_wire::rpc;

use super::{Conversation, INTERNAL_ERROR};
use crate::mcp::open::Waiting;
use crate::mcp::{Outcome, Side};
use crate::receipt::Receipt;

/// A message that was judged.
pub(super) struct Pending {
    /// Who sent it.
    pub(super) from: Side,
    /// As it goes on, if it does.
    pub(super) body: Vec<u8>,
    pub(super) what: What,
}

/// What it is.
pub(super) enum What {
    Request {
        id: String,
        waiting: Box<Waiting>,
    },
    Notification {
        receipt: Box<Receipt>,
        /// Whether there were words to be judged: others leave no receipt.
        has_words: bool,
    },
    Answer {
        /// The id of the request that it answers.
        id: String,
        waiting: Box<Waiting>,
        /// Whether it is the result of a tool.
        is_result: bool,
        /// The tools that it offers.
        tools: Vec<ToolDefinition>,
    },
}

impl Pending {
    pub(super) fn receipt(&mut self) -> &mut Receipt {
        match &mut self.what {
            What::Request { waiting, .. } | What::Answer { waiting, .. } => &mut waiting.receipt,
            What::Notification { receipt, .. } => receipt,
        }
    }

    /// It goes no further; whoever waits is told `message` in its place.
    pub(super) fn refused(self, message: &str) -> Outcome {
        match self.what {
            What::Request { id, mut waiting } => {
                waiting.receipt.decision = waiting.receipt.decision.max(Action::Block);
                let back = match waiting.is_call {
                    true => rpc::tool_refusal(&id, message),
                    false => rpc::refusal(&[id], message),
                };
                Outcome {
                    back: Some(back.into_bytes()),
                    over: vec![waiting.failed(message)],
                    ..Outcome::default()
                }
            }
            What::Notification { mut receipt, .. } => {
                receipt.decision = receipt.decision.max(Action::Block);
                receipt.error = Some(message.to_owned());
                Outcome {
                    over: vec![*receipt],
                    ..Outcome::default()
                }
            }
            What::Answer {
                id,
                mut waiting,
                is_result,
                ..
            } => {
                let answers = vec![id];
                let instead = match (is_result, &*answers) {
                    (true, [id]) => rpc::tool_refusal(id, message),
                    (_, all) => rpc::refusal(all, message),
                };
                waiting.receipt.decision = waiting.receipt.decision.max(Action::Block);
                waiting.receipt.answer_bytes = instead.len() as u64;
                Outcome {
                    forward: Some(instead.into_bytes()),
                    over: vec![waiting.failed(message)],
                    answers,
                    ..Outcome::default()
                }
            }
        }
    }

    /// Nobody wants it any more, or can have it. With `tells`, who made the request is told that it failed.
    pub(super) fn dropped(self, why: &str, tells: bool) -> Outcome {
        let error = |id: &str| {
            let error = rpc::failure(Some(id), INTERNAL_ERROR, why).into_bytes();
            tells.then_some(error)
        };
        match self.what {
            What::Request { id, waiting } => Outcome {
                back: error(&id),
                over: vec![waiting.failed(why)],
                ..Outcome::default()
            },
            What::Notification { mut receipt, .. } => {
                receipt.error = Some(why.to_owned());
                Outcome {
                    over: vec![*receipt],
                    ..Outcome::default()
                }
            }
            What::Answer { id, waiting, .. } => Outcome {
                forward: error(&id),
                over: vec![waiting.failed(why)],
                ..Outcome::default()
            },
        }
    }
}

impl Conversation {
    /// It goes on.
    pub(super) fn passed(&mut self, pending: Pending) -> Outcome {
        let Pending { from, body, what } = pending;
        match what {
            What::Request { id, waiting } => Outcome {
                over: self.open.add(from, &id, *waiting),
                forward: Some(body),
                asks: vec![id],
                ..Outcome::default()
            },
            What::Notification { receipt, has_words } => Outcome {
                forward: Some(body),
                over: if has_words {
                    vec![*receipt]
                } else {
                    Vec::new()
                },
                ..Outcome::default()
            },
            What::Answer {
                id,
                mut waiting,
                tools,
                ..
            } => {
                if !tools.is_empty() {
                    self.has_learnt = true;
                    self.tools.learn(&tools);
                }
                waiting.receipt.answer_bytes = body.len() as u64;
                Outcome {
                    forward: Some(body),
                    over: vec![waiting.over()],
                    answers: vec![id],
                    ..Outcome::default()
                }
            }
        }
    }
}
