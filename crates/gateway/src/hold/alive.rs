//! What shows the client of a stream that waits that it still is one: in each dialect, what its libraries do not give on.
//!
//! | framing | what | who passes over it |
//! |---|---|---|
//! | server-sent events | a comment | all, but for those of Gemini |
//! | the same of Gemini | two empty lines | the `google-genai` libraries, which say who they are; older ones break on any line that is no data |
//! | lines of JSON | a blank | all: it stands before the value of the next line |
//! | an array of JSON | an empty line, once the array began | all: it stands between elements |
//! | the event stream of AWS | an event of a type of our own | the SDKs of AWS, which leave out types that they do not know |

use bytes::Bytes;
use hyper::header::{HeaderMap, USER_AGENT};
use stance_wire::frame::Spelling;
use stance_wire::{Framing, Operation};

/// What a client of server-sent events hears: a comment, which no library gives on.
pub(crate) const COMMENT: &[u8] = b": waits for a decision\n\n";

/// What libraries of Gemini that pass over empty lines say that they are.
const GENAI: &str = "google-genai-sdk/";

/// The type of the event of ours.
const EVENT: &str = "stanceWaits";

/// Whether a client is one of the libraries of Gemini that pass over empty lines.
pub(crate) fn is_genai(headers: &HeaderMap) -> bool {
    ["x-goog-api-client", USER_AGENT.as_str()]
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .any(|value| value.contains(GENAI))
}

/// A sign of life; `None` where no library would pass over any. `has_begun` says whether something was sent before.
pub(super) fn sign(
    framing: Framing,
    operation: Option<Operation>,
    is_genai: bool,
    has_begun: bool,
) -> Option<Bytes> {
    match framing {
        Framing::Events if operation != Some(Operation::GenerateContent) => {
            Some(Bytes::from_static(COMMENT))
        }
        Framing::Events => is_genai.then_some(Bytes::from_static(b"\n\n")),
        Framing::Lines => Some(Bytes::from_static(b" ")),
        Framing::Array => has_begun.then_some(Bytes::from_static(b"\n")),
        Framing::Messages => {
            let mut event = Vec::new();
            Spelling::default().write(framing, Some(EVENT), b"{}", &mut event);
            Some(event.into())
        }
    }
}
