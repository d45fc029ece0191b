use proptest::prelude::*;
use serde_json::json;

use super::*;

fn change(reading: Reading, before: Value, after: Value) -> Effect {
    let there = |value: Value| (!value.is_null()).then_some(value);
    let (before, after) = (there(before), there(after));
    reading.compare(before.as_ref(), after.as_ref())
}

fn values() -> impl Strategy<Value = Option<Value>> {
    const WORDS: &[&str] = &[
        "",
        "a",
        "verified, by a",
        "by b",
        "none",
        "latest",
        "v1.2",
        "1.3.0",
        "==1.2",
        "^1",
        "0123456789abcdef0123456789abcdef01234567",
        "pickle",
        "safetensors",
        "off",
        "https://a.example/x",
        "http://a.example",
        "http://localhost:1",
        "http://[::1]/",
    ];
    let word = prop::sample::select(WORDS);
    prop_oneof![
        Just(None),
        any::<bool>().prop_map(|on| Some(json!(on))),
        word.clone().prop_map(|word| Some(json!(word))),
        prop::collection::vec(word, 0..4).prop_map(|words| Some(json!(words))),
        any::<i8>().prop_map(|number| Some(json!(number))),
    ]
}

proptest! {
    /// What strengthens one way weakens the other, whatever the values are.
    #[test]
    fn the_way_back_from_stronger_is_weaker(before in values(), after in values()) {
        const RANKS: &[&str] = &["none", "", "by ", "verified"];
        for reading in [
            Reading::Danger, Reading::Presumed, Reading::Release, Reading::Arguments, Reading::Protection, Reading::Enabled, Reading::Ranked(RANKS),
            Reading::Reach, Reading::Guards, Reading::Address, Reading::Pin, Reading::Version,
            Reading::Constraint, Reading::Format, Reading::Identity, Reading::Notice,
        ] {
            if reading.compare(before.as_ref(), after.as_ref()) == Effect::Strengthening {
                let back = reading.compare(after.as_ref(), before.as_ref());
                prop_assert_eq!(back, Effect::Weakening, "{:?}", reading);
            }
        }
    }
}

