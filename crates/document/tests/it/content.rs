//! A document says the same after it was turned into nouns and back.

use serde_json::{Value, json};
use stance_core::{AssetKind, Locus};
use stance_document::{Content, ContentError, Document, Limits, Unjudged, read_bytes};

pub(crate) fn sample() -> Value {
    json!({
        "schema": "stance/json-v1",
        "tool": {"name": "stance", "version": "0.1.0"},
        "scan": {"roots": ["app"], "started": "2026-03-01T12:00:00Z", "duration_ms": 1500},
        "summary": {"assets": {}, "findings": {}, "statuses": {}},
        "assets": [{
            "id": "model:file/m.pt", "kind": "model", "name": "m.pt", "aliases": ["m"], "how": "observed",
            "confidence": "high", "scope": "production", "evidence": [{"path": "m.pt"}], "occurrences": 2,
            "verdict": "malicious", "verdict_reason": "it runs code", "attributes": {"format": "pickle"}
        }, {
            "id": "agent:app.py#bot", "kind": "agent", "name": "bot", "aliases": [], "how": "literal",
            "confidence": "high", "scope": "production",
            "evidence": [{"path": "app.py", "line": 3, "column": 5, "length": 4}], "occurrences": 1,
            "attributes": {}
        }],
        "relations": [{
            "from": "agent:app.py#bot", "kind": "loads_artifact_from", "to": "model:file/m.pt",
            "evidence": {"path": "app.py", "line": 4, "column": 1, "length": 9}
        }],
        "findings": [{
            "id": "0123456789abcdef0123456789abcdef", "rule": "model/pickle-exec", "severity": "critical",
            "confidence": "high", "status": "open", "asset": "model:file/m.pt", "message": "m.pt runs os.system",
            "notes": ["it is loaded"], "fix": "Convert it", "controls": ["owasp-llm:LLM03"],
            "evidence": [{"path": "m.pt", "offset": 16, "length": 8, "excerpt": "os system", "mark": [0, 2]}]
        }],
        "coverage": {
            "files": 2, "directories": 1, "bytes_read": 100, "bytes_total": 120, "understood": 2, "members": 0,
            "skipped": {"too_large": 1}, "unjudged": {"count": 1, "paths": ["big.bin"]}
        }
    })
}

pub(crate) fn content(document: &Value) -> Result<Content, ContentError> {
    let read = read_bytes(document.to_string().as_bytes()).unwrap();
    Content::of(&read, &Limits::default())
}

#[test]
fn a_document_becomes_the_nouns_it_was_made_of() {
    let document: Document = serde_json::from_value(sample()).unwrap();
    let content = content(&sample()).unwrap();
    assert_eq!(content.finished.to_string(), "2026-03-01T12:00:01.5Z");
    assert_eq!(content.coverage.skipped["too_large"], 1);
    assert!(content.unjudged.contains("big.bin") && content.names_all_unjudged);
    let finding = &content.findings[0];
    assert_eq!(
        finding.evidence.locus,
        Locus::Bytes {
            offset: 16,
            length: 8
        }
    );
    assert_eq!(finding.evidence.mark, Some((0, 2)));
    // Back again: but for the verdict, which became a detail of the model, it is the same document.
    let back = stance_document::Finding::of(finding, None, &["owasp-llm:LLM03"]);
    assert_eq!(back, document.findings[0]);
    assert_eq!(
        stance_document::Relation::from(&content.relations[0]),
        document.relations[0]
    );
    let model = content
        .assets
        .values()
        .find(|asset| asset.kind == AssetKind::Model)
        .unwrap();
    assert_eq!(model.attributes["verdict"], "malicious");
    let agent = content
        .assets
        .values()
        .find(|asset| asset.kind == AssetKind::Agent)
        .unwrap();
    assert_eq!(stance_document::Asset::from(agent), document.assets[1]);
}

#[test]
fn the_application_of_a_finding_joins_the_inventory() {
    let mut document = sample();
    document["findings"][0]["asset"] = json!("application:shop");
    let content = content(&document).unwrap();
    let application = content
        .assets
        .values()
        .find(|asset| asset.kind == AssetKind::Application);
    let application = application.unwrap();
    assert_eq!(application.name, "shop");
    assert_eq!(&*application.evidence[0].path, "m.pt");
}

#[test]
fn a_relation_to_nowhere_is_left_out() {
    let mut document = sample();
    document["relations"][0]["to"] = json!("dataset:nowhere");
    assert_eq!(content(&document).unwrap().relations, []);
}

