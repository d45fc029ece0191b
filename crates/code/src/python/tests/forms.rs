//! Assets are told whatever form a program gives them: handed on, put together, inherited, decorated.

use super::tree::named_of;

fn kinds(source: &str, kinds: &[&str]) -> Vec<String> {
    let all = named_of(&[("app.py", source)], kinds);
    all.into_iter()
        .map(|one| one.replace("app.py#", "#"))
        .collect()
}

#[test]
fn settings_reach_the_client_that_they_are_spread_into() {
    let source = r#"
from openai import OpenAI
from acme import VllmClient
COMMON = {"model": "acme-words", "temperature": 0}
client = OpenAI(base_url="http://localhost:8000/v1")
client.chat.completions.create(messages=[], **COMMON)
own = {"model": "mistralai/Mistral-7B-Instruct-v0.2"}
VllmClient(**own)
"#;
    assert_eq!(
        kinds(source, &["model", "endpoint"]),
        [
            "endpoint http://localhost:8000/v1 literal app.py:5",
            "model acme-words constant app.py:6",
            "model pkg:huggingface/mistralai/Mistral-7B-Instruct-v0.2 constant app.py:7",
        ]
    );
}

#[test]
fn tools_are_told_out_of_lists_that_grow_join_or_are_made_for_each() {
    let source = r#"
from strands import Agent, tool
from strands_tools import shell, swarm
from llama_index.core.tools import FunctionTool
from llama_index.core.agent import ReActAgent

def first(a): ...
def second(a): ...

async def main(server, builder):
    base = await server.list_tools()
    Agent(name="one", tools=base + [swarm])
    mine = []
    mine.append(shell)
    Agent(name="two", tools=mine)
    if builder:
        all_of = [second]
    else:
        all_of = [first]
    ReActAgent(name="three", tools=[FunctionTool.from_defaults(fn=one) for one in all_of], llm=None)
"#;
    let tools = kinds(source, &["tool"]);
    for want in [
        "tool pkg:pypi/strands-agents-tools#swarm literal app.py:12",
        "tool pkg:pypi/strands-agents-tools#shell literal app.py:15",
        "tool #first literal app.py:20",
        "tool #second literal app.py:20",
    ] {
        assert!(tools.contains(&want.to_owned()), "{want}: {tools:?}");
    }
}

#[test]
fn a_module_may_be_a_tool_and_a_dictionary_hold_prompts() {
    let main = r#"
from strands import Agent
from desk_tools import book_desk
from words import PROMPTS
LANGUAGE = input()
Agent(name="desk", tools=[book_desk], system_prompt=PROMPTS[LANGUAGE]["system"])
"#;
    let words = r#"
PROMPTS = {
    "en": {"system": "Book desks for those who ask, one at a time, and say which one it is."},
    "summary": "You are asked to say in one line which desk it was.",
}
"#;
    let files = [
        ("app.py", main),
        (
            "desk_tools/book_desk.py",
            "from strands.types.tools import ToolUse\nTOOL_SPEC = {'name': 'book_desk'}\ndef book_desk(tool: ToolUse): ...\n",
        ),
        ("words.py", words),
    ];
    // Where it is defined and where it is told are one asset.
    let mut all = named_of(&files, &["tool", "prompt"]);
    all.dedup();
    assert_eq!(
        all,
        [
            "prompt words.py#PROMPTS constant words.py:2",
            "tool desk_tools/book_desk.py#book_desk literal app.py:6",
        ]
    );
}

