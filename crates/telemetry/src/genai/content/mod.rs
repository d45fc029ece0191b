//! The words of an interaction: for each side the first of the places where dialects put them that has any.

mod places;

use stance_core::exchange::{Origin, Unjudged};

use super::Source;
use crate::interaction::{Interaction, Operation};
use crate::message::{Path, Taker, documents, messages, tools, unflatten};
use places::{Place, take};

/// Takes them. The words of steps are not: the calls inside them tell the same.
pub(super) fn content(source: &Source<'_, '_>, interaction: &mut Interaction) {
    match interaction.operation {
        Operation::Step => {}
        Operation::ExecuteTool => tool(source, interaction),
        Operation::Retrieval | Operation::Rerank => retrieval(source, interaction),
        Operation::Embeddings => embeddings(source, interaction),
        _ => conversation(source, interaction),
    }
    elsewhere(source, interaction);
}

fn conversation(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let limits = source.limits;
    let request = &mut interaction.request;
    let mut taker = Taker::new(request, Path::default(), limits);
    let system = [Place::Attribute("gen_ai.system_instructions")];
    take(source, &mut taker, &system, Origin::Operator);
    let asked = [
        Place::Attribute("gen_ai.input.messages"),
        Place::Flattened("llm.input_messages."),
        Place::Flattened("gen_ai.prompt."),
        Place::Events(false),
        Place::Attribute("gen_ai.prompt"),
        Place::Flattened("llm.prompts."),
        Place::Attribute("llm.prompts"),
        Place::Attribute("traceloop.entity.input"),
        Place::Attribute("input.value"),
        Place::Attribute("gen_ai.request.input"),
        Place::Attribute("mcp.request.argument"),
    ];
    take(source, &mut taker, &asked, Origin::User);
    offered(source, &mut taker);
    let mut taker = Taker::new(&mut interaction.response, Path::default(), limits);
    let answered = [
        Place::Attribute("gen_ai.output.messages"),
        Place::Flattened("llm.output_messages."),
        Place::Flattened("gen_ai.completion."),
        Place::Events(true),
        Place::Attribute("gen_ai.completion"),
        Place::Flattened("llm.choices."),
        Place::Attribute("traceloop.entity.output"),
        Place::Attribute("output.value"),
        Place::Attribute("mcp.response.value"),
    ];
    take(source, &mut taker, &answered, Origin::Model);
    let ended = interaction.response.ended.clone();
    if interaction.finish_reasons.is_empty() {
        interaction.finish_reasons.extend(ended);
    }
}

/// Tools that were offered.
fn offered(source: &Source<'_, '_>, taker: &mut Taker<'_>) {
    if let Some((name, value)) = source.attributes.first(&["gen_ai.tool.definitions"]) {
        taker.go(Path::attribute(name));
        tools(taker, value);
        return;
    }
    for prefix in ["llm.tools.", "llm.request.functions."] {
        if !source.attributes.has_prefix(prefix) {
            continue;
        }
        if let Some(list) = unflatten(source.attributes, prefix, source.limits) {
            taker.go(Path::flattened(prefix));
            taker.more(list.more);
            tools(taker, &list.value);
            return;
        }
    }
}

fn tool(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let tool = interaction.tool.clone().unwrap_or_default();
    let name = Some(tool.name.as_str()).filter(|name| !name.is_empty());
    let call = tool.call.as_deref();
    let mut taker = Taker::new(&mut interaction.request, Path::default(), source.limits);
    let asked = [
        "gen_ai.tool.call.arguments",
        "traceloop.entity.input",
        "mcp.request.argument",
        "input.value",
    ];
    if let Some((attribute, value)) = source.attributes.first(&asked) {
        taker.go(Path::attribute(attribute));
        taker.arguments(value, name, call);
    }
    let described = ["gen_ai.tool.description", "tool.description"];
    if let (Some(name), Some((attribute, value))) = (name, source.attributes.first(&described)) {
        taker.go(Path::attribute(attribute));
        taker.tool(name, Some(value), None);
    }
    let mut taker = Taker::new(&mut interaction.response, Path::default(), source.limits);
    let answered = [
        "gen_ai.tool.call.result",
        "traceloop.entity.output",
        "mcp.response.value",
        "output.value",
    ];
    if let Some((attribute, value)) = source.attributes.first(&answered) {
        taker.go(Path::attribute(attribute));
        taker.part(Origin::ToolResult, &value.written(), name, call);
    }
}

