//! What the service says about itself.

use std::collections::BTreeSet;

use serde_json::Value;
use stance_store::accounts::Role;

use crate::harness;

#[test]
fn the_document_covers_every_route_of_the_api() {
    let server = harness::start();
    let document = server.client().get("/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for row in server.app.table().iter().filter(|row| row.is_api()) {
        let method = row.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][&row.path][&method];
        assert!(operation.is_object(), "{method} {}", row.path);
        assert_ne!(operation["summary"], "", "{method} {}", row.path);
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{operation}"
        );
        let success = &operation["responses"][row.status.to_string()];
        assert!(success.is_object(), "{method} {}", row.path);
        let named = operation["parameters"].as_array().unwrap();
        for part in row
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{'))
        {
            let name = part.trim_end_matches('}');
            assert!(
                named
                    .iter()
                    .any(|one| one["name"] == name && one["in"] == "path"),
                "{name}"
            );
        }
    }
    references(&document, &document);
}

/// Every reference leads somewhere.
fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let path = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(path).is_some(), "{reference}");
            }
            fields
                .values()
                .for_each(|value| references(value, document));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, document)),
        _ => {}
    }
}

#[test]
fn the_page_of_the_api_names_every_path_and_kind_of_problem() {
    let server = harness::start();
    let page = server.signed_in(Role::Viewer).get("/api/docs").text;
    for row in server.app.table().iter().filter(|row| row.is_api()) {
        assert!(
            page.contains(&format!("<code>{}</code>", row.path)),
            "{}",
            row.path
        );
    }
    for kind in ["not-found", "conflict", "too-many"] {
        assert!(page.contains(&format!("id=\"{kind}\"")), "{kind}");
    }
}

#[test]
fn operation_is_told_by_health_and_figures() {
    let server = harness::start();
    let mut nobody = server.client();
    assert_eq!(nobody.get("/healthz").json()["status"], "ok");
    assert_eq!(nobody.get("/readyz").json()["status"], "ready");
    assert_eq!(nobody.get("/metrics").status, 401);
    server.user("root", Role::Admin);
    let mut prometheus =
        harness::Client::with_token(&server.url, &server.token("root", &["metrics:read"]));
    let figures = prometheus.get("/metrics").text;
    for line in [
        "stance_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1",
        "stance_request_duration_seconds_count{route=\"/readyz\"} 1",
        "stance_database_writes_waiting 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    let log = server.log();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["at"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}