#[test]
fn what_training_writes_saves_and_publishes_is_a_model() {
    let source = r#"
from transformers import AutoModel, AutoTokenizer, TrainingArguments
from trl import SFTConfig
TrainingArguments(output_dir="./results", push_to_hub=False)
TrainingArguments(output_dir="runs/tiny-desk-words", push_to_hub=True)
SFTConfig(output_dir="x", hub_model_id="acme/desk-sft")
model = AutoModel.from_pretrained("acme/base-words")
model.save_pretrained("desk-words-merged")
AutoTokenizer.from_pretrained("acme/base-words").save_pretrained("desk-tokens-dir")
trainer.model.push_to_hub("desk-words")
train_dataset.push_to_hub("acme/desk-rows")
"#;
    assert_eq!(
        kinds(source, &["model"]),
        [
            "model file/desk-words-merged literal app.py:8",
            "model pkg:huggingface/acme/base-words literal app.py:7",
            "model pkg:huggingface/acme/base-words literal app.py:9",
            "model pkg:huggingface/acme/desk-sft literal app.py:6",
            "model pkg:huggingface/desk-words literal app.py:10",
            "model pkg:huggingface/tiny-desk-words literal app.py:5",
        ]
    );
}

#[test]
fn signatures_subclassed_clients_and_own_agents_are_told_by_what_they_inherit() {
    let main = r#"
import dspy
from base import Agent

class Plan(dspy.Signature):
    """Plan which desks are free next week."""
    rooms = dspy.InputField()

class Local(dspy.OllamaLocal):
    pass

class Planner(Agent):
    def run(self): ...
"#;
    let base = "from abc import ABC\nclass Agent(ABC):\n    def run(self): ...\n";
    // An agent of a game has nothing to do with models.
    let game = "from base import Agent\nclass Wanderer(Agent):\n    def run(self): ...\n";
    let files = [("app.py", main), ("base.py", base), ("game.py", game)];
    assert_eq!(
        named_of(&files, &["prompt", "agent", "vendor"]),
        [
            "agent app.py#Planner literal app.py:12",
            "prompt app.py#Plan literal app.py:5",
            "vendor ollama literal app.py:9",
        ]
    );
}

#[test]
fn a_function_that_asks_a_model_what_may_pass_is_a_guardrail() {
    let source = r#"
from openai import OpenAI
client = OpenAI()

def check_appropriateness(text):
    return client.chat.completions.create(model="gpt-4o-mini", messages=[])

def summarise(text):
    return client.chat.completions.create(model="gpt-4o", messages=[])

def is_safe(path):
    return path.startswith("/")
"#;
    assert_eq!(
        kinds(source, &["guardrail"]),
        ["guardrail #check_appropriateness literal app.py:5"]
    );
}

#[test]
fn the_author_speaks_in_conversations_that_get_the_form_of_a_model() {
    let source = r#"
def desk_prompt(tokenizer, rooms):
    prefix = [
        {"role": "system", "content": "You think first, and then you say which of the desks is free."},
        {"role": "user", "content": rooms},
    ]
    return tokenizer.apply_chat_template(prefix, tokenize=False)

DEFAULT_SYSTEM_MESSAGE = "You are Desk, a helpful assistant."
summary_prompt_template = "Sum up:\n{rooms}\nSummary:\n"
"#;
    assert_eq!(
        kinds(source, &["prompt"]),
        [
            "prompt #DEFAULT_SYSTEM_MESSAGE constant app.py:9",
            "prompt #prefix literal app.py:7",
            "prompt #summary_prompt_template constant app.py:10",
        ]
    );
}

#[test]
fn a_pipeline_is_put_together_by_a_function() {
    let source = r#"
from haystack import Pipeline
from haystack.components.builders import PromptBuilder

def create_desk_pipeline():
    p = Pipeline()
    p.add_component("prompt", PromptBuilder(template="x"))
    p.add_component("other", PromptBuilder(template="y"))
    return p

def load(path):
    return Pipeline().load(path)
"#;
    assert_eq!(
        kinds(source, &["pipeline"]),
        ["pipeline #create_desk_pipeline literal app.py:7"]
    );
}

