use stance_core::fact::Artifact;

use crate::testing::{artifact, has_artifact, report, survives_truncation};

fn locations(found: &Artifact) -> Vec<&str> {
    let all = found.external.iter();
    all.map(|external| &*external.location).collect()
}

const PIPELINE: &str = "stages:
  train:
    wdir: ..
    cmd:
      - python prepare.py
      - python train.py
    deps:
      - data/raw
      - https://models.example/base.bin
    outs:
      - ../../../home/me/.bashrc:
          cache: false
      - model.pkl
  each:
    foreach: [a, b]
    do:
      cmd: python eval.py ${item}
";

#[test]
fn pointers_tell_what_a_checkout_writes_outside() {
    let text = "outs:\n- md5: abc\n  path: ../../../etc/passwd\n";
    let found = artifact("data/x.dvc", text.as_bytes());
    assert_eq!(found.framework.as_deref(), Some("dvc"));
    assert_eq!(locations(&found), ["../../../etc/passwd"]);
    assert_eq!(found.external[0].evidence.locus.line(), Some(3));
    let moved = "wdir: ../../..\nouts:\n- md5: abc\n  path: etc/passwd\n";
    assert_eq!(
        locations(&artifact("x.dvc", moved.as_bytes())),
        ["../../../etc/passwd"]
    );
    let listed = "outs:\n- path: data\n  files:\n  - relpath: ../../x\n    md5: a\n";
    assert_eq!(
        locations(&artifact("x.dvc", listed.as_bytes())),
        ["../../x"]
    );
}

#[test]
fn pipelines_tell_commands_and_paths() {
    let found = artifact("dvc.yaml", PIPELINE.as_bytes());
    let commands: Vec<&str> = found.embedded.iter().map(|cmd| &*cmd.detail).collect();
    assert_eq!(
        commands,
        [
            "python prepare.py",
            "python train.py",
            "python eval.py ${item}"
        ]
    );
    assert_eq!(
        locations(&found),
        [
            "../../../../home/me/.bashrc",
            "../model.pkl",
            "../data/raw",
            "https://models.example/base.bin"
        ]
    );
    let lock =
        "schema: '2.0'\nstages:\n  train:\n    cmd: make\n    outs:\n    - path: /etc/cron.d/x\n";
    assert_eq!(
        locations(&artifact("dvc.lock", lock.as_bytes())),
        ["/etc/cron.d/x"]
    );
}

#[test]
fn imports_tell_where_they_come_from() {
    let text = "deps:\n- path: a\n  repo:\n    url: ext::sh -c id\nouts:\n- path: a\n";
    assert_eq!(
        locations(&artifact("a.dvc", text.as_bytes())),
        ["ext::sh -c id"]
    );
}

#[test]
fn a_plain_pointer_is_no_more_than_that() {
    let text =
        b"outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  size: 14445097\n  path: data.xml\n";
    assert!(!has_artifact(&report("data.xml.dvc", text)));
    assert!(!has_artifact(&report("other.yaml", PIPELINE.as_bytes())));
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("dvc.yaml", PIPELINE.as_bytes());
}

#[test]
fn a_pipeline_tells_its_data_its_models_and_itself() {
    let text = "artifacts:\n  desks:\n    path: models/desk.cbm2\n    type: model\nstages:\n  featurize:\n    cmd: python f.py\n    deps:\n      - data/raw\n      - src/f.py\n      - params.yaml\n    outs:\n      - data/features:\n          cache: true\n  train:\n    cmd: python t.py\n    deps: [data/features]\n    outs: [model.pkl, plots/roc.png]\n    metrics: [eval.json]\n";
    let report = report("ml/dvc.yaml", text.as_bytes());
    let mut told: Vec<String> = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            stance_core::fact::Fact::Reference(it) => Some(format!("{} {}", it.kind, it.key)),
            _ => None,
        })
        .collect();
    told.dedup();
    assert_eq!(
        told,
        [
            "pipeline ml/dvc.yaml",
            "dataset file/ml/data/raw",
            "dataset file/ml/data/features",
            "model file/ml/model.pkl",
            "model file/ml/models/desk.cbm2",
        ]
    );
    let pointer = "outs:\n- md5: abc\n  path: faces.zip\n";
    let found = super::super::testing::report("data/faces.zip.dvc", pointer.as_bytes());
    assert!(found.facts.iter().any(|(_, fact)| matches!(
        fact,
        stance_core::fact::Fact::Reference(it) if it.key == "file/data/faces.zip"
    )));
}
