//! Agents, tools and servers of programs that use no framework for them.

use super::tree::named_of;

fn of(source: &str, kinds: &[&str]) -> Vec<String> {
    let all = named_of(&[("app.py", source)], kinds);
    all.into_iter()
        .map(|one| one.replace("app.py#", "#"))
        .collect()
}

#[test]
fn a_class_or_loop_that_asks_a_model_is_an_agent() {
    let source = r#"
import anthropic

class DeskAgent:
    def run(self, words):
        return self.client.messages.create(model="claude-sonnet-4-20250514", messages=words)

class UserAgent:
    """What a browser says it is."""

def serve(client, words, tools):
    while True:
        answer = client.messages.create(model="claude-opus-4-20250514", messages=words, tools=tools)
        if not answer.content:
            return answer

def once(client, words, tools):
    return client.messages.create(model="claude-opus-4-20250514", messages=words, tools=tools)
"#;
    assert_eq!(
        of(source, &["agent"]),
        [
            "agent #DeskAgent literal app.py:4",
            "agent #serve literal app.py:11",
        ]
    );
}

#[test]
fn an_agent_of_an_own_or_unknown_class_is_told_by_what_it_is_given() {
    let base = "class Agent:\n    def __init__(self, name, system, functions): ...\n";
    let main = r#"
from acme_swarm import Agent as Bee
from lib.base import Agent
from openai import OpenAI

def book(desk):
    ...

keeper = Agent(name="Desk Keeper", system="You keep the desks of a large office.", functions=[book])
bee = Bee(name="Bee", instructions=f"You sell {goods} to everybody who asks for it.", functions=[book])
person = Agent(name="Nobody")
"#;
    let told = named_of(
        &[("main.py", main), ("lib/base.py", base)],
        &["agent", "tool", "prompt"],
    );
    for want in [
        "agent main.py#Desk Keeper literal main.py:9",
        "agent main.py#Bee literal main.py:10",
        "tool main.py#book literal main.py:9",
        "prompt main.py#Desk Keeper system literal main.py:9",
        "prompt main.py#Bee instructions literal main.py:10",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
    assert!(!told.iter().any(|it| it.contains("Nobody")), "{told:?}");
}

#[test]
fn a_tool_of_an_own_base_says_what_a_model_must_know() {
    let base = "class Tool:\n    name: str\n";
    let tools = r#"
from .base import Tool

class DeskTool(Tool):
    def __init__(self):
        super().__init__(name="desk", description="Books a desk.", input_schema={})

class PencilTool(Tool):
    width = 3
"#;
    assert_eq!(
        named_of(&[("t/desk.py", tools), ("t/base.py", base)], &["tool"]),
        ["tool t/desk.py#DeskTool literal t/desk.py:4"]
    );
}

#[test]
fn a_dictionary_that_starts_a_server_is_one() {
    use stance_core::fact::Fact;
    let source = r#"
import mcp
search_server = {"command": "npx", "args": ["-y", "acme-search"]}
MCP_SERVERS = {"desks": {"command": "uvx", "args": ["acme-desks"]}}
build = {"command": "npx", "args": ["tsc"]}
"#;
    let servers: Vec<String> = super::scan("app.py", source, &[])
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::McpServer(server) => Some(server.name),
            _ => None,
        })
        .collect();
    assert_eq!(servers, ["search_server", "desks"]);
}

