//! Every dialect, as its own libraries wrote it, tells the same conversation.

use stance_core::exchange::Origin;
use stance_telemetry::{Dialect, Interaction, Joiner, Operation, Side};

use crate::captured::{ANSWER, FOUND, QUESTION, SYSTEM, facts, logs, traces, words};

/// The same calls were made under every instrumentation of OpenAI's client: a question that is answered with the call of a
/// tool, the answer to its result, a stream, an embedding, and a model that does not exist.
fn is_the_conversation(all: &[&Interaction], embeddings: bool) {
    let (arguments, result) = (r#"{"order":"A-17"}"#, FOUND);
    let asked = [(Origin::Operator, SYSTEM), (Origin::User, QUESTION)];
    let compact = |text: &str| text.replace(' ', "");
    let call = &all[0];
    assert_eq!(words(&call.request), asked);
    let called = &call.response.parts[0];
    assert_eq!(called.origin, Origin::ToolArguments);
    assert_eq!(compact(&called.text), arguments);
    assert_eq!(called.tool.as_deref(), Some("lookup_order"));
    assert_eq!(call.usage.input, Some(42));
    assert_eq!(call.usage.output, Some(11));

    let answer = &all[1];
    let told = words(&answer.request);
    assert_eq!(told[..2], asked);
    assert_eq!(compact(told[2].1), arguments);
    assert_eq!(told[3], (Origin::ToolResult, result));
    assert_eq!(words(&answer.response), [(Origin::Model, ANSWER)]);
    assert_eq!(answer.finish_reasons, ["stop"]);

    let stream = &all[2];
    assert_eq!(words(&stream.request), asked);
    assert_eq!(words(&stream.response), [(Origin::Model, ANSWER)]);

    let embedding = all
        .iter()
        .find(|one| one.operation == Operation::Embeddings);
    if embeddings {
        let embedding = embedding.expect("embeddings");
        let texts = [
            (Origin::Document, "inner tube"),
            (Origin::Document, "saddle"),
        ];
        assert_eq!(words(&embedding.request), texts);
        assert_eq!(embedding.asked.as_deref(), Some("spoke-embed"));
        assert_eq!(embedding.usage.input, Some(6));
        assert!(embedding.not_judged().is_empty());
    }
    let wrong = |one: &&&Interaction| one.asked.as_deref() == Some("no-such-model");
    let failed = all.iter().find(wrong).expect("the failure");
    let failure = failed.failure.as_ref().expect("why it failed");
    assert!(failure.kind.contains("NotFoundError"), "{failure:?}");
    assert_eq!(words(&failed.request), asked);
    // An answer that never came is not missing.
    assert!(!failed.is_absent(Side::Response));
}

fn is_the_workshop(interaction: &Interaction) {
    assert_eq!(interaction.service.name.as_deref(), Some("workshop"));
    assert_eq!(interaction.service.version.as_deref(), Some("4.2"));
    assert_eq!(interaction.service.environment.as_deref(), Some("staging"));
    assert_eq!(interaction.provider.as_deref(), Some("openai"));
    assert!(interaction.start.is_some() && interaction.duration.is_some());
    assert!(interaction.trace.is_some() && interaction.span.is_some());
}

#[test]
fn conventions_from_1_37_on_in_both_encodings() {
    for name in ["official-new.traces.protobuf", "official-new.traces.json"] {
        let read = traces(name);
        assert_eq!((read.passed, read.folded), (0, 0), "{name}");
        let all: Vec<_> = read.interactions.iter().collect();
        is_the_conversation(&all, false);
        for one in &all {
            is_the_workshop(one);
            assert_eq!(one.dialects, [Dialect::Since137]);
        }
        assert_eq!(all[0].asked.as_deref(), Some("wheel-1"));
        assert_eq!(all[0].answered.as_deref(), Some("wheel-1-2026"));
        assert_eq!(all[0].answer.as_deref(), Some("chatcmpl-1"));
        assert_eq!(all[0].request.limit, Some(100));
        assert_eq!(
            all[0].request.parts[1].pointer,
            "/attributes/gen_ai.input.messages/1/parts/0/content"
        );
    }
}

#[test]
fn both_encodings_tell_the_same() {
    let names = [
        "official-new",
        "official-quiet",
        "openllmetry",
        "openinference",
        "agents",
        "mcp",
        "others",
    ];
    // Addresses and order of spans that ran at once differ from run to run.
    for name in names {
        let [one, two] = ["protobuf", "json"].map(|encoding| {
            let read = traces(&format!("{name}.traces.{encoding}"));
            let told: Vec<Interaction> = read.interactions.iter().map(facts).collect();
            (told, read.passed, read.folded)
        });
        assert_eq!(one, two, "{name}");
    }
}

#[test]
fn words_that_were_not_recorded_are_said_to_be_not_judged() {
    let read = traces("official-quiet.traces.protobuf");
    let chat = &read.interactions[0];
    assert_eq!(chat.usage.input, Some(42));
    let said: Vec<String> = chat
        .not_judged()
        .into_iter()
        .map(|one| one.pointer)
        .collect();
    assert_eq!(said, ["/request", "/response"]);
}

#[test]
fn events_for_single_messages_find_their_span() {
    for transport in ["grpc", "protobuf"] {
        let spans = traces(&format!("official-old.traces.{transport}")).interactions;
        let events = logs(&format!("official-old.logs.{transport}")).interactions;
        assert!(spans.iter().all(|one| one.speaks(Dialect::Before137)));
        assert!(spans.iter().all(|one| one.is_absent(Side::Request)));
        for (first, second) in [(&spans, &events), (&events, &spans)] {
            let mut joiner = Joiner::new(100);
            let now = "2026-11-27T02:00:00Z".parse().expect("time");
            for one in first.iter().chain(second) {
                assert!(joiner.push(one.clone(), now).is_none());
            }
            let mut joined = joiner.finish();
            assert_eq!(joined.len(), spans.len());
            joined.sort_by_key(|one| one.start);
            let all: Vec<_> = joined.iter().collect();
            is_the_conversation(&all, false);
            all.iter().for_each(|one| is_the_workshop(one));
            assert_eq!(all[0].name, "chat wheel-1");
            assert!(joined.iter().all(|one| one.not_judged().is_empty()));
        }
    }
}

#[test]
fn one_event_with_all_details_finds_its_span() {
    for encoding in ["protobuf", "json"] {
        let mut joiner = Joiner::new(100);
        let now = "2026-11-27T02:00:00Z".parse().expect("time");
        let spans = traces(&format!("official-event.traces.{encoding}"));
        let events = logs(&format!("official-event.logs.{encoding}"));
        assert_eq!(events.passed, 0);
        for one in spans.interactions.into_iter().chain(events.interactions) {
            assert!(joiner.push(one, now).is_none());
        }
        let mut joined = joiner.finish();
        joined.sort_by_key(|one| one.start);
        is_the_conversation(&joined.iter().collect::<Vec<_>>(), false);
    }
}

#[test]
fn openllmetry_before_and_after_it_took_the_conventions() {
    for name in [
        "openllmetry-old.traces.protobuf",
        "openllmetry.traces.protobuf",
    ] {
        let read = traces(name);
        let all: Vec<_> = read
            .interactions
            .iter()
            .filter(|one| one.provider.as_deref() == Some("openai"))
            .collect();
        is_the_conversation(&all, true);
        for one in &all {
            is_the_workshop(one);
            assert!(one.speaks(Dialect::OpenLlmetry), "{name}");
        }
        assert_eq!(all[0].identity.user.as_deref(), Some("mira@example.com"));
        assert_eq!(all[0].usage.cached, Some(8));
        assert_eq!(all[0].usage.reasoning, Some(3));
        assert!(all[2].request.stream);
        let tool = &all[0].request.tools[0];
        assert_eq!(tool.name, "lookup_order");
        assert_eq!(tool.description, "Looks up the state of an order.");
        assert!(
            tool.schema
                .as_ref()
                .is_some_and(|schema| schema.contains("required"))
        );
    }
}

#[test]
fn openinference_with_its_user_and_session() {
    let read = traces("openinference.traces.protobuf");
    let all: Vec<_> = read
        .interactions
        .iter()
        .filter(|one| one.provider.as_deref() == Some("openai"))
        .collect();
    is_the_conversation(&all, true);
    for one in &read.interactions {
        assert!(one.speaks(Dialect::OpenInference));
        assert_eq!(one.conversation.as_deref(), Some("visit-9"));
        assert_eq!(one.identity.user.as_deref(), Some("mira@example.com"));
    }
    // The model that answered is in `llm.model_name`, the one that was asked among the parameters.
    assert_eq!(all[0].asked.as_deref(), Some("wheel-1"));
    assert_eq!(all[0].answered.as_deref(), Some("wheel-1-2026"));
    assert_eq!(
        all[0].response.parts[0].pointer,
        "/attributes/llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments"
    );
}

#[test]
fn anthropic_told_by_its_own_library_and_by_the_instrumentation_is_told_once() {
    for name in ["openllmetry.traces.protobuf", "openinference.traces.json"] {
        let read = traces(name);
        assert_eq!(read.folded, 2, "{name}");
        let all: Vec<_> = read
            .interactions
            .iter()
            .filter(|one| one.provider.as_deref() == Some("anthropic"))
            .collect();
        assert_eq!(all.len(), 2, "{name}");
        let input: u64 = all.iter().filter_map(|one| one.usage.input).sum();
        assert_eq!(input, 84, "{name}: tokens of each call once");
        assert!(all.iter().all(|one| one.also.len() == 1));
        let asked = [(Origin::Operator, SYSTEM), (Origin::User, QUESTION)];
        assert_eq!(words(&all[0].request), asked);
        let answered = [
            (Origin::Reasoning, "The tool says that it was shipped."),
            (Origin::Model, ANSWER),
        ];
        assert_eq!(words(&all[1].response), answered);
        let result = all[1]
            .request
            .parts
            .iter()
            .find(|part| part.origin == Origin::ToolResult);
        let result = result.expect("the result of the tool");
        assert_eq!(result.text, FOUND);
        // Which tool it was is known from the call before it.
        assert_eq!(result.tool.as_deref(), Some("lookup_order"));
    }
}

#[test]
fn agents_tools_and_retrieval() {
    let read = traces("agents.traces.protobuf");
    let by = |operation: Operation| {
        let mut all = read.interactions.iter();
        all.find(|one| one.operation == operation)
            .expect("operation")
    };
    let retrieval = by(Operation::Retrieval);
    assert_eq!(retrieval.data_source.as_deref(), Some("manuals"));
    assert_eq!(
        words(&retrieval.request),
        [(Origin::User, "shipping times")]
    );
    let found = [(Origin::Document, "Parcels take three days.")];
    assert_eq!(words(&retrieval.response), found);

    let tool = by(Operation::ExecuteTool);
    let told = tool.tool.as_ref().expect("tool");
    assert_eq!(told.name, "lookup_order");
    assert_eq!(told.call.as_deref(), Some("call_1"));
    let arguments = [(Origin::ToolArguments, r#"{"order":"A-17"}"#)];
    assert_eq!(words(&tool.request), arguments);
    assert_eq!(words(&tool.response), [(Origin::ToolResult, FOUND)]);

    let agent = by(Operation::InvokeAgent);
    let name = agent.agent.as_ref().and_then(|agent| agent.name.as_deref());
    assert_eq!(name, Some("dispatcher"));
    assert_eq!(agent.conversation.as_deref(), Some("visit-9"));
    let asked = [(Origin::Operator, SYSTEM), (Origin::User, QUESTION)];
    assert_eq!(words(&agent.request), asked);

    let workflow = by(Operation::InvokeWorkflow);
    assert_eq!(workflow.workflow.as_deref(), Some("repair desk"));
    // What belongs together can be put together again.
    assert_eq!(agent.parent, workflow.span);
    assert_eq!(tool.parent, agent.span);
}

#[test]
fn the_model_context_protocol() {
    let read = traces("mcp.traces.json");
    let call = read.interactions.last().expect("the call");
    assert_eq!(call.operation, Operation::ExecuteTool);
    assert!(call.speaks(Dialect::Mcp));
    let mcp = call.mcp.as_ref().expect("mcp");
    assert_eq!(mcp.method.as_deref(), Some("tools/call"));
    assert_eq!(mcp.protocol.as_deref(), Some("2026-07-28"));
    assert_eq!(
        call.tool.as_ref().map(|tool| tool.name.as_str()),
        Some("lookup_order")
    );
    let list = &read.interactions[1];
    assert_eq!(list.operation, Operation::Mcp("tools/list".to_owned()));
}

#[test]
fn what_has_nothing_to_do_with_models_is_counted() {
    let read = traces("others.traces.protobuf");
    assert!(read.interactions.is_empty());
    assert_eq!(read.passed, 2);
}

#[test]
fn litellm_repeats_itself_and_is_read_once() {
    let read = traces("litellm.traces.protobuf");
    assert_eq!(read.passed, 0);
    assert!(read.folded >= 3, "the spans with the raw requests");
    let call = &read.interactions[0];
    assert!(call.speaks(Dialect::LiteLlm));
    // The messages of the answer are empty there; the call stands in the older attributes.
    let called = &call.response.parts[0];
    assert_eq!(called.origin, Origin::ToolArguments);
    assert_eq!(called.tool.as_deref(), Some("lookup_order"));
    assert_eq!(call.finish_reasons, ["tool_calls"]);
    assert_eq!(call.identity.user.as_deref(), Some("mira@example.com"));
    let failed = read.interactions.last().and_then(|one| one.failure.clone());
    assert_eq!(failed.expect("the failure").status, Some(404));
}