fn retrieval(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let limits = source.limits;
    let mut taker = Taker::new(&mut interaction.request, Path::default(), limits);
    let asked = [
        "gen_ai.retrieval.query.text",
        "reranker.query",
        "traceloop.entity.input",
        "input.value",
    ];
    if let Some((attribute, value)) = source.attributes.first(&asked) {
        taker.go(Path::attribute(attribute));
        taker.part(Origin::User, &value.written(), None, None);
    }
    let mut taker = Taker::new(&mut interaction.response, Path::default(), limits);
    if let Some((attribute, value)) = source.attributes.first(&["gen_ai.retrieval.documents"]) {
        taker.go(Path::attribute(attribute));
        return documents(&mut taker, value);
    }
    for prefix in ["retrieval.documents.", "reranker.output_documents."] {
        if !source.attributes.has_prefix(prefix) {
            continue;
        }
        if let Some(list) = unflatten(source.attributes, prefix, limits) {
            taker.go(Path::flattened(prefix));
            taker.more(list.more);
            return documents(&mut taker, &list.value);
        }
    }
    let answered = ["traceloop.entity.output", "output.value"];
    if let Some((attribute, value)) = source.attributes.first(&answered) {
        taker.go(Path::attribute(attribute));
        taker.part(Origin::Document, &value.written(), None, None);
    }
}

/// Texts that become vectors are what a store will hand out later: documents, whoever sent them.
fn embeddings(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let mut taker = Taker::new(&mut interaction.request, Path::default(), source.limits);
    let prefix = "embedding.embeddings.";
    if source.attributes.has_prefix(prefix)
        && let Some(list) = unflatten(source.attributes, prefix, source.limits)
    {
        taker.go(Path::flattened(prefix));
        taker.more(list.more);
        for (at, item) in list.value.items().iter().enumerate() {
            if let Some(text) = item.at(&["embedding", "text"]) {
                taker.inside(&at.to_string(), |taker| {
                    taker.inside("embedding", |taker| {
                        taker.inside("text", |taker| {
                            taker.part(Origin::Document, &text.written(), None, None);
                        });
                    });
                });
            }
        }
    }
    let asked = [
        Place::Attribute("gen_ai.input.messages"),
        Place::Flattened("gen_ai.prompt."),
        Place::Attribute("gen_ai.prompt"),
        Place::Attribute("embedding.text"),
    ];
    if taker.len() == 0 {
        take(source, &mut taker, &asked, Origin::Document);
    }
    for part in &mut interaction.request.parts {
        part.origin = Origin::Document;
    }
    if interaction.request.parts.is_empty() {
        let mut taker = Taker::new(&mut interaction.request, Path::default(), source.limits);
        if let Some((attribute, value)) = source.attributes.first(&["input.value"]) {
            taker.go(Path::attribute(attribute));
            messages(&mut taker, value, Origin::Document);
        }
    }
}

/// Words that were recorded in a store of their own, of which the telemetry has the address.
fn elsewhere(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let names = [
        "gen_ai.input.messages.ref",
        "gen_ai.output.messages.ref",
        "gen_ai.system_instructions.ref",
        "gen_ai.input.messages_ref",
        "gen_ai.output.messages_ref",
        "gen_ai.system.instructions_ref",
    ];
    for name in names {
        if source.attributes.get(name).is_some() {
            interaction.unjudged.push(Unjudged {
                pointer: Path::attribute(name).text().to_owned(),
                what: "words that are kept elsewhere".to_owned(),
            });
        }
    }
}
