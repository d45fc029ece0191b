use stance_core::fact::{AnomalyKind, ArtifactFormat, EmbeddedKind};

use super::assemble::program;
use crate::testing::{artifact, gaps, report, survives_truncation};
use stance_pickle::assemble;

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0";

fn sound() -> Vec<u8> {
    program("aten::add", "XnnpackBackend", &[1; 24], &[2; 64])
}

#[test]
fn operators_delegates_and_tensors_are_told() {
    let found = artifact("m.bin", &sound());
    assert_eq!(found.format, ArtifactFormat::Executorch);
    assert_eq!(found.framework.as_deref(), Some("pytorch"));
    assert_eq!((found.tensors, found.parameters), (Some(1), Some(6)));
    assert_eq!(found.dtypes.get("float32"), Some(&1));
    for (key, value) in [
        ("methods", "forward"),
        ("operators", "aten::add"),
        ("delegates", "XnnpackBackend"),
        ("schema_version", "0"),
    ] {
        assert_eq!(
            found.metadata.get(key).map(String::as_str),
            Some(value),
            "{key}"
        );
    }
    assert!(
        found.anomalies.is_empty() && found.tensor_signs.is_empty() && found.embedded.is_empty()
    );
    assert!(gaps(&report("m.pte", &sound())).is_empty());
}

#[test]
fn operators_of_the_application_are_told() {
    let found = artifact("m.pte", &program("evil::shell", "X", &[1; 8], &[]));
    assert_eq!(found.embedded.len(), 1);
    assert_eq!(found.embedded[0].kind, EmbeddedKind::CustomOperator);
    assert_eq!(found.embedded[0].name, "evil::shell");
}

#[test]
fn payloads_in_constants_and_segments_are_seen() {
    for (constant, segment) in [(ELF, &[2_u8; 64][..]), (&[1; 24], ELF)] {
        let found = artifact("m.pte", &program("aten::add", "X", constant, segment));
        assert!(
            found
                .tensor_signs
                .iter()
                .any(|sign| sign.detail.contains("ELF"))
        );
    }
    let pickle = assemble::call("os", "system", "id");
    let found = artifact("m.pte", &[&*sound(), &*pickle].concat());
    assert!(
        found
            .anomalies
            .iter()
            .any(|anomaly| anomaly.kind == AnomalyKind::UnclaimedBytes)
    );
}

#[test]
fn places_that_cannot_be_are_lies() {
    let mut bytes = sound();
    bytes[24..32].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    let found = artifact("m.pte", &bytes);
    assert!(
        found
            .anomalies
            .iter()
            .any(|anomaly| anomaly.kind == AnomalyKind::LyingHeader)
    );
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.pte", &sound());
}

#[test]
fn tables_that_lie_on_each_other_are_read_a_bounded_number_of_times() {
    // Every word of the vector of methods points to the same table.
    let mut bytes = sound();
    bytes.resize(10 << 20, 1);
    let read = report("m.pte", &bytes).coverage.bytes_read;
    assert!(read < 4 * bytes.len() as u64, "{read}");
}
