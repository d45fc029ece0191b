//! Where dialects put words, in forms that the captures do not have.

use serde_json::{Value, json};
use stance_core::exchange::Origin;
use stance_telemetry::genai;
use stance_telemetry::{Interaction, Limits, Operation, otlp};

use crate::captured::words;
use crate::made::{Made, protobuf};

fn read(made: Made) -> Interaction {
    let body = protobuf(&[made]);
    let limits = Limits::default();
    let export = otlp::protobuf::traces(&body, limits).expect("protobuf");
    let mut read = genai::traces(&export, limits);
    assert_eq!(read.interactions.len(), 1);
    read.interactions.remove(0)
}

#[test]
fn a_span_in_several_dialects_at_once_has_each_word_once() {
    let messages = json!([{ "role": "user", "parts": [{ "type": "text", "content": "hello" }] }]);
    let answers = json!([{ "role": "assistant", "parts": [{ "type": "text", "content": "hi" }] }]);
    let chat = read(
        Made::new(&[
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.system", json!("openai")),
            ("gen_ai.provider.name", json!("openai")),
            ("openinference.span.kind", json!("LLM")),
            ("gen_ai.input.messages", json!(messages.to_string())),
            ("gen_ai.prompt.0.role", json!("user")),
            ("gen_ai.prompt.0.content", json!("hello")),
            ("llm.input_messages.0.message.role", json!("user")),
            ("llm.input_messages.0.message.content", json!("hello")),
            ("input.value", json!("hello")),
            ("gen_ai.output.messages", answers),
            ("gen_ai.completion.0.content", json!("hi")),
            ("llm.output_messages.0.message.content", json!("hi")),
            ("output.value", json!("hi")),
            ("gen_ai.usage.input_tokens", json!(3)),
            ("gen_ai.usage.prompt_tokens", json!(3)),
            ("llm.token_count.prompt", json!(3)),
        ])
        .event("gen_ai.user.message", &[("content", json!("hello"))])
        .event("gen_ai.choice", &[("message", json!({ "content": "hi" }))]),
    );
    assert_eq!(words(&chat.request), [(Origin::User, "hello")]);
    assert_eq!(words(&chat.response), [(Origin::Model, "hi")]);
    assert_eq!(chat.usage.input, Some(3));
    assert_eq!(chat.dialects.len(), 4);
}

#[test]
fn events_of_the_span_itself() {
    let chat = read(
        Made::new(&[
            ("gen_ai.system", json!("openai")),
            ("gen_ai.request.model", json!("m")),
        ])
        .event("gen_ai.system.message", &[("content", json!("be brief"))])
        .event(
            "gen_ai.tool.message",
            &[("content", json!("42")), ("id", json!("c1"))],
        )
        .event(
            "gen_ai.choice",
            &[
                ("finish_reason", json!("stop")),
                ("message", json!({ "role": "assistant", "content": "yes" })),
            ],
        ),
    );
    assert_eq!(
        words(&chat.request),
        [(Origin::Operator, "be brief"), (Origin::ToolResult, "42")]
    );
    assert_eq!(chat.request.parts[1].call.as_deref(), Some("c1"));
    assert_eq!(words(&chat.response), [(Origin::Model, "yes")]);
    assert_eq!(chat.finish_reasons, ["stop"]);
    // And the form before those: one event with all messages.
    let older = read(
        Made::new(&[
            ("gen_ai.system", json!("openai")),
            ("gen_ai.request.model", json!("m")),
        ])
        .event(
            "gen_ai.content.prompt",
            &[(
                "gen_ai.prompt",
                json!(r#"[{"role":"user","content":"old"}]"#),
            )],
        ),
    );
    assert_eq!(words(&older.request), [(Origin::User, "old")]);
    assert_eq!(
        older.request.parts[0].pointer,
        "/events/0/attributes/gen_ai.prompt/0/content"
    );
}

#[test]
fn the_event_that_tells_the_operation_in_the_span_itself() {
    let messages = json!([{ "role": "user", "parts": [{ "type": "text", "content": "hello" }] }]);
    let chat = read(
        Made::new(&[
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!("openai")),
        ])
        .event(
            "gen_ai.client.inference.operation.details",
            &[
                ("gen_ai.input.messages", messages),
                ("gen_ai.usage.input_tokens", json!(3)),
            ],
        ),
    );
    assert_eq!(words(&chat.request), [(Origin::User, "hello")]);
    assert_eq!(chat.usage.input, Some(3));
    assert_eq!(chat.dialects, [stance_telemetry::Dialect::Since137]);
}

