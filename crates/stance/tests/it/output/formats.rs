//! Each format as people see it. Review a change with `cargo insta review`.

use insta::assert_snapshot;
use stance::output::{Format, Style};

use super::{fixture, render};

const NARROW: Style = Style {
    color: false,
    verbose: 0,
    quiet: false,
    width: 80,
};

#[test]
fn text() {
    assert_snapshot!(render(Format::Text, &fixture::demo(), NARROW));
}

#[test]
fn text_quiet_is_findings_only() {
    let quiet = Style {
        quiet: true,
        ..NARROW
    };
    let text = render(Format::Text, &fixture::demo(), quiet);
    assert!(
        text.starts_with("critical[demo/pickle-runs-command]"),
        "{text}"
    );
    assert!(!text.contains("AI assets"));
    assert!(!text.contains("understood"));
    assert_eq!(render(Format::Text, &fixture::empty(), quiet), "");
}

#[test]
fn text_verbose() {
    let verbose = Style {
        verbose: 1,
        ..NARROW
    };
    assert_snapshot!(render(Format::Text, &fixture::demo(), verbose));
}

#[test]
fn text_of_nothing() {
    assert_snapshot!(render(Format::Text, &fixture::empty(), NARROW));
}

#[test]
fn colours_only_repeat_what_words_say() {
    let colored = Style {
        color: true,
        ..NARROW
    };
    let colored = render(Format::Text, &fixture::demo(), colored);
    assert!(colored.contains("\u{1b}[1m\u{1b}[35mcritical[demo/pickle-runs-command]\u{1b}[0m"));
    let mut plain = String::new();
    let mut rest = &*colored;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, render(Format::Text, &fixture::demo(), NARROW));
}

#[test]
fn sarif() {
    assert_snapshot!(render(Format::Sarif, &fixture::demo(), NARROW));
}

#[test]
fn github() {
    assert_snapshot!(render(Format::Github, &fixture::demo(), NARROW));
}

#[test]
fn markdown() {
    assert_snapshot!(render(Format::Markdown, &fixture::demo(), NARROW));
}

#[test]
fn markdown_of_nothing() {
    assert_snapshot!(render(Format::Markdown, &fixture::empty(), NARROW));
}

#[test]
fn cyclonedx() {
    assert_snapshot!(render(Format::Cyclonedx, &fixture::demo(), NARROW));
}

#[test]
fn format_names_are_stable() {
    for (name, format) in [
        ("text", Format::Text),
        ("json-v1", Format::JsonV1),
        ("sarif", Format::Sarif),
        ("github", Format::Github),
        ("markdown", Format::Markdown),
        ("cyclonedx", Format::Cyclonedx),
    ] {
        assert_eq!(format.to_string(), name);
        assert_eq!(name.parse::<Format>().unwrap(), format);
    }
    // Without a version the newest is meant.
    assert_eq!("json".parse::<Format>().unwrap(), Format::JsonV1);
    let error = "yaml".parse::<Format>().unwrap_err().to_string();
    assert!(
        error.contains("`yaml`") && error.contains("json-v1"),
        "{error}"
    );
}
