//! Laws of identification that hold for any answers.

use proptest::prelude::*;
use stance_core::Confidence;

use crate::{Access, Answer, Answers, Catalogue, identify, plan};

fn answer(status: u16, body: &str) -> Answer {
    Answer::new(status, Vec::new(), body.to_owned())
}

#[test]
fn a_contradiction_and_a_sibling_are_told_apart() {
    let mut answers = Answers::default();
    let models = r#"{"object":"list","data":[{"id":"m","object":"model","owned_by":"vllm","root":"m","max_model_len":1}]}"#;
    answers.add("/v1/models", answer(200, models));
    answers.add("/version", answer(200, r#"{"version":"1.0"}"#));
    answers.add_unknown(answer(404, "no"));
    let of = |answers: &Answers| {
        let identity = identify(Catalogue::embedded(), answers);
        identity.and_then(|it| it.product.map(|it| it.id.clone()))
    };
    assert_eq!(of(&answers).as_deref(), Some("vllm"));
    // What vLLM never shows.
    let info = r#"{"model_path":"m","is_generation":true}"#;
    answers.add("/get_model_info", answer(200, info));
    assert_ne!(of(&answers).as_deref(), Some("vllm"));
}

#[test]
fn a_page_for_every_path_supports_other_answers_and_shows_nothing_alone() {
    let page = "<title>n8n.io - Workflow Automation</title>";
    let mut answers = Answers::default();
    answers.add("/", answer(200, page));
    answers.add_unknown(answer(200, page));
    assert!(identify(Catalogue::embedded(), &answers).is_none());
    answers.add(
        "/rest/settings",
        answer(200, r#"{"data":{"userManagement":{}}}"#),
    );
    answers.add("/rest/workflows", answer(401, r#"{"status":"error"}"#));
    let identity = identify(Catalogue::embedded(), &answers).unwrap();
    assert_eq!(identity.product.unwrap().id, "n8n");
    assert_eq!(identity.confidence, Confidence::High);
    assert_eq!(identity.access, Access::Required);
}

#[test]
fn a_page_that_stands_for_every_path_is_no_proof_of_open_access() {
    let page = r#"{"app":"everything"}"#;
    let mut answers = Answers::default();
    answers.add(
        "/",
        answer(
            200,
            r#"{"title":"qdrant - vector search engine","version":"1.0.0"}"#,
        ),
    );
    answers.add("/healthz", answer(200, "healthz check passed"));
    answers.add("/readyz", answer(200, "all shards are ready"));
    answers.add("/collections", answer(200, page));
    answers.add_unknown(answer(200, page));
    let identity = identify(Catalogue::embedded(), &answers).unwrap();
    assert_eq!(identity.product.unwrap().id, "qdrant");
    assert_eq!(identity.access, Access::Unknown);
}

proptest! {
    #[test]
    fn no_answer_breaks_anything(
        bodies in prop::collection::vec(("[\\[\\]{}\":,a-z0-9 .]{0,60}", 100u16..600), 0..12),
        same in "[\\[\\]{}\":,a-z0-9 .]{0,60}",
    ) {
        let catalogue = Catalogue::embedded();
        let mut answers = Answers::default();
        let paths = plan::next(catalogue, &answers, &plan::Hints { port: 8000, process: None });
        for ((body, status), path) in bodies.iter().zip(&paths) {
            answers.add(path.clone(), answer(*status, body));
        }
        answers.add_unknown(answer(200, &same));
        if let Some(identity) = identify(catalogue, &answers) {
            prop_assert!(identity.product.is_some() || !identity.speaks.is_empty() || !identity.perhaps.is_empty());
        }
        // Asking goes on only for what is new.
        for path in plan::next(catalogue, &answers, &plan::Hints::default()) {
            prop_assert!(answers.get(&path).is_none());
        }
    }

    #[test]
    fn one_body_for_everything_is_no_product(body in "\\PC{0,80}", status in prop::sample::select(vec![200u16, 401, 404])) {
        let catalogue = Catalogue::embedded();
        let mut answers = Answers::default();
        for service in catalogue.services() {
            for path in service.paths() {
                answers.add(path, answer(status, &body));
            }
        }
        answers.add_unknown(answer(status, &body));
        let product = identify(catalogue, &answers).and_then(|it| it.product);
        prop_assert!(product.is_none());
    }
}
