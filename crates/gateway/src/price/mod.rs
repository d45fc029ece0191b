//! What models cost, by the prices in the settings. Stance has none of its own: prices change, and depend on who pays.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::exchange::{Exchange, Usage};
use stance_wire::Operation;

use crate::settings::fits;

/// Bytes of text that are taken for one token where the provider does not count.
const BYTES: u64 = 4;

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Price {
    /// Of a request.
    pub input: f64,
    /// Of an answer, reasoning included.
    pub output: f64,
    /// Of a request, read from the provider's cache. Without it, as `input`.
    #[serde(default)]
    pub cached: Option<f64>,
}

/// What is done with a model that has no price when the caller has a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unpriced {
    /// It is refused: what is not counted has no limit.
    #[default]
    Refuse,
    /// It passes and costs nothing.
    Pass,
}

impl Price {
    pub(crate) fn check(&self, say: &mut impl FnMut(&str, String)) {
        let prices = [
            ("input", Some(self.input)),
            ("output", Some(self.output)),
            ("cached", self.cached),
        ];
        for (part, price) in prices {
            if price.is_some_and(|price| !(0.0..=1e9).contains(&price)) {
                say(
                    part,
                    "US dollars for a million tokens, such as 2.5".to_owned(),
                );
            }
        }
    }

    /// Millionths of a dollar, rounded up. A dollar for a million tokens is a millionth for each.
    pub(crate) fn cost(&self, usage: &Usage, operation: Option<Operation>) -> u64 {
        let count = |tokens: Option<u64>| tokens.unwrap_or(0);
        let (input, cached) = (count(usage.input), count(usage.cached));
        // Anthropic and Bedrock count what came from the cache beside the rest, others among it.
        let (fresh, cached) = match operation {
            Some(Operation::Messages | Operation::Converse | Operation::Invoke) => (input, cached),
            _ => (input.saturating_sub(cached), cached.min(input)),
        };
        // Gemini counts reasoning beside the answer, others within it.
        let output = match operation {
            Some(Operation::GenerateContent) => {
                count(usage.output).saturating_add(count(usage.reasoning))
            }
            _ => count(usage.output),
        };
        #[expect(clippy::cast_precision_loss, reason = "fewer tokens than 2^53")]
        let part = |tokens: u64, price: f64| tokens as f64 * price;
        let micros = part(fresh, self.input)
            + part(cached, self.cached.unwrap_or(self.input))
            + part(output, self.output);
        whole(micros)
    }
}

/// Dollars as millionths.
pub(crate) fn micros(dollars: f64) -> u64 {
    whole((dollars * 1e6).round())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of floating point saturates"
)]
fn whole(micros: f64) -> u64 {
    // What is a whole number but for the last bits of the arithmetic does not count one more.
    (micros - 1e-6).ceil().max(0.0) as u64
}

/// The price of a model at an upstream: patterns fit `model` or `upstream/model`, and of several the longest counts.
pub(crate) fn find<'p>(
    prices: &'p BTreeMap<String, Price>,
    upstream: &str,
    model: &str,
) -> Option<&'p Price> {
    let at_upstream = format!("{upstream}/{model}");
    prices
        .iter()
        .filter(|(pattern, _)| {
            let pattern = std::slice::from_ref(*pattern);
            fits(pattern, model) || fits(pattern, &at_upstream)
        })
        .max_by_key(|(pattern, _)| pattern.len())
        .map(|(_, price)| price)
}

/// Tokens of so many bytes of text, rounded up.
pub(crate) const fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES)
}

/// Bytes of the texts of a request, its tools included.
pub(crate) fn bytes_of(asked: &Exchange) -> u64 {
    let parts = asked.parts.iter().map(|part| part.text.len());
    let tools = asked.tools.iter().map(|tool| {
        let schema = tool.schema.as_ref().map_or(0, String::len);
        tool.name.len() + tool.description.len() + schema
    });
    parts.chain(tools).map(|bytes| bytes as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(input: f64, output: f64, cached: Option<f64>) -> Price {
        Price {
            input,
            output,
            cached,
        }
    }

    fn usage(input: u64, output: u64, cached: u64, reasoning: u64) -> Usage {
        Usage {
            input: Some(input),
            output: Some(output),
            cached: Some(cached),
            reasoning: Some(reasoning),
        }
    }

    #[test]
    fn a_million_tokens_cost_their_price_and_caches_count_as_each_provider_does() {
        let price = price(2.5, 10.0, Some(1.25));
        let cost = |usage: &Usage, operation| price.cost(usage, operation);
        assert_eq!(cost(&usage(1_000_000, 0, 0, 0), None), 2_500_000);
        assert_eq!(cost(&usage(0, 1_000_000, 0, 0), None), 10_000_000);
        let mixed = usage(1000, 100, 600, 50);
        assert_eq!(
            cost(&mixed, Some(Operation::ChatCompletions)),
            1000 + 750 + 1000
        );
        assert_eq!(cost(&mixed, Some(Operation::Messages)), 2500 + 750 + 1000);
        assert_eq!(
            cost(&mixed, Some(Operation::GenerateContent)),
            1000 + 750 + 1500
        );
        assert_eq!(cost(&usage(1, 0, 0, 0), None), 3, "rounded up");
        assert_eq!(cost(&Usage::default(), None), 0);
        assert_eq!(micros(0.1), 100_000);
        assert_eq!(
            Price {
                cached: None,
                ..price.clone()
            }
            .cost(&mixed, None),
            3500
        );
    }

    #[test]
    fn the_pattern_that_says_most_counts() {
        let prices: BTreeMap<String, Price> = [
            ("*", 9.0),
            ("gpt-4o*", 2.5),
            ("gpt-4o-mini*", 0.15),
            ("azure/gpt-4o*", 3.0),
        ]
        .into_iter()
        .map(|(pattern, input)| (pattern.to_owned(), price(input, 0.0, None)))
        .collect();
        let input = |upstream, model| find(&prices, upstream, model).map(|price| price.input);
        assert_eq!(input("openai", "gpt-4o-2024-08-06"), Some(2.5));
        assert_eq!(input("openai", "gpt-4o-mini"), Some(0.15));
        assert_eq!(input("azure", "gpt-4o"), Some(3.0));
        assert_eq!(input("openai", "o9"), Some(9.0));
    }
}
