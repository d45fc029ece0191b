use stance_core::fact::{AnomalyKind, ArtifactFormat, EmbeddedKind, TensorSignKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};
use stance_read::protobuf::assemble::Builder;

fn operator(kind: &str, attributes: &[(&str, &str)]) -> Builder {
    let attributes = attributes.iter().map(|(name, text)| {
        Builder::default()
            .bytes(1, name)
            .number(2, 2)
            .bytes(5, text)
    });
    attributes.fold(Builder::default().bytes(3, kind), |operator, attribute| {
        operator.bytes(4, attribute)
    })
}

fn program(operators: &[Builder]) -> Vec<u8> {
    let block = operators.iter().fold(
        Builder::default().number(1, 0).number(2, u64::MAX),
        |block, operator| block.bytes(4, operator),
    );
    Builder::default()
        .bytes(1, block)
        .bytes(4, Builder::default().number(1, 2_000_000))
        .build()
}

fn tensor(dtype: u64, shape: &[u64], data: &[u8]) -> Vec<u8> {
    let description = shape
        .iter()
        .fold(Builder::default().number(1, dtype), |all, size| {
            all.number(2, *size)
        })
        .build();
    let mut bytes = vec![0; 16];
    bytes.extend(u32::try_from(description.len()).unwrap().to_le_bytes());
    bytes.extend(description);
    bytes.extend(data);
    bytes
}

#[test]
fn operators_that_reach_out_are_told_with_their_places() {
    let honest = program(&[
        operator("conv2d", &[]),
        operator("relu", &[("op_device", "gpu")]),
    ]);
    let found = artifact("model.bin", &honest);
    assert_eq!(found.format, ArtifactFormat::Paddle);
    assert_eq!(found.metadata["operators"], "2");
    assert!(found.embedded.is_empty());

    let hostile = program(&[
        operator("py_func", &[]),
        operator("save_combine", &[("file_path", "/etc/cron.d/job")]),
        operator("load", &[("file_path", "fc_0.w_0")]),
        operator("send", &[("endpoint", "203.0.113.9:6174")]),
    ]);
    let found = artifact("inference.pdmodel", &hostile);
    let names: Vec<&str> = found
        .embedded
        .iter()
        .map(|operator| &*operator.name)
        .collect();
    assert_eq!(names, ["py_func", "save_combine", "load", "send"]);
    assert!(
        found
            .embedded
            .iter()
            .all(|operator| operator.kind == EmbeddedKind::PaddleOperator)
    );
    let escaping: Vec<bool> = found
        .external
        .iter()
        .map(|external| external.escapes)
        .collect();
    assert_eq!(escaping, [true, false, false]);
}

#[test]
fn parameters_in_a_row_are_counted_to_the_last_byte() {
    let mut bytes = tensor(5, &[2, 3], &[0; 24]);
    bytes.extend(tensor(22, &[4], &[0; 8]));
    let found = artifact("inference.pdiparams", &bytes);
    assert_eq!(found.tensors, Some(2));
    assert_eq!(found.parameters, Some(10));
    assert_eq!(found.dtypes["FP32"], 1);
    assert!(found.anomalies.is_empty());

    let trailing = [&*bytes, b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01."].concat();
    let found = artifact("inference.pdiparams", &trailing);
    assert_eq!(found.anomalies[0].kind, AnomalyKind::UnclaimedBytes);

    let lying = tensor(5, &[1 << 40, 1 << 40], &[0; 24]);
    let found = artifact("inference.pdiparams", &lying);
    assert_eq!(found.anomalies[0].kind, AnomalyKind::LyingHeader);
}

#[test]
fn what_hides_in_the_numbers_is_seen() {
    let mut data = vec![0x3c; 4096];
    let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";
    data[512..512 + program.len()].copy_from_slice(program);
    let found = artifact("inference.pdiparams", &tensor(5, &[1024], &data));
    assert_eq!(found.tensor_signs[0].kind, TensorSignKind::Payload);
}

#[test]
fn zeros_and_cut_files_are_no_parameters() {
    assert!(!has_artifact(&report("zeros.bin", &[0; 4096])));
    survives_truncation(
        "m.pdmodel",
        &program(&[operator("save", &[("file_path", "/x")])]),
    );
    survives_truncation("m.pdiparams", &tensor(5, &[2], &[0; 8]));
}

#[test]
fn places_of_one_operator_have_a_bound() {
    let places = vec![("file_path", "/etc/passwd"); 10_000];
    let found = artifact("m.pdmodel", &program(&[operator("load", &places)]));
    assert!(
        (1..=64).contains(&found.external.len()),
        "{}",
        found.external.len()
    );
}
