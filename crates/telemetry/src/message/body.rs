//! Whole requests and answers of providers, as gateways and providers log them.
//!
//! Field names are those of the public interfaces: OpenAI chat, responses, completions and embeddings; Anthropic messages;
//! Gemini `generateContent`; Bedrock Converse and the models of Amazon, Meta, Mistral and Cohere behind it; Cohere; Ollama.

use stance_core::exchange::{Exchange, Origin, Usage};

use super::{Taker, messages, tools};
use crate::interaction::{Failure, Operation, fill};
use crate::message::Path;
use crate::value::Value;

mod stream;

/// What an answer tells besides its words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) id: Option<String>,
    pub(crate) usage: Usage,
    pub(crate) failure: Option<Failure>,
}

/// Takes a request apart. Texts of an embedding are documents, those of a completion are the user's.
pub(crate) fn request(taker: &mut Taker<'_>, body: &Value<'_>) {
    if let Value::Text(text) = body {
        return match taker.document(text) {
            Some(document) if matches!(document.value, Value::Map(_)) => {
                request(taker, &document.value);
                if document.cut {
                    taker.unjudged("what was cut off by the logger");
                }
            }
            _ => messages(taker, body, Origin::User),
        };
    }
    if let Value::List(_) = body {
        return messages(taker, body, Origin::User);
    }
    let words = [
        ("system", Origin::Operator),
        ("systemInstruction", Origin::Operator),
        ("system_instruction", Origin::Operator),
        ("instructions", Origin::Operator),
        ("preamble", Origin::Operator),
        ("chat_history", Origin::User),
        ("messages", Origin::User),
        ("contents", Origin::User),
        ("input", Origin::User),
        ("prompt", Origin::User),
        ("inputText", Origin::User),
        ("message", Origin::User),
        ("query", Origin::User),
        ("texts", Origin::Document),
        ("content", Origin::Document),
    ];
    for (name, origin) in words {
        let Some(content) = body.get(name) else {
            continue;
        };
        // Texts without messages around them, sent to no model that answers.
        let origin = if name == "input" && is_embedding(body) {
            Origin::Document
        } else {
            origin
        };
        taker.inside(name, |taker| match content {
            Value::Text(text) => taker.part(origin, text, None, None),
            Value::List(items) if is_numbers(items) => {
                taker.unjudged("tokens instead of text");
            }
            content => messages(taker, content, origin),
        });
    }
    if let Some(found) = body.get("documents") {
        taker.inside("documents", |taker| super::documents(taker, found));
    }
    for name in ["tools", "functions", "toolConfig"] {
        if let Some(offered) = body.get(name) {
            taker.inside(name, |taker| tools(taker, offered));
        }
    }
    settings(taker.exchange(), body);
}

/// Requests for embeddings have an input and none of what an answer needs.
fn is_embedding(body: &Value<'_>) -> bool {
    let wanted = ["encoding_format", "dimensions", "input_type"];
    wanted.iter().any(|name| body.get(name).is_some())
}

fn is_numbers(items: &[Value<'_>]) -> bool {
    let is_number = |item: &Value<'_>| match item {
        Value::Int(_) | Value::Float(_) => true,
        Value::List(inner) => inner.iter().all(|item| matches!(item, Value::Int(_))),
        _ => false,
    };
    !items.is_empty() && items.iter().all(is_number)
}

/// What is asked for besides the words.
pub(crate) fn settings(exchange: &mut Exchange, body: &Value<'_>) {
    let model = body.first(&["model", "modelId"]).and_then(Value::label);
    fill(&mut exchange.model, model);
    let truth = |name: &str| body.get(name).and_then(Value::truth) == Some(true);
    exchange.stream |= truth("stream");
    exchange.probabilities |= truth("logprobs") || truth("responseLogprobs");
    let nested = [
        "generationConfig",
        "inferenceConfig",
        "textGenerationConfig",
    ];
    for place in std::iter::once(body).chain(nested.iter().filter_map(|name| body.get(name))) {
        let limits = [
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "maxOutputTokens",
            "maxTokens",
            "maxTokenCount",
            "max_gen_len",
        ];
        let limit = place.first(&limits).and_then(Value::count);
        fill(&mut exchange.limit, limit);
        let answers = place.first(&["n", "candidateCount", "candidate_count"]);
        fill(&mut exchange.answers, answers.and_then(Value::count));
    }
}

