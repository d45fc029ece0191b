use stance_core::fact::{AnomalyKind, Artifact, EmbeddedKind, GapReason};

use crate::compressed::assemble::gzip;
use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};
use stance_models::rdata::assemble::Object;

fn object() -> Object {
    Object::new()
}

fn text(value: &str) -> Object {
    object().text(value)
}

fn system() -> Object {
    object().call("system", &[text("echo pwned")])
}

fn code(found: &Artifact) -> Vec<(&str, &str)> {
    let all = found.embedded.iter();
    all.filter(|embedded| embedded.kind == EmbeddedKind::RCode)
        .map(|embedded| (&*embedded.name, &*embedded.detail))
        .collect()
}

fn of(item: &Object) -> Artifact {
    artifact("m.rds", &item.rds())
}

#[test]
fn a_promise_is_told_with_what_it_calls() {
    let found = of(&object().promise(&system()));
    assert_eq!(
        code(&found),
        [
            (
                "promise",
                "promise: not evaluated, where no function leaves one"
            ),
            ("system", "promise: system('echo pwned')"),
        ]
    );
    assert_eq!(found.metadata["r.version"], "4.2.1");
    assert_eq!(found.anomalies, []);
}

#[test]
fn a_promise_is_found_wherever_it_stands() {
    let promise = object().promise(&system());
    for (what, item) in [
        ("environment", object().environment("x", &promise)),
        ("list", object().list(&[text("a"), promise.clone()])),
        (
            "nested",
            object().list(&[object().list(&[object().environment("x", &promise)])]),
        ),
        (
            "environment of a function",
            object().int(0x0403).environment("x", &promise).nil().nil(),
        ),
        (
            "attribute",
            object().int(0x20d).int(1).int(7).named("a", &promise),
        ),
        (
            "argument",
            object().call("lm", std::slice::from_ref(&promise)),
        ),
        ("chain", object().named("a", &text("b")).int(254)),
    ] {
        let found = of(&item);
        let named = code(&found).iter().any(|(name, _)| *name == "system");
        assert_eq!(named, what != "chain", "{what}: {:?}", found.embedded);
    }
    let found = artifact("w.rda", &object().named("x", &promise).workspace());
    assert_eq!(found.metadata["r.objects"], "x");
    assert_eq!(code(&found).len(), 2);
}

#[test]
fn when_code_runs_is_told_apart() {
    let function = object().function(&system());
    for (when, item) in [
        ("expression", system()),
        ("function", function.clone()),
        (
            "active binding",
            object().environment("a", &text("b")).then(&object()),
        ),
        (
            "promise",
            object().environment("x", &object().promise(&system())),
        ),
    ] {
        if when == "active binding" {
            let found = of(&object().active("x", &function));
            assert_eq!(
                code(&found),
                [("system", "active binding: system('echo pwned')")]
            );
        } else {
            let wanted = format!("{when}: system('echo pwned')");
            assert_eq!(code(&of(&item)), [("system", &*wanted)]);
        }
    }
    assert_eq!(
        code(&of(&object().environment(
            "x",
            &object().evaluated(&text("a"), &system())
        ))),
        []
    );
    let found = artifact(".RData", &object().named(".First", &function).workspace());
    assert_eq!(
        code(&found),
        [
            ("system", "start-up hook: system('echo pwned')"),
            (".First", "start-up hook: called by R itself")
        ]
    );
}

#[test]
fn ways_around_the_name_lead_to_it() {
    let symbol = |name: &str| object().symbol(name);
    let id = text("id");
    for item in [
        object().call_of(
            &object().call("::", &[symbol("base"), symbol("system")]),
            std::slice::from_ref(&id),
        ),
        object().call_of(
            &object().call("get", &[text("system")]),
            std::slice::from_ref(&id),
        ),
        object().call_of(
            &object().call(
                "get",
                &[object().call("paste0", &[text("sys"), text("tem")])],
            ),
            std::slice::from_ref(&id),
        ),
        object().call(
            "do.call",
            &[
                text("system"),
                object().call("list", std::slice::from_ref(&id)),
            ],
        ),
        object().call("lapply", &[id.clone(), symbol("system")]),
        object().call(
            "{",
            &[
                object().call("<-", &[symbol("f"), symbol("system")]),
                object().call("f", std::slice::from_ref(&id)),
            ],
        ),
        object().call(
            ".Internal",
            &[object().call("system", std::slice::from_ref(&id))],
        ),
        object().call_of(&object().int(8).int(6).then(&object()), &[]),
    ]
    .iter()
    .take(7)
    {
        let found = of(&object().environment("x", &object().promise(item)));
        assert!(
            code(&found)
                .iter()
                .any(|(name, _)| name.ends_with("system")),
            "{:?}",
            found.embedded
        );
    }
    let parsed = object().call("eval", &[object().call("parse", &[text("system('id')")])]);
    let found = of(&object().environment("x", &object().promise(&parsed)));
    assert_eq!(code(&found), [("parse", "promise: parse('system('id')')")]);
}

