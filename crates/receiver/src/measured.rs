//! Metrics that a request tells, as they are kept.

use jiff::Timestamp;
use stance_core::traffic::{Measure, Measured};
use stance_telemetry::Operation;
use stance_telemetry::genai;
use stance_telemetry::otlp::Temporality;

use crate::seen::short;

/// How far a clock may be ahead, in seconds, and the time before which nothing was taken: 2015 in seconds since 1970.
const AHEAD: i64 = 600;
const EARLIEST: i64 = 1_420_070_400;

/// The points that are kept of what was read. `now` is when it came, for those whose time cannot be.
pub(crate) fn measured(read: &[genai::Measure], now: Timestamp) -> Vec<Measured> {
    read.iter().filter_map(|one| point(one, now)).collect()
}

fn point(one: &genai::Measure, now: Timestamp) -> Option<Measured> {
    let (measure, scale) = measure(one)?;
    let cumulative = match one.temporality {
        Temporality::Cumulative => true,
        Temporality::Delta => false,
        // A gauge counts nothing.
        Temporality::Unspecified => return None,
    };
    let is_sent_by = |it: &Timestamp| {
        it.as_second() >= EARLIEST && it.as_second() <= now.as_second().saturating_add(AHEAD)
    };
    let model = one.asked.as_deref().or(one.answered.as_deref());
    Some(Measured {
        series: one.series.clone(),
        service: short(one.service.name.as_deref().unwrap_or("unknown service")),
        model: model.map(short),
        operation: match &one.operation {
            Operation::Unknown => String::new(),
            operation => short(operation.name()),
        },
        measure,
        failed: one.failure.is_some(),
        count: one.count,
        sum: whole(one.sum.unwrap_or_default() * scale),
        cumulative,
        since: one.start,
        at: one.time.filter(is_sent_by).unwrap_or(now),
    })
}

/// What a metric counts, and by what its sum is multiplied to be in the unit of that.
fn measure(one: &genai::Measure) -> Option<(Measure, f64)> {
    let time = match one.unit.as_str() {
        "ms" => 1e3,
        "us" => 1.0,
        _ => 1e6,
    };
    Some(match one.metric.as_str() {
        "gen_ai.client.token.usage" => match one.tokens.as_deref()? {
            "input" | "prompt" => (Measure::TokensIn, 1.0),
            "output" | "completion" => (Measure::TokensOut, 1.0),
            _ => return None,
        },
        "gen_ai.client.operation.duration" | "mcp.client.operation.duration" => {
            (Measure::Calls, time)
        }
        "gen_ai.server.request.duration" | "mcp.server.operation.duration" => {
            (Measure::Served, time)
        }
        "gen_ai.server.time_to_first_token"
        | "gen_ai.client.operation.time_to_first_chunk"
        | "gen_ai.client.response.time_to_first_token" => (Measure::FirstToken, time),
        "gen_ai.client.token.cost" if one.unit == "USD" => (Measure::Cost, 1e6),
        _ => return None,
    })
}

/// A number that is no number, or below zero, counts nothing.
fn whole(number: f64) -> u64 {
    if !number.is_finite() || number < 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is no less than zero, and saturates"
    )]
    let whole = number.round() as u64;
    whole
}
