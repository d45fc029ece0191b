//! What a user relies on: names are followed to what they mean, in files and notebooks.

mod forms;
mod frameless;
mod identities;
mod learning;
mod opened;
mod tree;
mod uses;

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
            "endpoint https://api.deepseek.com literal 16",
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
