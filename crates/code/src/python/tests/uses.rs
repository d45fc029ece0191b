//! What tells an asset is how it is used, wherever it stands.

use stance_core::AssetKind;

use super::tree::{named_of, tree};

#[test]
fn a_tool_is_told_where_its_class_stands_by_the_name_it_gives_itself() {
    let tools = "
from smolagents import Tool

class PageTurner(Tool):
    name = 'turn_page'
    description = 'Turns the page.'
";
    let base = "
from langchain_core.tools import BaseTool

class AcmeTool(BaseTool):
    name: str = 'acme'
";
    let own = "
from lib.base import AcmeTool

class Booker(AcmeTool):
    name: str = 'book_desk'
";
    let main = "
from smolagents import CodeAgent
from lib.tools import PageTurner
reader = CodeAgent(tools=[PageTurner()], model=None)
";
    let files = [
        ("main.py", main),
        ("lib/tools.py", tools),
        ("lib/base.py", base),
        ("lib/own.py", own),
    ];
    let named: Vec<String> = tree(&files)
        .into_iter()
        .filter(|it| it.kind.name() == "tool")
        .map(|it| format!("{} {} {}", it.key, it.name, it.evidence.path))
        .collect();
    for want in [
        "lib/tools.py#PageTurner turn_page lib/tools.py",
        "lib/base.py#AcmeTool acme lib/base.py",
        "lib/own.py#Booker book_desk lib/own.py",
    ] {
        assert!(named.contains(&want.to_owned()), "{want}: {named:?}");
    }
}

#[test]
fn what_an_agent_is_told_is_a_prompt_whatever_it_is_called() {
    let words = "
DESK_RULES = '''Answer questions about desks only, and never tell who sits where.'''
desk_tone_instructions = 'Be polite to everybody who asks, even when they ask it a third time.'
";
    let main = r#"
from agents import Agent, function_tool
from .words import DESK_RULES, desk_tone_instructions as TONE

def greeting_rules(context, agent):
    return f"Greet {context.name} and be brief about it."

class Desk:
    def find(self, query: str): ...
    def team(self):
        return Agent(name="Finder", tools=[function_tool(self.find)], instructions=DESK_RULES)

greeter = Agent(name="Greeter", instructions=greeting_rules)
toned = Agent(name="Toned", instructions=TONE)
"#;
    let found = named_of(
        &[("app/main.py", main), ("app/words.py", words)],
        &["prompt", "tool"],
    );
    assert_eq!(
        found,
        [
            "prompt app/main.py#greeting_rules literal app/main.py:13",
            "prompt app/words.py#DESK_RULES constant app/words.py:2",
            "prompt app/words.py#desk_tone_instructions constant app/words.py:3",
            "prompt app/words.py#desk_tone_instructions constant app/words.py:3",
            "tool app/main.py#find literal app/main.py:11",
        ]
    );
}

#[test]
fn prompts_with_holes_and_prompts_in_functions_are_told() {
    let main = r#"
from datetime import date
from textwrap import dedent
from openai import OpenAI

WELCOME_PROMPT = f"""You greet people who come to the office on {date.today()}, and tell them where to go."""

def plan(topic):
    planner_prompt = dedent(f"""
        You are a planner who breaks a topic into parts, one line each, with the time that it takes.
        The topic is {topic}.
    """)
    prompt = "Your name: "
    message = f"https://acme.example/{topic}/{prompt}/with/a/path/that/is/long/enough/to/be/a/prompt/or/something/else"
    return OpenAI().chat.completions.create(model="gpt-4o", messages=[planner_prompt, message])
"#;
    let found = named_of(&[("app/plan.py", main)], &["prompt"]);
    assert_eq!(
        found,
        [
            "prompt app/plan.py#WELCOME_PROMPT constant app/plan.py:6",
            "prompt app/plan.py#planner_prompt constant app/plan.py:9",
        ]
    );
}

