//! Who a program is, what it keeps vectors in, what it measures with.

use super::tree::named_of;

fn told(source: &str, kinds: &[&str]) -> Vec<String> {
    named_of(&[("app.py", source)], kinds)
        .into_iter()
        .map(|one| one.replace(" app.py:", " "))
        .collect()
}

#[test]
fn secrets_are_known_by_what_they_are_given_to_and_by_their_names() {
    let source = r#"
import os
import google.auth
from azure.identity import DefaultAzureCredential
from openai import OpenAI
import boto3, requests

OpenAI(api_key=os.environ["ODD_ONE"])
requests.get("x", headers={"Authorization": f"Bearer {os.environ['OTHER_ONE']}"})
os.environ["GOOGLE_CLIENT_SECRET"]
os.environ["NEXTAUTH_SECRET"]
DefaultAzureCredential()
google.auth.default()
boto3.Session(profile_name="desk")
NEON_CONNECTION_STRING = "your-connection-string"
"#;
    assert_eq!(
        told(source, &["identity"]),
        [
            "identity aws/profile/desk literal 14",
            "identity azure/DefaultAzureCredential literal 12",
            "identity env:GOOGLE_CLIENT_SECRET literal 10",
            "identity env:NEON_CONNECTION_STRING constant 15",
            "identity env:ODD_ONE literal 8",
            "identity env:OTHER_ONE literal 9",
            "identity google/google.auth.default literal 13",
        ]
    );
    // A program that has nothing to do with AI has no identity of ours.
    let other = "from azure.identity import DefaultAzureCredential\nDefaultAzureCredential()\n";
    assert!(told(other, &["identity"]).is_empty());
}

#[test]
fn a_client_tells_its_store_where_no_call_names_what_it_keeps() {
    let source = |rest: &str| {
        format!(
            "import chromadb\nfrom opensearchpy import OpenSearch\nclient = chromadb.PersistentClient()\n{rest}"
        )
    };
    assert_eq!(
        told(&source(""), &["vector_store"]),
        ["vector_store chroma literal 3"]
    );
    assert_eq!(
        told(
            &source("client.get_collection(\"docs\")\n"),
            &["vector_store"]
        ),
        ["vector_store chroma/docs literal 4"]
    );
    let searched = "from openai import OpenAI\nfrom opensearchpy import OpenSearch\nOpenSearch()\n";
    assert!(told(searched, &["vector_store"]).is_empty());
    let vectors = format!("{searched}QUERY = {{\"knn\": 1}}\n");
    assert_eq!(
        told(&vectors, &["vector_store"]),
        ["vector_store opensearch literal 3"]
    );
    let stage = "import openai\nrows.aggregate([{\"$vectorSearch\": {\"index\": \"i\"}}])\n";
    assert_eq!(
        told(stage, &["vector_store"]),
        ["vector_store mongodb-atlas literal 2"]
    );
}

#[test]
fn evaluations_of_a_program_and_their_rows_are_told() {
    let source = r#"
import pandas
from .types import Eval

class MathEval(Eval):
    """Asks a sampler."""
    def __init__(self):
        rows = pandas.read_csv("https://data.acme.dev/evals/math_test.csv")

class Retrieval(Medieval):
    pass
"#;
    assert_eq!(
        told(source, &["evaluator", "dataset"]),
        [
            "dataset https://data.acme.dev/evals/math_test.csv literal 8",
            "evaluator app.py#MathEval literal 5",
        ]
    );
    // A calculator evaluates as well.
    let other = "class SumEval(Eval):\n    def run(self):\n        return 1\n";
    assert!(told(other, &["evaluator"]).is_empty());
}

#[test]
fn a_class_of_the_tree_is_a_tool_though_its_base_is_of_a_library() {
    let schemas = "from langgraph.graph import add_messages\nfrom pydantic import BaseModel\nclass Ignore(BaseModel):\n    ignore: bool\n";
    let main = "from langchain_openai import ChatOpenAI\nfrom app.schemas import Ignore\nllm = ChatOpenAI(model=\"gpt-4o\")\nllm.bind_tools([Ignore])\n";
    assert_eq!(
        named_of(
            &[("app/schemas.py", schemas), ("app/main.py", main)],
            &["tool"]
        ),
        ["tool app/schemas.py#Ignore literal app/main.py:4"]
    );
}

#[test]
fn a_class_that_is_given_no_model_has_the_one_of_its_package() {
    let source = "from langchain_openai import ChatOpenAI, OpenAIEmbeddings\nOpenAIEmbeddings()\nChatOpenAI(base_url=\"http://localhost:1/v1\")\nprices = {\"gpt-4o_high\": 1}\n";
    assert_eq!(
        told(source, &["model"]),
        ["model openai/text-embedding-ada-002 default 2"]
    );
}
