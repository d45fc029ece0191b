//! What was done, in whichever dialect tells it.

use super::Source;
use crate::interaction::{Interaction, Operation};
use crate::value::Value;

/// Finds the operation of a record.
pub(super) fn operation(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let text = |name| source.attributes.get(name).and_then(Value::text);
    let named = [
        "gen_ai.operation.name",
        "openinference.span.kind",
        "traceloop.span.kind",
    ];
    for name in named {
        let found = text(name).map_or(Operation::Unknown, Operation::of);
        if found != Operation::Unknown {
            interaction.operation = found;
            return;
        }
    }
    interaction.operation = match (text("mcp.method.name"), text("llm.request.type")) {
        (Some("tools/call"), _) => Operation::ExecuteTool,
        (Some(method), _) => Operation::Mcp(method.to_owned()),
        // OpenLLMetry's name for a text that is continued.
        (_, Some("completion")) => Operation::TextCompletion,
        (_, Some(name)) => Operation::of(name),
        _ => by_content(source),
    };
}

/// Where no name tells it, by what the record has.
fn by_content(source: &Source<'_, '_>) -> Operation {
    let has = |prefix: &str| source.attributes.has_prefix(prefix);
    if has("embedding.") {
        Operation::Embeddings
    } else if has("retrieval.documents.") || has("gen_ai.retrieval.") {
        Operation::Retrieval
    } else if has("gen_ai.tool.call.") {
        Operation::ExecuteTool
    } else if has("gen_ai.request.model") || has("gen_ai.prompt") || has("llm.input_messages.") {
        Operation::Chat
    } else if has("gen_ai.evaluation.") {
        Operation::Evaluation
    } else {
        Operation::Unknown
    }
}