#[test]
fn fields_of_an_instance_that_is_handed_around_are_what_its_class_is_made_with() {
    let deps = r#"
import os
from typing import Annotated
from fastapi import Depends
from pydantic import BaseModel

class Context(BaseModel):
    chat_model: str

def context():
    if os.getenv("WHERE") == "here":
        chat_model = os.getenv("OLLAMA_MODEL") or "acme:3b"
    else:
        chat_model = os.getenv("FAR_MODEL") or "gpt-4o-mini"
    return Context(chat_model=chat_model)

Given = Annotated[Context, Depends(context)]
"#;
    let bot = "
from agents import OpenAIResponsesModel

class Bot:
    def __init__(self, *, chat_model: str, deployment: str | None):
        self.model = OpenAIResponsesModel(model=chat_model if deployment is None else deployment)
";
    let routes = "
from app.deps import Given
from app.bot import Bot

def chat(given: Given):
    return Bot(chat_model=given.chat_model, deployment=None)
";
    let files = [
        ("app/deps.py", deps),
        ("app/bot.py", bot),
        ("app/routes.py", routes),
    ];
    let found = named_of(&files, &["model"]);
    assert!(
        found.contains(&"model openai/gpt-4o-mini default app/bot.py:6".to_owned()),
        "{found:?}"
    );
    // Whose the other one is, the client does not tell; and nothing is left open.
    assert!(
        found.contains(&"model acme:3b default app/bot.py:6".to_owned()),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|line| line.contains("unresolved")),
        "{found:?}"
    );
}

#[test]
fn classes_of_frameworks_keys_servers_and_addresses_are_told_by_how_they_are_used() {
    let main = r#"
import os
import requests
from langchain.llms import Ollama
from langchain.tools import tool
from polls import PollClient
from smolagents import MCPClient

llm = Ollama(model="acme-llama")
polls = PollClient(api_key=os.environ["ACME_POLLS"])
mcp_client = MCPClient({"url": "https://tools.acme.dev/mcp", "transport": "streamable-http"})

@tool
def weather(city: str):
    """Tells the weather."""
    return requests.get(f"https://weather.acme.dev/v2/now?city={city}")

@tool
def page(city: str):
    """Tells the page."""
    return f"https://acme.dev/cities/{city}"
"#;
    let found = named_of(
        &[("app/main.py", main)],
        &["model", "vendor", "identity", "endpoint"],
    );
    assert_eq!(
        found,
        [
            "endpoint https://weather.acme.dev/v2/now literal app/main.py:16",
            "identity env:ACME_POLLS literal app/main.py:10",
            "model ollama/acme-llama literal app/main.py:9",
            "vendor ollama literal app/main.py:9",
        ]
    );
}

