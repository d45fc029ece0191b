//! Whole bodies.

use serde_json::Value;
use stance_core::exchange::Origin;
use stance_wire::Operation;

use super::{Said, add_usage, count, list};

fn role(message: &Value) -> Origin {
    match message["role"].as_str().unwrap_or_default() {
        "system" | "developer" => Origin::Operator,
        "assistant" => Origin::Model,
        "tool" | "function" => Origin::ToolResult,
        _ => Origin::User,
    }
}

/// A string, or blocks that have a `text`.
fn content(said: &mut Said, origin: Origin, value: &Value) {
    said_text(said, origin, value);
    for block in value.as_array().into_iter().flatten() {
        said_text(said, origin, block);
        match block["type"].as_str() {
            Some("tool_use") => said.text(Origin::ToolArguments, &block["input"]),
            Some("tool_result") => content(said, Origin::ToolResult, &block["content"]),
            Some("thinking") => said.text(Origin::Reasoning, &block["thinking"]),
            Some("document") => said.strings(Origin::Document, &block["document"]),
            _ => said_text(said, origin, &block["text"]),
        }
        for note in ["annotations", "citations"] {
            said.strings(origin, &block[note]);
        }
        said_text(said, Origin::ToolArguments, &Value::Null);
        said.text(Origin::ToolArguments, &block["toolUse"]["input"]);
        said_text(said, origin, &block["guardContent"]["text"]["text"]);
        content(said, Origin::ToolResult, &block["toolResult"]["content"]);
    }
}

fn said_text(said: &mut Said, origin: Origin, value: &Value) {
    if value.is_string() {
        said.text(origin, value);
    }
}

fn chat_message(said: &mut Said, origin: Origin, message: &Value) {
    for key in ["reasoning", "reasoning_content", "thinking"] {
        said_text(said, Origin::Reasoning, &message[key]);
    }
    said_text(said, Origin::Reasoning, &message["tool_plan"]);
    content(said, origin, &message["content"]);
    said_text(said, Origin::Model, &message["refusal"]);
    said.text(
        Origin::ToolArguments,
        &message["function_call"]["arguments"],
    );
    for call in list(message, "tool_calls") {
        said.text(Origin::ToolArguments, &call["function"]["arguments"]);
        said.text(Origin::ToolArguments, &call["parameters"]);
    }
    said.strings(Origin::Document, &message["citations"]);
    said.strings(Origin::Model, &message["annotations"]);
}

fn tools(said: &mut Said, body: &Value) {
    let spread = list(body, "tools").iter().chain(list(body, "functions"));
    let converse = body.pointer("/toolConfig/tools").and_then(Value::as_array);
    for tool in spread.chain(converse.into_iter().flatten()) {
        let inner = [&tool["function"], &tool["toolSpec"], tool]
            .into_iter()
            .find(|inner| inner.is_object())
            .unwrap();
        let name = inner["name"].as_str().or(inner["type"].as_str()).unwrap();
        said.tools.push(name.to_owned());
        said.text(Origin::ToolDefinition, &inner["description"]);
        for schema in [
            "/parameters",
            "/input_schema",
            "/inputSchema/json",
            "/parameter_definitions",
        ] {
            if let Some(schema) = inner.pointer(schema) {
                said.text(Origin::ToolDefinition, schema);
            }
        }
    }
}

fn strings(said: &mut Said, origin: Origin, value: &Value) {
    said_text(said, origin, value);
    for one in value.as_array().into_iter().flatten() {
        said_text(said, origin, one);
    }
}

fn messages(said: &mut Said, body: &Value) {
    for message in list(body, "messages") {
        chat_message(said, role(message), message);
    }
}

/// Items of responses.
fn items(said: &mut Said, origin: Origin, value: &Value) {
    said_text(said, origin, value);
    for item in value.as_array().into_iter().flatten() {
        match item["type"].as_str() {
            Some("message") | None => content(said, role(item), &item["content"]),
            Some("reasoning") => content(said, Origin::Reasoning, &item["summary"]),
            Some("function_call") => said.text(Origin::ToolArguments, &item["arguments"]),
            Some("function_call_output") => content(said, Origin::ToolResult, &item["output"]),
            Some("web_search_call") => said.strings(Origin::ToolArguments, &item["action"]),
            Some(other) => panic!("no walk for {other}"),
        }
    }
}

