//! The Model Context Protocol. What a server says is a stranger's: its tools are definitions, its resources and prompts
//! documents, what it asks the client to sample or to elicit too.

use std::borrow::Cow;

use stance_core::exchange::Origin;

use super::take;
use crate::dialect::{Refusal, Shape, usage};
use crate::json::{Kind, Value};
use crate::take::{About, Taker};

pub(crate) struct Mcp;

impl Shape for Mcp {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        take(root, to, ask, answer);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        self.request(root, to);
    }

    fn refusal(&self, message: &str, ids: &[String]) -> Refusal {
        Refusal {
            name: Some("message"),
            data: super::refusal(ids, message),
        }
    }

    fn error(&self, message: &str) -> String {
        super::refusal(&[], message)
    }

    fn correlated(&self) -> bool {
        true
    }
}

/// What is asked or told.
fn ask<'d>(method: &str, params: Value<'d>, id: Option<&str>, to: &mut Taker<'d>) {
    match method {
        "tools/call" => {
            let name = params.text_of("name");
            to.called(id, name.as_deref());
            let about = About {
                tool: name.as_deref(),
                call: id,
            };
            if let Some(arguments) = params.get("arguments") {
                to.part(Origin::ToolArguments, arguments, about);
            }
        }
        "prompts/get" => {
            if let Some(arguments) = params.get("arguments") {
                to.leaves(Origin::User, arguments, About::default());
            }
        }
        "completion/complete" => {
            for key in ["argument", "context"] {
                if let Some(given) = params.get(key) {
                    to.leaves(Origin::User, given, About::default());
                }
            }
        }
        "sampling/createMessage" => sample(params, to),
        "elicitation/create" => {
            to.member(Origin::Document, params, "message");
            to.member(Origin::Document, params, "url");
            to.member(Origin::ToolDefinition, params, "requestedSchema");
        }
        "notifications/message" => {
            if let Some(data) = params.get("data") {
                to.leaves(Origin::ToolResult, data, About::default());
            }
        }
        "notifications/progress" | "notifications/cancelled" | "notifications/tasks/status" => {
            for key in ["message", "reason", "statusMessage"] {
                to.member(Origin::ToolResult, params, key);
            }
        }
        "notifications/elicitation/complete"
        | "notifications/initialized"
        | "notifications/roots/list_changed"
        | "notifications/tools/list_changed"
        | "notifications/prompts/list_changed"
        | "notifications/resources/list_changed"
        | "notifications/resources/updated"
        | "notifications/subscriptions/acknowledged"
        | "initialize"
        | "ping"
        | "server/discover"
        | "logging/setLevel"
        | "roots/list"
        | "tools/list"
        | "resources/list"
        | "resources/templates/list"
        | "resources/read"
        | "resources/subscribe"
        | "resources/unsubscribe"
        | "subscriptions/listen"
        | "prompts/list"
        | "tasks/get"
        | "tasks/list"
        | "tasks/result"
        | "tasks/cancel"
        | "tasks/update" => {}
        _ if !params.has_text() => {}
        _ => to.unjudged(params, "a method that is not known"),
    }
    // What the client answers to questions that came with a result.
    for given in params
        .get("inputResponses")
        .into_iter()
        .flat_map(Value::members)
    {
        answer(given.get("result").unwrap_or(given), id, to);
    }
}

/// What a server wants of the client's model.
fn sample<'d>(params: Value<'d>, to: &mut Taker<'d>) {
    to.member(Origin::Document, params, "systemPrompt");
    messages(params, to);
    for tool in params.get("tools").into_iter().flat_map(Value::elements) {
        self::tool(tool, to);
    }
    to.exchange.limit = params.whole_of("maxTokens");
}