#[test]
fn each_reading_by_examples() {
    use Effect::{Neutral, Strengthening, Weakening};
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER: &str = "1123456789abcdef0123456789abcdef01234567";
    const RANKS: &[&str] = &["none", "", "by ", "verified"];
    for (reading, before, after, effect) in [
        (Reading::Danger, json!(null), json!(true), Weakening),
        (Reading::Danger, json!(true), json!(null), Strengthening),
        (Reading::Danger, json!(null), json!(false), Neutral),
        (Reading::Danger, json!("off"), json!("on"), Weakening),
        (Reading::Presumed, json!(null), json!(true), Neutral),
        (Reading::Presumed, json!(null), json!(false), Strengthening),
        (Reading::Presumed, json!(false), json!(null), Weakening),
        (Reading::Protection, json!(true), json!(null), Weakening),
        (
            Reading::Protection,
            json!(false),
            json!(true),
            Strengthening,
        ),
        (Reading::Enabled, json!(null), json!(false), Weakening),
        (Reading::Enabled, json!(false), json!(null), Strengthening),
        (
            Reading::Ranked(RANKS),
            json!("verified, by a"),
            json!(null),
            Weakening,
        ),
        (
            Reading::Ranked(RANKS),
            json!("verified, by a"),
            json!("verified, by b"),
            Weakening,
        ),
        (
            Reading::Ranked(RANKS),
            json!(null),
            json!("by x"),
            Strengthening,
        ),
        (
            Reading::Ranked(RANKS),
            json!("what"),
            json!("ever"),
            Neutral,
        ),
        (
            Reading::Ranked(RANKS),
            json!(null),
            json!("none"),
            Weakening,
        ),
        (Reading::Reach, json!(["a"]), json!(["a", "b"]), Weakening),
        (
            Reading::Reach,
            json!(["a", "b"]),
            json!(["b", "c"]),
            Weakening,
        ),
        (
            Reading::Reach,
            json!(["a", "b"]),
            json!(["b"]),
            Strengthening,
        ),
        (
            Reading::Reach,
            json!(["a", "b"]),
            json!(["b", "a"]),
            Neutral,
        ),
        (Reading::Reach, json!(null), json!("anyone"), Weakening),
        (Reading::Guards, json!(["a", "b"]), json!(["a"]), Weakening),
        (Reading::Guards, json!(["a"]), json!(null), Weakening),
        (Reading::Guards, json!(["a"]), json!(["b"]), Weakening),
        (Reading::Guards, json!(null), json!(["b"]), Strengthening),
        (
            Reading::Address,
            json!("https://a.example/x"),
            json!("http://a.example/x"),
            Weakening,
        ),
        (
            Reading::Address,
            json!("http://a.example/x"),
            json!("https://a.example/x"),
            Strengthening,
        ),
        (
            Reading::Address,
            json!("http://a.example"),
            json!("https://b.example"),
            Weakening,
        ),
        (
            Reading::Address,
            json!("https://a.example/x"),
            json!("https://a.example/y"),
            Neutral,
        ),
        (
            Reading::Address,
            json!("https://a.example"),
            json!("https://b.example"),
            Weakening,
        ),
        (
            Reading::Address,
            json!("https://a.example"),
            json!("http://127.0.0.1:80"),
            Strengthening,
        ),
        (
            Reading::Address,
            json!("http://localhost:1"),
            json!("http://10.0.0.1:1"),
            Weakening,
        ),
        (
            Reading::Address,
            json!(null),
            json!("https://a.example"),
            Weakening,
        ),
        (
            Reading::Address,
            json!("https://a.example"),
            json!(null),
            Neutral,
        ),
        (Reading::Pin, json!(COMMIT), json!("main"), Weakening),
        (Reading::Pin, json!(COMMIT), json!("v2"), Weakening),
        (Reading::Pin, json!(COMMIT), json!(OTHER), Weakening),
        (Reading::Pin, json!("v1"), json!("v2"), Weakening),
        (Reading::Pin, json!("main"), json!(COMMIT), Strengthening),
        (Reading::Version, json!("1.9.0"), json!("1.10"), Neutral),
        (Reading::Version, json!("1.10.1"), json!("1.9.9"), Weakening),
        (Reading::Version, json!("1.10"), json!("latest"), Weakening),
        (Reading::Version, json!(null), json!("1.0"), Strengthening),
        (Reading::Version, json!("jammy"), json!("noble"), Weakening),
        (
            Reading::Constraint,
            json!("==1.2"),
            json!(">=1.2"),
            Weakening,
        ),
        (
            Reading::Constraint,
            json!("^1.2"),
            json!("1.2.3"),
            Strengthening,
        ),
        (Reading::Constraint, json!("^1.2"), json!("^1.3"), Neutral),
        (Reading::Constraint, json!(">=1,<2"), json!("*"), Weakening),
        (
            Reading::Format,
            json!("safetensors"),
            json!("PyTorch zip"),
            Weakening,
        ),
        (
            Reading::Format,
            json!("pickle"),
            json!("safetensors"),
            Strengthening,
        ),
        (Reading::Format, json!("GGUF"), json!("ONNX"), Neutral),
        (Reading::Identity, json!("a"), json!("b"), Weakening),
        (Reading::Identity, json!("a"), json!(null), Weakening),
        (Reading::Identity, json!(null), json!("b"), Neutral),
        (Reading::Identity, json!("a  b "), json!("a b"), Neutral),
        (Reading::Release, json!("1.2"), json!("1.1"), Weakening),
        (Reading::Release, json!("1.2"), json!(null), Neutral),
        (Reading::Release, json!(null), json!("1.2"), Neutral),
        (
            Reading::Arguments,
            json!(["-y", "@a/b"]),
            json!(["-y", "@a/b@1.2.0"]),
            Strengthening,
        ),
        (
            Reading::Arguments,
            json!(["-y", "@a/b@1.2.0"]),
            json!(["-y", "@a/b@latest"]),
            Weakening,
        ),
        (
            Reading::Arguments,
            json!(["r:5000/a/b"]),
            json!(["r:5000/a/b:v1"]),
            Strengthening,
        ),
        (
            Reading::Arguments,
            json!(["a==1.2"]),
            json!(["a==1.3"]),
            Neutral,
        ),
        (
            Reading::Arguments,
            json!(["a@1.2"]),
            json!(["b@1.2"]),
            Weakening,
        ),
        (
            Reading::Arguments,
            json!(["a"]),
            json!(["a", "--all"]),
            Weakening,
        ),
        (
            Reading::Arguments,
            json!(["--port=1"]),
            json!(["--port=2"]),
            Weakening,
        ),
        (Reading::Notice, json!(1), json!(2), Neutral),
    ] {
        let said = format!("{reading:?}: {before} to {after}");
        assert_eq!(change(reading, before, after), effect, "{said}");
    }
}