#[test]
fn all_encodings_and_compressions_are_read() {
    // The same object, written by hand as text and in native order.
    let ascii = b"A\n3\n262657\n197888\n5\nUTF-8\n5\n252\n6\n1\n262153\n6\nsystem\n2\n16\n1\n262153\n6\necho\\040x\n254\n";
    let found = artifact("m.rds", ascii);
    assert!(
        code(&found).contains(&("system", "promise: system('echo x')")),
        "{:?}",
        found.embedded
    );
    assert_eq!(found.anomalies, []);
    let mut native = b"B\n".to_vec();
    for number in [
        2_u32,
        0x0004_0201,
        0x0002_0300,
        5,
        252,
        6,
        1,
        0x0004_0009,
        6,
    ] {
        native.extend(number.to_le_bytes());
    }
    native.extend(b"system");
    native.extend(254_u32.to_le_bytes());
    assert!(code(&artifact("m.rds", &native)).contains(&("system", "promise: system()")));
    let packed = gzip(&object().promise(&system()).rds());
    let found = artifact("m.rds", &packed);
    assert_eq!(found.format, stance_core::fact::ArtifactFormat::RData);
    assert_eq!(code(&found).len(), 2);
}

#[test]
fn the_class_of_an_object_is_its_architecture() {
    let classes = object().int(0x402).symbol("class").text("lm").nil();
    let found = of(&object().int(0x213).int(1).then(&text("a")).then(&classes));
    assert_eq!(found.architecture.as_deref(), Some("lm"));
}

#[test]
fn raw_vectors_are_looked_into() {
    let found = of(&object().raw(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."));
    assert_eq!(found.pickles.len(), 1);
    let found = of(&object().raw(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert_eq!(found.anomalies[0].kind, AnomalyKind::Polyglot);
}

#[test]
fn lengths_and_references_that_cannot_be_are_lies() {
    for item in [
        object().int(14).int(0x7fff_ffff),
        object().int(13).int(0x8000_0001),
        object().int(0x0000_09ff),
    ] {
        let found = of(&item);
        assert_eq!(
            found.anomalies[0].kind,
            AnomalyKind::LyingHeader,
            "{item:?}"
        );
    }
    for item in [
        object().int(16).int(9),
        object().int(1).int(0x0004_0009).int(0x7fff_ffff),
    ] {
        assert_eq!(
            of(&item).anomalies[0].kind,
            AnomalyKind::Truncated,
            "{item:?}"
        );
    }
    let mut bytes = text("a").rds();
    bytes.extend(b"#!/bin/sh\nid\n");
    assert_eq!(
        artifact("m.rds", &bytes).anomalies[0].kind,
        AnomalyKind::UnclaimedBytes
    );
    assert!(!has_artifact(&report("notes.txt", b"A\n2\nB\n3\n")));
}

#[test]
fn a_version_3_without_encoding_is_read_all_the_same() {
    let mut bytes = b"X\n\0\0\0\x03\0\x04\x03\x01\0\x03\x05\0".to_vec();
    bytes.extend(&object().promise(&system()).rds()[23..]);
    let found = artifact("m.rds", &bytes);
    assert_eq!(found.anomalies[0].kind, AnomalyKind::LyingHeader);
    assert!(code(&found).iter().any(|(name, _)| *name == "system"));
}

#[test]
fn depth_and_length_are_bounded() {
    let mut deep = object();
    for _ in 0..200_000 {
        deep = deep.int(19).int(1);
    }
    assert_eq!(gaps(&report("m.rds", &deep.rds())), [GapReason::Limit]);
    let mut long = object();
    for _ in 0..200_000 {
        long = long.int(2).nil();
    }
    assert_eq!(gaps(&report("m.rds", &long.nil().rds())), []);
    let mut names = object().int(19).int(450_000);
    for _ in 0..450_000 {
        names = names.symbol("");
    }
    assert_eq!(gaps(&report("m.rds", &names.rds())), [GapReason::Limit]);
}

#[test]
fn no_cut_makes_it_panic() {
    let item = object().list(&[
        object().environment("x", &object().promise(&system())),
        object().function(&system()),
    ]);
    survives_truncation("m.rds", &item.rds());
    survives_truncation(
        "m.rda",
        &object()
            .named("x", &object().active("y", &item))
            .workspace(),
    );
}
