use stance_core::fact::EmbeddedKind;

use super::assemble::model;
use crate::testing::{artifact, survives_truncation};

#[test]
fn tensors_and_custom_operators_are_told() {
    let artifact = artifact("m.bin", &model("FlexReadFile"));
    assert_eq!(artifact.tensors, Some(1));
    assert_eq!(artifact.dtypes.get("INT8"), Some(&1));
    assert_eq!(artifact.metadata.get("schema_version").unwrap(), "3");
    assert_eq!(
        artifact.metadata.get("custom_operators").unwrap(),
        "FlexReadFile"
    );
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.tflite", &model("FlexReadFile"));
}

#[test]
fn operators_that_reach_outside_and_those_of_a_library_are_told() {
    for (name, found) in [
        (
            "FlexReadFile",
            Some((EmbeddedKind::TensorflowOperator, "ReadFile")),
        ),
        ("FlexParseExampleV2", None),
        (
            "FlexRunShell",
            Some((EmbeddedKind::CustomOperator, "FlexRunShell")),
        ),
        (
            "TFLite_Detection_PostProcess",
            Some((EmbeddedKind::CustomOperator, "TFLite_Detection_PostProcess")),
        ),
    ] {
        let artifact = artifact("m.bin", &model(name));
        let told = artifact
            .embedded
            .first()
            .map(|told| (told.kind, &*told.name));
        assert_eq!(told, found);
    }
}
