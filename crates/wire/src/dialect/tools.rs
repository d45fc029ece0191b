//! Tools as requests offer them, and calls of them, in the shapes that most providers share.

use std::borrow::Cow;

use stance_core::exchange::Origin;

use crate::json::{Kind, Value};
use crate::take::{About, Taker};

/// Takes the tools of a request: `{type, function: {name, description, parameters}}`, or with these beside the type, or
/// with `input_schema` as Anthropic has it. Tools of the provider itself have a type and settings only.
pub(crate) fn offered<'d>(tools: Option<Value<'d>>, to: &mut Taker<'d>) {
    let Some(tools) = tools else { return };
    for tool in tools.elements() {
        one(tool, to);
    }
}

/// Takes one of them.
pub(crate) fn one<'d>(tool: Value<'d>, to: &mut Taker<'d>) {
    let kind = tool.text_of("type").unwrap_or_default();
    let inner = ["function", "custom"]
        .iter()
        .find_map(|key| tool.get(key).filter(|inner| inner.kind() == Kind::Object))
        .unwrap_or(tool);
    let name = inner
        .text_of("name")
        .or_else(|| inner.text_of("server_label"))
        .unwrap_or(Cow::Borrowed(""));
    let schema = [
        "parameters",
        "input_schema",
        "inputSchema",
        "parameter_definitions",
        "format",
    ]
    .iter()
    .find_map(|key| inner.get(key));
    let description = inner
        .get("description")
        .or_else(|| inner.get("server_description"));
    if name.is_empty() && kind.is_empty() {
        to.unjudged(tool, "a tool in a form that is not known");
        return;
    }
    let name = if name.is_empty() { kind } else { name };
    to.tool(tool, name, description, schema);
    to.rest(
        inner,
        &[
            "type",
            "function",
            "custom",
            "name",
            "description",
            "parameters",
            "input_schema",
            "inputSchema",
            "parameter_definitions",
            "format",
            "server_label",
            "server_description",
            "cache_control",
            "strict",
            "vector_store_ids",
            "search_context_size",
            "container",
            "allowed_domains",
            "blocked_domains",
            "filters",
            "eager_input_streaming",
            "defer_loading",
            "display_width_px",
            "allowed_callers",
            "environment",
            "size",
            "quality",
            "background",
            "output_format",
            "moderation",
            "require_approval",
            "ranking_options",
        ],
    );
}

/// Takes the calls of a message: `{id, function: {name, arguments}}`.
pub(crate) fn calls<'d>(calls: Option<Value<'d>>, to: &mut Taker<'d>) {
    let Some(calls) = calls else { return };
    for call in calls.elements() {
        let id = call.text_of("id");
        let function = ["function", "custom"]
            .iter()
            .find_map(|key| call.get(key))
            .unwrap_or(call);
        let name = function.text_of("name");
        to.called(id.as_deref(), name.as_deref());
        let about = About {
            tool: name.as_deref(),
            call: id.as_deref(),
        };
        for key in ["arguments", "input", "parameters"] {
            if let Some(arguments) = function.get(key) {
                to.part(Origin::ToolArguments, arguments, about);
            }
        }
    }
}
