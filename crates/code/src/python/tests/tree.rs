//! Names that go from file to file.

use stance_core::fact::{Fact, Reference};

use stance_read::link::{Bounds, link};
use stance_read::{Bytes, Limits, Options};

use super::interests;

/// Scans files as one tree.
pub(super) fn tree(files: &[(&str, &str)]) -> Vec<Reference> {
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
pub(super) fn named_of(files: &[(&str, &str)], kinds: &[&str]) -> Vec<String> {
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
fn evaluators_of_the_programs_own_are_told() {
    let scorer = "class FriendlyEvaluator:\n    \"\"\"Scores the tone.\"\"\"\n    def __init__(self, model_config):\n        self.model_config = model_config\n    def __call__(self, *, response: str, **kwargs):\n        return {'friendly': 1}\n";
    let run = "from azure.ai.evaluation import evaluate, RelevanceEvaluator\nfrom scoring.friendly import FriendlyEvaluator\ndef length(response): return len(response)\nevaluate(data='questions.jsonl', target=ask, evaluators={'friendly': FriendlyEvaluator({}), 'length': length, 'relevance': RelevanceEvaluator({})})\n";
    let own = "evaluator scoring/friendly.py#FriendlyEvaluator literal scoring/friendly.py:1";
    assert_eq!(
        named_of(&[("scoring/friendly.py", scorer)], &["evaluator"]),
        [own]
    );
    let long = format!("{}{scorer}", "def idle(a):\n    return a\n".repeat(300));
    assert_eq!(
        named_of(&[("scoring/friendly.py", &long)], &["evaluator"]),
        [own.replace(":1", ":601")]
    );
    let all = named_of(
        &[("run.py", run), ("scoring/friendly.py", scorer)],
        &["evaluator"],
    );
    let keys: std::collections::BTreeSet<&str> =
        all.iter().filter_map(|one| one.split(' ').nth(1)).collect();
    assert_eq!(
        Vec::from_iter(keys),
        [
            "pkg:pypi/azure-ai-evaluation#RelevanceEvaluator",
            "run.py#length",
            "scoring/friendly.py#FriendlyEvaluator"
        ]
    );
    // An evaluator of expressions judges no model.
    let other =
        "class RuleEvaluator:\n    def __call__(self, expression, scope):\n        return 1\n";
    assert!(named_of(&[("rules.py", other)], &["evaluator"]).is_empty());
}

#[test]
fn tools_that_a_provider_brings_are_told_however_it_writes_them() {
    let source = r#"
import anthropic
from openai import OpenAI
from google import genai
from google.genai import types
from langchain_google_genai import ChatGoogleGenerativeAI

TOOLS = [{"type": "file_search", "vector_store_ids": ["vs_1"]}, {"type": "text", "text": "a"}]
OpenAI().responses.create(model="gpt-4o", tools=[{"type": "web_search_preview"}, {"type": "code_interpreter"}])
anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", tools=[{"type": "bash_20250124", "name": "bash"}])
client = genai.Client()
client.models.generate_content(model="gemini-2.5-flash", contents="x",
    config=types.GenerateContentConfig(tools=[types.Tool(google_search=types.GoogleSearch())]))
ChatGoogleGenerativeAI(model="gemini-2.5-pro").bind_tools([{"url_context": {}}])
"#;
    assert_eq!(
        named_of(&[("app.py", source)], &["tool"]),
        [
            "tool anthropic/bash literal app.py:10",
            "tool google/google_search literal app.py:13",
            "tool google/url_context literal app.py:14",
            "tool openai/code_interpreter literal app.py:9",
            "tool openai/file_search literal app.py:8",
            "tool openai/web_search_preview literal app.py:9",
        ]
    );
}

#[test]
fn constants_of_an_sdk_name_models_where_that_is_certain() {
    let source = r#"
from llama_index.embeddings.openai import OpenAIEmbedding, OpenAIEmbeddingModelType
from camel.models import ModelFactory
from camel.types import ModelPlatformType, ModelType

OpenAIEmbedding(model=OpenAIEmbeddingModelType.TEXT_EMBED_3_SMALL)
ModelFactory.create(model_platform=ModelPlatformType.OPENAI, model_type=ModelType.GPT_4O_MINI)
ModelFactory.create(model_platform=ModelPlatformType.DEFAULT, model_type=ModelType.DEFAULT)
"#;
    assert_eq!(
        named_of(&[("app.py", source)], &["model"]),
        [
            "model openai/gpt-4o-mini constant app.py:7",
            "model openai/text-embedding-3-small constant app.py:6",
            "model unresolved/app.py#ModelType.DEFAULT unresolved app.py:8",
        ]
    );
    // Where the tree itself defines the constant, its value counts.
    let own =
        "from enum import Enum\nclass ModelType(str, Enum):\n    GPT_4O = 'gpt-4o-2024-08-06'\n";
    let main = "from openai import OpenAI\nfrom .kinds import ModelType\nOpenAI().responses.create(model=ModelType.GPT_4O)\n";
    let found = named_of(&[("a/main.py", main), ("a/kinds.py", own)], &["model"]);
    let names: Vec<&str> = found
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert!(
        names.iter().all(|name| *name == "openai/gpt-4o-2024-08-06"),
        "{found:?}"
    );
}

#[test]
fn tables_of_vectors_and_stores_behind_variables_are_named() {
    let models = r#"
from pgvector.sqlalchemy import Vector
from pgvector.django import VectorField
from sqlalchemy import Column, Integer
from sqlalchemy.orm import mapped_column
from django.db import models

class Chunk(Base):
    __tablename__ = "chunks"
    id = Column(Integer)
    embedding = mapped_column(Vector(1536))

class Plain(Base):
    __tablename__ = "plain"
    id = Column(Integer)

class Note(models.Model):
    embedding = VectorField(dimensions=3)
"#;
    let migration = "from alembic import op\nimport sqlalchemy as sa\nfrom pgvector.sqlalchemy import Vector\ndef upgrade():\n    op.create_table('notes', sa.Column('id', sa.Integer()), sa.Column('v', Vector(3)))\n";
    let code = "import os\nfrom pinecone import Pinecone\nindex = Pinecone().Index(os.environ['PINECONE_INDEX_NAME'])\nes = os.environ['ES_INDEX']\n";
    let files = [
        ("app/models.py", models),
        ("m/1.py", migration),
        ("app/find.py", code),
    ];
    assert_eq!(
        named_of(&files, &["vector_store"]),
        [
            "vector_store env:PINECONE_INDEX_NAME unresolved app/find.py:3",
            "vector_store pgvector/Note literal app/models.py:18",
            "vector_store pgvector/chunks literal app/models.py:11",
            "vector_store pgvector/notes literal m/1.py:5",
        ]
    );
}

#[test]
fn an_agent_of_a_crew_is_also_known_by_its_name_in_the_file_of_the_crew() {
    let source = "from crewai import Agent\nfrom crewai.project import CrewBase, agent\n@CrewBase\nclass Crew:\n    agents_config = 'config/agents.yaml'\n    @agent\n    def writer_agent(self):\n        return Agent(config=self.agents_config['writer'], tools=[])\n";
    let found = tree(&[("crew.py", source)]);
    let agents: Vec<_> = found
        .iter()
        .filter(|it| it.kind.name() == "agent")
        .collect();
    assert!(
        agents
            .iter()
            .any(|it| it.aliases.iter().any(|alias| alias == "writer")),
        "{agents:?}"
    );
}
