//! JSON that is not quite JSON.

use proptest::prelude::*;
use stance_telemetry::{Limits, Value, json};

fn read(text: &str) -> Option<Value<'_>> {
    json::parse(text.as_bytes(), Limits::default()).ok()
}

proptest! {
    #[test]
    fn what_another_library_writes_is_read_back(value in crate::made::value()) {
        let text = value.to_string();
        let ours = read(&text).expect("JSON");
        let again: serde_json::Value = serde_json::from_str(&ours.written()).unwrap_or_else(|_| serde_json::Value::from(ours.written().into_owned()));
        let texts = value.is_string();
        if texts {
            prop_assert_eq!(ours.written().into_owned(), value.as_str().expect("text").to_owned());
        } else {
            prop_assert_eq!(again, value);
        }
    }

    #[test]
    fn a_document_that_was_cut_gives_what_came_before(value in crate::made::value(), at in any::<prop::sample::Index>()) {
        let text = serde_json::json!([value, "end"]).to_string();
        let mut at = at.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        if at > 0 {
            let document = json::parse_cut(&text.as_bytes()[..at], Limits::default());
            prop_assert!(document.is_ok_and(|document| document.cut), "{}", &text[..at]);
        }
    }
}

#[test]
fn escapes_and_what_is_none() {
    assert_eq!(
        read(r#""a\n\"\u00e9\ud83d\ude00\/""#),
        Some(Value::Text("a\n\"é😀/".into()))
    );
    // Half of a pair stands for no character.
    assert_eq!(read(r#""\ud83d""#), Some(Value::Text("\u{fffd}".into())));
    for wrong in [
        "",
        "{",
        "[1,]",
        "{\"a\" 1}",
        "tru",
        "1 2",
        "\"\\q\"",
        "nul",
        "{a:1}",
        "--1",
        "[1 2]",
    ] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
    // As Python writes it.
    assert_eq!(
        read("[NaN, -Infinity]").map(|list| list.items().len()),
        Some(2)
    );
}

#[test]
fn the_last_of_two_fields_with_one_name_counts() {
    let twice = read(r#"{"a":1,"a":2}"#).expect("JSON");
    assert_eq!(twice.get("a"), Some(&Value::Int(2)));
}
