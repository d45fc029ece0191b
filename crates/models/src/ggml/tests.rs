use stance_core::fact::{AnomalyKind, ArtifactFormat, TensorSignKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

fn file(words: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"tjgg".to_vec();
    for number in [3_u32, words, 64, 256, 4, 2, 16, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for word in ["<s>", "a"] {
        bytes.extend(u32::try_from(word.len()).unwrap().to_le_bytes());
        bytes.extend(word.as_bytes());
        bytes.extend(0_f32.to_le_bytes());
    }
    let count = u32::try_from(data.len() / 4).unwrap();
    for number in [1, 4, 0, count] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"norm");
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    bytes.extend(data);
    bytes
}

#[test]
fn the_header_tells_vocabulary_and_tensors() {
    let found = artifact("model.bin", &file(2, &[0; 64]));
    assert_eq!(found.format, ArtifactFormat::Ggml);
    assert_eq!(found.tensors, Some(1));
    assert_eq!(found.parameters, Some(16));
    assert_eq!(found.dtypes["F32"], 1);
    assert_eq!(found.metadata["vocabulary"], "2");
    assert!(found.anomalies.is_empty());
}

#[test]
fn lies_and_trailing_bytes_are_told() {
    let found = artifact("model.bin", &file(u32::MAX, &[0; 64]));
    assert_eq!(found.anomalies[0].kind, AnomalyKind::LyingHeader);
    let mut trailing = file(2, &[0; 64]);
    trailing.extend(b"#!/bin/sh\nid # and more of it\n");
    let found = artifact("model.bin", &trailing);
    assert_eq!(found.anomalies[0].kind, AnomalyKind::LyingHeader);
}

#[test]
fn what_hides_in_a_tensor_is_seen() {
    let mut data = vec![0x3c; 4096];
    let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";
    data[512..512 + program.len()].copy_from_slice(program);
    let found = artifact("model.bin", &file(2, &data));
    assert_eq!(found.tensor_signs[0].kind, TensorSignKind::Payload);
}

#[test]
fn other_marks_and_cut_files() {
    let mut old = b"lmgg".to_vec();
    old.resize(100, 1);
    assert_eq!(artifact("ggml-base.bin", &old).format, ArtifactFormat::Ggml);
    assert!(!has_artifact(&report("a.bin", b"tjgg")));
    survives_truncation("m.bin", &file(2, &[0; 16]));
}
