use stance_core::fact::{AnomalyKind, Artifact};

use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

const MODEL: &str = r#"{"learner":{"attributes":{},"feature_names":["a","b (cm)"],"feature_types":["float","float"],
"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"iteration_indptr":[0,1],
"tree_info":[0],"trees":[{"base_weights":[0.1,-2E-1,3.0],"id":0,"left_children":[1,-1,-1],"right_children":[2,-1,-1],
"split_conditions":[0.5,1E0,2E0],"tree_param":{"num_deleted":"0","num_feature":"2","num_nodes":"3"}}]},"name":"gbtree"},
"learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"2"},"objective":{"name":"binary:logistic"}},
"version":[2,1,4]}"#;

fn kinds(found: &Artifact) -> Vec<AnomalyKind> {
    found.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

fn length(name: &str) -> Vec<u8> {
    [
        &b"L"[..],
        &(name.len() as u64).to_be_bytes(),
        name.as_bytes(),
    ]
    .concat()
}

fn text(value: &str) -> Vec<u8> {
    [&b"S"[..], &length(value)].concat()
}

fn numbers(values: &[i32], count: u64) -> Vec<u8> {
    let mut bytes = b"[$l#L".to_vec();
    bytes.extend(count.to_be_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    bytes
}

fn entry(key: &str, value: &[u8]) -> Vec<u8> {
    [&length(key), value].concat()
}

fn object(entries: &[Vec<u8>]) -> Vec<u8> {
    [&b"{"[..], &entries.concat(), b"}"].concat()
}

fn ubjson(children: &[u8], attribute: &str) -> Vec<u8> {
    let tree = object(&[
        entry("left_children", children),
        entry("right_children", &numbers(&[2, -1, -1], 3)),
        entry("tree_param", &object(&[entry("num_nodes", &text("3"))])),
    ]);
    let trees = [&b"["[..], &tree, b"]"].concat();
    let booster = object(&[
        entry("model", &object(&[entry("trees", &trees)])),
        entry("name", &text("gbtree")),
    ]);
    object(&[
        entry(
            "learner",
            &object(&[
                entry("attributes", &object(&[entry("note", &text(attribute))])),
                entry("gradient_booster", &booster),
                entry(
                    "objective",
                    &object(&[entry("name", &text("reg:squarederror"))]),
                ),
            ]),
        ),
        entry("version", &numbers(&[3, 0, 1], 3)),
    ])
}

/// A model in the binary form: one tree of three nodes.
fn binary(mark: bool, nodes: u32, left: u32) -> Vec<u8> {
    let mut bytes = if mark { b"binf".to_vec() } else { Vec::new() };
    let mut learner = vec![0_u8; 136];
    learner[4] = 2;
    bytes.extend(learner);
    for name in ["binary:logistic", "gbtree"] {
        bytes.extend((name.len() as u64).to_le_bytes());
        bytes.extend(name.as_bytes());
    }
    let mut booster = vec![0_u8; 160];
    booster[0] = 1;
    bytes.extend(booster);
    let mut tree = vec![0_u8; 148];
    tree[4..8].copy_from_slice(&nodes.to_le_bytes());
    bytes.extend(tree);
    for (left, right) in [(left, 2), (u32::MAX, u32::MAX), (u32::MAX, u32::MAX)] {
        for value in [0, left, right, 0, 0] {
            bytes.extend(value.to_le_bytes());
        }
    }
    bytes.extend([0; 48]);
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn every_form_tells_the_same() {
    for (bytes, version) in [
        (MODEL.as_bytes().to_vec(), Some("2.1.4")),
        (ubjson(&numbers(&[1, -1, -1], 3), "none"), Some("3.0.1")),
        (binary(true, 3, 1), None),
        (binary(false, 3, 1), None),
    ] {
        let found = artifact("model.bst", &bytes);
        assert_eq!(found.framework.as_deref(), Some("xgboost"));
        assert_eq!(found.architecture.as_deref(), Some("gbtree"));
        assert_eq!(found.metadata["trees"], "1");
        assert_eq!(found.parameters, Some(3));
        assert_eq!(found.metadata.get("version").map(String::as_str), version);
        assert_eq!((found.anomalies, found.embedded), (vec![], vec![]));
    }
    assert!(!has_artifact(&report(
        "a.json",
        br#"{"learner": "me", "school": 1}"#
    )));
}

#[test]
fn counts_that_cannot_be_are_lies() {
    for (from, to) in [
        (r#""num_nodes":"3""#, r#""num_nodes":"4""#),
        (r#""num_nodes":"3""#, r#""num_nodes":"-1""#),
        (r#""num_trees":"1""#, r#""num_trees":"99999999""#),
        (
            r#""left_children":[1,-1,-1]"#,
            r#""left_children":[1,-1,7]"#,
        ),
        (
            r#""num_feature":"2"},"objective"#,
            r#""num_feature":"200"},"objective"#,
        ),
    ] {
        let changed = MODEL.replace(from, to);
        assert_ne!(changed, MODEL);
        assert_eq!(
            kinds(&artifact("m.json", changed.as_bytes())),
            [AnomalyKind::LyingHeader],
            "{to}"
        );
    }
    for bytes in [
        ubjson(&numbers(&[1, -1, -1], 1 << 60), "none"),
        ubjson(&numbers(&[1, -1, 5], 3), "none"),
        binary(false, u32::MAX, 1),
        binary(true, 3, 4),
    ] {
        assert_eq!(
            kinds(&artifact("m.ubj", &bytes)),
            [AnomalyKind::LyingHeader]
        );
    }
}

#[test]
fn the_configuration_of_a_model_has_no_trees_and_does_not_lie() {
    let saved = MODEL.replace("\"trees\":", "\"updater\":");
    let found = artifact("config.json", saved.as_bytes());
    assert_eq!(found.anomalies, []);
}

#[test]
fn texts_that_read_as_code_are_told() {
    let code = "__import__('os').system('id')";
    let changed = MODEL.replace("b (cm)", code);
    let found = artifact("m.json", changed.as_bytes());
    assert_eq!(
        (&*found.embedded[0].name, &*found.embedded[0].detail),
        ("feature_names", code)
    );
    let found = artifact("m.ubj", &ubjson(&numbers(&[1, -1, -1], 3), code));
    assert_eq!(&*found.embedded[0].name, "note");
}

#[test]
fn what_follows_the_model_belongs_to_nothing() {
    for bytes in [
        MODEL.as_bytes().to_vec(),
        ubjson(&numbers(&[1, -1, -1], 3), "x"),
        binary(true, 3, 1),
    ] {
        let tail = [&bytes[..], b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."].concat();
        assert_eq!(
            kinds(&artifact("m.model", &tail)),
            [AnomalyKind::UnclaimedBytes]
        );
    }
    assert_eq!(
        kinds(&artifact("m.json", format!("{MODEL}\n\n").as_bytes())),
        []
    );
}

#[test]
fn depth_is_bounded_and_no_cut_makes_it_panic() {
    let deep = format!(
        "{{\"learner\":{{\"gradient_booster\":{}",
        "[".repeat(1_000_000)
    );
    assert_eq!(gaps(&report("m.json", deep.as_bytes())).len(), 1);
    let deep = [&b"{"[..], &length("learner"), &b"[".repeat(1_000_000)].concat();
    assert_eq!(gaps(&report("m.ubj", &deep)).len(), 1);
    survives_truncation("m.json", MODEL.as_bytes());
    survives_truncation("m.ubj", &ubjson(&numbers(&[1, -1, -1], 3), "none"));
    survives_truncation("m.model", &binary(true, 3, 1));
}
