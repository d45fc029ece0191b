//! Recorded traffic, judged once more: what a policy would do about it, and which verdicts change.
//!
//! Records come one after the other and are forgotten once they are judged, so that a log may be larger than memory. What
//! judges is what judges in the gateway; nothing is sent anywhere.

mod cassette;
mod har;
mod judging;
mod paths;
mod receipts;
mod source;
mod tally;
mod telemetry;
mod tree;
mod words;

use jiff::Timestamp;
use stance_core::exchange::Exchange;
use stance_core::traffic::{Action, Reason};

pub(crate) use judging::{Against, Trial};
pub(crate) use paths::files;
pub(crate) use source::{open, read};
pub(crate) use tally::Tally;

/// One interaction that was recorded.
pub(crate) struct Recorded {
    /// Where it stands in its file: `line 12`, `#3`.
    pub(crate) place: String,
    /// What names it, where anything does.
    pub(crate) id: Option<String>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) identity: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) upstream: String,
    /// Where that is, where the record tells.
    pub(crate) address: Option<String>,
    /// The agent or program that asked, where the record tells.
    pub(crate) agent: Option<String>,
    pub(crate) operation: String,
    pub(crate) model: Option<String>,
    pub(crate) what: What,
}

/// What is there of it.
pub(crate) enum What {
    /// Its words, already taken apart.
    Words {
        request: Box<Exchange>,
        answer: Box<Exchange>,
        usage: stance_core::exchange::Usage,
        /// What was not recorded, or cannot be read.
        missing: Vec<String>,
    },
    /// Its bytes, as they went over the wire.
    Bytes(Box<Bytes>),
    /// Only what was decided, and by what.
    Facts(Box<Facts>),
}

/// A request and its answer as they were sent.
pub(crate) struct Bytes {
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) target: String,
    pub(crate) request: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) answer: Vec<u8>,
}

/// What a receipt tells.
pub(crate) struct Facts {
    pub(crate) decision: Action,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) calls: Vec<String>,
}
