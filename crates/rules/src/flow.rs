//! Where a value came from, as far as the source tells: what a model answered, what a model passes to a
//! tool, what a request holds, what was fetched. A call on the way ends the trail, so that what was
//! checked, converted or quoted counts as safe.

use stance_core::fact::{CodeCall, Value};

/// Who decides what a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A model, by its answer.
    Answer,
    /// A model, by the arguments of a tool call.
    Tool,
    /// Whoever sends a request or types into a page.
    Request,
    /// Whoever runs the server that something was fetched from.
    Fetched,
}

impl Origin {
    /// In words, after "from".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Answer => "the answer of a model",
            Self::Tool => "an argument that a model passes to a tool",
            Self::Request => "a request",
            Self::Fetched => "a fetched page",
        }
    }
}

/// A value and where it came from.
pub(crate) struct Trace<'a> {
    /// Who decides.
    pub(crate) origin: Origin,
    /// The dotted name.
    pub(crate) path: &'a str,
    /// Whether other text stands around it.
    pub(crate) inside: bool,
    /// What stands before it, as far as it is literal.
    pub(crate) before: &'a str,
}

/// How the dotted name of a model's answer looks.
const ANSWERS: [&str; 22] = [
    "ai.generateText()",
    "ai.streamText()",
    "ai.generateObject()",
    "ai.streamObject()",
    ".models.generateContent()",
    ".generateContent().response",
    "ollama.ollama.chat()",
    ".chat.completions.create()",
    ".completions.create()",
    ".responses.create()",
    ".messages.create()",
    ".chat.complete()",
    ".models.generate_content()",
    "google.generativeai.GenerativeModel().generate_content()",
    "litellm.completion()",
    "litellm.acompletion()",
    "ollama.chat()",
    "ollama.generate()",
    "agents.Runner.run()",
    "agents.Runner.run_sync()",
    "crewai.Crew().kickoff()",
    ".ChatCompletion.create()",
];

/// Parts of an answer that are not what the model said.
const COUNTS: [&str; 9] = [
    ".finishReason",
    ".toolCalls",
    ".steps",
    ".usage",
    ".id",
    ".model",
    ".created",
    ".stop_reason",
    ".finish_reason",
];

/// Whether a dotted name is the answer of a model.
pub(crate) fn is_answer(path: &str) -> bool {
    let whole = format!("{path}()");
    if ANSWERS
        .iter()
        .any(|answer| path.contains(answer) || whole.ends_with(answer))
    {
        let inside = [".usage.", ".toolCalls.", ".steps."];
        return !COUNTS.iter().any(|count| path.ends_with(count))
            && !inside.iter().any(|part| path.contains(part));
    }
    let framework = ["langchain", "@langchain/", "llama_index", "llamaindex."]
        .iter()
        .any(|one| path.starts_with(one));
    let asked = [".invoke()", ".predict()", ".complete()", ".chat()"];
    framework && path.contains("().") && asked.iter().any(|method| whole.contains(method))
}

/// Where requests come in, beside the parameters of handlers.
const REQUESTS: [&str; 12] = [
    "flask.request.args",
    "flask.request.form",
    "flask.request.json",
    "flask.request.values",
    "flask.request.data",
    "flask.request.get_json()",
    "flask.request.get_data()",
    "fastapi.Request().",
    "starlette.requests.Request().",
    "streamlit.chat_input()",
    "streamlit.text_input()",
    "streamlit.text_area()",
];

const FETCHES: [&str; 6] = [
    "requests.get()",
    "requests.post()",
    "httpx.get()",
    "httpx.post()",
    "urllib.request.urlopen()",
    "httpx.Client().get()",
];

/// Who decides what a dotted name stands for.
fn origin(path: &str) -> Option<Origin> {
    if path.starts_with(Value::TOOL) {
        return Some(Origin::Tool);
    }
    if path.starts_with(Value::REQUEST) {
        return Some(Origin::Request);
    }
    if is_answer(path) {
        return Some(Origin::Answer);
    }
    let called = format!("{path}()");
    let begins = |all: &[&str]| {
        all.iter()
            .any(|one| path.starts_with(one) || called == *one)
    };
    if begins(&REQUESTS) {
        return Some(Origin::Request);
    }
    begins(&FETCHES).then_some(Origin::Fetched)
}

/// The first part of a value that comes from one of `origins`.
pub(crate) fn trace<'a>(value: &'a Value, origins: &[Origin]) -> Option<Trace<'a>> {
    match value {
        Value::Name(path) | Value::Call(path) => {
            let origin = origin(path).filter(|origin| origins.contains(origin))?;
            Some(Trace {
                origin,
                path,
                inside: false,
                before: "",
            })
        }
        Value::Joined(parts) => {
            let mut before = "";
            for part in parts {
                if let Some(found) = trace(part, origins) {
                    return Some(Trace {
                        inside: true,
                        before,
                        ..found
                    });
                }
                if let (Value::Text { text, .. }, "") = (part, before) {
                    before = text;
                }
            }
            None
        }
        _ => None,
    }
}

/// A dotted name as people write it.
pub(crate) fn shown(path: &str) -> &str {
    let path = path.strip_prefix(Value::TOOL).unwrap_or(path);
    let path = path.strip_prefix(Value::REQUEST).unwrap_or(path);
    path.trim_start_matches("?.").trim_start_matches('.')
}

/// The messages of a call to a model with their roles; instructions that stand beside the messages have the
/// role `system`.
pub(crate) fn messages(call: &CodeCall) -> Vec<(&str, &Value)> {
    let mut all = Vec::new();
    for name in [
        "system",
        "instructions",
        "system_instruction",
        "system_prompt",
    ] {
        if let Some(value) = call.keyword(name) {
            all.push(("system", value));
        }
    }
    for name in ["messages", "input", "contents", "prompt"] {
        match call.keyword(name) {
            Some(Value::List(list)) => {
                for one in list {
                    if let Value::Map(map) = one
                        && let (Some(role), Some(content)) = (map.get("role"), map.get("content"))
                    {
                        all.push((role.text().unwrap_or_default(), content));
                    }
                }
            }
            Some(other) => all.push(("user", other)),
            None => {}
        }
    }
    all
}

/// Patterns of the calls that ask a model.
pub(crate) const ASKS: &[&str] = &[
    "*.chat.completions.create",
    "*.chat.completions.parse",
    "*.responses.create",
    "*.messages.create",
    "*.messages.stream",
    "*.models.generate_content",
    "litellm.completion",
    "litellm.acompletion",
    "ollama.chat",
    "openai.ChatCompletion.create",
    "*.models.generateContent",
    "ai.generateText",
    "ai.streamText",
    "ai.generateObject",
    "ai.streamObject",
    // A message that is put together before it is sent.
    "*.SystemMessage",
];
