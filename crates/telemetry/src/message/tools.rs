//! Tools that are offered to a model.

use super::taker::Taker;
use crate::value::Value;

/// Takes a list of tools, the same as JSON, or a map that has the list.
pub(super) fn tools(taker: &mut Taker<'_>, value: &Value<'_>) {
    if !taker.enter() {
        return;
    }
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                taker.inside(&at.to_string(), |taker| tool(taker, item));
            }
        }
        Value::Text(text) => match taker.document(text) {
            Some(document) => {
                tools(taker, &document.value);
                if document.cut {
                    taker.unjudged("tools that were cut off by the application");
                }
            }
            None => taker.unjudged("tools in a form that is not known"),
        },
        Value::Map(fields) if fields.is_empty() => {}
        Value::Map(_) => tool(taker, value),
        _ => {}
    }
    taker.leave();
}

fn tool(taker: &mut Taker<'_>, value: &Value<'_>) {
    // Gemini and Bedrock have them below a name of their own, OpenAI below `function`, OpenInference as JSON.
    for name in ["functionDeclarations", "function_declarations", "tools"] {
        if let Some(inner) = value.get(name) {
            return taker.inside(name, |taker| tools(taker, inner));
        }
    }
    for name in ["toolSpec", "function", "tool", "json_schema"] {
        if let Some(inner @ (Value::Map(_) | Value::Text(_))) = value.get(name) {
            return taker.inside(name, |taker| tools(taker, inner));
        }
    }
    let Some(name) = value.first(&["name", "type"]).and_then(Value::text) else {
        return taker.unjudged("a tool without a name");
    };
    let names = [
        "parameters",
        "input_schema",
        "inputSchema",
        "parametersJsonSchema",
        "parameter_definitions",
        "format",
    ];
    let schema = value.first(&names);
    let schema = schema.map(|schema| schema.get("json").unwrap_or(schema));
    taker.tool(name, value.get("description"), schema);
}
