//! From the bytes of a request to interactions.

use stance_core::traffic::Measured;
use stance_telemetry::genai::{self, Read};
use stance_telemetry::logs::{self, Format, Reader};
use stance_telemetry::otlp::answer::{Outcome, Signal};
use stance_telemetry::otlp::{Rejected, json, protobuf};
use stance_telemetry::{Interaction, Limits, Refused};

use crate::body::Wrong;
use crate::measured::measured;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Protobuf,
    Json,
}

/// What a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// OTLP.
    Otlp(Signal, Encoding),
    /// Records of a log: of any format that is known, or of one.
    Log(Option<Format>),
}

/// What a request tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) interactions: Vec<Interaction>,
    /// Points of metrics.
    pub(crate) measured: Vec<Measured>,
    /// Records and points that have nothing to do with models: they are not kept.
    pub(crate) passed: u64,
    pub(crate) rejected: Rejected,
    /// How a log was read.
    pub(crate) log: logs::Read,
}

/// Reads a request that is unpacked.
pub(crate) fn take(form: &Form, body: &[u8], limits: Limits) -> Result<Taken, Wrong> {
    match form {
        Form::Otlp(signal, encoding) => otlp(*signal, *encoding, body, limits),
        Form::Log(format) => log(*format, body, limits),
    }
}

/// Reads lines or one document.
fn log(format: Option<Format>, body: &[u8], limits: Limits) -> Result<Taken, Wrong> {
    let mut interactions = Vec::new();
    let mut reader = Reader::new(limits).only(format);
    let mut cut = false;
    let mut found = |it| {
        if interactions.len() < limits.records {
            interactions.push(it);
        } else {
            cut = true;
        }
    };
    reader.feed(body, &mut found);
    let read = reader.finish(&mut found);
    if cut {
        return Err(Wrong(
            Outcome::TooLarge,
            Refused::TooManyRecords(limits.records).to_string(),
        ));
    }
    let unknown = read.unknown.values().sum();
    Ok(Taken {
        interactions,
        passed: read.other,
        rejected: Rejected {
            count: unknown,
            reason: read
                .unknown
                .keys()
                .next()
                .copied()
                .unwrap_or_default()
                .into(),
        },
        log: read,
        ..Taken::default()
    })
}

fn otlp(signal: Signal, encoding: Encoding, body: &[u8], limits: Limits) -> Result<Taken, Wrong> {
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
            protobuf::metrics(body, limits).map(|export| counted(&genai::metrics(&export)))
        }
        (Signal::Metrics, Encoding::Json) => {
            json::metrics(body, limits).map(|export| counted(&genai::metrics(&export)))
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
        ..Taken::default()
    }
}

/// Metrics are totals of what spans tell one by one: they are kept for themselves and never added to those.
fn counted(read: &genai::Measures) -> Taken {
    let measured = measured(&read.measures, jiff::Timestamp::now());
    let others = read.measures.len().saturating_sub(measured.len()) as u64;
    Taken {
        measured,
        passed: read.passed.saturating_add(others),
        rejected: read.rejected.clone(),
        ..Taken::default()
    }
}
