//! Names that go from file to file.

use stance_core::AssetKind;
use stance_core::fact::{Fact, Reference};

use stance_read::link::{Bounds, link};
use stance_read::{Bytes, Limits, Options};

use super::interests;

/// Scans files as one tree.
fn tree(files: &[(&str, &str)]) -> Vec<Reference> {
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: interests(&[]),
        parsers: crate::PARSERS,
    };
    let mut facts = Vec::new();
    let mut modules = Vec::new();
    for (path, content) in files {
        let report = stance_read::scan(*path, &Bytes(content.as_bytes()), &options);
        facts.extend(report.facts);
        modules.extend(report.modules);
    }
    facts.extend(link(modules, Bounds::default()));
    let references = facts.into_iter().filter_map(|(_, fact)| match fact {
        Fact::Reference(reference) => Some(*reference),
        _ => None,
    });
    references.collect()
}

/// `kind key how path:line` of what a tree names of some kinds, in order.
fn named_of(files: &[(&str, &str)], kinds: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = tree(files)
        .into_iter()
        .filter(|it| kinds.contains(&it.kind.name()) && it.how.name() != "import")
        .map(|it| {
            let line = it.evidence.locus.line().unwrap_or_default();
            format!(
                "{} {} {} {}:{line}",
                it.kind, it.key, it.how, it.evidence.path
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_model_is_found_through_constants_registries_settings_and_texts_of_other_files() {
    let config = r#"
import os
from dataclasses import dataclass
from enum import Enum
from pydantic_settings import BaseSettings

PLAIN = "acme-plain"
FAMILY = "acme"
REGISTRY = {"fast": {"name": "acme-fast"}, "slow": {"name": "acme-slow"}}

class Size(str, Enum):
    SMALL = "acme-small"

@dataclass
class Entry:
    id: str
    window: int = 0

ENTRY = Entry("acme-entry", 5)

class Settings(BaseSettings):
    model: str = "acme-settings"

settings = Settings()

def chosen():
    return os.getenv("CHOSEN", "acme-chosen")
"#;
    let main = r#"
from openai import OpenAI
from .config import ENTRY, FAMILY, PLAIN, REGISTRY, Size, chosen
from .config import settings
from . import config

client = OpenAI()
client.chat.completions.create(model=PLAIN)
client.chat.completions.create(model=f"{FAMILY}-joined")
client.chat.completions.create(model=REGISTRY["fast"]["name"])
client.chat.completions.create(model=Size.SMALL.value)
client.chat.completions.create(model=ENTRY.id)
client.chat.completions.create(model=settings.model)
client.chat.completions.create(model=chosen())
client.chat.completions.create(model=config.REGISTRY.get("slow")["name"])
"#;
    let found = named_of(
        &[("app/main.py", main), ("app/config.py", config)],
        &["model"],
    );
    let used: Vec<&str> = found
        .iter()
        .filter(|line| line.contains("main.py"))
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    let wanted = [
        "chosen", "entry", "fast", "joined", "plain", "settings", "slow", "small",
    ];
    let wanted: Vec<String> = wanted
        .iter()
        .map(|name| format!("openai/acme-{name}"))
        .collect();
    assert_eq!(used, wanted);
    assert!(
        found.contains(&"model openai/acme-plain constant app/config.py:7".to_owned()),
        "{found:?}"
    );
}

#[test]
fn keywords_are_followed_through_wrappers_of_other_files() {
    let inner = "
from langchain_openai import ChatOpenAI

def make(model='acme-default', **kwargs):
    return ChatOpenAI(model=model, **kwargs)

class Client:
    def __init__(self, name):
        self.name = name

    def ask(self):
        return ChatOpenAI(model=self.name)
";
    let outer = "
import os
from llm.inner import make
KEY = os.environ['ACME_API_KEY']

def build(chosen):
    return make(model=chosen, base_url='https://llm.acme.dev/v1')
";
    let main = "
from llm.outer import build
from llm.inner import Client
build('acme-given')
Client(name='acme-client').ask()
";
    let files = [
        ("llm/inner.py", inner),
        ("llm/outer.py", outer),
        ("main.py", main),
    ];
    // The file that only calls is looked at when something in it is of interest.
    let main = format!("import os\nK = os.environ['OPENAI_API_KEY']\n{main}");
    let files = [files[0], files[1], ("main.py", main.as_str())];
    let found = named_of(&files, &["model", "endpoint"]).join("\n");
    for key in ["acme-default", "acme-given", "acme-client"] {
        assert!(found.contains(key), "{key} in {found}");
    }
    assert!(found.contains("main.py"), "{found}");
}

#[test]
fn what_no_file_tells_stays_an_unresolved_reference() {
    let main = "
import os
from openai import OpenAI
from elsewhere import MODEL
from app.names import OTHER
OpenAI().responses.create(model=MODEL)
OpenAI().responses.create(model=os.environ['ONLY_AT_RUN_TIME'])
OpenAI().responses.create(model=OTHER)
";
    let found = tree(&[("app/main.py", main), ("app/names.py", "THIS = 'x'\n")]);
    let open: Vec<(String, String)> = found
        .iter()
        .filter(|it| it.how.name() == "unresolved")
        .map(|it| (it.name.clone(), it.attributes["unresolved"].to_string()))
        .collect();
    assert_eq!(open.len(), 3, "{open:?}");
    assert!(
        open.iter()
            .any(|(name, why)| name == "ONLY_AT_RUN_TIME" && why.contains("without a default"))
    );
    assert!(open.iter().any(|(name, _)| name == "MODEL"));
}

#[test]
fn the_members_of_an_agent_are_one_asset_each_wherever_they_are_defined() {
    let tools = "
from agents import function_tool

@function_tool(name_override='look-up')
def search(query: str) -> str:
    '''Searches the index.

    More.
    '''

def plain(x): pass
";
    let guards = "
from agents import input_guardrail

@input_guardrail(name='No politics')
def politics(context, agent, given): pass
";
    let main = "
from agents import Agent, WebSearchTool
from desk.tools import plain, search
from desk.guards import politics

helper = Agent[Context](name='Helper', instructions='x', tools=[search, plain, WebSearchTool()],
    input_guardrails=[politics], model='gpt-4o-mini')
";
    let files = [
        ("desk/tools.py", tools),
        ("desk/guards.py", guards),
        ("desk/main.py", main),
    ];
    let found = named_of(&files, &["agent", "tool", "guardrail"]);
    let mut keys: Vec<&str> = found
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    keys.dedup();
    assert_eq!(
        keys,
        [
            "desk/main.py#Helper",
            "desk/guards.py#politics",
            "desk/tools.py#plain",
            "desk/tools.py#search",
            "pkg:pypi/openai-agents#WebSearchTool"
        ]
    );
    let all = tree(&files);
    let search = all.iter().find(|it| it.name == "look-up").unwrap();
    assert_eq!(search.attributes["description"], "Searches the index.");
    assert_eq!(
        search.attributes["parameters"],
        serde_json::json!(["query"])
    );
    let agent = all.iter().find(|it| it.name == "Helper").unwrap();
    assert_eq!(
        agent.attributes["guardrails"],
        serde_json::json!(["politics"])
    );
}

#[test]
fn middleware_that_only_keeps_an_agent_going_is_no_guardrail() {
    let main = "
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware, PIIMiddleware
from own.middleware import RefusalGuardMiddleware

agent = create_agent(model='openai:gpt-4o', tools=[], middleware=[
    ModelRetryMiddleware(), PIIMiddleware('email'), RefusalGuardMiddleware()])
";
    let own = "
from langchain.agents.middleware import AgentMiddleware
class RefusalGuardMiddleware(AgentMiddleware): pass
";
    let found = named_of(
        &[("app.py", main), ("own/middleware.py", own)],
        &["guardrail"],
    );
    assert_eq!(
        found,
        [
            "guardrail own/middleware.py#RefusalGuardMiddleware literal app.py:6",
            "guardrail own/middleware.py#RefusalGuardMiddleware literal own/middleware.py:3",
            "guardrail pkg:pypi/langchain#PIIMiddleware literal app.py:6",
        ]
    );
}

#[test]
fn addresses_of_services_are_told_from_pages() {
    let source = "
from langchain.tools import tool
DESK_API_BASE_URL = 'https://api.desk.dev'
PRICING_URL = 'https://www.desk.dev/pricing'
EXAMPLE_API_URL = 'https://api.example.com'

@tool
def f(): pass
";
    let found = named_of(&[("app.py", source)], &["endpoint"]);
    assert_eq!(found, ["endpoint https://api.desk.dev constant app.py:3"]);
    let plain = "DESK_API_BASE_URL = 'https://api.desk.dev'\nMODEL_PROMPT = 'x'\n";
    assert_eq!(
        named_of(&[("app.py", plain)], &["endpoint"]),
        Vec::<String>::new()
    );
}

#[test]
fn classes_evaluators_stores_and_described_tools_are_named() {
    let source = r#"
from crewai.tools import BaseTool
from langsmith import Client
from azure.ai.evaluation import GroundednessEvaluator
from azure.search.documents import SearchClient
from openai import OpenAI
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    OPENAI_API_KEY: str
    name: str

class Look(BaseTool):
    name: str = "Looker"
    description: str = "Looks."

def scored(run): pass
Client().evaluate(target, data="questions", evaluators=[scored])
GroundednessEvaluator(config)
SearchClient(endpoint="https://x.search.windows.net", index_name="products")
OpenAI().chat.completions.create(model="gpt-4o", tools=[{"type": "function", "function": {
    "name": "get_weather", "description": "Tells it.", "parameters": {"properties": {"city": {}}}}}],
    messages=[{"role": "system", "content": "You are a forecaster who answers in one short and friendly sentence."}])
"#;
    let kinds = [
        "tool",
        "evaluator",
        "vector_store",
        "identity",
        "dataset",
        "prompt",
    ];
    let found = named_of(&[("app.py", source)], &kinds);
    assert_eq!(
        found,
        [
            "dataset questions literal app.py:18",
            "evaluator app.py#scored literal app.py:18",
            "evaluator pkg:pypi/azure-ai-evaluation#GroundednessEvaluator literal app.py:19",
            "identity env:OPENAI_API_KEY configuration app.py:10",
            "prompt app.py#system prompt literal app.py:23",
            "tool app.py#Look literal app.py:13",
            "tool app.py#get_weather literal app.py:21",
            "vector_store azure-ai-search/products literal app.py:20",
        ]
    );
}

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
            "dataset file/data/train.jsonl constant app/main.py:6",
            "dataset pkg:huggingface/datasets/acme/letters literal app/main.py:6",
            "model pkg:github/acme/vision#net18 literal app/main.py:7",
        ]
    );
}
