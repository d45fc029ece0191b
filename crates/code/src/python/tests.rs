//! What a user relies on: names are followed to what they mean, in files and notebooks.

use std::collections::BTreeMap;
use std::sync::Mutex;

use stance_core::fact::{CodeCall, Fact, Gap, Reference};

use stance_read::link::{Bounds, link};
use stance_read::{Bytes, Interests, Limits, Options};

/// Interests are made once for each set of patterns, as they are in a scan.
fn interests(patterns: &[&str]) -> &'static Interests {
    static MADE: Mutex<BTreeMap<String, &'static Interests>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    made.entry(patterns.join(" "))
        .or_insert_with(|| Box::leak(Box::new(Interests::new(patterns.iter().copied()))))
}

fn scan(path: &str, content: &str, patterns: &[&str]) -> Vec<Fact> {
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: interests(patterns),
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
    let linked = link(report.modules, Bounds::default());
    let all = report.facts.into_iter().chain(linked);
    all.map(|(_, fact)| fact).collect()
}

fn calls(content: &str, patterns: &[&str]) -> Vec<CodeCall> {
    let mut calls = Vec::new();
    for fact in scan("app.py", content, patterns) {
        if let Fact::Code(code) = fact {
            calls.extend(code.calls);
        }
    }
    calls
}

fn callees(content: &str, patterns: &[&str]) -> Vec<String> {
    calls(content, patterns)
        .into_iter()
        .map(|call| call.callee)
        .collect()
}

fn references(content: &str) -> Vec<Reference> {
    let facts = scan("app.py", content, &[]);
    let references = facts.into_iter().filter_map(|fact| match fact {
        Fact::Reference(reference) => Some(*reference),
        _ => None,
    });
    references.collect()
}

/// `kind key how line` of what a text names, packages and vendors by import left out.
fn named(content: &str) -> Vec<String> {
    let mut all = references(content);
    // What waited for other files comes last.
    all.sort_by_key(|it| it.evidence.locus.line());
    all.into_iter()
        .filter(|it| it.how.name() != "import")
        .map(|it| {
            let line = it.evidence.locus.line().unwrap_or_default();
            format!("{} {} {} {line}", it.kind, it.key, it.how)
        })
        .collect()
}

fn gaps(content: &str) -> Vec<Gap> {
    let facts = scan("app.py", content, &["eval"]);
    let gaps = facts.into_iter().filter_map(|fact| match fact {
        Fact::Gap(gap) => Some(*gap),
        _ => None,
    });
    gaps.collect()
}

#[test]
fn callees_are_resolved_through_aliases_and_constructors() {
    let source = r#"
import torch as t
from pickle import load as read
import openai
import yaml, os.path

class Service:
    client: openai.OpenAI
    def ask(self, question):
        self.client.chat.completions.create(model="m")
    def __init__(self):
        self.client = openai.OpenAI()

def f(path, given: openai.OpenAI, other):
    t.load(path)
    read(path)
    with openai.AsyncOpenAI() as session:
        session.responses.create()
    given.embeddings.create()
    other.load(path)
    yaml.load(path)
"#;
    assert_eq!(
        callees(
            source,
            &["torch.load", "pickle.load", "yaml.load", "openai.*"]
        ),
        [
            "openai.OpenAI",
            "openai.OpenAI().chat.completions.create",
            "torch.load",
            "pickle.load",
            "openai.AsyncOpenAI",
            "openai.AsyncOpenAI().responses.create",
            "openai.OpenAI().embeddings.create",
            "yaml.load",
        ]
    );
}

#[test]
fn a_name_of_the_program_hides_a_built_in() {
    let source = "def eval(x): pass\neval(1)\ndef g():\n  exec(2)\ndef h(exec):\n  exec(3)\n";
    assert_eq!(callees(source, &["eval", "exec"]), ["exec"]);
}