/// Takes an answer apart: whole, or as the list of the pieces in which it was streamed.
pub(crate) fn response(taker: &mut Taker<'_>, body: &Value<'_>, told: &mut Told) {
    match body {
        Value::Text(text) => match taker.document(text) {
            Some(document) => {
                response(taker, &document.value, told);
                if document.cut {
                    taker.unjudged("what was cut off by the logger");
                }
            }
            None if text.trim_start().starts_with("data:")
                || text.trim_start().starts_with("event:") =>
            {
                stream::events(taker, text, told);
            }
            None => taker.part(Origin::Model, text, None, None),
        },
        Value::List(items) => {
            let streamed = stream::pieces(taker, items, told);
            if !streamed {
                messages(taker, body, Origin::Model);
            }
        }
        Value::Map(_) => whole(taker, body, told),
        _ => {}
    }
}

fn whole(taker: &mut Taker<'_>, body: &Value<'_>, told: &mut Told) {
    details(taker, body, told);
    let before = taker.len();
    for name in ["choices", "candidates", "generations", "results", "outputs"] {
        let Some(answers) = body.get(name) else {
            continue;
        };
        taker.inside(name, |taker| {
            for (at, answer) in answers.items().iter().enumerate() {
                taker.inside(&at.to_string(), |taker| choice(taker, answer));
            }
        });
    }
    let converse = body.at(&["output", "message"]);
    if let Some(message) = converse {
        taker.inside("output", |taker| {
            taker.inside("message", |taker| messages(taker, message, Origin::Model));
        });
    }
    for name in [
        "output",
        "content",
        "message",
        "completion",
        "generation",
        "response",
        "text",
    ] {
        // Nothing is walked twice: values inside of values would be walked again and again.
        if taker.len() > before || (name == "output" && converse.is_some()) {
            continue;
        }
        let Some(content) = body.get(name) else {
            continue;
        };
        taker.inside(name, |taker| match content {
            Value::Map(_) | Value::List(_) | Value::Text(_) => {
                messages(taker, content, Origin::Model);
            }
            _ => {}
        });
    }
    taker.ended(body);
}

/// One of the answers.
fn choice(taker: &mut Taker<'_>, answer: &Value<'_>) {
    taker.ended(answer);
    for name in [
        "message",
        "content",
        "text",
        "outputText",
        "output",
        "delta",
    ] {
        let Some(content) = answer.get(name).filter(|content| !content.is_empty()) else {
            continue;
        };
        return taker.inside(name, |taker| match content {
            Value::Text(text) => taker.part(Origin::Model, text, None, None),
            content => messages(taker, content, Origin::Model),
        });
    }
}

/// The id, the model, what was used up, and the error.
fn details(taker: &mut Taker<'_>, body: &Value<'_>, told: &mut Told) {
    let id = body.first(&["id", "responseId", "response_id", "generation_id"]);
    fill(&mut told.id, id.and_then(Value::label));
    let model = body.first(&["model", "modelVersion"]);
    let exchange = taker.exchange();
    fill(&mut exchange.model, model.and_then(Value::label));
    for name in ["usage", "usageMetadata", "meta"] {
        if let Some(found) = body.get(name) {
            usage(found, &mut told.usage);
        }
    }
    usage(body, &mut told.usage);
    exchange.usage = told.usage;
    if told.failure.is_none() {
        told.failure = failure(body);
    }
}

