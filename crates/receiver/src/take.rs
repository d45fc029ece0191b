//! From the bytes of a request to interactions.

use stance_telemetry::genai::{self, Read};
use stance_telemetry::otlp::answer::{Outcome, Signal};
use stance_telemetry::otlp::{Rejected, json, protobuf};
use stance_telemetry::{Interaction, Limits, Refused};

use crate::body::Wrong;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Protobuf,
    Json,
}

/// What a request tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) interactions: Vec<Interaction>,
    /// Records that have nothing to do with models, and points of metrics, which are not kept.
    pub(crate) passed: u64,
    pub(crate) rejected: Rejected,
}

/// Reads a request that is unpacked.
pub(crate) fn take(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    limits: Limits,
) -> Result<Taken, Wrong> {
    let taken = match (signal, encoding) {
        (Signal::Traces, Encoding::Protobuf) => {
            protobuf::traces(body, limits).map(|export| of(genai::traces(&export, limits)))
        }
        (Signal::Traces, Encoding::Json) => {
            json::traces(body, limits).map(|export| of(genai::traces(&export, limits)))
        }
        (Signal::Logs, Encoding::Protobuf) => {
            protobuf::logs(body, limits).map(|export| of(genai::logs(&export, limits)))
        }
        (Signal::Logs, Encoding::Json) => {
            json::logs(body, limits).map(|export| of(genai::logs(&export, limits)))
        }
        (Signal::Metrics, Encoding::Protobuf) => {
            protobuf::metrics(body, limits).map(|export| counted(export.len(), export.rejected))
        }
        (Signal::Metrics, Encoding::Json) => {
            json::metrics(body, limits).map(|export| counted(export.len(), export.rejected))
        }
    };
    taken.map_err(|refused| {
        let outcome = match refused {
            Refused::TooLarge { .. } | Refused::TooManyValues(_) | Refused::TooManyRecords(_) => {
                Outcome::TooLarge
            }
            Refused::TooDeep(_) | Refused::Malformed { .. } => Outcome::Bad,
        };
        Wrong(outcome, refused.to_string())
    })
}

fn of(read: Read) -> Taken {
    Taken {
        interactions: read.interactions,
        passed: read.passed,
        rejected: read.rejected,
    }
}

/// Metrics are totals of what spans tell one by one: they are read, so that a sender learns what is wrong with them, and
/// never added to anything.
fn counted(records: usize, rejected: Rejected) -> Taken {
    Taken {
        interactions: Vec::new(),
        passed: records as u64,
        rejected,
    }
}