#[test]
fn arguments_are_followed_to_constants_variables_and_defaults() {
    let source = r#"
import os
from lib import call
NAME = "a" + "/b"
TABLE = {"x": NAME}
class Kind:
    ONE = "one"
def f(model="fallback", flag=None):
    call(NAME, TABLE["x"], Kind.ONE, model, flag, f"{NAME}/c", key=os.getenv("KEY", "d"), on=True, *[1], n=-1)
"#;
    let all = calls(source, &["lib.call"]);
    let shown: Vec<String> = all[0]
        .arguments
        .iter()
        .map(|argument| format!("{:?}", argument.value))
        .collect();
    assert!(all[0].open_ended);
    let text = |text: &str, how: &str| format!("Text {{ text: {text:?}, how: {how} }}");
    assert_eq!(shown[0], text("a/b", "Constant"));
    assert_eq!(shown[1], text("a/b", "Constant"));
    assert_eq!(shown[2], text("one", "Constant"));
    assert_eq!(shown[3], text("fallback", "Default"));
    assert_eq!(shown[4], "Unknown");
    assert_eq!(shown[5], text("a/b/c", "Constant"));
    assert_eq!(
        shown[6],
        "Environment { variable: \"KEY\", default: Some(\"d\") }"
    );
    assert_eq!(shown[7], "Boolean(true)");
}

#[test]
fn models_are_named_whatever_way_the_name_takes() {
    let source = r#"
import os
from dataclasses import dataclass
from openai import OpenAI
from langchain.chat_models import init_chat_model
from transformers import AutoModel, pipeline
from datasets import load_dataset

@dataclass
class Config:
    id: str

MODELS = {"fast": Config(id="google_genai:gemini-2.5-flash")}
DEFAULT = MODELS["fast"]
init_chat_model(DEFAULT.id)
client = OpenAI(base_url="https://api.deepseek.com")
client.chat.completions.create(model="some-chat", messages=[])
client.chat.completions.create(model=os.environ["CHAT_MODEL"], messages=[])
client.chat.completions.create(model=os.getenv("M") or "gpt-4o", messages=[])
AutoModel.from_pretrained("org/name", revision="abc")
AutoModel.from_pretrained("./local")
pipeline("text-generation", model="org/other")
load_dataset("org/data")
print("use gpt-4 here", "gpt-4")
"#;
    assert_eq!(
        named(source),
        [
            "model google/gemini-2.5-flash literal 13",
            "model google/gemini-2.5-flash constant 15",
            "model deepseek/some-chat literal 17",
            "model unresolved/app.py#CHAT_MODEL unresolved 18",
            "model openai/gpt-4o default 19",
            "model pkg:huggingface/org/name literal 20",
            "model pkg:huggingface/org/other literal 22",
            "dataset pkg:huggingface/datasets/org/data literal 23",
        ]
    );
    let revision = references(source)
        .into_iter()
        .find(|it| it.key == "pkg:huggingface/org/name")
        .and_then(|it| it.attributes.get("revision").cloned());
    assert_eq!(revision, Some("abc".into()));
}

#[test]
fn agents_tools_prompts_servers_and_keys_are_named() {
    let source = r#"
import os
from enum import Enum
from agents import Agent, function_tool
from mcp.server.fastmcp import FastMCP
from mcp.types import Tool
from langchain_mcp_adapters.client import MultiServerMCPClient

mcp = FastMCP("weather")
SYSTEM_PROMPT = """You are a helpful assistant that answers questions about the weather and nothing else."""
key = os.environ["OPENAI_API_KEY"]

class Names(str, Enum):
    STATUS = "git_status"

@mcp.tool()
def forecast(city): ...

@mcp.prompt(name="ask")
def ask_prompt(): ...

@function_tool
def now(): ...

agent = Agent(name="Helper", tools=[now], model="gpt-4o-mini")
tools = [Tool(name=Names.STATUS, description="d"), Tool(name=Names.STATUS.value)]
client = MultiServerMCPClient({"docs": {"url": "https://docs.example/mcp", "transport": "sse"}})
"#;
    assert_eq!(
        named(source),
        [
            "mcp_server app.py#weather literal 9",
            "prompt app.py#SYSTEM_PROMPT constant 10",
            "identity env:OPENAI_API_KEY literal 11",
            "tool app.py#forecast literal 17",
            "prompt app.py#ask literal 20",
            "tool app.py#now literal 23",
            "agent app.py#Helper literal 25",
            "model openai/gpt-4o-mini literal 25",
            "tool app.py#now literal 25",
            "tool app.py#git_status constant 26",
        ]
    );
    let facts = scan("app.py", source, &[]);
    let server = facts.iter().find_map(|fact| match fact {
        Fact::McpServer(server) => Some(server),
        _ => None,
    });
    let server = server.unwrap();
    assert_eq!(server.name, "docs");
    assert_eq!(server.evidence.locus.line(), Some(27));
}