/// What a request says.
pub(crate) fn request(operation: Operation, body: &Value) -> Said {
    let mut said = Said::default();
    tools(&mut said, body);
    match operation {
        Operation::ChatCompletions | Operation::OllamaChat | Operation::CohereChat => {
            messages(&mut said, body);
            said.text(Origin::Operator, &body["response_format"]["json_schema"]);
            if body["format"].is_object() {
                said.text(Origin::Operator, &body["format"]);
            }
        }
        Operation::Responses => {
            items(&mut said, Origin::Operator, &body["instructions"]);
            items(&mut said, Origin::User, &body["input"]);
            if let Some(schema) = body.pointer("/text/format/schema") {
                said.text(Origin::Operator, schema);
            }
        }
        Operation::Messages | Operation::Converse => {
            content(&mut said, Origin::Operator, &body["system"]);
            messages(&mut said, body);
            for key in ["output_format", "output_config"] {
                said.text(Origin::Operator, &body[key]);
            }
        }
        Operation::Invoke => {
            content(&mut said, Origin::Operator, &body["system"]);
            messages(&mut said, body);
            for key in ["prompt", "inputText"] {
                said_text(&mut said, Origin::User, &body[key]);
            }
        }
        Operation::CohereChatV1 => said_text(&mut said, Origin::User, &body["message"]),
        Operation::CohereRerank => {
            said_text(&mut said, Origin::User, &body["query"]);
            strings(&mut said, Origin::Document, &body["documents"]);
        }
        Operation::OllamaGenerate => {
            said_text(&mut said, Origin::Operator, &body["system"]);
            said_text(&mut said, Origin::User, &body["prompt"]);
        }
        _ => {
            for key in ["prompt", "input", "texts"] {
                strings(&mut said, Origin::User, &body[key]);
            }
            for input in list(body, "inputs") {
                content(&mut said, Origin::User, &input["content"]);
            }
        }
    }
    said
}

/// What an answer says.
pub(crate) fn answer(operation: Operation, body: &Value) -> Said {
    let mut said = Said::default();
    for key in ["usage", "meta", "amazon-bedrock-invocationMetrics"] {
        add_usage(&mut said.usage, &body[key]);
    }
    said_text(&mut said, Origin::Model, &body["error"]["message"]);
    match operation {
        Operation::Messages => content(&mut said, Origin::Model, &body["content"]),
        Operation::Responses => {
            items(&mut said, Origin::Operator, &body["instructions"]);
            items(&mut said, Origin::Model, &body["output"]);
        }
        Operation::Converse => {
            content(
                &mut said,
                Origin::Model,
                &body["output"]["message"]["content"],
            );
            said.strings(Origin::Model, &body["trace"]);
        }
        Operation::CohereChat => chat_message(&mut said, Origin::Model, &body["message"]),
        Operation::OllamaChat | Operation::OllamaGenerate | Operation::OllamaEmbed => {
            add_usage(&mut said.usage, body);
            chat_message(&mut said, Origin::Model, &body["message"]);
            said_text(&mut said, Origin::Reasoning, &body["thinking"]);
            said_text(&mut said, Origin::Model, &body["response"]);
        }
        Operation::CohereChatV1 => {
            said_text(&mut said, Origin::Model, &body["text"]);
            for turn in list(body, "chat_history") {
                let model = turn["role"] == "CHATBOT";
                let origin = if model { Origin::Model } else { Origin::User };
                said_text(&mut said, origin, &turn["message"]);
            }
            chat_message(
                &mut said,
                Origin::Model,
                &serde_json::json!({"tool_calls": body["tool_calls"]}),
            );
        }
        Operation::CohereGenerate => {
            said_text(&mut said, Origin::User, &body["prompt"]);
            for one in list(body, "generations") {
                said_text(&mut said, Origin::Model, &one["text"]);
            }
        }
        Operation::CohereEmbed => strings(&mut said, Origin::User, &body["texts"]),
        Operation::CohereRerank => {
            for one in list(body, "results") {
                said.strings(Origin::Document, &one["document"]);
            }
        }
        _ => {
            for choice in list(body, "choices") {
                chat_message(&mut said, Origin::Model, &choice["message"]);
                said_text(&mut said, Origin::Model, &choice["text"]);
            }
        }
    }
    if operation == Operation::Complete || operation == Operation::Invoke {
        said_text(&mut said, Origin::Model, &body["completion"]);
    }
    if operation == Operation::Invoke {
        content(&mut said, Origin::Model, &body["content"]);
        content(
            &mut said,
            Origin::Model,
            &body["output"]["message"]["content"],
        );
        said_text(&mut said, Origin::Model, &body["generation"]);
        said.strings(Origin::Model, &body["amazon-bedrock-trace"]);
        if body["usage"].is_null() && body["choices"].is_null() {
            add_usage(&mut said.usage, body);
        }
        for result in list(body, "results") {
            said_text(&mut said, Origin::Model, &result["outputText"]);
            said.usage.output = count(result, &["/tokenCount"]).or(said.usage.output);
        }
    }
    said
}
