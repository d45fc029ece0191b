//! What bodies and streams say, by plain walks over `serde_json` values: written apart from the readers, to hold them
//! against.

mod events;
mod streams;
mod whole;

use std::collections::BTreeMap;

use serde_json::Value;
use stance_core::exchange::{Origin, Usage};
use stance_wire::ChannelKey;

pub(crate) use streams::stream;
pub(crate) use whole::{answer, request};

/// What a whole body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) texts: Vec<(Origin, String)>,
    pub(crate) tools: Vec<String>,
    pub(crate) usage: Usage,
}

/// What a stream says.
#[derive(Debug, Default)]
pub(crate) struct Streamed {
    pub(crate) channels: BTreeMap<ChannelKey, String>,
    pub(crate) usage: Usage,
    pub(crate) ended: Option<String>,
}

impl Said {
    fn text(&mut self, origin: Origin, value: &Value) {
        match value {
            Value::String(text) if !text.is_empty() => self.texts.push((origin, canonical(text))),
            Value::Object(members) if !members.is_empty() => {
                self.texts.push((origin, canonical(&value.to_string())));
            }
            Value::Array(elements) if !elements.is_empty() => {
                self.texts.push((origin, canonical(&value.to_string())));
            }
            _ => {}
        }
    }

    /// Every string but for names and types.
    fn strings(&mut self, origin: Origin, value: &Value) {
        match value {
            Value::String(_) => self.text(origin, value),
            Value::Array(all) => all.iter().for_each(|one| self.strings(origin, one)),
            Value::Object(all) => {
                for (key, one) in all {
                    if !["type", "id", "status"].contains(&key.as_str()) || !one.is_string() {
                        self.strings(origin, one);
                    }
                }
            }
            _ => {}
        }
    }

    /// In an order of its own.
    pub(crate) fn sorted(mut self) -> Self {
        self.texts.sort();
        self.tools.sort();
        self
    }
}

/// JSON without its white space; all else as it is.
pub(crate) fn canonical(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() || value.is_array() => value.to_string(),
        _ => text.to_owned(),
    }
}

fn count(value: &Value, paths: &[&str]) -> Option<u64> {
    paths.iter().find_map(|path| {
        let found = value.pointer(path)?;
        found
            .as_u64()
            .or_else(|| found.as_f64().map(|it| it as u64))
    })
}

/// Adds the counts that are there.
fn add_usage(to: &mut Usage, from: &Value) {
    let found = Usage {
        input: count(
            from,
            &[
                "/input_tokens",
                "/prompt_tokens",
                "/inputTokens",
                "/prompt_eval_count",
                "/tokens/input_tokens",
                "/billed_units/input_tokens",
                "/inputTextTokenCount",
                "/prompt_token_count",
                "/inputTokenCount",
                "/promptTokenCount",
            ],
        ),
        output: count(
            from,
            &[
                "/output_tokens",
                "/completion_tokens",
                "/outputTokens",
                "/eval_count",
                "/tokens/output_tokens",
                "/billed_units/output_tokens",
                "/totalOutputTextTokenCount",
                "/generation_token_count",
                "/outputTokenCount",
                "/candidatesTokenCount",
            ],
        ),
        cached: count(
            from,
            &[
                "/cache_read_input_tokens",
                "/prompt_tokens_details/cached_tokens",
                "/input_tokens_details/cached_tokens",
                "/prompt_cache_hit_tokens",
                "/cacheReadInputTokens",
                "/cacheReadInputTokenCount",
            ],
        ),
        reasoning: count(
            from,
            &[
                "/completion_tokens_details/reasoning_tokens",
                "/output_tokens_details/reasoning_tokens",
            ],
        ),
    };
    to.input = found.input.or(to.input);
    to.output = found.output.or(to.output);
    to.cached = found.cached.or(to.cached);
    to.reasoning = found.reasoning.or(to.reasoning);
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
