//! METADATA blocks, and what is wrong with them.

use stance_core::Severity;
use stance_policy::lint::{Code, lint};

use crate::bundle;

const PACKAGE: &str = "# METADATA\n# scope: subpackages\n# custom:\n#   severity: low\n#   frameworks:\n#     owasp-llm: [LLM03]\npackage a\n";

#[test]
fn the_nearest_block_counts() {
    let text = format!(
        "{PACKAGE}\n# METADATA\n# title: Pinned\n# description: |\n#   Models move.\n# custom:\n#   id: ORG-1\n#   severity: High\n#   remediation: Pin it.\ndeny contains msg if msg := \"x\"\n\nwarn_y contains \"y\"\n"
    );
    let bundle = bundle(&text);
    assert_eq!(bundle.metadata, []);
    let deny = &bundle.abouts["data.a.deny"];
    assert_eq!(deny.title.as_deref(), Some("Pinned"));
    assert_eq!(deny.id.as_deref(), Some("ORG-1"));
    assert_eq!(deny.severity, Some(Severity::High));
    assert_eq!(deny.frameworks, ["owasp-llm:LLM03"]);
    assert_eq!(deny.remediation.as_deref(), Some("Pin it."));
    let warn = &bundle.abouts["data.a.warn_y"];
    assert_eq!(
        (warn.title.as_deref(), warn.severity),
        (None, Some(Severity::Low))
    );
}

#[test]
fn broken_blocks_are_told_with_their_line() {
    for (block, line, words) in [
        ("# METADATA\n# title: [", 2, "no YAML"),
        ("# METADATA\n# titel: x", 2, "no `titel`"),
        ("# METADATA\n# title: 1", 2, "wrong type"),
        ("# METADATA\n# custom:\n#   severity: bad", 3, "no severity"),
        (
            "# METADATA\n# custom:\n#   asset_kinds: [nothing]",
            3,
            "no kind",
        ),
        ("# METADATA\n# scope: everything", 1, "no scope"),
        ("# METADATA\n# scope: package", 1, "does not fit"),
    ] {
        let bundle = bundle(&format!("package a\n\n{block}\ndeny contains \"x\"\n"));
        let fault = bundle.metadata.first().unwrap_or_else(|| panic!("{block}"));
        assert!(fault.message.contains(words), "{block}: {fault}");
        let place = fault.place.as_ref().unwrap();
        assert!(
            (line + 2..=line + 3).contains(&place.line),
            "{block}: {fault}"
        );
    }
}

#[test]
fn lints_find_what_does_not_do_what_it_says() {
    let text = "package a\n\nimport data.b\n\n# METADATA\n# title: T\n# custom: {id: X, severity: low}\ndeny contains msg if { msg := sprintff(\"x\", []) }\n\n# METADATA\n# title: T\n# custom: {id: X, severity: low}\nwarn contains msg if { msg := \"x\"; http.send({}) }\n\nunused(x) := x\n\nviolation if true\n";
    let all = lint(&bundle(text));
    let codes: Vec<Code> = all.iter().map(|it| it.code).collect();
    for code in [
        Code::UnknownFunction,
        Code::ForbiddenFunction,
        Code::DuplicateId,
        Code::UnusedImport,
        Code::UnusedFunction,
        Code::NoSet,
        Code::MissingMetadata,
    ] {
        assert!(codes.contains(&code), "{code:?} in {all:?}");
    }
    let clean = "package a\n\n# METADATA\n# title: T\n# custom: {id: X, severity: low}\ndeny contains msg if { msg := f(\"x\") }\n\nf(x) := concat(\"\", [x])\n";
    assert_eq!(lint(&bundle(clean)), []);
}
