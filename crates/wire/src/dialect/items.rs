//! Items of OpenAI's responses: what goes in, what comes out, and what the events of a stream repeat.

use stance_core::exchange::Origin;

use super::content::content;
use super::tools;
use crate::json::{Kind, Value};
use crate::take::{About, Taker};

/// Takes one item.
pub(super) fn item<'d>(item: Value<'d>, to: &mut Taker<'d>) {
    let kind = item.text_of("type").unwrap_or_default();
    let call = item.text_of("call_id").or_else(|| item.text_of("id"));
    let name = item.text_of("name");
    let remembered = to.tool_of(call.as_deref());
    let about = About {
        tool: name.as_deref().or(remembered.as_deref()),
        call: call.as_deref(),
    };
    let take = |keys: &[&str], origin: Origin, to: &mut Taker<'d>| {
        for value in keys.iter().filter_map(|key| item.get(key)) {
            to.part(origin, value, about);
        }
    };
    match &*kind {
        "" | "message" => message(item, to),
        "function_call" | "custom_tool_call" => {
            to.called(call.as_deref(), name.as_deref());
            take(&["arguments", "input"], Origin::ToolArguments, to);
        }
        "function_call_output" | "custom_tool_call_output" => {
            content(Origin::ToolResult, item.get("output"), about, to);
        }
        "reasoning" => {
            content(Origin::Reasoning, item.get("summary"), about, to);
            content(Origin::Reasoning, item.get("content"), about, to);
            if let Some(hidden) = item.get("encrypted_content") {
                to.unjudged(hidden, "encrypted reasoning");
            }
        }
        "mcp_call" => {
            take(&["arguments"], Origin::ToolArguments, to);
            take(&["output"], Origin::ToolResult, to);
            if let Some(error) = item.get("error") {
                to.leaves(Origin::ToolResult, error, about);
            }
        }
        "mcp_list_tools" => tools::offered(item.get("tools"), to),
        "mcp_approval_request" => take(&["arguments"], Origin::ToolArguments, to),
        "mcp_approval_response" => take(&["reason"], Origin::User, to),
        "web_search_call" | "computer_call" | "local_shell_call" | "shell_call"
        | "apply_patch_call" => {
            let about = About {
                tool: Some(&kind),
                ..about
            };
            for key in ["action", "operation"] {
                if let Some(action) = item.get(key) {
                    to.leaves(Origin::ToolArguments, action, about);
                }
            }
        }
        "local_shell_call_output" | "shell_call_output" | "apply_patch_call_output" => {
            if let Some(output) = item.get("output") {
                to.leaves(Origin::ToolResult, output, about);
            }
        }
        "file_search_call" => {
            let about = About {
                tool: Some(&kind),
                ..about
            };
            if let Some(queries) = item.get("queries") {
                to.leaves(Origin::ToolArguments, queries, about);
            }
            if let Some(results) = item.get("results") {
                to.leaves(Origin::Document, results, about);
            }
        }
        "code_interpreter_call" => {
            let about = About {
                tool: Some(&kind),
                ..about
            };
            if let Some(code) = item.get("code") {
                to.part(Origin::ToolArguments, code, about);
            }
            for output in item.get("outputs").into_iter().flat_map(Value::elements) {
                match output.get("logs") {
                    Some(logs) => to.part(Origin::ToolResult, logs, about),
                    None => to.unjudged(output, "an image"),
                }
            }
        }
        "computer_call_output" => to.unjudged(item, "an image"),
        "image_generation_call" => {
            take(&["revised_prompt"], Origin::Model, to);
            if item.get("result").is_some() {
                to.unjudged(item, "an image");
            }
        }
        "item_reference" => to.unjudged(item, "an item that the provider keeps"),
        _ => to.unjudged(item, "a kind of item that is not known"),
    }
}

/// Takes a message.
fn message<'d>(message: Value<'d>, to: &mut Taker<'d>) {
    let origin = match &*message.text_of("role").unwrap_or_default() {
        "system" | "developer" => Origin::Operator,
        "assistant" => Origin::Model,
        _ => Origin::User,
    };
    content(origin, message.get("content"), About::default(), to);
}

/// Takes a string of words of `origin`, or a list of items.
pub(super) fn items<'d>(origin: Origin, value: Option<Value<'d>>, to: &mut Taker<'d>) {
    let Some(value) = value else { return };
    if value.kind() == Kind::Text {
        to.text(origin, value);
    }
    for item in value.elements() {
        self::item(item, to);
    }
}
