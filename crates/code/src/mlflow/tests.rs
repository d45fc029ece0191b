use stance_core::fact::{Artifact, EmbeddedKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

const SKLEARN: &str = "artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.10.0
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
mlflow_version: 2.10.0
model_uuid: 3a2b
";

fn loaders(artifact: &Artifact) -> Vec<&str> {
    let all = artifact.embedded.iter();
    all.filter(|found| found.kind == EmbeddedKind::LoaderModule)
        .map(|found| &*found.name)
        .collect()
}

#[test]
fn a_description_tells_flavours_version_and_loader() {
    let found = artifact("model/MLmodel", SKLEARN.as_bytes());
    assert_eq!(found.framework.as_deref(), Some("mlflow"));
    assert_eq!(found.architecture.as_deref(), Some("sklearn"));
    assert_eq!(found.metadata["mlflow_version"], "2.10.0");
    assert_eq!(loaders(&found), ["mlflow.sklearn"]);
    assert_eq!(found.external, []);
}

#[test]
fn the_module_is_told_with_the_directory_it_may_come_from() {
    let text = "flavors:\n  python_function: {loader_module: os, code: code, data: ../../x}\n";
    let found = artifact("MLmodel", text.as_bytes());
    assert_eq!(loaders(&found), ["os"]);
    assert!(found.embedded[0].detail.contains("`code`"));
    assert_eq!(found.embedded[0].evidence.locus.line(), Some(2));
    assert_eq!(found.external[0].location, "../../x");
    // As JSON, under another name, in a flavour that nobody knows.
    let text = r#"{"flavors": {"mine": [{"loader_module": "subprocess"}]}}"#;
    assert_eq!(
        loaders(&artifact("model.json", text.as_bytes())),
        ["subprocess"]
    );
}

#[test]
fn every_path_that_is_opened_is_held_against_the_directory() {
    for key in [
        "data",
        "model_path",
        "code",
        "python_model",
        "model_data",
        "pickled_model",
    ] {
        let climbing = format!("flavors:\n  x:\n    {key}: ../../../etc/passwd\n");
        let found = artifact("MLmodel", climbing.as_bytes());
        assert_eq!(found.external.len(), 1, "{key}");
    }
    let artifacts = "flavors:\n  python_function:\n    artifacts:\n      a:\n        path: /etc/passwd\n        uri: /home/me/a\n";
    let found = artifact("MLmodel", artifacts.as_bytes());
    assert_eq!(
        found.external.len(),
        1,
        "where it came from is not opened again"
    );
    // MLflow takes the last part of this one only.
    let code = "flavors:\n  langchain:\n    model_code_path: /tmp/x/agent.py\n";
    assert_eq!(artifact("MLmodel", code.as_bytes()).external, []);
}

#[test]
fn other_configurations_are_none() {
    assert!(!has_artifact(&report(
        "a.yaml",
        b"flavors: [vanilla, mint]\n"
    )));
    assert!(!has_artifact(&report("MLmodel.txt", b"flavors: {}\n")));
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("MLmodel", SKLEARN.as_bytes());
}

#[test]
fn a_project_is_a_pipeline() {
    let text = "name: desks\nentry_points:\n  main:\n    command: python train.py\n";
    let found = report("ml/MLproject", text.as_bytes());
    let told = found.facts.iter().any(|(_, fact)| {
        matches!(fact, stance_core::fact::Fact::Reference(it)
            if it.key == "ml/MLproject" && it.name == "desks" && it.kind == stance_core::AssetKind::Pipeline)
    });
    assert!(told);
}
