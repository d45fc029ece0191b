//! What systems tell in metrics, beside what is told one by one.

use schemars::JsonSchema;
use serde::Serialize;
use stance_store::traffic::MeasuredSums;

use super::figures::{micros_if, usd};
use crate::format;
use crate::parts::Address;

/// What one service told of one model and operation in its metrics. It may be about the interactions that are told one by one, so it
/// is added to nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct MeasuredView {
    /// The service; nothing for all that are beyond the 1,000 of one minute, hour or day.
    service: Option<String>,
    /// The model.
    model: Option<String>,
    /// What was done.
    operation: Option<String>,
    /// Calls, by whatever counted most: their duration as whoever made or answered them saw it, or their tokens.
    calls: u64,
    /// Calls that failed.
    failed: u64,
    /// Tokens of requests.
    tokens_in: u64,
    /// Tokens of answers.
    tokens_out: u64,
    /// Microseconds that a call took at the mean.
    mean_us: Option<u64>,
    /// Microseconds until the first token at the mean.
    first_token_us: Option<u64>,
    /// Millionths of a US dollar.
    cost: u64,
    /// Whether the service tells interactions one by one in this span, too.
    pub(super) one_by_one: bool,
}

impl MeasuredView {
    pub(super) fn of(sums: MeasuredSums, places: &[Option<&str>]) -> Self {
        Self {
            calls: sums.all(),
            failed: sums.failed,
            tokens_in: sums.tokens_in,
            tokens_out: sums.tokens_out,
            mean_us: sums.mean_us(),
            first_token_us: sums.first_mean_us(),
            cost: sums.cost,
            one_by_one: sums.service.is_some() && places.contains(&sums.service.as_deref()),
            service: sums.service,
            model: sums.model,
            operation: sums.operation,
        }
    }

    /// Who told.
    pub(super) fn who(&self) -> &str {
        self.service.as_deref().unwrap_or("all others")
    }

    /// Which operation and model: `chat with gpt-4o`.
    pub(super) fn what(&self) -> String {
        match (&self.operation, &self.model) {
            (Some(operation), Some(model)) => format!("{operation} with {model}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "not told".to_owned(),
        }
    }

    /// The list of what the service tells one by one.
    pub(super) fn href(&self, span: &str) -> String {
        Address::new("/traffic/interactions")
            .with("span", span)
            .with("place", self.who())
            .to_string()
    }

    pub(super) fn calls(&self) -> String {
        format::count(self.calls)
    }

    pub(super) fn count(&self) -> u64 {
        self.calls
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    pub(super) fn tokens(&self) -> String {
        match self.tokens_in.saturating_add(self.tokens_out) {
            0 => "–".to_owned(),
            all => format::compact(all),
        }
    }

    pub(super) fn mean(&self) -> String {
        micros_if(self.mean_us)
    }

    pub(super) fn first_token(&self) -> String {
        micros_if(self.first_token_us)
    }

    pub(super) fn cost(&self) -> String {
        match self.cost {
            0 => "–".to_owned(),
            cost => usd(cost),
        }
    }
}
