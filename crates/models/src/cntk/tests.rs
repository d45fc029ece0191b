use stance_core::fact::{ArtifactFormat, EmbeddedKind};

use crate::testing::{artifact, report, survives_truncation};
use stance_read::protobuf::assemble::Builder;

fn text(value: &str) -> Builder {
    Builder::default().number(1, 1).number(2, 8).bytes(8, value)
}

fn entry(key: &str, value: &Builder) -> Builder {
    Builder::default().bytes(1, key).bytes(2, value)
}

fn dictionary(entries: &[(&str, Builder)]) -> Builder {
    entries.iter().fold(
        Builder::default().number(1, 1),
        |dictionary, (key, value)| dictionary.bytes(2, entry(key, value)),
    )
}

fn model(function: &[(&str, Builder)]) -> Vec<u8> {
    let inner = Builder::default()
        .number(1, 1)
        .number(2, 11)
        .bytes(12, dictionary(function));
    let list = Builder::default().bytes(2, inner);
    let functions = Builder::default()
        .number(1, 1)
        .number(2, 10)
        .bytes(11, list);
    dictionary(&[
        ("type", text("CompositeFunction")),
        ("primitive_functions", functions),
    ])
    .build()
}

#[test]
fn functions_of_the_user_are_told() {
    let plain = artifact("m.model", &model(&[("type", text("PrimitiveFunction"))]));
    assert_eq!(plain.format, ArtifactFormat::Cntk);
    assert_eq!(
        plain.metadata.get("functions").map(String::as_str),
        Some("2")
    );
    assert!(plain.embedded.is_empty());
    let found = artifact(
        "m.dnn",
        &model(&[("module", text("evil.ops")), ("class", text("Run"))]),
    );
    assert_eq!(found.embedded.len(), 1);
    assert_eq!(found.embedded[0].kind, EmbeddedKind::LoaderModule);
    assert_eq!(found.embedded[0].name, "evil.ops");
}

#[test]
fn values_are_looked_at() {
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";
    let shape = Builder::default().bytes(1, b"\x06");
    let view = Builder::default()
        .number(1, 1)
        .bytes(3, shape)
        .bytes(4, Builder::default().bytes(1, elf));
    let value = Builder::default().number(1, 1).bytes(13, view);
    let found = artifact("m.model", &model(&[("value", value)]));
    assert_eq!((found.tensors, found.parameters), (Some(1), Some(6)));
    assert_eq!(found.tensor_signs.len(), 1);
}

#[test]
fn the_first_form_is_known_and_no_cut_makes_it_panic() {
    let old = artifact("m.dnn", b"B\0C\0N\0\0\0B\0V\0e\0r\0\0\0");
    assert_eq!(old.format, ArtifactFormat::Cntk);
    survives_truncation("m.model", &model(&[("module", text("evil.ops"))]));
}

#[test]
fn dictionaries_in_each_other_end() {
    let mut inner = dictionary(&[("a", text("b"))]);
    for _ in 0..2000 {
        let value = Builder::default().number(1, 1).bytes(12, inner);
        inner = dictionary(&[("a", value)]);
    }
    let bytes = dictionary(&[
        ("type", text("CompositeFunction")),
        ("x", Builder::default().bytes(12, inner)),
    ]);
    let bytes = bytes.build();
    assert!(report("m.model", &bytes).coverage.bytes_read < 4 * bytes.len() as u64 + 200_000);
}
