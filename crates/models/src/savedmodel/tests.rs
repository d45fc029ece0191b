use stance_core::fact::{Artifact, EmbeddedKind, GapReason};

use super::assemble::{
    Builder, constant, graph, keras_metadata, node, saved_model, with_attribute,
};
use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

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

#[test]
fn a_path_put_together_from_parts_is_seen_whole() {
    let bytes = saved_model(
        &[
            constant("a", "/etc/"),
            constant("b", "passwd"),
            node("path", "StringJoin", &["a", "b"]),
            node("table", "InitializeTableFromTextFileV2", &["t", "path"]),
        ],
        &[],
    );
    let found = artifact("saved_model.pb", &bytes);
    assert_eq!(found.embedded.len(), 1);
    assert_eq!(found.embedded[0].detail, "/etc/passwd");
}

#[test]
fn the_path_of_an_asset_is_that_of_whoever_saved_it() {
    let graph = graph(&[
        constant("vocabulary", "/home/me/vocabulary.txt"),
        node(
            "table",
            "InitializeTableFromTextFileV2",
            &["t", "vocabulary"],
        ),
    ]);
    let asset = |file: &str| {
        let tensor = Builder::default().bytes(1, "vocabulary:0");
        Builder::default().bytes(1, tensor).bytes(2, file)
    };
    let meta = |file: &str| {
        let about = Builder::default().bytes(4, "serve").bytes(5, "2.15.0");
        Builder::default()
            .bytes(1, about)
            .bytes(2, graph.clone())
            .bytes(6, asset(file))
    };
    let whole = |file: &str| Builder::default().number(1, 1).bytes(2, meta(file)).build();
    let honest = artifact("saved_model.pb", &whole("vocabulary.txt"));
    assert_eq!(honest.embedded, []);
    let hostile = artifact("saved_model.pb", &whole("../../etc/passwd"));
    assert_eq!(hostile.embedded[0].name, "AssetFileDef");
    let beside = artifact("model.ckpt.meta", &meta("../../etc/passwd").build());
    assert_eq!(beside.embedded.len(), 1);
}

#[test]
fn an_operator_that_tensorflow_does_not_have_is_told_once() {
    let bytes = saved_model(
        &[
            node("x", "RunShell", &[]),
            node("y", "RunShell", &[]),
            node("z", "MatMul", &[]),
        ],
        &[],
    );
    let found = artifact("saved_model.pb", &bytes);
    let names: Vec<&str> = found.embedded.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["RunShell"]);
    assert_eq!(found.embedded[0].kind, EmbeddedKind::CustomOperator);
}

/// A SavedModel as text that reads a file, through an asset that lies outside.
const TEXT: &str = r#"# proto-file: saved_model.proto
saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tags: "serve" tensorflow_version: "2.15.0" [ext.of] { a: 1 } }
  graph_def: <
    node { name: 'path' op: "Const" attr { key: "value" value { tensor { dtype: DT_STRING
      string_val: "/etc" "/pass\167\x64" } } } attr { key: "shape" value { shape { dim { size: 2 } } } } }
    node { name: "read", op: "ReadFile"; input: ["path", "^other"] }
    library { function { signature { name: "f" } node_def { name: "call" op: "PyFunc"
      attr { key: "token" value { s: "pyfunc_0" } } } } }
  >
  asset_file_def { tensor_info { name: "a:0" } filename: "../../etc/cron.d/x" }
}
"#;

#[test]
fn the_text_form_says_the_same_and_points_to_its_lines() {
    let found = artifact("m/saved_model.pbtxt", TEXT.as_bytes());
    assert_eq!(
        operators(&found),
        [
            ("AssetFileDef", "../../etc/cron.d/x"),
            ("ReadFile", "/etc/passwd"),
            ("PyFunc", "pyfunc_0"),
        ]
    );
    assert_eq!(found.metadata["tensorflow_version"], "2.15.0");
    let lines: Vec<Option<u32>> = found
        .embedded
        .iter()
        .map(|one| one.evidence.locus.line())
        .collect();
    assert_eq!(lines, [Some(12), Some(8), Some(9)]);
    let graph = "node { name: \"x\" op: \"WriteFile\" }";
    assert_eq!(
        operators(&artifact("graph.pbtxt", graph.as_bytes())),
        [("WriteFile", "")]
    );
}

#[test]
fn a_cut_text_tells_what_came_before_and_other_texts_are_none() {
    let cut = &TEXT[..TEXT.find("library").unwrap()];
    let report = report("saved_model.pbtxt", cut.as_bytes());
    assert_eq!(gaps(&report), [GapReason::Malformed]);
    assert!(has_artifact(&report));
    for other in [
        "item { id: 1 name: 'cat' }",
        "backend: \"onnxruntime\"\ninput [ { name: \"x\" } ]",
    ] {
        assert!(!has_artifact(&crate::testing::report(
            "x.pbtxt",
            other.as_bytes()
        )));
    }
    survives_truncation("saved_model.pbtxt", TEXT.as_bytes());
}

#[test]
fn messages_without_end_stop_at_the_limit() {
    let deep = format!(
        "node {{ op: \"x\" {}",
        "attr { value { tensor { a <".repeat(1 << 18)
    );
    let report = report("g.pbtxt", deep.as_bytes());
    assert_eq!(gaps(&report), [GapReason::Malformed]);
}

#[test]
fn a_path_is_followed_through_what_changes_texts() {
    let through: [&[Builder]; 5] = [
        &[
            constant("code", "L2V0Yy9jcm9uLmQveA"),
            node("p", "DecodeBase64", &["code"]),
        ],
        &[
            constant("a", "/root/.ssh/"),
            constant("b", "authorized_keys"),
            node("p", "StringFormat", &["a", "b"]),
        ],
        &[with_attribute(
            node("p", "StaticRegexReplace", &["x"]),
            "rewrite",
            "/etc/passwd",
        )],
        &[
            constant("list", "~/.bashrc"),
            node("p", "GatherV2", &["list", "i", "axis"]),
        ],
        &[
            constant("a", "/root/x"),
            node("p", "ShardedFilename", &["a", "i", "n"]),
        ],
    ];
    for before in through {
        let mut nodes = before.to_vec();
        nodes.push(node("save", "SaveV2", &["p"]));
        let artifact = artifact("saved_model.pb", &saved_model(&nodes, &[]));
        assert_eq!(operators(&artifact).len(), 1, "{:?}", operators(&artifact));
    }
}

#[test]
fn what_connects_listens_or_reads_whole_files_is_told_without_a_path() {
    for name in [
        "Rpc",
        "TryRpc",
        "LMDBReader",
        "WholeFileReader",
        "TextLineReaderV2",
        "BigQueryReader",
        "KafkaDataset",
        "AudioMicrophone",
        "Abort",
        "DatasetFromGraph",
    ] {
        let bytes = graph(&[node("n", name, &[]), node("x", "Placeholder", &[])]).build();
        assert_eq!(operators(&artifact("frozen.pb", &bytes)), [(name, "")]);
    }
    let copy = with_attribute(
        node("c", "Copy", &["x"]),
        "debug_ops_spec",
        "DebugIdentity;grpc://x.example:1;0",
    );
    let proto = |source: &str| {
        with_attribute(
            node("d", "DecodeProtoV2", &["x"]),
            "descriptor_source",
            source,
        )
    };
    let nodes = [copy, proto("local://"), proto("/etc/passwd")];
    let bytes = saved_model(&nodes, &[]);
    assert_eq!(operators(&artifact("saved_model.pb", &bytes)).len(), 2);
}
