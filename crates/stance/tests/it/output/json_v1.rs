//! The contract of `json-v1`.

use std::time::Duration;

use insta::assert_snapshot;
use stance::output::json_v1::{self, ReadError};
use stance::output::{Format, Style};

use super::{fixture, render};

#[test]
fn document() {
    assert_snapshot!(render(Format::JsonV1, &fixture::demo(), Style::default()));
}

#[test]
fn schema() {
    let schema = serde_json::to_string_pretty(&json_v1::schema()).unwrap();
    assert_snapshot!(schema);
}

#[test]
fn a_document_is_read_back_as_it_was() {
    let report = fixture::demo();
    let text = render(Format::JsonV1, &report, Style::default());
    assert_eq!(json_v1::read(&text).unwrap(), json_v1::document(&report));
}

#[test]
fn only_the_scan_part_tells_time() {
    let first = fixture::demo();
    let mut second = fixture::demo();
    second.started = "2027-01-01T00:00:00Z".parse().unwrap();
    second.elapsed = Duration::from_secs(99);
    second.stored_scan = Some(8);
    let mut documents = [&first, &second].map(json_v1::document);
    assert_ne!(documents[0].scan, documents[1].scan);
    documents[1].scan = documents[0].scan.clone();
    assert_eq!(documents[0], documents[1]);
}

#[test]
fn members_of_a_later_writer_are_ignored() {
    let text = render(Format::JsonV1, &fixture::empty(), Style::default());
    let text = text.replacen('{', "{\"later\": [1],", 1);
    json_v1::read(&text).unwrap();
}

#[test]
fn another_version_and_another_format_are_told_apart() {
    let other = json_v1::read(r#"{"schema": "stance/json-v2"}"#).unwrap_err();
    assert!(matches!(other, ReadError::OtherSchema(name) if name == "stance/json-v2"));
    for text in ["", "[]", "{}", r#"{"schema": "stance/json-v1"}"#, "\u{1b}"] {
        let error = json_v1::read(text).unwrap_err();
        assert!(matches!(error, ReadError::Malformed(_)), "{text}");
        assert!(error.to_string().contains("stance scan --format json-v1"));
    }
}
