//! Answers that were logged as the pieces in which they were streamed.

use stance_core::exchange::Origin;

use super::{Told, details, whole};
use crate::message::Taker;
use crate::value::Value;

/// What the pieces add up to.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    reasoning: String,
    /// Name, id and arguments of each call, by its place.
    calls: Vec<(String, String, String)>,
}

/// Takes server-sent events that were logged as text.
pub(super) fn events(taker: &mut Taker<'_>, text: &str, told: &mut Told) {
    let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let mut answer = Answer::default();
    for line in lines {
        if let Some(document) = taker.document(line.trim()) {
            piece(taker, &document.value, &mut answer, told);
        }
    }
    take(taker, answer);
}

/// Takes a list of pieces; false when it is none.
pub(super) fn pieces(taker: &mut Taker<'_>, items: &[Value<'_>], told: &mut Told) -> bool {
    const MARKS: [&str; 8] = [
        "choices",
        "candidates",
        "delta",
        "contentBlockDelta",
        "messageStart",
        "outputText",
        "generation",
        "completion",
    ];
    let is_piece = |item: &Value<'_>| {
        let kind = item.get("type").and_then(Value::text).unwrap_or_default();
        kind.starts_with("message_")
            || kind.starts_with("content_block")
            || kind.starts_with("response.")
            || MARKS.iter().any(|name| item.get(name).is_some())
    };
    if !items.first().is_some_and(is_piece) {
        return false;
    }
    let mut answer = Answer::default();
    for item in items {
        piece(taker, item, &mut answer, told);
    }
    take(taker, answer);
    true
}

fn take(taker: &mut Taker<'_>, answer: Answer) {
    taker.part(Origin::Reasoning, &answer.reasoning, None, None);
    taker.part(Origin::Model, &answer.text, None, None);
    let named = |(name, _, arguments): &(String, String, String)| {
        !(name.is_empty() && arguments.is_empty())
    };
    for (name, id, arguments) in answer.calls.into_iter().filter(named) {
        let name = Some(name.as_str()).filter(|name| !name.is_empty());
        let id = Some(id.as_str()).filter(|id| !id.is_empty());
        taker.arguments(&Value::Text(arguments.into()), name, id);
    }
}

fn piece(taker: &mut Taker<'_>, item: &Value<'_>, answer: &mut Answer, told: &mut Told) {
    details(taker, item, told);
    taker.ended(item);
    // Anthropic has the message in its first event, the responses interface the whole answer in its last.
    for name in ["message", "response"] {
        if let Some(inner @ Value::Map(_)) = item.get(name) {
            let kind = item.get("type").and_then(Value::text).unwrap_or_default();
            if kind == "response.completed" {
                answer.text.clear();
                return whole(taker, inner, told);
            }
            details(taker, inner, told);
        }
    }
    for choice in item.get("choices").map(Value::items).unwrap_or_default() {
        taker.ended(choice);
        if let Some(delta) = choice.get("delta") {
            chat(delta, answer);
        } else if let Some(Value::Text(text)) = choice.get("text") {
            answer.text.push_str(text);
        }
    }
    for candidate in item.get("candidates").map(Value::items).unwrap_or_default() {
        taker.ended(candidate);
        let parts = candidate.at(&["content", "parts"]);
        for part in parts.map(Value::items).unwrap_or_default() {
            gemini(part, answer);
        }
    }
    block(taker, item, answer);
    for name in ["outputText", "generation", "completion"] {
        if let Some(Value::Text(text)) = item.get(name) {
            answer.text.push_str(text);
        }
    }
}

/// OpenAI: calls come in fragments, by their place.
fn chat(delta: &Value<'_>, answer: &mut Answer) {
    if let Some(Value::Text(text)) = delta.get("content") {
        answer.text.push_str(text);
    }
    if let Some(Value::Text(text)) = delta.first(&["reasoning_content", "reasoning"]) {
        answer.reasoning.push_str(text);
    }
    for call in delta
        .get("tool_calls")
        .map(Value::items)
        .unwrap_or_default()
    {
        let place = call.get("index").and_then(Value::count).unwrap_or(0);
        let slot = slot(answer, place);
        let Some((name, id, arguments)) = slot else {
            continue;
        };
        let text =
            |value: Option<&Value<'_>>| value.and_then(Value::text).unwrap_or_default().to_owned();
        id.push_str(&text(call.get("id")));
        name.push_str(&text(call.at(&["function", "name"])));
        arguments.push_str(&text(call.at(&["function", "arguments"])));
    }
}

/// The call at a place; none for places that no answer has.
fn slot(answer: &mut Answer, place: u64) -> Option<&mut (String, String, String)> {
    let place = usize::try_from(place).ok().filter(|place| *place < 128)?;
    while answer.calls.len() <= place {
        answer.calls.push(Default::default());
    }
    answer.calls.get_mut(place)
}

fn gemini(part: &Value<'_>, answer: &mut Answer) {
    if let Some(Value::Text(text)) = part.get("text") {
        match part.get("thought").and_then(Value::truth) {
            Some(true) => answer.reasoning.push_str(text),
            _ => answer.text.push_str(text),
        }
    }
    if let Some(call) = part.get("functionCall") {
        let name = call.get("name").and_then(Value::label).unwrap_or_default();
        let arguments = call.get("args").map(Value::written).unwrap_or_default();
        answer
            .calls
            .push((name, String::new(), arguments.into_owned()));
    }
}

/// Anthropic and Bedrock: blocks that begin, go on and end.
fn block(taker: &mut Taker<'_>, item: &Value<'_>, answer: &mut Answer) {
    let started = item
        .get("content_block")
        .or_else(|| item.at(&["contentBlockStart", "start", "toolUse"]));
    if let Some(block) = started
        && let Some(name) = block.get("name").and_then(Value::label)
    {
        let id = block.first(&["id", "toolUseId"]).and_then(Value::label);
        answer
            .calls
            .push((name, id.unwrap_or_default(), String::new()));
    }
    let delta = item
        .at(&["contentBlockDelta", "delta"])
        .or_else(|| item.get("delta"));
    let Some(delta) = delta else {
        return;
    };
    taker.ended(delta);
    if let Value::Text(text) = delta {
        // The responses interface names what it adds to.
        match item.get("type").and_then(Value::text) {
            Some("response.output_text.delta") => answer.text.push_str(text),
            Some("response.reasoning_summary_text.delta") => answer.reasoning.push_str(text),
            _ => {}
        }
        return;
    }
    if let Some(Value::Text(text)) = delta.get("text") {
        answer.text.push_str(text);
    }
    let thought = delta
        .get("thinking")
        .or_else(|| delta.at(&["reasoningContent", "text"]));
    if let Some(Value::Text(text)) = thought {
        answer.reasoning.push_str(text);
    }
    let arguments = delta
        .get("partial_json")
        .or_else(|| delta.at(&["toolUse", "input"]));
    if let (Some(Value::Text(text)), Some(call)) = (arguments, answer.calls.last_mut()) {
        call.2.push_str(text);
    }
}