#[test]
fn settings_enumerations_guardrails_and_called_decorators_are_told() {
    let settings = r#"
from enum import StrEnum
from pydantic import SecretStr
from pydantic_settings import BaseSettings

class AzureOpenAIModelName(StrEnum):
    SMALL = "acme-gpt-5"
    LARGE = "large"

class Settings(BaseSettings):
    LANGFUSE_SECRET_KEY: SecretStr | None = None
    ACME_API_KEY: str = ""
    HOST: str = "0.0.0.0"
"#;
    let main = r#"
from langchain_core.tools import tool
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.sessions import StreamableHttpConnection
from langchain_openai import AzureChatOpenAI
from langgraph.func import entrypoint
from langgraph_supervisor import create_supervisor
from pydantic import BaseModel

class Answer(BaseModel):
    """The answer."""

class DeskSafeguard:
    """Refuses."""

class SafeguardOutput(BaseModel):
    ok: bool

class Desk:
    def __init__(self):
        self.llm = AzureChatOpenAI(model="gpt-4o")
        self.tools = [tool(Answer)]

    def chief(self):
        return create_supervisor([], model=self.llm).compile()

@entrypoint()
async def greeter(inputs, *, previous, config):
    return inputs

qa_template = f"""Context information is below.
{Desk}
Given the context information, answer the question of the user in a few words, and do not use prior knowledge."""
"#;
    let found = named_of(
        &[("app/settings.py", settings), ("app/main.py", main)],
        &[
            "identity",
            "model",
            "tool",
            "guardrail",
            "agent",
            "vendor",
            "prompt",
        ],
    );
    for want in [
        "identity env:LANGFUSE_SECRET_KEY configuration app/settings.py:11",
        "identity env:ACME_API_KEY configuration app/settings.py:12",
        "model azure/acme-gpt-5 constant app/settings.py:7",
        "model openai/gpt-4o literal app/main.py:21",
        "vendor azure literal app/main.py:21",
        "tool app/main.py#Answer literal app/main.py:22",
        "guardrail app/main.py#DeskSafeguard literal app/main.py:13",
        "agent app/main.py#greeter literal app/main.py:28",
        "agent app/main.py#chief literal app/main.py:25",
        "prompt app/main.py#qa_template constant app/main.py:31",
    ] {
        assert!(found.contains(&want.to_owned()), "{want}: {found:#?}");
    }
    assert!(
        !found
            .iter()
            .any(|it| it.contains("SafeguardOutput") || it.contains("large")),
        "{found:#?}"
    );
}

#[test]
fn a_prompt_keeps_the_name_of_its_definition() {
    let words = "desk_prompt = \"\"\"Answer questions about desks only, and never tell who sits where.\"\"\"\n";
    let main = r#"
from langchain_core.messages import SystemMessage
from .words import desk_prompt as _OWN_PROMPT

_DESK_PROMPT = _OWN_PROMPT

def first():
    return SystemMessage(content=_DESK_PROMPT)
"#;
    let files = [("app/main.py", main), ("app/words.py", words)];
    let mut keys: Vec<String> = tree(&files)
        .into_iter()
        .filter(|it| it.kind == AssetKind::Prompt)
        .map(|it| it.key)
        .collect();
    keys.dedup();
    assert_eq!(keys, ["app/words.py#desk_prompt"]);
}

#[test]
fn data_sets_of_own_files_and_models_of_torch_hub_are_told() {
    let main = r#"
import torch
from datasets import load_dataset

TRAIN = "data/train.jsonl"
own = load_dataset("json", data_files={"train": TRAIN, "test": ["./data/a.jsonl", "hf://datasets/acme/letters/x.jsonl"]})
net = torch.hub.load("acme/vision:v0.10.0", "net18", pretrained=True)
here = torch.hub.load("./checkout", "net18", source="local")
"#;
    let found = named_of(&[("app/main.py", main)], &["dataset", "model"]);
    assert_eq!(
        found,
        [
            "dataset file/data/a.jsonl literal app/main.py:6",
            "dataset file/data/train.jsonl constant app/main.py:5",
            "dataset file/data/train.jsonl constant app/main.py:6",
            "dataset pkg:huggingface/datasets/acme/letters literal app/main.py:6",
            "model pkg:github/acme/vision#net18 literal app/main.py:7",
        ]
    );
}

#[test]
fn tools_that_a_server_makes_of_an_interface_are_told_as_unresolved() {
    let source = "
import httpx
from fastmcp import FastMCP
spec = httpx.get('https://api.acme.dev/openapi.json').json()
mcp = FastMCP.from_openapi(openapi_spec=spec, client=client, name='Acme')
";
    let found: Vec<_> = tree(&[("server.py", source)])
        .into_iter()
        .filter(|it| matches!(it.kind, AssetKind::Tool | AssetKind::McpServer))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].name, "Acme");
    assert_eq!(found[1].how.name(), "unresolved");
    assert_eq!(
        found[1].attributes["unresolved"],
        "made of an OpenAPI document at run time"
    );
}