#[test]
fn imports_count_even_where_nothing_is_parsed_but_not_in_strings() {
    let source = "'''\nimport keras\n'''\nimport torch\nfrom google import genai\n\"\"\"\nimport jax\n\"\"\"\n";
    let packages: Vec<String> = references(source).into_iter().map(|it| it.key).collect();
    assert_eq!(
        packages,
        ["pkg:pypi/torch", "pkg:pypi/google-genai", "google"]
    );
}

#[test]
fn a_module_of_the_program_that_is_called_like_a_package_is_not_it() {
    assert!(references("from agents import planner\nplanner.run('gpt-4o')\n").is_empty());
    assert_eq!(
        references("from agents import Agent\nAgent(name='x')\n").len(),
        2
    );
}

#[test]
fn a_syntax_error_leaves_a_gap_and_the_rest_is_seen() {
    let source = "def f(:\n  pass\nx = eval(y)\n";
    assert_eq!(callees(source, &["eval"]), ["eval"]);
    assert_eq!(gaps(source).len(), 1);
    assert!(gaps("def f(:\n  pass\n").is_empty(), "no file that matters");
}

#[test]
fn no_nesting_overflows_the_stack() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("-", ""),
        ("not ", ""),
        ("a+", ""),
        ("a.", ""),
        ("f()(", ")"),
        ("f'{", "}'"),
        ("lambda: ", ""),
        ("1 if a else ", ""),
        ("x[", "]"),
    ] {
        for depth in [40, 80, 120, 160, 200, 240, 100_000] {
            let source = format!(
                "eval(a)\nx = {}z{}\neval(b)\n",
                open.repeat(depth),
                close.repeat(depth)
            );
            let found = gaps(&source);
            if !(80..1000).contains(&depth) {
                assert_eq!(found.len(), usize::from(depth > 1000), "{open}{depth}");
            }
            assert_eq!(callees(&source, &["eval"]).len(), 2, "{open}{depth}");
        }
    }
    let blocks: String = (0..3000)
        .map(|depth| format!("{}if a:\n", " ".repeat(depth)))
        .collect();
    assert_eq!(gaps(&format!("eval(a)\n{blocks}")).len(), 1);
}

#[test]
fn values_that_grow_without_end_are_given_up() {
    let grow = format!(
        "eval(a)\nx = ['a']\ny = 'a'\nz = a\n{}eval(x, y, z)\n",
        "x = [x, x]\ny = y + y\nz = z.b(z)\n".repeat(20_000)
    );
    assert_eq!(callees(&grow, &["eval"]).len(), 2);
}

#[test]
fn notebook_evidence_lies_in_the_notebook_file() {
    let notebook = r#"{"cells": [
 {"cell_type": "code", "source": [
  "%pip install openai\n",
  "from openai import OpenAI\n",
  "!ls\n",
  "client = OpenAI()"
 ], "outputs": []},
 {"cell_type": "code", "source": ["%%bash\n", "import broken ("], "outputs": []},
 {"cell_type": "code", "source": [
  "client.responses.create(model=\"gpt-4o\")"
 ], "outputs": []}
], "metadata": {}, "nbformat": 4}"#;
    let facts = scan("a.ipynb", notebook, &["openai.*"]);
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::Gap(_))));
    let model = facts.iter().find_map(|fact| match fact {
        Fact::Reference(it) if it.key == "openai/gpt-4o" => Some(&it.evidence),
        _ => None,
    });
    let evidence = model.unwrap();
    assert_eq!(evidence.locus.line(), Some(10));
    let (column, width) = evidence.mark.unwrap();
    let marked: String = evidence
        .excerpt
        .chars()
        .skip(column as usize)
        .take(width as usize)
        .collect();
    assert_eq!(marked, r#"\"gpt-4o\""#);
}