#[test]
fn secrets_of_streamlit_and_services_that_members_name_are_told() {
    let source = r#"
import streamlit as st
from openai import OpenAI
from llama_hub.tools.metaphor.base import MetaphorToolSpec

OpenAI(api_key=st.secrets["openai_key"])
MetaphorToolSpec(api_key=st.secrets.metaphor_key)

class Client:
    def __init__(self, base=None):
        self.base = "https://api.together.xyz/v1/completions" if base is None else base
"#;
    assert_eq!(
        kinds(source, &["identity", "endpoint", "tool"]),
        [
            "endpoint https://api.together.xyz/v1/completions constant app.py:11",
            "identity env:metaphor_key literal app.py:7",
            "identity env:openai_key literal app.py:6",
            "tool pkg:pypi/llama-hub#MetaphorToolSpec literal app.py:7",
        ]
    );
}

#[test]
fn agents_of_ag2_are_told_with_what_they_may_call() {
    let source = r#"
import autogen
from autogen.agentchat.contrib.swarm_agent import SwarmAgent

def check(order): ...
def send(mail): ...
def read(mail): ...

helper = autogen.ConversableAgent(name="helper", system_message="Be brief with all.", functions=[check])
runner = autogen.UserProxyAgent(name="runner", code_execution_config={"use_docker": False})
quiet = autogen.UserProxyAgent(name="quiet", code_execution_config=False)
SwarmAgent("teller", functions=check)

@helper.register_for_llm(name="news", description="Gets news.")
def get_news(code): ...

for function, description in [(send, "Sends."), (read, "Reads.")]:
    helper.register_for_llm(description=description)(function)

system_messages = {"teller": """
You tell everybody what has been found, in the words of somebody who was there.
"""}
"#;
    assert_eq!(
        kinds(source, &["agent", "tool", "prompt"]),
        [
            "agent #helper literal app.py:9",
            "agent #quiet literal app.py:11",
            "agent #runner literal app.py:10",
            "agent #teller literal app.py:12",
            "prompt #helper system_message literal app.py:9",
            "prompt #system_messages constant app.py:20",
            "tool #check literal app.py:12",
            "tool #check literal app.py:9",
            "tool #code_execution literal app.py:10",
            "tool #get_news literal app.py:15",
            "tool #read literal app.py:18",
            "tool #send literal app.py:18",
        ]
    );
}

#[test]
fn what_opens_a_store_and_what_an_evaluation_runs_over_are_told() {
    let source = r#"
import os
from langchain_elasticsearch import ElasticsearchStore
from langchain_mongodb.vectorstores import MongoDBAtlasVectorSearch
from pydantic_evals import Dataset

options = {"es_password": os.environ["STORE_PASSWORD"]}
ElasticsearchStore(**options, index_name="words")
MongoDBAtlasVectorSearch.from_connection_string(os.environ["STORE_URI"], namespace="a.b")
Dataset(name="questions", cases=[])
print(os.environ["OTHER_PASSWORD"])
"#;
    assert_eq!(
        kinds(source, &["identity", "dataset"]),
        [
            "dataset questions literal app.py:10",
            "identity env:OTHER_PASSWORD literal app.py:11",
            "identity env:STORE_PASSWORD literal app.py:7",
            "identity env:STORE_PASSWORD literal app.py:8",
            "identity env:STORE_URI literal app.py:9",
        ]
    );
}

#[test]
fn models_behind_a_gateway_and_short_instructions_are_told() {
    let source = r#"
from pydantic_ai import Agent
secret = "potato"
agent = Agent("gateway/anthropic:claude-haiku-4-5", instructions=f"""
You are playing a game of questions and answers with somebody who guesses.
Answer about {secret} only.
""")
other = Agent("openai:gpt-4o", system_prompt="Be very concise.")

async def measure():
    for model in ["gateway/openai:gpt-5-nano", "google-vertex:gemini-3-flash-preview"]:
        with agent.override(model=model):
            pass
"#;
    assert_eq!(
        kinds(source, &["model", "prompt"]),
        [
            "model anthropic/claude-haiku-4-5 literal app.py:4",
            "model google/gemini-3-flash-preview constant app.py:11",
            "model openai/gpt-4o literal app.py:8",
            "model openai/gpt-5-nano constant app.py:11",
            "prompt #agent instructions literal app.py:4",
            "prompt #other system_prompt literal app.py:8",
        ]
    );
}
