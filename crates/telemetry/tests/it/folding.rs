//! Two spans of one call are one interaction; two calls are two.

use serde_json::json;
use stance_telemetry::genai::{self, Read};
use stance_telemetry::{Limits, otlp};

use crate::made::{Made, protobuf};

fn read(all: &[Made]) -> Read {
    let body = protobuf(all);
    let export = otlp::protobuf::traces(&body, Limits::default()).expect("protobuf");
    genai::traces(&export, Limits::default())
}

fn call(span: u8, parent: u8, model: &str, answer: &str) -> Made {
    let mut made = Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.request.model", json!(model)),
        ("gen_ai.usage.input_tokens", json!(10)),
    ]);
    if !answer.is_empty() {
        made.attributes
            .push(("gen_ai.response.id".to_owned(), json!(answer)));
    }
    made.span = [span; 8];
    made.parent = [parent; 8];
    made
}

#[test]
fn a_call_inside_a_call_of_the_same_model_is_the_same() {
    let all = [
        call(3, 2, "m", "a"),
        call(2, 1, "m", "a"),
        call(1, 9, "m", ""),
    ];
    let folded = read(&all);
    assert_eq!((folded.interactions.len(), folded.folded), (1, 2));
    let one = &folded.interactions[0];
    assert_eq!(one.span.expect("span").0, [1; 8]);
    assert_eq!(one.also.len(), 2);
    assert_eq!(one.usage.input, Some(10));
    assert_eq!(one.answer.as_deref(), Some("a"));
}

#[test]
fn other_models_other_answers_and_siblings_are_others() {
    for all in [
        [call(2, 1, "m", "a"), call(1, 9, "n", "a")],
        [call(2, 1, "m", "a"), call(1, 9, "m", "b")],
        [call(2, 9, "m", "a"), call(1, 9, "m", "b")],
    ] {
        let apart = read(&all);
        assert_eq!((apart.interactions.len(), apart.folded), (2, 0));
    }
}

#[test]
fn without_a_parent_the_same_answer_within_the_same_time_is_the_same() {
    let mut inner = call(2, 9, "m", "a");
    inner.trace = [7; 16];
    inner.start += 10;
    inner.took -= 20;
    let outer = call(1, 9, "m", "a");
    assert_eq!(read(&[inner.clone(), outer.clone()]).interactions.len(), 1);
    // An answer from a cache comes again later.
    inner.start += inner.took + 1_000_000_000;
    assert_eq!(read(&[inner, outer]).interactions.len(), 2);
}

#[test]
fn spans_that_are_each_others_parents_are_not_lost() {
    let folded = read(&[call(1, 2, "m", "a"), call(2, 1, "m", "a")]);
    assert_eq!(folded.interactions.len(), 1);
    let own = read(&[call(1, 1, "m", "a")]);
    assert_eq!(own.interactions.len(), 1);
}

#[test]
fn a_tool_inside_an_agent_is_its_own() {
    let mut agent = Made::new(&[("gen_ai.operation.name", json!("invoke_agent"))]);
    agent.span = [1; 8];
    let mut tool = Made::new(&[("gen_ai.operation.name", json!("execute_tool"))]);
    (tool.span, tool.parent) = ([2; 8], [1; 8]);
    let both = read(&[tool, agent, call(3, 1, "m", "a")]);
    assert_eq!((both.interactions.len(), both.folded), (3, 0));
}
