//! Messages that cannot be read: whoever waits for one is told, as far as that can be known.

use stance_core::exchange::Unjudged;
use stance_core::traffic::Action;
use stance_wire::rpc::{self, MessageKind, Read};

use super::Conversation;
use crate::mcp::{Outcome, Side, Terms};
use crate::settings::Unreadable;

/// Codes of JSON-RPC for what cannot be read and what is no proper request.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;

/// What a side is told about what cannot be read.
const CANNOT_BE_READ: &str = "The message cannot be read, and passes only what can be judged.";

impl Conversation {
    /// A message that cannot be judged: it passes and is recorded, or goes no further.
    pub(super) fn unreadable(
        &mut self,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: Option<&Read>,
        why: &str,
    ) -> Outcome {
        let mut receipt = terms.receipt("a message that cannot be read");
        receipt.request_bytes = body.len() as u64;
        receipt.missed(&[Unjudged {
            pointer: String::new(),
            what: format!("the message cannot be read: {why}"),
        }]);
        let mut outcome = Outcome::default();
        if terms.unreadable == Unreadable::Pass {
            outcome.forward = Some(body.to_vec());
        } else {
            receipt.decision = Action::Block;
            receipt.error = Some(CANNOT_BE_READ.to_owned());
            let id = read.and_then(|read| read.message.id.clone());
            match read.map(|read| read.message.kind) {
                Some(MessageKind::Result | MessageKind::Error) => {
                    let id = id.unwrap_or_else(|| "null".to_owned());
                    if let Some(waiting) = self.open.take(from.other(), &id) {
                        outcome.over.push(waiting.failed(CANNOT_BE_READ));
                    }
                    let error = rpc::refusal(&[id], CANNOT_BE_READ);
                    outcome.forward = Some(error.into_bytes());
                }
                Some(MessageKind::Notification) => {}
                Some(MessageKind::Request) => {
                    let error = rpc::failure(id.as_deref(), INVALID_REQUEST, CANNOT_BE_READ);
                    outcome.back = Some(error.into_bytes());
                }
                // A server is told nothing: what it wrote was most likely meant for a terminal.
                None if from == Side::Server => {}
                None => {
                    outcome.is_malformed = true;
                    let error = rpc::failure(None, PARSE_ERROR, CANNOT_BE_READ);
                    outcome.back = Some(error.into_bytes());
                }
            }
        }
        outcome.over.push(receipt);
        outcome
    }

    /// A message that is too long to be read, of which `seen` are its first and last bytes. Whoever waits for it is told, as far
    /// as that can be known.
    pub(crate) fn too_long(
        &mut self,
        terms: &Terms,
        from: Side,
        bytes: u64,
        seen: &[u8],
    ) -> Outcome {
        let most = terms.limits.body >> 20;
        let message = format!("A message has at most {most} MiB here.");
        let mut receipt = terms.receipt("a message that is too long");
        receipt.request_bytes = bytes;
        receipt.decision = Action::Block;
        receipt.error = Some(message.clone());
        let mut outcome = Outcome {
            over: vec![receipt],
            ..Outcome::default()
        };
        let id = id_within(seen);
        if from == Side::Client {
            let error = rpc::failure(id.as_deref(), INVALID_REQUEST, &message);
            outcome.back = Some(error.into_bytes());
            return outcome;
        }
        let known = id.and_then(|id| Some((id.clone(), self.open.take(from.other(), &id)?)));
        let given_up = match known {
            Some(known) => vec![known],
            // It may be the answer to any of them: none is to wait for good.
            None => self.open.take_all(from.other()),
        };
        let errors: Vec<Vec<u8>> = given_up
            .iter()
            .map(|(id, _)| rpc::refusal(std::slice::from_ref(id), &message).into_bytes())
            .collect();
        outcome.answers = given_up.iter().map(|(id, _)| id.clone()).collect();
        outcome
            .over
            .extend(given_up.into_iter().map(|(_, it)| it.failed(&message)));
        outcome.forward = (!errors.is_empty()).then(|| errors.join(&b'\n'));
        outcome
    }
}

/// The id of a message of which only the first and last bytes are there: what follows on `"id":`, where libraries write it.
fn id_within(seen: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"\"id\":";
    let at = seen.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let rest = seen.get(at..)?.trim_ascii_start();
    let id: Vec<u8> = match rest.first()? {
        b'"' => {
            let end = rest.iter().skip(1).position(|byte| *byte == b'"')? + 2;
            rest.get(..end)?.to_vec()
        }
        _ => rest
            .iter()
            .copied()
            .take_while(u8::is_ascii_digit)
            .collect(),
    };
    let id = String::from_utf8(id).ok()?;
    (!id.is_empty() && !id.contains('\\')).then_some(id)
}
