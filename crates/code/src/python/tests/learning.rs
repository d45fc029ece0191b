//! Models and data of machine learning as it is done without any provider.

use super::tree::named_of;

fn of(source: &str, kinds: &[&str]) -> Vec<String> {
    let all = named_of(&[("train.py", source)], kinds);
    all.into_iter()
        .map(|one| one.replace("train.py#", "#"))
        .collect()
}

#[test]
fn estimators_data_and_what_is_saved_are_told() {
    let source = r#"
import os
import joblib
import mlflow
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

here = os.path.dirname(os.path.abspath(__file__))
frame = pd.read_csv(os.path.join(here, "desks.csv"))
more = pd.read_parquet("data/chairs.parquet")
load_breast_cancer()
model = RandomForestClassifier(n_estimators=5)
model.fit(frame, more)
joblib.dump(model, "models/desk.joblib")
joblib.dump(frame, "notes.txt")
mlflow.sklearn.log_model(model, "model", registered_model_name="desk-finder")
evaluate(data_path=here + "/eval_inputs.jsonl", output_path="eval_results.jsonl")
"#;
    assert_eq!(
        of(source, &["model", "dataset"]),
        [
            "dataset file/chairs.parquet literal train.py:11".replace("chairs", "data/chairs"),
            "dataset file/desks.csv literal train.py:10".to_owned(),
            "dataset file/eval_inputs.jsonl literal train.py:18".to_owned(),
            "dataset pkg:pypi/scikit-learn#breast_cancer literal train.py:12".to_owned(),
            "model file/models/desk.joblib literal train.py:15".to_owned(),
            "model mlflow/desk-finder literal train.py:17".to_owned(),
            "model #RandomForestClassifier literal train.py:13".to_owned(),
        ]
    );
}

#[test]
fn networks_that_libraries_bring_are_models() {
    let source = r#"
import torch
import torchvision
import whisper
from torchvision import datasets, models
from ultralytics import YOLO

net = models.resnet18(weights="DEFAULT")
digits = datasets.MNIST("./digits", download=True)
faces = datasets.ImageFolder("data/faces")
ears = whisper.load_model("base.en")
eyes = YOLO("yolov8n.pt")
torch.save(net.state_dict(), "out/net.pt")
"#;
    let told = of(source, &["model", "dataset"]);
    for want in [
        "model pkg:pypi/torchvision#resnet18 literal train.py:8",
        "dataset pkg:pypi/torchvision#MNIST literal train.py:9",
        "dataset file/data/faces literal train.py:10",
        "model base.en literal train.py:11",
        "model yolov8n.pt literal train.py:12",
        "model file/out/net.pt literal train.py:13",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
}

#[test]
fn a_decorated_pipeline_counts_where_models_are_made() {
    let source = r#"
from zenml import pipeline
from sklearn.svm import SVC

@pipeline
def desk_training():
    SVC()
"#;
    assert_eq!(
        of(source, &["pipeline"]),
        ["pipeline #desk_training literal train.py:6"]
    );
    let shop = "from prefect import flow\n\n@flow\ndef nightly():\n    ...\n";
    assert_eq!(of(shop, &["pipeline"]), [] as [&str; 0]);
}
