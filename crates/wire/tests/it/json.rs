//! The reader of JSON with its places.

use proptest::prelude::*;
use serde_json::Value as Plain;
use stance_wire::json::{Document, Edits, Kind, Value, decode, encode};
use stance_wire::{Fault, Limits};

fn read(bytes: &[u8]) -> Result<Document<'_>, Fault> {
    Document::read(bytes, &Limits::default())
}

/// The value again, from what the reader tells; of rows of numbers only the first is known.
fn plain(value: Value<'_>) -> Plain {
    match value.kind() {
        Kind::Null => Plain::Null,
        Kind::Truth => Plain::Bool(value.is_true()),
        Kind::Number => serde_json::from_slice(value.raw()).unwrap(),
        Kind::Text => Plain::String(value.text().unwrap().into_owned()),
        Kind::Array => value.elements().map(plain).collect(),
        Kind::Object => value
            .members()
            .map(|member| (member.key().into_owned(), plain(member)))
            .collect(),
    }
}

fn json() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        Just(Plain::Null),
        any::<bool>().prop_map(Plain::Bool),
        any::<i64>().prop_map(Plain::from),
        any::<String>().prop_map(Plain::String),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            // No rows of numbers, of which one is kept.
            prop::collection::vec(inner.clone().prop_filter("row", |it| !it.is_number()), 0..6)
                .prop_map(Plain::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn says_what_another_reader_says(value in json(), pretty in any::<bool>()) {
        let bytes = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
        let bytes = bytes.unwrap();
        let document = read(&bytes).unwrap();
        prop_assert_eq!(plain(document.root()), value.clone());
        for text in document.root().strings() {
            let found = value.pointer(&text.pointer()).unwrap().as_str().unwrap();
            prop_assert_eq!(found, &*text.text().unwrap());
        }
        prop_assert_eq!(document.repeated().count(), 0);
    }

    #[test]
    fn takes_what_another_reader_takes(bytes in prop::collection::vec(prop::sample::select(&b"{}[]\",:0-1e.tfn \\u\xc3a"[..]), 0..24)) {
        let other: Result<Plain, _> = serde_json::from_slice(&bytes);
        let document = read(&bytes);
        if other.is_ok() {
            prop_assert!(document.is_ok());
        } else if document.is_ok() {
            // Let through here: bytes that are no UTF-8, halves of surrogate pairs, numbers too large for a double.
            let text = String::from_utf8_lossy(&bytes).replace("\\u", "u").replace(['e', 'E'], "");
            let text = text.replace("\\\\", "");
            prop_assert!(serde_json::from_str::<Plain>(&text).is_ok() || bytes.contains(&b'\\') || bytes.contains(&b'e'));
        }
    }

    #[test]
    fn any_text_survives(text in any::<String>()) {
        let mut bytes = Vec::new();
        encode(&text, &mut bytes);
        let again: String = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&again, &text);
        let raw = &bytes[1..bytes.len() - 1];
        prop_assert_eq!(&*decode(raw), &text);
    }
}

#[test]
fn only_what_is_replaced_changes() {
    let body = b" { \"a\" : 1.0e+3 , \"b\":\"x\\u0041\\/\", \"c\" : [ 1,2 ,3 ], \"a\":null } \n";
    let document = read(body).unwrap();
    let mut edits = Edits::default();
    edits.replace_text(document.root().get("b").unwrap().span(), "y\"");
    assert_eq!(
        edits.applied(body),
        b" { \"a\" : 1.0e+3 , \"b\":\"y\\\"\", \"c\" : [ 1,2 ,3 ], \"a\":null } \n"
    );
    assert_eq!(document.root().get("b").unwrap().text().unwrap(), "xA/");
}

#[test]
fn keys_that_stand_twice_are_told() {
    for body in [
        r#"{"role":"a","x":1,"role":"b"}"#,
        r#"{"role":"a","r\u006fle":"b"}"#,
        r#"{"r\u006fle":"a","role":"b"}"#,
    ] {
        let document = read(body.as_bytes()).unwrap();
        let told: Vec<String> = document.repeated().map(Value::pointer).collect();
        assert_eq!(told, ["/role"], "{body}");
        assert_eq!(document.root().text_of("role").unwrap(), "b");
    }
    let many: String = (0..500).map(|at| format!("\"k{at}\":1,")).collect();
    let body = format!("{{{many}\"k7\":2}}");
    let document = read(body.as_bytes()).unwrap();
    assert_eq!(document.repeated().count(), 1);
    let body = format!("{{{many}\"last\":2}}");
    assert_eq!(read(body.as_bytes()).unwrap().repeated().count(), 0);
    // In different objects they are different keys.
    assert_eq!(
        read(br#"[{"a":{"a":1}},{"a":1}]"#)
            .unwrap()
            .repeated()
            .count(),
        0
    );
}

#[test]
fn limits_are_kept() {
    let limits = Limits {
        depth: 4,
        values: 10,
        body: 64,
        ..Limits::default()
    };
    let fault = |bytes: &[u8]| Document::read(bytes, &limits).unwrap_err();
    assert!(Document::read(b"[[[[]]]]", &limits).is_ok());
    assert_eq!(fault(b"[[[[[]]]]]"), Fault::Deep { limit: 4, at: 4 });
    assert_eq!(
        fault(b"[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]"),
        Fault::Many { limit: 10 }
    );
    assert!(Document::read(b"[1,2,3,4,5,6,7,8,9,10,11,12,13]", &limits).is_ok());
    assert_eq!(fault(&[b' '; 65]), Fault::Long { limit: 64 });
    let deep = vec![b'['; 1_000_000];
    assert_eq!(
        read(&deep).unwrap_err(),
        Fault::Deep {
            limit: 128,
            at: 128
        }
    );
}

#[test]
fn odd_bytes_are_read_and_said() {
    let document = read(b"\xef\xbb\xbf{\"a\":\"x\xff\ty\\ud800z\"}").unwrap();
    assert!(document.invalid_utf8());
    assert_eq!(
        document.root().text_of("a").unwrap(),
        "x\u{fffd}\ty\u{fffd}z"
    );
    let document = read("\"\\ud83d\\ude00\"".as_bytes()).unwrap();
    assert_eq!(document.root().text().unwrap(), "\u{1f600}");
    assert!(!document.invalid_utf8());
    for bad in [
        "",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "[1,]",
        "{,}",
        "[1 2]",
        "nul",
        "01",
        "1.",
        "-",
        "+1",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"a",
        "{} {}",
        "'a'",
        "[}",
    ] {
        assert!(read(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn whole_numbers_are_read_as_they_are_spelled() {
    let document = read(b"[[12],[12.0],[0],[-1],[1.5],[1e3],[18446744073709551616]]").unwrap();
    let whole: Vec<Option<u64>> = document
        .root()
        .elements()
        .map(|row| row.elements().next().unwrap().whole())
        .collect();
    assert_eq!(whole, [Some(12), Some(12), Some(0), None, None, None, None]);
}
