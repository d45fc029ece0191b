//! What becomes of a message.

use stance_wire::rpc;

use super::conversation::Held;
use crate::receipt::Receipt;

/// What becomes of a message.
#[derive(Default)]
pub(crate) struct Outcome {
    /// What goes on to the other side.
    pub(crate) forward: Option<Vec<u8>>,
    /// What goes back to who sent it.
    pub(crate) back: Option<Vec<u8>>,
    /// Receipts of what is over now.
    pub(crate) over: Vec<Receipt>,
    /// The ids of the requests that `forward` answers.
    pub(crate) answers: Vec<String>,
    /// The ids of the requests that `forward` makes.
    pub(crate) asks: Vec<String>,
    /// Whether `back` is about a message that is none.
    pub(crate) is_malformed: bool,
    /// What somebody has to decide about before it goes on.
    pub(crate) held: Option<Held>,
}

impl Outcome {
    /// What goes on where a receipt could not be written and nothing passes without one.
    pub(crate) fn withheld(self) -> Self {
        let message = "This exchange could not be recorded, so it does not pass.";
        let told =
            |ids: &[String]| (!ids.is_empty()).then(|| rpc::refusal(ids, message).into_bytes());
        Self {
            forward: told(&self.answers),
            back: told(&self.asks).or(self.back),
            // Its own receipt is written when it is decided.
            held: self.held,
            ..Self::default()
        }
    }
}