#[test]
fn models_are_told_where_they_are_keys_and_behind_words_for_services() {
    let source = r#"
import livekit.agents
from livekit.plugins import silero
from anthropic import AnthropicBedrock
class Settings: ...
BY_MODEL = {"claude-opus-4-20250514": Settings(), "gpt-4o": Settings()}
PRICES = {"gpt-4-turbo": 0.03}
stt = livekit.agents.inference.STT(model="deepgram/nova-3")
vad = silero.VAD.load()
client = AnthropicBedrock()
"#;
    let told = of(source, &["model", "vendor"]);
    for want in [
        "model anthropic/claude-opus-4-20250514 constant app.py:6",
        "model openai/gpt-4o constant app.py:6",
        "model deepgram/nova-3 literal app.py:8",
        "model pkg:pypi/livekit-plugins-silero#silero-vad literal app.py:9",
        "vendor aws literal app.py:10",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
    assert!(!told.iter().any(|it| it.contains("turbo")), "{told:?}");
}

#[test]
fn what_a_model_is_told_may_have_holes_and_stand_anywhere() {
    let source = r#"
from livekit.agents import Agent
from openai import OpenAI
import textwrap

class Clerk(Agent):
    def __init__(self):
        super().__init__(instructions=textwrap.dedent("""
            You answer questions about desks, briefly and politely."""))

def ask(client, who):
    client.chat.completions.create(model="gpt-4o", messages=[
        {"role": "system", "content": f"You are the clerk of {who}, and you answer in one sentence at most."},
    ])

acme.Settings(system_instruction="You speak to people on the telephone, so never use lists or tables.")
"#;
    let told = of(source, &["prompt"]);
    for want in [
        "prompt #Clerk instructions literal app.py:8",
        "prompt #ask system prompt literal app.py:13",
        "prompt #system prompt literal app.py:16",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
}

#[test]
fn a_crew_and_a_flow_go_by_their_classes() {
    let source = r#"
from crewai import Agent, Crew, Task
from crewai.flow.flow import Flow, start
from crewai.knowledge.source.pdf_knowledge_source import PDFKnowledgeSource

manual = PDFKnowledgeSource(file_paths=["desk_manual.pdf"])

@CrewBase
class DeskCrew:
    @crew
    def crew(self):
        return Crew(agents=self.agents, knowledge_sources=[manual])

class DeskFlow(Flow[DeskState]):
    @start()
    def begin(self): ...
"#;
    assert_eq!(
        of(source, &["agent", "pipeline", "dataset"]),
        [
            "agent #DeskCrew literal app.py:12",
            "dataset file/desk_manual.pdf literal app.py:6",
            "pipeline #DeskFlow literal app.py:14",
        ]
    );
}

#[test]
fn agents_of_an_own_base_and_kernels_as_servers_are_told() {
    let base = r#"
from abc import ABC
from semantic_kernel.agents import ChatCompletionAgent

class DeskAgentBase(ChatCompletionAgent, ABC):
    ...
"#;
    let seller = r#"
from desks.base import DeskAgentBase
from semantic_kernel import Kernel
from semantic_kernel.core_plugins import SessionsPythonTool
from semantic_kernel.functions import KernelFunctionFromPrompt
from semantic_kernel.prompt_template import PromptTemplateConfig

class Seller(DeskAgentBase):
    ...

kernel = Kernel()
python = SessionsPythonTool(credential=credential)
done = KernelFunctionFromPrompt(function_name="done", prompt=f"Has {name} bought a desk?")
notes = PromptTemplateConfig(name="desk_notes", template=template)
server = kernel.as_mcp_server(server_name="desks")
"#;
    let told = named_of(
        &[("desks/seller.py", seller), ("desks/base.py", base)],
        &["agent", "tool", "prompt", "mcp_server"],
    );
    for want in [
        "agent desks/seller.py#Seller literal desks/seller.py:8",
        "prompt desks/seller.py#done literal desks/seller.py:13",
        "prompt desks/seller.py#desk_notes literal desks/seller.py:14",
        "mcp_server desks/seller.py#desks literal desks/seller.py:15",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
    assert!(
        told.iter().any(|it| it.contains("SessionsPythonTool")),
        "{told:?}"
    );
}

#[test]
fn tools_of_providers_are_told_where_nothing_else_is() {
    let source = r#"
import langchain_core

def about():
    return [{"type": "text"}]

def searching(who):
    if who == "anthropic":
        return [{"type": "web_search_20250305", "name": "web_search"}]
    return [{"type": "web_search_preview"}]
"#;
    assert_eq!(
        of(source, &["tool"]),
        [
            "tool anthropic/web_search literal app.py:9",
            "tool openai/web_search_preview literal app.py:10",
        ]
    );
}

#[test]
fn who_serves_open_weights_and_what_looks_at_answers_is_told() {
    let source = r#"
from pydantic_ai import Agent

agent = Agent("groq:llama-3.3-70b-versatile")

@agent.output_validator
async def plain(ctx, output):
    return output
"#;
    let told = of(source, &["model", "guardrail"]);
    for want in [
        "model meta/llama-3.3-70b-versatile literal app.py:4",
        "guardrail #plain literal app.py:7",
    ] {
        assert!(told.contains(&want.to_owned()), "{want}: {told:?}");
    }
    let vendors: Vec<Option<String>> = super::scan("app.py", source, &[])
        .into_iter()
        .filter_map(|fact| match fact {
            stance_core::fact::Fact::Reference(it) if it.kind == stance_core::AssetKind::Model => {
                Some(it.vendor)
            }
            _ => None,
        })
        .collect();
    assert_eq!(vendors, [Some("groq".to_owned())]);
}
