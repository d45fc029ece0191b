use super::{Token, Tokens, attributes, begins_with_root};

#[test]
fn tokens_cover_every_byte_once() {
    let text = "\u{feff}<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b '>'> <!-- ] -->]><a b=\">\" c = 'd'>x<![CDATA[<&]]><!-- - --></a><e/>";
    let tokens: Vec<_> = Tokens::new(text).collect();
    let mut at = 0;
    for (_, span) in &tokens {
        assert_eq!(span.start, at);
        at = span.end;
    }
    assert_eq!(at, text.len());
    let (_, span) = tokens
        .iter()
        .find(|(token, _)| matches!(token, Token::Start { .. }))
        .unwrap();
    let all: Vec<_> = attributes(text, span.clone())
        .map(|(name, value, _)| (name, value))
        .collect();
    assert_eq!(all, [("b", ">"), ("c", "d")]);
}

#[test]
fn the_root_is_found_behind_what_may_come_before_it() {
    for text in [
        "<PMML>",
        "\n<?xml version='1.0'?>\n<!-- x --><p:PMML version='4'>",
        "<!DOCTYPE PMML [<!ENTITY a 'b'>]><PMML/>",
        "<!DOCTYPE PMML [<!ENTITY a 'b",
    ] {
        assert!(begins_with_root(text.as_bytes(), "PMML"), "{text}");
    }
    assert!(!begins_with_root(b"<a><PMML/></a>", "PMML"));
    assert!(!begins_with_root(b"PMML <PMML>", "PMML"));
}
