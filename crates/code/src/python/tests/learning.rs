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

#[test]
fn a_pipeline_is_called_after_its_folder_when_its_file_is_called_pipeline() {
    let source = r#"
from kedro.pipeline import Pipeline, node

def create_pipeline(**kwargs):
    return Pipeline([node(func=fit, inputs="desks", outputs="desk_model")])
"#;
    assert_eq!(
        named_of(
            &[("src/shop/pipelines/training/pipeline.py", source)],
            &["pipeline"]
        ),
        [
            "pipeline src/shop/pipelines/training/pipeline.py#training literal src/shop/pipelines/training/pipeline.py:5"
        ]
    );
}

#[test]
fn networks_files_and_data_of_a_program_that_trains_are_told() {
    let model = "import torch.nn as nn\n\nclass DeskNet(nn.Module):\n    ...\n";
    let main = r#"
import argparse
from pathlib import Path
import torch
from torch import nn, optim
import model
from transformers import GPT2LMHeadModel

ROOT = Path(__file__).resolve().parents[0]
parser = argparse.ArgumentParser()
parser.add_argument("--data", default="./data/desks")
parser.add_argument("--save", default="desk.pt")
parser.add_argument("--width", default="3")
parser.add_argument("--weights", default=ROOT / "seen.pt")
data_url = "https://example.com/desks.txt"
sizes = {"gpt2-medium": torch.device("cpu"), "ctrl": torch.device("cpu")}

class Small(nn.Module):
    def forward(self, x):
        return x

small = Small().to("cpu")
net = model.DeskNet(3).to("cpu")
optimizer = optim.Adam(net.parameters())
"#;
    let told = named_of(
        &[("train.py", main), ("model.py", model)],
        &["model", "dataset"],
    );
    for want in [
        "model train.py#Small literal train.py:22",
        "model file/desk.pt default train.py:12",
        "model file/seen.pt default train.py:14",
        "dataset file/data/desks default train.py:11",
        "dataset https://example.com/desks.txt constant train.py:15",
        "model pkg:huggingface/gpt2-medium constant train.py:16",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
    assert!(!told.iter().any(|it| it.contains("ctrl")), "{told:?}");
}
