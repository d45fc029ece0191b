//! What an exchange uses up: tokens and money, before and after.

use hyper::StatusCode;
use jiff::Timestamp;
use stance_core::exchange::Usage;
use stance_wire::Operation;

use crate::identity::Caller;
use crate::limit::{Hold, Over};
use crate::price::{self, Unpriced};
use crate::proxy::{Exchange, Refused};
use crate::upstream::Upstream;

/// What an exchange uses up, and of whose.
#[derive(Debug, Default)]
pub(crate) struct Spending {
    /// The names that it is counted under.
    pub(crate) names: Vec<String>,
    /// Bytes of the texts of the request.
    asked: u64,
    /// What is set aside for it; given back when the exchange is over.
    hold: Option<Hold>,
}

impl Exchange {
    /// Whether the caller can pay for a request: its model has a price, and there is room for it, where that is looked at before.
    pub(crate) fn afford(
        &mut self,
        caller: &Caller,
        upstream: &Upstream,
        asked: &stance_core::Exchange,
    ) -> Result<(), Refused> {
        self.spending.asked = price::bytes_of(asked);
        if !caller.has_budget() {
            return Ok(());
        }
        let settings = &self.ready.settings;
        let Some(model) = &asked.model else {
            // Lists of models and their like have no body, and cost nothing; messages of tools and agents have no model.
            let operation = self.route.as_ref().map(|route| route.operation);
            let costs = self.receipt.request_bytes > 0
                && !matches!(operation, Some(Operation::Mcp | Operation::A2a));
            if costs && settings.unpriced == Unpriced::Refuse {
                let message = "What this costs is not known here, and you have a budget.";
                return Err(self.forbidden(message, "unpriced"));
            }
            return Ok(());
        };
        let Some(price) = price::find(&settings.prices, &upstream.name, model) else {
            if settings.unpriced == Unpriced::Pass {
                return Ok(());
            }
            let message = "This model has no price here, and you have a budget.";
            return Err(self.forbidden(message, "prices"));
        };
        if !settings.estimate {
            return Ok(());
        }
        let answers = asked.answers.unwrap_or(1).max(1);
        let usage = Usage {
            input: Some(price::tokens(self.spending.asked)),
            output: asked.limit.map(|most| most.saturating_mul(answers)),
            ..Usage::default()
        };
        let most = price.cost(&usage, None);
        let hold = self
            .shared
            .limits
            .hold(caller.held(), most, Timestamp::now());
        self.spending.hold = Some(hold.map_err(|over| self.over(over))?);
        Ok(())
    }

    /// Whether all that a caller asks for has to have a price.
    pub(crate) fn counts_all(&self, caller: &Caller) -> bool {
        caller.has_budget() && self.ready.settings.unpriced == Unpriced::Refuse
    }

    /// Whether what was asked for has a price at another upstream, where it has to have one.
    pub(crate) fn is_priced(&self, caller: &Caller, upstream: &Upstream) -> bool {
        let prices = &self.ready.settings.prices;
        let model = self.receipt.model.as_deref();
        !self.counts_all(caller)
            || model.is_none_or(|model| price::find(prices, &upstream.name, model).is_some())
    }

    /// A refusal for now.
    pub(crate) fn over(&self, over: Over) -> Refused {
        let message = format!("Too much for now: {}.", over.what);
        Refused {
            after: Some(over.after),
            ..Refused::new(StatusCode::TOO_MANY_REQUESTS, self.told(&message))
        }
    }

    /// Counts what the exchange used, and says in the receipt what it cost.
    pub(crate) fn spend(&mut self, now: Timestamp) {
        self.estimate();
        let receipt = &mut self.receipt;
        let usage = &receipt.usage;
        let prices = &self.ready.settings.prices;
        let models = [&receipt.answered, &receipt.model];
        let price = models
            .into_iter()
            .flatten()
            .find_map(|model| price::find(prices, &receipt.upstream, model));
        let operation = self.route.as_ref().map(|route| route.operation);
        let is_used = usage.input.is_some() || usage.output.is_some();
        receipt.cost_microdollars = price
            .filter(|_| is_used)
            .map(|price| price.cost(usage, operation));
        let count = |tokens: Option<u64>| tokens.unwrap_or(0);
        let tokens = count(usage.input).saturating_add(count(usage.output));
        let micros = receipt.cost_microdollars.unwrap_or(0);
        let names = std::mem::take(&mut self.spending.names);
        self.shared.limits.spend(&names, tokens, micros, now);
        self.spending.hold = None;
    }

    /// Where the provider does not tell what was used, which a caller can have it leave out of a stream, or an answer ends before
    /// its end: from the length of its texts.
    fn estimate(&mut self) {
        let receipt = &mut self.receipt;
        let is_answer = (200..300).contains(&receipt.status);
        let seen: u64 = self.counts.bytes.values().sum();
        let answered = seen.saturating_sub(self.spending.asked);
        let is_whole = receipt.error.is_none() && receipt.usage.output.is_some();
        if !is_answer || seen == 0 || is_whole || self.spending.names.is_empty() {
            return;
        }
        let usage = &mut receipt.usage;
        let output = price::tokens(answered);
        if usage.input.is_none() {
            usage.input = Some(price::tokens(self.spending.asked));
            receipt.estimated = true;
        }
        if usage.output.is_none_or(|told| told < output) {
            usage.output = Some(output);
            receipt.estimated = true;
        }
    }
}