#[test]
fn a_file_of_endless_calls_is_judged_up_to_a_bound_that_is_said() {
    let text = format!("import torch\n{}", "torch.load('a')\n".repeat(6000));
    let facts = scan("app.py", &text, &["torch.load"]);
    let calls: usize = facts
        .iter()
        .map(|fact| match fact {
            Fact::Code(code) => code.calls.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(calls, 5000);
    let limit = |fact: &Fact| matches!(fact, Fact::Gap(gap) if gap.detail.contains("5000 calls"));
    assert_eq!(facts.iter().filter(|fact| limit(fact)).count(), 1);
}

#[test]
fn functions_that_are_left_out_change_nothing_about_the_rest() {
    let files = [
        "import os\nfrom openai import OpenAI\nMODEL = 'gpt-4o'\nclass Asker:\n    def __init__(self):\n        self.model = MODEL\n        self.client = OpenAI(api_key=os.environ['OPENAI_API_KEY'])\n    def idle(self):\n        return 1\n    def ask(self, text):\n        return self.client.chat.completions.create(model=self.model, input=text)\n",
        "import torch\ndef eval(x):\n    return x\ndef idle():\n    import anthropic\n    return eval(1)\ndef weights(path: str = 'a/b'):\n    eval(path)\n    return torch.load(path)\n",
        "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('tickets')\n@mcp.tool()\nasync def close(number: int) -> str:\n    '''Closes a ticket.'''\n    return number\ndef idle():\n    return 2\n",
        "from transformers import AutoModel\nclass Configuration:\n    def setup(self):\n        self.name = 'bert-base-uncased'\n        self.other = 1\ndef idle():\n    return Configuration()\ndef load():\n    it = Configuration()\n    return AutoModel.from_pretrained(it.name, trust_remote_code=True)\n",
    ];
    let patterns = ["torch.load", "eval", "*.from_pretrained", "openai.OpenAI"];
    let filler = "def filler(a, b):\n    c = [a, (b)]\n    return '''\ndef x():\n''' + c\n";
    for file in files {
        let show = |facts: Vec<Fact>| -> Vec<String> {
            facts.iter().map(|fact| format!("{fact:?}")).collect()
        };
        let plain = show(scan("app.py", file, &patterns));
        assert!(!plain.is_empty(), "{file}");
        let long = format!("{file}{}", filler.repeat(200));
        assert_eq!(show(scan("app.py", &long, &patterns)), plain, "{file}");
        // What stands behind what was left out is still shown at its own line.
        let lines = u32::try_from(filler.lines().count() * 200).unwrap();
        let behind = format!("{}{file}", filler.repeat(200));
        let line_of = |facts: &[Fact]| -> Vec<u32> {
            let places = facts.iter().filter_map(|fact| match fact {
                Fact::Reference(it) => it.evidence.locus.line(),
                _ => None,
            });
            places.collect()
        };
        let moved: Vec<u32> = line_of(&scan("app.py", file, &patterns))
            .iter()
            .map(|line| line + lines)
            .collect();
        assert_eq!(
            line_of(&scan("app.py", &behind, &patterns)),
            moved,
            "{file}"
        );
    }
}

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
            format!("{} {} {} {}:{line}", it.kind, it.key, it.how, it.evidence.path)
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
    let found = named_of(&[("app/main.py", main), ("app/config.py", config)], &["model"]);
    let used: Vec<&str> = found
        .iter()
        .filter(|line| line.contains("main.py"))
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    let wanted = ["chosen", "entry", "fast", "joined", "plain", "settings", "slow", "small"];
    let wanted: Vec<String> = wanted.iter().map(|name| format!("openai/acme-{name}")).collect();
    assert_eq!(used, wanted);
    assert!(found.contains(&"model openai/acme-plain constant app/config.py:7".to_owned()), "{found:?}");
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
    let files = [("llm/inner.py", inner), ("llm/outer.py", outer), ("main.py", main)];
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
    assert!(open.iter().any(|(name, why)| name == "ONLY_AT_RUN_TIME" && why.contains("without a default")));
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
    let files = [("desk/tools.py", tools), ("desk/guards.py", guards), ("desk/main.py", main)];
    let found = named_of(&files, &["agent", "tool", "guardrail"]);
    let mut keys: Vec<&str> = found.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
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
    assert_eq!(search.attributes["parameters"], serde_json::json!(["query"]));
    let agent = all.iter().find(|it| it.name == "Helper").unwrap();
    assert_eq!(agent.attributes["guardrails"], serde_json::json!(["politics"]));
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
    let found = named_of(&[("app.py", main), ("own/middleware.py", own)], &["guardrail"]);
    assert_eq!(
        found,
        [
            "guardrail own/middleware.py#RefusalGuardMiddleware literal app.py:6",
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
    assert_eq!(named_of(&[("app.py", plain)], &["endpoint"]), Vec::<String>::new());
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
    let kinds = ["tool", "evaluator", "vector_store", "identity", "dataset", "prompt"];
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
