//! Documents that were written to do harm.

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_core::evidence::is_invisible;
use stance_document::{Content, Limits, read_bytes};

use crate::content::{content, sample};

const HOSTILE: &str = "\u{202e}\u{0}\u{1b}[31m<script>alert(1)</script>\u{200b}\r\nSet-Cookie: a";

/// Every string of a document, by its pointer.
fn strings(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                strings(item, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                strings(member, &format!("{at}/{}", key.replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_invisible_gets_through_any_member() {
    let mut places = Vec::new();
    strings(&sample(), "", &mut places);
    let mut taken = 0;
    for place in &places {
        let mut document = sample();
        let slot = document.pointer_mut(place).unwrap();
        let before = slot.as_str().unwrap().to_owned();
        *slot = json!(format!("{before}{HOSTILE}"));
        let Ok(read) = read_bytes(document.to_string().as_bytes()) else {
            continue;
        };
        let Ok(content) = Content::of(&read, &Limits::default()) else {
            continue;
        };
        taken += 1;
        let kept = json!([
            content.assets.values().collect::<Vec<_>>(),
            content.relations,
            content.findings,
            content.coverage,
            content.unjudged,
            content.roots,
            content.tool_version
        ]);
        let mut texts = Vec::new();
        strings(&kept, "", &mut texts);
        for text in &texts {
            let text = kept.pointer(text).and_then(Value::as_str).unwrap();
            let through = text.chars().find(|c| is_invisible(*c) && *c != '\n');
            assert_eq!(through, None, "{place} lets it through");
        }
    }
    assert!(
        taken > 10,
        "most members hold free text, {taken} were taken"
    );
}

#[test]
fn long_members_are_cut_and_ids_stay_apart() {
    let mut document = sample();
    let long = "x".repeat(100_000);
    document["assets"][0]["id"] = json!(format!("model:{long}1"));
    document["assets"][1]["id"] = json!(format!("agent:{long}2"));
    document["assets"][0]["name"] = json!(long);
    document["assets"][0]["attributes"]["big"] = json!(long);
    document["findings"][0]["message"] = json!(long);
    document["findings"][0]["asset"] = document["assets"][0]["id"].clone();
    document["relations"][0]["to"] = document["assets"][0]["id"].clone();
    document["relations"][0]["from"] = document["assets"][1]["id"].clone();
    let content = content(&document).unwrap();
    assert_eq!((content.assets.len(), content.relations.len()), (2, 1));
    let length: usize = serde_json::to_string(&content.assets.values().collect::<Vec<_>>())
        .unwrap()
        .len();
    assert!(length < 20_000, "{length}");
    let model = &content.assets[&content.findings[0].asset];
    assert_eq!(model.attributes["details_left_out"], 1);
}

#[test]
fn nesting_without_end_is_an_error() {
    let mut document = sample().to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    document = document.replace("\"pickle\"", &deep);
    read_bytes(document.as_bytes()).unwrap_err();
}

/// A document of which some members are replaced by others.
fn mutated() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!("model:x")),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), leaf), 1..4).prop_map(|changes| {
        let mut document = sample();
        for (which, value) in changes {
            let mut places = Vec::new();
            every(&document, "", &mut places);
            let place: &String = which.get(&places);
            *document.pointer_mut(place).unwrap() = value;
        }
        document
    })
}

fn every(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                every(item, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                every(member, &format!("{at}/{}", key.replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_document_gives_content_or_an_error(document in mutated()) {
        if let Ok(read) = read_bytes(document.to_string().as_bytes())
            && let Ok(content) = Content::of(&read, &Limits::default())
        {
            for finding in &content.findings {
                prop_assert!(content.assets.contains_key(&finding.asset));
            }
            for relation in &content.relations {
                prop_assert!(content.assets.contains_key(&relation.from));
                prop_assert!(content.assets.contains_key(&relation.to));
            }
        }
    }

    #[test]
    fn any_bytes_give_a_document_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes(&bytes);
    }
}