#[test]
fn errors_say_which_member() {
    for (pointer, value, member) in [
        ("/assets/1/id", json!("agent"), "`assets[1].id`"),
        ("/assets/1/id", json!("unicorn:x"), "`assets[1].id`"),
        ("/assets/1/kind", json!("model"), "`assets[1].kind`"),
        ("/assets/0/evidence", json!([]), "`assets[0].evidence`"),
        ("/findings/0/id", json!("../../etc"), "`findings[0].id`"),
        ("/findings/0/rule", json!("no area"), "`findings[0].rule`"),
        ("/findings/0/rule", json!("<b>/x"), "`findings[0].rule`"),
        ("/findings/0/asset", json!("model:"), "`findings[0].asset`"),
        ("/findings/0/evidence", json!([]), "`findings[0].evidence`"),
        ("/relations/0/from", json!(""), "`relations[0].from`"),
        ("/scan/started", json!("yesterday"), "`scan.started`"),
    ] {
        let mut document = sample();
        *document.pointer_mut(pointer).unwrap() = value;
        let error = content(&document).unwrap_err().to_string();
        assert!(error.starts_with(member), "{error}");
    }
}

#[test]
fn more_than_is_taken_is_refused_with_both_numbers() {
    let document: Document = serde_json::from_value(sample()).unwrap();
    let limits = Limits {
        assets: 1,
        ..Limits::default()
    };
    let error = Content::of(&document, &limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`assets` has 2 entries, at most 1 are taken"
    );
}

#[test]
fn an_incomplete_list_of_what_was_not_judged_says_so() {
    let many = Unjudged::of((0..=Unjudged::MOST).map(|number| number.to_string()));
    assert_eq!((many.count, many.paths.len()), (65_537, 65_536));
    let mut document = sample();
    document["coverage"]["unjudged"]["count"] = json!(2);
    assert!(!content(&document).unwrap().names_all_unjudged);
    // Older documents did not tell; what they do not mention is gone, as it always was.
    document["coverage"]
        .as_object_mut()
        .unwrap()
        .remove("unjudged");
    assert!(content(&document).unwrap().names_all_unjudged);
}

#[test]
fn what_rules_judged_is_told_where_it_is_known() {
    let mut document = sample();
    assert_eq!(
        content(&document).unwrap().judged,
        None,
        "an older document"
    );
    document["coverage"]["rules"] = json!({ "model/pickle-exec": 7, "model/lua-code": 0 });
    let judged = content(&document).unwrap().judged.unwrap();
    assert_eq!(judged["model/pickle-exec"], 7);
    assert_eq!(judged["model/lua-code"], 0);
    document["coverage"]["rules"] = json!({ "a b": 1 });
    let wrong = content(&document).unwrap_err().to_string();
    assert!(wrong.contains("coverage.rules"), "{wrong}");
}

#[test]
fn the_use_of_vendors_is_told_of_those_that_are_there() {
    let mut document = sample();
    assert!(content(&document).unwrap().usage.is_empty());
    let vendor = json!({
        "id": "vendor:openai", "kind": "vendor", "name": "OpenAI", "aliases": [], "how": "observed",
        "confidence": "high", "scope": "production", "evidence": [{"path": "a.log"}], "occurrences": 1,
        "attributes": {}
    });
    document["assets"].as_array_mut().unwrap().push(vendor);
    document["usage"] = json!([
        {"vendor": "vendor:openai", "person": "a\u{202e}da\n", "requests": 3, "bytes_out": 9, "last_seen": "2026-03-01T12:00:00Z"},
        {"vendor": "vendor:openai", "person": "", "requests": 1},
        {"vendor": "vendor:nobody", "requests": 1}
    ]);
    let usage = content(&document).unwrap().usage;
    let [ada, unknown] = &usage[..] else {
        panic!("{usage:?}");
    };
    let name = ada.person.as_deref().unwrap();
    assert!(!name.contains(['\u{202e}', '\n']), "{name:?}");
    assert_eq!((ada.requests, ada.bytes_out, ada.first), (3, Some(9), None));
    assert_eq!(ada.last.unwrap().to_string(), "2026-03-01T12:00:00Z");
    assert_eq!(unknown.person, None);
    for (pointer, value, member) in [
        (
            "/usage/0/vendor",
            json!("model:file/m.pt"),
            "`usage[0].vendor`",
        ),
        ("/usage/0/last_seen", json!("noon"), "`usage[0].last_seen`"),
    ] {
        let mut wrong = document.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let error = content(&wrong).unwrap_err().to_string();
        assert!(error.starts_with(member), "{error}");
    }
}
