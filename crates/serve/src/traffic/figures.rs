//! What was counted, as it is told.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::Action;
use stance_store::traffic::{Latency, Sums, Top};

use crate::draw::stack::Part;
use crate::format;

/// What was counted.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(super) struct Figures {
    /// Interactions.
    pub(super) interactions: u64,
    /// Of these, allowed.
    pub(super) allowed: u64,
    /// Allowed and recorded.
    pub(super) flagged: u64,
    /// Passed without what was found.
    pub(super) redacted: u64,
    /// Held until somebody agrees.
    pub(super) asked: u64,
    /// Blocked.
    pub(super) blocked: u64,
    /// Those of which something could not be judged.
    pub(super) unjudged: u64,
    /// Those that went wrong.
    pub(super) failed: u64,
    /// Tokens of requests.
    pub(super) tokens_in: u64,
    /// Tokens of answers.
    pub(super) tokens_out: u64,
    /// Millionths of a US dollar, of those with a known price.
    pub(super) cost: u64,
    /// Those with tokens and without a known price.
    pub(super) unpriced: u64,
    /// Bytes of requests.
    pub(super) request_bytes: u64,
    /// Bytes of answers.
    pub(super) answer_bytes: u64,
    /// When the first one began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) first: Option<Timestamp>,
    /// When the last one began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) last: Option<Timestamp>,
}

impl Figures {
    pub(super) fn of(sums: &Sums) -> Self {
        Self {
            interactions: sums.requests,
            allowed: sums.decided(Action::Allow),
            flagged: sums.flagged,
            redacted: sums.redacted,
            asked: sums.asked,
            blocked: sums.blocked,
            unjudged: sums.unjudged,
            failed: sums.failed,
            tokens_in: sums.tokens_in,
            tokens_out: sums.tokens_out,
            cost: sums.cost,
            unpriced: sums.unpriced,
            request_bytes: sums.request_bytes,
            answer_bytes: sums.answer_bytes,
            first: sums.first,
            last: sums.last,
        }
    }

    /// How many did not go on by themselves.
    pub(super) fn stopped(&self) -> u64 {
        self.asked + self.blocked
    }

    /// How many of all, `12%`.
    pub(super) fn share(&self, count: u64) -> String {
        match self.interactions {
            0 => "0%".to_owned(),
            all => format::percent(count as f64 / all as f64),
        }
    }

    /// By decision, the sternest first, as the charts have it from the ground up.
    pub(super) fn by_decision(&self) -> [u64; 5] {
        [
            self.blocked,
            self.asked,
            self.redacted,
            self.flagged,
            self.allowed,
        ]
    }

    /// As parts of a bar.
    pub(super) fn parts(&self) -> Vec<Part<'static>> {
        self.by_decision()
            .into_iter()
            .zip(DECISIONS)
            .map(|(count, (class, label))| Part {
                class,
                label,
                count,
            })
            .collect()
    }
}

/// The classes and names of decisions, the sternest first.
pub(super) const DECISIONS: [(&str, &str); 5] = [
    ("d-block", "blocked"),
    ("d-ask", "held"),
    ("d-redact", "redacted"),
    ("d-flag", "flagged"),
    ("d-allow", "allowed"),
];

/// What people call a decision.
pub(super) const fn said(decision: Action) -> &'static str {
    match decision {
        Action::Allow => "allowed",
        Action::Flag => "flagged",
        Action::Redact => "redacted",
        Action::Ask => "held",
        Action::Block => "blocked",
    }
}

/// How long something took, in microseconds, off by at most 7 %.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(super) struct Times {
    /// How many told it.
    pub(super) count: u64,
    /// Half took at most this.
    pub(super) p50: Option<u64>,
    /// 95 of 100.
    pub(super) p95: Option<u64>,
    /// 99 of 100.
    pub(super) p99: Option<u64>,
}

impl Times {
    pub(super) fn of(latency: Latency) -> Self {
        Self {
            count: latency.count,
            p50: latency.p50,
            p95: latency.p95,
            p99: latency.p99,
        }
    }
}

/// A name with what was counted of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Named {
    /// The name; nothing for all that are beyond the 2,000 of one minute, hour or day.
    pub(super) name: Option<String>,
    /// What was counted.
    #[serde(flatten)]
    pub(super) figures: Figures,
}

impl Named {
    pub(super) fn of(top: Top) -> Self {
        Self {
            name: top.name,
            figures: Figures::of(&top.sums),
        }
    }
}

/// Millionths of a US dollar: `$0.0042`, `$12.30`, `$1,204`.
pub(super) fn usd(micros: u64) -> String {
    match micros {
        0 => "$0".to_owned(),
        1..100 => "<$0.0001".to_owned(),
        100..1_000_000 => format!("${:.4}", micros as f64 / 1e6),
        1_000_000..1_000_000_000 => format!("${:.2}", micros as f64 / 1e6),
        _ => format!("${}", format::count(micros / 1_000_000)),
    }
}

/// Microseconds: `72 µs`, `4.1 ms`, `1.8 s`.
pub(super) fn micros(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..100_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format::duration(micros as f64 / 1e6),
    }
}

/// The same, where it may not be known.
pub(super) fn micros_if(value: Option<u64>) -> String {
    value.map_or_else(|| "–".to_owned(), micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_amounts_can_be_read() {
        let told = [0, 7, 4_200, 12_300_000, 1_204_000_000].map(usd);
        assert_eq!(told, ["$0", "<$0.0001", "$0.0042", "$12.30", "$1,204"]);
        assert_eq!(
            [72, 4_100, 1_800_000].map(micros),
            ["72 µs", "4.1 ms", "1.8 s"]
        );
    }
}
