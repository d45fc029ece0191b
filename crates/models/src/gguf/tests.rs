use stance_core::fact::{AnomalyKind, EmbeddedKind};

use super::assemble::{Builder, sound, with_template};
use crate::testing::{artifact, survives_truncation};
use crate::unclaimed::STARTS_AS;

#[test]
fn a_sound_file_tells_what_it_is() {
    let artifact = artifact("m.gguf", &with_template("{{ messages }}"));
    assert_eq!(artifact.anomalies, []);
    assert_eq!(artifact.architecture.as_deref(), Some("llama"));
    assert_eq!(artifact.licence.as_deref(), Some("apache-2.0"));
    assert_eq!((artifact.tensors, artifact.parameters), (Some(2), Some(35)));
    assert_eq!(artifact.dtypes.get("F32"), Some(&2));
    assert_eq!(
        artifact.metadata.get("tokenizer.ggml.tokens").unwrap(),
        "3 values"
    );
    let [template] = &*artifact.embedded else {
        panic!("one template");
    };
    assert_eq!(template.kind, EmbeddedKind::ChatTemplate);
    assert_eq!(template.detail, "{{ messages }}");
}

#[test]
fn untrue_headers_are_found_and_what_came_before_stays() {
    let huge = Builder::default().description("w", &[1 << 32, 1 << 32, 4], 0);
    let overlap = Builder::default()
        .tensor("a", &[8])
        .description("b", &[8], 0);
    let outside = Builder::default()
        .tensor("a", &[8])
        .description("b", &[8], 1 << 40);
    for (what, bytes) in [
        ("2^61 entries", sound().claiming(2, 1 << 61)),
        ("a billion tensors", sound().claiming(1_000_000_000, 4)),
        ("dimensions that overflow", huge.build()),
        ("overlap", overlap.build()),
        ("out of the file", outside.build()),
        (
            "five dimensions",
            Builder::default().description("w", &[1; 5], 0).build(),
        ),
    ] {
        let found = artifact("m.gguf", &bytes).anomalies;
        assert!(
            found
                .iter()
                .any(|found| found.kind == AnomalyKind::LyingHeader),
            "{what}: {found:?}"
        );
    }
    let bomb = artifact("m.gguf", &sound().claiming(2, 1 << 61));
    assert_eq!(bomb.architecture.as_deref(), Some("llama"));
}

#[test]
fn a_key_that_comes_twice_is_told() {
    let twice = sound().string("general.architecture", "other").build();
    let found = &artifact("m.gguf", &twice).anomalies;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, AnomalyKind::ReaderDisagreement);
}

#[test]
fn a_program_behind_the_tensors_is_named() {
    let mut bytes = sound().build();
    bytes.extend(b"\x7fELF\x02\x01\x01");
    bytes.extend([3; 100]);
    let found = &artifact("m.gguf", &bytes).anomalies;
    assert_eq!(found[0].kind, AnomalyKind::UnclaimedBytes);
    assert!(found[0].detail.contains(STARTS_AS));
}

#[test]
fn a_short_copy_is_cut_and_does_not_lie() {
    let bytes = sound().build();
    let found = artifact("m.gguf", &bytes[..bytes.len() - 64]).anomalies;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, AnomalyKind::Truncated);
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.gguf", &with_template("{{ messages }}"));
}