/// What is answered, told by its members.
fn answer<'d>(result: Value<'d>, id: Option<&str>, to: &mut Taker<'d>) {
    let tool = to.tool_of(id);
    let about = About {
        tool: tool.as_deref(),
        call: id,
    };
    let of = |key: &str| result.get(key).into_iter().flat_map(Value::elements);
    for tool in of("tools") {
        self::tool(tool, to);
    }
    if result.get("role").is_some() {
        // What the client's model said.
        usage::model(result, to);
        content(Origin::Model, result.get("content"), about, to);
        if let Some(reason) = result.text_of("stopReason") {
            to.exchange.ended = Some(reason.into_owned());
        }
    } else if result.get("action").is_some() {
        // What a person said.
        if let Some(given) = result.get("content") {
            to.leaves(Origin::User, given, About::default());
        }
    } else {
        content(Origin::ToolResult, result.get("content"), about, to);
    }
    if let Some(structured) = result.get("structuredContent") {
        to.part(Origin::ToolResult, structured, about);
    }
    for resource in of("contents") {
        self::resource(resource, to);
    }
    for key in ["resources", "resourceTemplates", "prompts"] {
        for offered in of(key) {
            to.leaves(Origin::Document, offered, About::default());
        }
    }
    messages(result, to);
    if result.get("messages").is_some() {
        to.member(Origin::Document, result, "description");
    }
    to.member(Origin::ToolDefinition, result, "instructions");
    if let Some(values) = result.at(&["completion", "values"]) {
        to.leaves(Origin::ToolResult, values, About::default());
    }
    // A task that goes on, and questions of a server that must be answered first.
    for task in [Some(result), result.get("task")].into_iter().flatten() {
        to.member(Origin::ToolResult, task, "statusMessage");
    }
    for question in result
        .get("inputRequests")
        .into_iter()
        .flat_map(Value::members)
    {
        if let (Some(method), Some(params)) = (question.text_of("method"), question.get("params")) {
            ask(&method, params, None, to);
        }
    }
    to.rest(
        result,
        &[
            "tools",
            "role",
            "content",
            "model",
            "stopReason",
            "action",
            "structuredContent",
            "contents",
            "resources",
            "resourceTemplates",
            "prompts",
            "messages",
            "description",
            "instructions",
            "completion",
            "task",
            "tasks",
            "taskId",
            "status",
            "statusMessage",
            "createdAt",
            "lastUpdatedAt",
            "inputRequests",
            "requestState",
            "resultType",
            "roots",
            "nextCursor",
            "serverInfo",
            "capabilities",
            "protocolVersion",
            "supportedVersions",
            "cacheScope",
            "_meta",
        ],
    );
}

/// Messages that a server wrote, whatever role it gives them.
fn messages<'d>(of: Value<'d>, to: &mut Taker<'d>) {
    for message in of.get("messages").into_iter().flat_map(Value::elements) {
        content(
            Origin::Document,
            message.get("content"),
            About::default(),
            to,
        );
    }
}

/// A tool that a server offers.
fn tool<'d>(tool: Value<'d>, to: &mut Taker<'d>) {
    let name = tool.text_of("name").unwrap_or(Cow::Borrowed(""));
    let about = About {
        tool: Some(&name),
        call: None,
    };
    let mut claims = Vec::new();
    for key in ["title", "outputSchema", "annotations"] {
        let Some(more) = tool.get(key) else { continue };
        if more.has_text() {
            to.part(Origin::ToolDefinition, more, about);
        }
        claims.push(format!("\"{key}\":{}", String::from_utf8_lossy(more.raw())));
    }
    to.tool(
        tool,
        name.clone(),
        tool.get("description"),
        tool.get("inputSchema"),
    );
    if let Some(taken) = to.exchange.tools.last_mut().filter(|_| !claims.is_empty()) {
        taken.claims = Some(format!("{{{}}}", claims.join(",")));
    }
    to.rest(
        tool,
        &[
            "name",
            "title",
            "description",
            "inputSchema",
            "outputSchema",
            "annotations",
            "execution",
            "icons",
        ],
    );
}

/// Blocks of content, or one.
fn content<'d>(origin: Origin, value: Option<Value<'d>>, about: About<'_>, to: &mut Taker<'d>) {
    let Some(value) = value else { return };
    let single = (value.kind() == Kind::Object).then_some(value);
    if value.kind() == Kind::Text {
        to.part(origin, value, about);
    }
    for block in single.into_iter().chain(value.elements()) {
        match &*block.text_of("type").unwrap_or_default() {
            "text" => {
                if let Some(text) = block.get("text") {
                    to.part(origin, text, about);
                }
            }
            "image" => to.unjudged(block, "an image"),
            "audio" => to.unjudged(block, "audio"),
            "resource" => {
                if let Some(resource) = block.get("resource") {
                    self::resource(resource, to);
                }
            }
            "resource_link" => to.leaves(Origin::Document, block, about),
            "tool_use" => {
                let (name, call) = (block.text_of("name"), block.text_of("id"));
                let about = About {
                    tool: name.as_deref(),
                    call: call.as_deref(),
                };
                if let Some(input) = block.get("input") {
                    to.part(Origin::ToolArguments, input, about);
                }
            }
            "tool_result" => {
                content(Origin::ToolResult, block.get("content"), about, to);
                if let Some(structured) = block.get("structuredContent") {
                    to.part(Origin::ToolResult, structured, about);
                }
            }
            _ => to.unjudged(block, "a kind of content that is not known"),
        }
    }
}

/// What stands in a resource.
fn resource<'d>(resource: Value<'d>, to: &mut Taker<'d>) {
    to.member(Origin::Document, resource, "text");
    if let Some(blob) = resource.get("blob") {
        to.unjudged(blob, "a resource that is no text");
    }
}
