use stance_core::fact::{EmbeddedKind, GapReason};

use super::assemble::{Builder, external, model, node, tensor};
use crate::testing::{artifact, artifact_of, gaps, report, survives_truncation};

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
            &crate::Bytes(&random[start..start + 64]),
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
