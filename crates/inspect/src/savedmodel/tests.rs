use stance_core::fact::{Artifact, EmbeddedKind};

use super::assemble::{
    Builder, constant, graph, keras_metadata, node, saved_model, with_attribute,
};
use crate::testing::{artifact, gaps, report, survives_truncation};

fn operators(artifact: &Artifact) -> Vec<(&str, &str)> {
    artifact
        .embedded
        .iter()
        .map(|found| (&*found.name, &*found.detail))
        .collect()
}

fn hostile() -> Vec<Builder> {
    vec![
        node("x", "Placeholder", &[]),
        constant("path", "/etc/passwd"),
        node("same", "Identity", &["path"]),
        node("read", "ReadFile", &["same:0"]),
        with_attribute(node("call", "PyFunc", &["x"]), "token", "pyfunc_0"),
    ]
}

#[test]
fn operators_are_found_with_the_constants_they_are_given() {
    let artifact = artifact("saved_model.pb", &saved_model(&hostile(), &[]));
    assert_eq!(
        operators(&artifact),
        [("ReadFile", "/etc/passwd"), ("PyFunc", "pyfunc_0")]
    );
    assert_eq!(
        artifact.metadata.get("tensorflow_version").unwrap(),
        "2.15.0"
    );
    assert_eq!(artifact.metadata.get("nodes").unwrap(), "5");
}

#[test]
fn functions_and_frozen_graphs_count_as_well() {
    let plain = [node("x", "Placeholder", &[])];
    let bytes = saved_model(&plain, &hostile());
    assert_eq!(operators(&artifact("m/saved_model.pb", &bytes)).len(), 2);
    let frozen = graph(&hostile()).build();
    assert_eq!(operators(&artifact("frozen.bin", &frozen)).len(), 2);
}

#[test]
fn saving_and_restoring_as_every_model_does_is_nothing() {
    let nodes = [
        node("file", "Placeholder", &[]),
        constant("part", "_temp/part"),
        node("join", "StringJoin", &["file", "part"]),
        node("shard", "ShardedFilename", &["join"]),
        node("save", "SaveV2", &["shard"]),
        constant("default", "model"),
        node("or", "PlaceholderWithDefault", &["default"]),
        node("restore", "RestoreV2", &["or"]),
        with_attribute(node("print", "PrintV2", &["x"]), "output_stream", "stderr"),
    ];
    assert_eq!(
        operators(&artifact("saved_model.pb", &saved_model(&nodes, &[]))),
        []
    );
}

#[test]
fn saving_to_a_fixed_place_is_something() {
    let nodes = [
        constant("file", "/root/.ssh/authorized_keys"),
        node("save", "SaveV2", &["file"]),
        with_attribute(
            node("print", "PrintV2", &["x"]),
            "output_stream",
            "file:///var/log/x",
        ),
    ];
    let artifact = artifact("saved_model.pb", &saved_model(&nodes, &[]));
    assert_eq!(operators(&artifact).len(), 2);
}

#[test]
fn a_lambda_layer_in_the_metadata_is_found() {
    let json = r#"{"class_name": "Lambda", "config": {"name": "l",
        "function": {"class_name": "__tuple__", "items": ["YwACb3MGc3lzdGVtAAA=", null, null]}}}"#;
    let artifact = artifact("keras_metadata.pb", &keras_metadata(json));
    assert_eq!(artifact.embedded.len(), 1);
    assert_eq!(artifact.embedded[0].kind, EmbeddedKind::KerasLambda);
}

#[test]
fn other_files_are_not_taken_for_graphs() {
    for other in [
        &b"\n\x05hello"[..],
        b"\n\n\n\n",
        b"\x08\x01",
        b"\x08\x01\x12\x00",
        b"\n\x0c\n\x03one\x12\x05lower",
        b"",
    ] {
        assert!(report("x.pb", other).facts.is_empty(), "{other:?}");
    }
}

#[test]
fn a_name_that_promises_a_graph_leaves_a_gap() {
    assert_eq!(
        gaps(&report("saved_model.pb", b"\x08\x01\x12\x05abcde")).len(),
        1
    );
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("saved_model.pb", &saved_model(&hostile(), &hostile()));
}