/// Tokens, in the words of all of them. Anthropic counts what came from a cache beside the input, others within it: what
/// is told is kept.
pub(crate) fn usage(value: &Value<'_>, usage: &mut Usage) {
    let count = |names: &[&str]| value.first(names).and_then(Value::count);
    let input = [
        "prompt_tokens",
        "input_tokens",
        "promptTokenCount",
        "inputTokens",
        "inputTextTokenCount",
        "prompt_token_count",
        "prompt_eval_count",
    ];
    let output = [
        "completion_tokens",
        "output_tokens",
        "candidatesTokenCount",
        "outputTokens",
        "generation_token_count",
        "eval_count",
    ];
    fill(&mut usage.input, count(&input));
    fill(&mut usage.output, count(&output));
    let cached = [
        "cache_read_input_tokens",
        "cachedContentTokenCount",
        "cacheReadInputTokens",
    ];
    let inside = |names: [&str; 2], field: &str| {
        let found = names.iter().find_map(|name| value.at(&[name, field]));
        found.and_then(Value::count)
    };
    let details = ["prompt_tokens_details", "input_tokens_details"];
    let within = inside(details, "cached_tokens");
    fill(&mut usage.cached, within.or_else(|| count(&cached)));
    let details = ["completion_tokens_details", "output_tokens_details"];
    let thought = inside(details, "reasoning_tokens");
    let reasoning = thought.or_else(|| count(&["thoughtsTokenCount", "reasoning_tokens"]));
    fill(&mut usage.reasoning, reasoning);
}

/// The error in an answer.
pub(crate) fn failure(body: &Value<'_>) -> Option<Failure> {
    let error = body.get("error").filter(|error| !error.is_empty())?;
    let label = |names: &[&str]| error.first(names).and_then(Value::label);
    Some(match error {
        Value::Text(text) => Failure {
            message: text.clone().into_owned(),
            ..Failure::default()
        },
        error => Failure {
            kind: label(&["code", "type", "status"]).unwrap_or_default(),
            message: label(&["message"]).unwrap_or_default(),
            status: error.get("code").and_then(status),
        },
    })
}

/// A status of HTTP.
pub(crate) fn status(value: &Value<'_>) -> Option<u16> {
    let status = u16::try_from(value.count()?).ok()?;
    (100..600).contains(&status).then_some(status)
}

/// Both sides of an interaction from the two bodies of a log.
pub(crate) fn sides(
    interaction: &mut crate::Interaction,
    request_body: Option<(&'static str, &Value<'_>)>,
    response_body: Option<(&'static str, &Value<'_>)>,
    limits: crate::Limits,
) {
    if let Some((pointer, body)) = request_body {
        let path = Path::at(pointer.to_owned());
        let mut taker = Taker::new(&mut interaction.request, path, limits);
        request(&mut taker, body);
        taker.understood();
        // Texts that become vectors are documents, whoever sent them.
        if interaction.operation == Operation::Embeddings {
            for part in &mut interaction.request.parts {
                part.origin = Origin::Document;
            }
        }
        fill(&mut interaction.asked, interaction.request.model.clone());
    }
    if let Some((pointer, body)) = response_body {
        let path = Path::at(pointer.to_owned());
        let mut told = Told::default();
        let mut taker = Taker::new(&mut interaction.response, path, limits);
        response(&mut taker, body, &mut told);
        let has_words = matches!(
            interaction.operation,
            Operation::Chat | Operation::TextCompletion | Operation::InvokeAgent
        );
        if has_words && told.failure.is_none() {
            taker.understood();
        }
        fill(
            &mut interaction.answered,
            interaction.response.model.clone(),
        );
        fill(&mut interaction.answer, told.id);
        fill(&mut interaction.failure, told.failure);
        let usage = &mut interaction.usage;
        fill(&mut usage.input, told.usage.input);
        fill(&mut usage.output, told.usage.output);
        fill(&mut usage.cached, told.usage.cached);
        fill(&mut usage.reasoning, told.usage.reasoning);
        if interaction.finish_reasons.is_empty() {
            interaction
                .finish_reasons
                .extend(interaction.response.ended.clone());
        }
    }
}