#[test]
fn what_was_cut_off_is_read_up_to_the_cut_and_said() {
    let whole =
        r#"[{"role":"system","content":"keep"},{"role":"user","content":"this is cut \u00e9 here"#;
    let chat = read(Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.input.messages", json!(whole)),
    ]));
    assert_eq!(
        words(&chat.request),
        [
            (Origin::Operator, "keep"),
            (Origin::User, "this is cut é here")
        ]
    );
    let said: Vec<String> = chat.not_judged().into_iter().map(|one| one.what).collect();
    assert!(said.iter().any(|what| what.contains("cut off")), "{said:?}");
}

#[test]
fn words_that_are_kept_elsewhere_are_said() {
    let chat = read(Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.input.messages.ref", json!("s3://store/one.json")),
    ]));
    let said: Vec<String> = chat.not_judged().into_iter().map(|one| one.what).collect();
    assert!(
        said.contains(&"words that are kept elsewhere".to_owned()),
        "{said:?}"
    );
}

#[test]
fn traceloop_agents_tools_and_workflows() {
    let tool = read(Made::new(&[
        ("traceloop.span.kind", json!("tool")),
        ("traceloop.entity.name", json!("search")),
        ("traceloop.workflow.name", json!("desk")),
        ("traceloop.entity.input", json!(r#"{"q":"bell"}"#)),
        ("traceloop.entity.output", json!("found one")),
        ("traceloop.association.properties.session_id", json!("s1")),
    ]));
    assert_eq!(tool.operation, Operation::ExecuteTool);
    assert_eq!(
        tool.tool.as_ref().map(|tool| tool.name.as_str()),
        Some("search")
    );
    assert_eq!(tool.workflow.as_deref(), Some("desk"));
    assert_eq!(tool.conversation.as_deref(), Some("s1"));
    assert_eq!(
        words(&tool.request),
        [(Origin::ToolArguments, r#"{"q":"bell"}"#)]
    );
    assert_eq!(words(&tool.response), [(Origin::ToolResult, "found one")]);
    let agent = read(Made::new(&[
        ("traceloop.span.kind", json!("agent")),
        ("traceloop.entity.name", json!("clerk")),
    ]));
    assert_eq!(agent.operation, Operation::InvokeAgent);
    assert_eq!(
        agent.agent.and_then(|agent| agent.name).as_deref(),
        Some("clerk")
    );
    let step = read(Made::new(&[("traceloop.span.kind", json!("task"))]));
    assert_eq!(step.operation, Operation::Step);
    assert!(step.not_judged().is_empty());
}

#[test]
fn openinference_tools_retrievers_and_evaluations() {
    let retriever = read(Made::new(&[
        ("openinference.span.kind", json!("RETRIEVER")),
        ("input.value", json!("what is a bell?")),
        ("retrieval.documents.0.document.id", json!("d1")),
        (
            "retrieval.documents.0.document.content",
            json!("A bell rings."),
        ),
        ("retrieval.documents.1.document.id", json!("d2")),
    ]));
    assert_eq!(retriever.operation, Operation::Retrieval);
    assert_eq!(
        words(&retriever.response),
        [(Origin::Document, "A bell rings.")]
    );
    let said = retriever.not_judged();
    assert_eq!(said.len(), 1, "the second document has no words: {said:?}");
    let tool = read(Made::new(&[
        ("openinference.span.kind", json!("TOOL")),
        ("tool.name", json!("ring")),
        ("input.value", json!(r#"{"times":2}"#)),
        ("output.value", json!("ding ding")),
        ("evaluations.0.evaluation.name", json!("useful")),
        ("evaluations.0.evaluation.score", json!(0.5)),
    ]));
    assert_eq!(words(&tool.response), [(Origin::ToolResult, "ding ding")]);
    assert_eq!(tool.evaluations[0].name, "useful");
    assert_eq!(tool.evaluations[0].score, Some(0.5));
}

#[test]
fn evaluations_as_events() {
    let judged = read(
        Made::new(&[("gen_ai.operation.name", json!("chat"))]).event(
            "gen_ai.evaluation.result",
            &[
                ("gen_ai.evaluation.name", json!("Relevance")),
                ("gen_ai.evaluation.score.value", json!(4.5)),
                ("gen_ai.evaluation.score.label", json!("pass")),
            ],
        ),
    );
    assert_eq!(judged.evaluations[0].label.as_deref(), Some("pass"));
    assert_eq!(judged.evaluations[0].score, Some(4.5));
}

#[test]
fn a_template_with_a_name_is_no_numbered_prompt() {
    let chat = read(Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.prompt.name", json!("greeting")),
        ("gen_ai.prompt.0.content", json!("hello")),
    ]));
    assert_eq!(words(&chat.request), [(Origin::User, "hello")]);
}

#[test]
fn attributes_that_the_application_left_out_are_said() {
    let mut body = crate::made::Message::default().bytes(5, b"chat");
    let name = crate::made::Message::default().bytes(1, b"gen_ai.operation.name");
    let value = crate::made::Message::default().bytes(1, b"chat");
    body = body.bytes(9, &name.bytes(2, &value.0).0).number(10, 7);
    let body = crate::made::envelope(&[body.0]);
    let limits = Limits::default();
    let export = otlp::protobuf::traces(&body, limits).expect("protobuf");
    let read = genai::traces(&export, limits);
    let said = &read.interactions[0].unjudged[0];
    assert!(said.what.contains('7'), "{said:?}");
}

/// Every way in which a message can say something: the words come out, with who wrote them.
#[test]
fn messages_of_every_provider() {
    let cases: [(Value, &[(Origin, &str)]); 12] = [
        (
            json!({ "role": "developer", "content": "rules" }),
            &[(Origin::Operator, "rules")],
        ),
        (
            json!({ "role": "user", "content": [{ "type": "text", "text": "a" }, { "type": "image_url", "image_url": {} }] }),
            &[(Origin::User, "a")],
        ),
        (
            json!({ "role": "assistant", "reasoning_content": "hm", "content": "yes", "refusal": null }),
            &[(Origin::Reasoning, "hm"), (Origin::Model, "yes")],
        ),
        (
            json!({ "role": "assistant", "refusal": "no" }),
            &[(Origin::Model, "no")],
        ),
        (
            json!({ "role": "assistant", "content": [{ "type": "thinking", "thinking": "t" }, { "type": "tool_use", "id": "c", "name": "f", "input": { "x": 1 } }] }),
            &[
                (Origin::Reasoning, "t"),
                (Origin::ToolArguments, r#"{"x":1}"#),
            ],
        ),
        (
            json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "c", "content": [{ "type": "text", "text": "r" }] }] }),
            &[(Origin::ToolResult, "r")],
        ),
        (
            json!({ "role": "user", "content": [{ "type": "document", "title": "T", "source": { "type": "text", "data": "D" } }] }),
            &[(Origin::Document, "T"), (Origin::Document, "D")],
        ),
        (
            json!({ "role": "model", "parts": [{ "text": "think", "thought": true }, { "text": "say" }, { "functionCall": { "name": "f", "args": {} } }] }),
            &[
                (Origin::Reasoning, "think"),
                (Origin::Model, "say"),
                (Origin::ToolArguments, "{}"),
            ],
        ),
        (
            json!({ "role": "user", "parts": [{ "functionResponse": { "name": "f", "response": { "ok": true } } }] }),
            &[(Origin::ToolResult, r#"{"ok":true}"#)],
        ),
        (
            json!({ "role": "assistant", "content": [{ "text": "b" }, { "toolUse": { "toolUseId": "c", "name": "f", "input": {} } }, { "reasoningContent": { "reasoningText": { "text": "why" } } }] }),
            &[
                (Origin::Model, "b"),
                (Origin::ToolArguments, "{}"),
                (Origin::Reasoning, "why"),
            ],
        ),
        (
            json!({ "role": "user", "content": [{ "toolResult": { "toolUseId": "c", "content": [{ "text": "r" }, { "json": { "k": 1 } }] } }] }),
            &[
                (Origin::ToolResult, "r"),
                (Origin::ToolResult, r#"{"k":1}"#),
            ],
        ),
        (
            json!({ "type": "function_call_output", "call_id": "c", "output": "o" }),
            &[(Origin::ToolResult, "o")],
        ),
    ];
    for (message, wanted) in cases {
        let chat = read(Made::new(&[
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.input.messages", json!(json!([message]).to_string())),
        ]));
        assert_eq!(words(&chat.request), wanted, "{message}");
    }
}

#[test]
fn a_part_that_nobody_knows_is_said() {
    let chat = read(Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        (
            "gen_ai.input.messages",
            json!([{ "role": "user", "parts": [{ "type": "hologram", "beam": "x" }, { "type": "blob", "content": "AA==" }] }]),
        ),
    ]));
    assert!(chat.request.parts.is_empty());
    let said: Vec<_> = chat
        .request
        .unjudged
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(said, ["a part of type hologram", "a part of type blob"]);
}

#[test]
fn a_choice_with_its_calls_beside_the_message() {
    let calls =
        json!([{ "id": "c1", "type": "function", "function": { "name": "f", "arguments": "{}" } }]);
    let chat = read(
        Made::new(&[
            ("gen_ai.system", json!("openai")),
            ("gen_ai.request.model", json!("m")),
        ])
        .event(
            "gen_ai.choice",
            &[
                ("message", json!({ "role": "assistant" })),
                ("tool_calls", calls),
                ("finish_reason", json!("tool_calls")),
            ],
        ),
    );
    assert_eq!(words(&chat.response), [(Origin::ToolArguments, "{}")]);
    assert_eq!(chat.response.parts[0].tool.as_deref(), Some("f"));
}

#[test]
fn whole_requests_and_words_of_an_applications_own() {
    let request = json!({ "model": "m", "messages": [{ "role": "system", "content": "rules" }, { "role": "user", "content": "ask" }] });
    let answer = json!({ "id": "a", "choices": [{ "message": { "role": "assistant", "content": "told" } }] });
    let chat = read(Made::new(&[
        ("openinference.span.kind", json!("LLM")),
        ("input.value", json!(request.to_string())),
        ("output.value", json!(answer.to_string())),
    ]));
    assert_eq!(
        words(&chat.request),
        [(Origin::Operator, "rules"), (Origin::User, "ask")]
    );
    assert_eq!(words(&chat.response), [(Origin::Model, "told")]);
    assert_eq!(
        chat.request.parts[1].pointer,
        "/attributes/input.value/messages/1/content"
    );
    let own = json!({ "inputs": { "question": "where?" } }).to_string();
    let agent = read(Made::new(&[
        ("traceloop.span.kind", json!("agent")),
        ("traceloop.entity.input", json!(own)),
    ]));
    assert_eq!(words(&agent.request), [(Origin::User, own.as_str())]);
}

#[test]
fn a_status_of_an_error_is_a_failure_without_any_attribute() {
    let mut made = Made::new(&[("gen_ai.operation.name", json!("chat"))]);
    made.failed = true;
    let chat = read(made);
    assert_eq!(
        chat.failure.as_ref().map(|why| why.kind.as_str()),
        Some("error")
    );
    // No answer came, so none is missing; the question is.
    let said: Vec<String> = chat
        .not_judged()
        .into_iter()
        .map(|one| one.pointer)
        .collect();
    assert_eq!(said, ["/request"]);
    let well = read(Made::new(&[("gen_ai.operation.name", json!("chat"))]));
    assert_eq!(well.failure, None);
}
