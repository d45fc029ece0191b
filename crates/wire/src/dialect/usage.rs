//! Counts of tokens, under the names that providers give them.

use crate::json::Value;
use crate::take::Taker;

/// Where the counts stand, first found first: input, output, cached, reasoning.
const INPUT: &[&[&str]] = &[
    &["input_tokens"],
    &["prompt_tokens"],
    &["inputTokens"],
    &["promptTokenCount"],
    &["prompt_eval_count"],
    &["tokens", "input_tokens"],
    &["billed_units", "input_tokens"],
    &["inputTextTokenCount"],
    &["prompt_token_count"],
    &["inputTokenCount"],
];
const OUTPUT: &[&[&str]] = &[
    &["output_tokens"],
    &["completion_tokens"],
    &["outputTokens"],
    &["candidatesTokenCount"],
    &["eval_count"],
    &["tokens", "output_tokens"],
    &["billed_units", "output_tokens"],
    &["totalOutputTextTokenCount"],
    &["generation_token_count"],
    &["outputTokenCount"],
];
const CACHED: &[&[&str]] = &[
    &["cache_read_input_tokens"],
    &["prompt_tokens_details", "cached_tokens"],
    &["input_tokens_details", "cached_tokens"],
    &["prompt_cache_hit_tokens"],
    &["cacheReadInputTokens"],
    &["cacheReadInputTokenCount"],
    &["cachedContentTokenCount"],
];
const REASONING: &[&[&str]] = &[
    &["completion_tokens_details", "reasoning_tokens"],
    &["output_tokens_details", "reasoning_tokens"],
    &["thoughtsTokenCount"],
];

/// Takes the counts of `usage`; those that it does not have stay as they were.
pub(crate) fn usage<'d>(usage: Option<Value<'d>>, to: &mut Taker<'d>) {
    let Some(usage) = usage else { return };
    let find = |paths: &[&[&str]]| {
        paths
            .iter()
            .find_map(|path| usage.at(path).and_then(Value::whole))
    };
    let counts = &mut to.exchange.usage;
    counts.input = find(INPUT).or(counts.input);
    counts.output = find(OUTPUT).or(counts.output);
    counts.cached = find(CACHED).or(counts.cached);
    counts.reasoning = find(REASONING).or(counts.reasoning);
}

/// Takes the model that `root` names, and the id that an answer has.
pub(crate) fn model<'d>(root: Value<'d>, to: &mut Taker<'d>) {
    let named = root
        .text_of("model")
        .or_else(|| root.text_of("modelVersion"))
        .filter(|model| !model.is_empty());
    if let Some(model) = named {
        to.exchange.model = Some(model.into_owned());
    }
    let id = root
        .text_of("id")
        .or_else(|| root.text_of("responseId"))
        .filter(|id| !id.is_empty());
    if let Some(id) = id {
        to.exchange.id = Some(id.into_owned());
    }
}

/// Takes what a request says about its answer: under which names the limit of tokens and the number of answers stand.
pub(crate) fn wishes<'d>(root: Value<'d>, limits: &[&str], answers: &[&str], to: &mut Taker<'d>) {
    let find = |names: &[&str]| names.iter().find_map(|name| root.whole_of(name));
    to.exchange.limit = find(limits).or(to.exchange.limit);
    to.exchange.answers = find(answers).or(to.exchange.answers);
    to.exchange.stream |= root.get("stream").is_some_and(Value::is_true);
}
