//! What a user relies on, on small sources of our own.

mod shapes;

use stance_core::fact::{Fact, McpTransport, Reference, Value};
use stance_core::{AssetKind, How};
use stance_read::link::{Bounds, link};
use stance_read::testing::{Harness, gaps};
use stance_read::{Bytes, Interests, Limits, Options, scan};

const HARNESS: Harness = Harness(crate::PARSERS);

fn facts(path: &str, source: &str) -> Vec<Fact> {
    let report = HARNESS.report(path, source.as_bytes());
    let mut facts: Vec<Fact> = report.facts.into_iter().map(|(_, fact)| fact).collect();
    facts.extend(
        link(report.modules, Bounds::default())
            .into_iter()
            .map(|(_, fact)| fact),
    );
    facts
}

fn tree(files: &[(&str, &str)]) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut modules = Vec::new();
    for (path, source) in files {
        let report = HARNESS.report(path, source.as_bytes());
        facts.extend(report.facts.into_iter().map(|(_, fact)| fact));
        modules.extend(report.modules);
    }
    facts.extend(
        link(modules, Bounds::default())
            .into_iter()
            .map(|(_, fact)| fact),
    );
    facts
}

fn references(facts: &[Fact], kind: AssetKind) -> Vec<&Reference> {
    let all = facts.iter().filter_map(|fact| match fact {
        Fact::Reference(reference) if reference.kind == kind => Some(&**reference),
        _ => None,
    });
    all.collect()
}

fn names(facts: &[Fact], kind: AssetKind) -> Vec<String> {
    let mut names: Vec<String> = references(facts, kind)
        .into_iter()
        .map(|reference| reference.name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

const SERVER: &str = r#"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
"#;

#[test]
fn an_mcp_server_is_told_with_what_it_offers() {
    let source = format!(
        r#"{SERVER}
const server = new McpServer({{ name: "weather", version: "1.0.0" }});
const Args = z.object({{ city: z.string().describe("where"), days: z.number().optional() }});
server.registerTool("forecast", {{
  description: "Tells the weather",
  inputSchema: Args.shape,
  annotations: {{ readOnlyHint: true, destructiveHint: false }},
}}, async () => ({{}}));
server.tool("alert", "Sends an alert", {{ text: z.string() }}, async () => ({{}}));
server.registerPrompt("plan", {{ title: "Plan" }}, () => ({{}}));
server.resource("stations", "weather://stations", async () => ({{}}));
"#
    );
    let facts = facts("src/weather/index.ts", &source);
    let servers = references(&facts, AssetKind::McpServer);
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0].name, "weather");
    assert_eq!(servers[0].attributes["transport"], "stdio");
    assert_eq!(
        servers[0].attributes["resources"],
        serde_json::json!(["stations"])
    );
    assert_eq!(names(&facts, AssetKind::Tool), ["alert", "forecast"]);
    assert_eq!(names(&facts, AssetKind::Prompt), ["plan"]);
    let tools = references(&facts, AssetKind::Tool);
    let forecast = tools.iter().find(|tool| tool.name == "forecast").unwrap();
    assert_eq!(forecast.attributes["read_only"], true);
    assert_eq!(forecast.attributes["destructive"], false);
    assert_eq!(
        forecast.attributes["parameters"],
        serde_json::json!({"city": "string", "days": "number?"})
    );
    assert_eq!(forecast.evidence.locus.line(), Some(8));
}

#[test]
fn names_come_through_constants_enums_and_parameters() {
    let source = format!(
        r#"{SERVER}
enum Names {{ Add = "add", Drop = "drop" }}
const PREFIX = "kb";
const TOOLS = {{ search: `${{PREFIX}}_search` }} as const;
const config = {{ description: "Adds" }};
export function register(server: McpServer) {{
  server.registerTool(Names.Add, config, () => ({{}}));
  server.registerTool(TOOLS.search, config, () => ({{}}));
  for (const name of [Names.Drop, "list"]) {{
    server.tool(name, "Does it", {{}}, () => ({{}}));
  }}
}}
"#
    );
    let facts = facts("a.ts", &source);
    assert_eq!(
        names(&facts, AssetKind::Tool),
        ["add", "drop", "kb_search", "list"]
    );
}

#[test]
fn tools_of_a_list_handler_are_told() {
    let source = r#"
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ListToolsRequestSchema, type Tool } from "@modelcontextprotocol/sdk/types.js";
const ECHO: Tool = { name: "echo", description: "Says it", inputSchema: { type: "object", properties: { text: { type: "string" } } } };
class App {
  private server: Server;
  constructor() {
    this.server = new Server({ name: "app", version: "1" }, { capabilities: {} });
    this.server.setRequestHandler(ListToolsRequestSchema, async () => {
      return { tools: [ECHO, { name: "sum", inputSchema: { type: "object" } }] };
    });
  }
}
"#;
    let facts = facts("a.ts", source);
    assert_eq!(names(&facts, AssetKind::Tool), ["echo", "sum"]);
    assert_eq!(names(&facts, AssetKind::McpServer), ["app"]);
}

#[test]
fn what_only_looks_like_a_tool_is_none() {
    for source in [
        "import x from './x';\nx.tool('hammer', () => 1, {});\nregisterTool('a');\n// mcp\n",
        "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nbox.tool = 3; palette.prompt('name?');\n",
        "import { test } from 'vitest'; // mcp openai\ntest('tool', () => { server.addTool; });\n",
    ] {
        let facts = facts("a.ts", source);
        assert!(names(&facts, AssetKind::Tool).is_empty(), "{source}");
        assert!(names(&facts, AssetKind::Prompt).is_empty(), "{source}");
    }
}

#[test]
fn names_are_followed_from_file_to_file() {
    let facts = tree(&[
        (
            "src/config.ts",
            "export const MODEL = 'gpt-4o-mini';\nexport const TOOL_PREFIX = 'mcp';\nexport const DEPLOYMENT = 'our-deployment'; // OPENAI_API_KEY\n",
        ),
        ("src/index.ts", "export * from './config';\n// openai\n"),
        (
            "src/tools.ts",
            "import { TOOL_PREFIX } from './config.js';\nimport type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nexport const add = (server: McpServer) => server.registerTool(`${TOOL_PREFIX}_add`, { description: 'x' }, () => 1);\n",
        ),
        (
            "src/chat.ts",
            "import OpenAI from 'openai';\nimport { DEPLOYMENT, MODEL } from './index';\nconst client = new OpenAI();\nawait client.chat.completions.create({ model: DEPLOYMENT, messages: [] });\nexport class Chat { constructor(private model: string) {}\n ask() { return client.responses.create({ model: this.model }); } }\n",
        ),
    ]);
    assert_eq!(names(&facts, AssetKind::Tool), ["mcp_add"]);
    assert!(names(&facts, AssetKind::Model).contains(&"our-deployment".to_owned()));
}

#[test]
fn models_are_told_with_how_they_are_known() {
    let source = r#"
import { openai, createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import Anthropic from "@anthropic-ai/sdk";
const MODEL = "claude-sonnet-4-5";
const client = new Anthropic({ apiKey: process.env.ANTHROPIC_API_KEY });
await client.messages.create({ model: MODEL, max_tokens: 1 });
await generateText({ model: openai(process.env.CHAT_MODEL ?? "gpt-4o"), prompt: "hi" });
const local = createOpenAI({ baseURL: "http://localhost:1234/v1" });
await generateText({ model: local("my-model") });
await generateText({ model: openai(process.env.ONLY_MODEL!) });
function f({ model = "gpt-4.1" } = {}) {}
"#;
    let facts = facts("a.ts", source);
    let models = references(&facts, AssetKind::Model);
    let how = |key: &str| models.iter().find(|it| it.key == key).map(|it| it.how);
    assert_eq!(how("anthropic/claude-sonnet-4-5"), Some(How::Constant));
    assert_eq!(how("openai/gpt-4o"), Some(How::Default));
    assert_eq!(how("my-model"), Some(How::Literal));
    assert_eq!(how("openai/gpt-4.1"), Some(How::Default));
    let open = models.iter().find(|it| it.how == How::Unresolved).unwrap();
    assert_eq!(
        open.attributes["unresolved"],
        "environment variable ONLY_MODEL without a default"
    );
    assert_eq!(names(&facts, AssetKind::Identity), ["ANTHROPIC_API_KEY"]);
    assert_eq!(names(&facts, AssetKind::Vendor), ["anthropic", "openai"]);
}

#[test]
fn tools_of_the_vendor_are_told_where_they_are_put_into_a_list() {
    let source = r#"
export const getTools = (state) => {
  const tools = [];
  const searchTool: SearchTool = { type: "web_search" };
  if (state.search) tools.push(searchTool);
  if (state.code) { tools.push({ type: "code_interpreter", container: { type: "auto" } }); }
  const connectorTools = [{ type: "mcp", server_label: "Calendar", connector_id: "connector_calendar" }];
  rows.push({ type: "file_search", title: "Files" });
  return [...tools, ...connectorTools];
};
"#;
    let facts = facts("a.ts", source);
    let tools = names(&facts, AssetKind::Tool);
    assert_eq!(tools, ["code_interpreter", "web_search"]);
    assert_eq!(names(&facts, AssetKind::McpServer), ["Calendar"]);
}

#[test]
fn agents_are_told_with_tools_and_hand_offs() {
    let source = r#"
import { Agent, tool } from "@openai/agents";
const lookup = tool({ name: "lookup", description: "Looks up", parameters: z.object({ id: z.string() }), execute: async () => 1 });
const billing = new Agent({ name: "Billing", instructions: "You answer questions about bills and nothing else." });
export const triage = new Agent({
  name: "Triage", model: "gpt-4.1-mini", tools: [lookup], handoffs: [billing],
  inputGuardrails: [{ name: "No homework", execute: async () => ({}) }],
});
"#;
    let facts = facts("a.ts", source);
    assert_eq!(names(&facts, AssetKind::Agent), ["Billing", "Triage"]);
    assert_eq!(names(&facts, AssetKind::Tool), ["lookup"]);
    assert_eq!(names(&facts, AssetKind::Guardrail), ["No homework"]);
    assert_eq!(names(&facts, AssetKind::Prompt), ["Billing instructions"]);
    let agents = references(&facts, AssetKind::Agent);
    let triage = agents.iter().find(|it| it.name == "Triage").unwrap();
    assert_eq!(triage.attributes["tools"], serde_json::json!(["lookup"]));
    assert_eq!(
        triage.attributes["hand_offs"],
        serde_json::json!(["Billing"])
    );
    assert_eq!(names(&facts, AssetKind::Model), ["gpt-4.1-mini"]);
}

#[test]
fn servers_that_the_program_connects_to_are_told() {
    let source = r#"
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
const client = new MultiServerMCPClient({ mcpServers: {
  docs: { url: "https://example.com/mcp" },
  files: { command: "npx", args: ["-y", "@modelcontextprotocol/server-filesystem", "/tmp"] },
} });
"#;
    let facts = facts("a.ts", source);
    let servers: Vec<(&str, McpTransport)> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::McpServer(server) => Some((&*server.name, server.transport)),
            _ => None,
        })
        .collect();
    assert_eq!(
        servers,
        [("docs", McpTransport::Http), ("files", McpTransport::Stdio)]
    );
}

#[test]
fn calls_have_the_form_that_rules_know_from_python() {
    let interests = Interests::new(["openai.OpenAI", "eval", "*.ChatOpenAI"]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let source = "import OpenAI from 'openai';\nconst { ChatOpenAI } = require('@langchain/openai');\nnew OpenAI({ baseURL: 'http://llm.example.com', timeout: 3 });\nnew ChatOpenAI('x');\neval(code);\nfunction g() { const eval = 1; }\n";
    let report = scan("a.js", &Bytes(source.as_bytes()), &options);
    let code = report.facts.iter().find_map(|(_, fact)| match fact {
        Fact::Code(code) => Some(code),
        _ => None,
    });
    let calls = &code.unwrap().calls;
    let callees: Vec<&str> = calls.iter().map(|call| &*call.callee).collect();
    assert_eq!(
        callees,
        ["openai.OpenAI", "@langchain/openai.ChatOpenAI", "eval"]
    );
    assert_eq!(
        calls[0].keyword("base_url").and_then(Value::text),
        Some("http://llm.example.com")
    );
}

#[test]
fn prompts_are_constants_and_templates_by_name() {
    let source = "// openai\nexport const SYSTEM_PROMPT = `You are a helpful assistant that answers questions about ${topic} and nothing else.`;\nconst promptName = 'this is no prompt although it says so in its long long name';\nexport const reviewPrompt = (code: string) => `Review the following code and tell what is wrong with it, in order:\\n${code}`;\n";
    let facts = facts("a.ts", source);
    assert_eq!(
        names(&facts, AssetKind::Prompt),
        ["SYSTEM_PROMPT", "reviewPrompt"]
    );
}

#[test]
fn deep_and_minified_sources_leave_a_gap() {
    let deep = format!(
        "import '@ai-sdk/openai';\nx = {}1{};\n",
        "(".repeat(5000),
        ")".repeat(5000)
    );
    assert_eq!(gaps(&HARNESS.report("a.ts", deep.as_bytes())).len(), 1);
    for import in ["import '@ai-sdk/openai';", "import x from \"openai\";"] {
        let minified = format!("{import}{}", "a=b(c);".repeat(5000));
        let report = HARNESS.report("a.js", minified.as_bytes());
        assert_eq!(gaps(&report).len(), 1, "{import}");
    }
    let other = format!("class Prompt{{}}{}", "a=b(c);".repeat(5000));
    assert_eq!(gaps(&HARNESS.report("a.js", other.as_bytes())).len(), 0);
    let broken = "import 'openai';\nconst = = ;\n";
    assert_eq!(gaps(&HARNESS.report("a.js", broken.as_bytes())).len(), 1);
}

#[test]
fn the_deepest_that_is_parsed_does_not_exhaust_the_stack() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("f(", ")"),
        ("a => {", "}"),
        ("function () {", "}"),
        ("class { a = ", "}"),
        ("<a b={", "}/>"),
        ("<a>", "</a>"),
        ("`${", "}`"),
        ("!", ""),
        ("a ? b : ", ""),
        ("(a) ? (b) : (c) => ", ""),
        ("(a = ", ") => 1"),
        ("a => ", ""),
        ("async (", ")"),
        ("<T,>(", ")"),
        ("a as A<", ">"),
        ("new (", ")"),
    ] {
        for count in [20, 40, 60, 90, 96] {
            let source = format!(
                "import 'openai';\nx = {}1{};\n",
                open.repeat(count),
                close.repeat(count)
            );
            for path in ["a.ts", "a.tsx", "a.js"] {
                let _ = HARNESS.report(path, source.as_bytes());
            }
        }
    }
    // Without brackets nothing nests; the tree does.
    for long in ["a.b", "a()", "a!", "a + b"] {
        let (first, rest) = long.split_at(1);
        let source = format!("import 'openai';\nx = {first}{};\n", rest.repeat(20_000));
        let _ = HARNESS.report("a.ts", source.as_bytes());
    }
}

#[test]
fn broken_sources_are_survived() {
    let source = "import { Agent } from '@openai/agents';\nconst a = new Agent({ name: `x${1}` });\nenum E { A = 'b' }\n";
    HARNESS.survives_truncation("a.tsx", source.as_bytes());
}

#[test]
fn tools_are_known_by_their_shape_where_no_package_says_so() {
    let definitions = r#"
import { z } from "zod/v4";
import { MODELS } from "openai";
export const libraryToolDefs = {
  find_book: { description: "Finds a book", parameters: z.object({ title: z.string() }) },
  lend_book: { name: "lend", description: "Lends it", inputSchema: Args },
  settings: { description: "no tool" },
};
export const shelves = defineTool({ description: "Lists shelves", parameters: Args, execute: async () => 1 });
const other = defineTool({ description: "half a tool" });
"#;
    assert_eq!(
        names(&facts("src/tools.ts", definitions), AssetKind::Tool),
        ["find_book", "lend", "shelves"]
    );
    let called = r#"
import { streamText } from "ai";
export const answer = (model) => streamText({ model, tools: {
  find_way: { description: "Finds the way", parameters: z.object({ to: z.string() }), execute: async () => 1 },
} });
"#;
    assert_eq!(
        names(&facts("src/chat.ts", called), AssetKind::Tool),
        ["find_way"]
    );
    let sent = r#"
const update = { type: "session.update", session: { tools: [
  { type: "function", name: "show_colors", description: about, parameters: { type: "object" } },
] } };
const call = { type: "function", name: "no_tool", inputs: [] };
"#;
    assert_eq!(
        names(&facts("src/panel.jsx", sent), AssetKind::Tool),
        ["show_colors"]
    );
    let handed = r#"
export function addAll(server: any, mcp: boolean) {
  server.tool("sum", "Adds numbers", { a: z.number() }, async () => ({}));
  server.prompt("sum_help", "Helps to add", {}, async () => ({ messages: [] }));
  server.tool("too short", async () => ({}));
  queue.tool("job", "Runs", {}, async () => ({}));
}
"#;
    let facts = facts("src/handler.ts", handed);
    assert_eq!(names(&facts, AssetKind::Tool), ["sum"]);
    assert_eq!(names(&facts, AssetKind::Prompt), ["sum_help"]);
}

#[test]
fn a_registry_of_other_files_names_the_tools_of_a_server() {
    let server = format!(
        r#"{SERVER}import tools from "./tools/index.js";
const server = new McpServer({{ name: "maps" }});
for (const tool of Object.values(tools)) {{
  server.tool(tool.name, tool.description, tool.inputSchema, tool.execute);
}}
"#
    );
    let index = "import Route from './route.js';\nimport Place from './place.js';\nexport default { Route, Place };\n";
    let route = "export const name = 'find_route';\nexport const execute = async () => 1;\nexport default { name, description: 'Finds', execute };\n";
    let place = route.replace("find_route", "find_place");
    let facts = tree(&[
        ("src/server.ts", &server),
        ("src/tools/index.ts", index),
        ("src/tools/route.ts", route),
        ("src/tools/place.ts", &place),
    ]);
    assert_eq!(names(&facts, AssetKind::Tool), ["find_place", "find_route"]);
    let places = references(&facts, AssetKind::Tool);
    assert!(
        places
            .iter()
            .any(|one| one.name == "find_route" && &*one.evidence.path == "src/tools/route.ts")
    );
}

#[test]
fn instructions_with_a_hole_are_a_prompt_and_addresses_endpoints() {
    let source = r#"
import { Agent } from "@mastra/core/agent";
const url = process.env.AZURE_OPENAI_ENDPOINT;
export const writer = new Agent({
  name: "Writer",
  instructions: `You write reports about what was found. Today is ${new Date().toISOString()}.
Keep to the facts, and name where each comes from.`,
  model: "openai/gpt-4o",
});
"#;
    let facts = facts("src/writer.ts", source);
    assert_eq!(names(&facts, AssetKind::Prompt), ["Writer instructions"]);
    let endpoints = references(&facts, AssetKind::Endpoint);
    assert!(
        endpoints
            .iter()
            .any(|one| one.key == "env:AZURE_OPENAI_ENDPOINT" && one.how == How::Unresolved)
    );
}

#[test]
fn models_that_a_page_offers_are_told() {
    let page = r#"
import { useState } from "react";
export function Form() {
  const [model, setModel] = useState("gemini-2.5-flash");
  const [name, setName] = useState("somebody");
  return <Select value={model} onChange={setModel}>
    <Item value="gpt-4o" className="claude-3-opus-20240229">Fast</Item>
    <Item value="large">Slow</Item>
  </Select>;
}
"#;
    let facts = facts("form.tsx", page);
    let models: Vec<(&str, How)> = references(&facts, AssetKind::Model)
        .into_iter()
        .map(|it| (it.key.as_str(), it.how))
        .collect();
    assert_eq!(
        models,
        [
            ("google/gemini-2.5-flash", How::Default),
            ("openai/gpt-4o", How::Constant)
        ]
    );
}

#[test]
fn files_that_are_read_for_a_model_are_told_with_their_paths() {
    let source = r#"
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import plan from "./prompts/plan.md?raw";
import readme from "./README.md";

const here = path.dirname(fileURLToPath(import.meta.url));
const systemPrompt = fs.readFileSync(path.join(here, "..", "texts", "role.txt"), "utf8").trim();
const other = fs.readFileSync(path.join(__dirname, "prompts/other.txt"), "utf8");
const notes = fs.readFileSync(path.join(__dirname, "notes.txt"), "utf8");
const helper = loadPrompt("helper");
async function run() {
  await new OpenAI().responses.create({ model: "gpt-4o", instructions: fs.readFileSync("texts/ask.md", "utf8") });
}
"#;
    let opened: Vec<String> = facts("src/app/run.ts", source)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Opened(it) => Some(format!(
                "{:?} {} {}",
                it.from,
                it.path,
                it.evidence.locus.line().unwrap_or_default()
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        opened,
        [
            "Here prompts/plan.md 6",
            "Here ../texts/role.txt 10",
            "Here prompts/other.txt 11",
            "Stem helper 13",
            "Start texts/ask.md 15",
        ]
    );
}

#[test]
fn tools_that_a_provider_brings_are_told_however_it_writes_them() {
    let source = r#"
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { openai } from "@ai-sdk/openai";
import { generateText } from "ai";
const client = new OpenAI();
await client.responses.create({ model: "gpt-4o", tools: [{ type: "web_search_preview" }, { type: "code_interpreter", container: { type: "auto" } }] });
await new Anthropic().messages.create({ model: "claude-sonnet-4-5", tools: [{ type: "computer_20250124", name: "computer", display_width_px: 1 }] });
await new GoogleGenAI({}).models.generateContent({ model: "gemini-2.5-flash", config: { tools: [{ googleSearch: {} }] } });
await generateText({ model: openai("gpt-4o"), tools: { find: openai.tools.webSearch({}) } });
await client.responses.create({ model: "gpt-4o", tools: [{ type: "function", name: "mine", description: "Mine.", parameters: {} }] });
"#;
    let facts = facts("a.ts", source);
    let mut tools: Vec<String> = references(&facts, AssetKind::Tool)
        .into_iter()
        .map(|it| format!("{} {:?}", it.key, it.vendor.as_deref().unwrap_or_default()))
        .collect();
    tools.sort();
    assert_eq!(
        tools,
        [
            "a.ts#mine \"\"",
            "anthropic/computer \"anthropic\"",
            "google/google_search \"google\"",
            "openai/code_interpreter \"openai\"",
            "openai/web_search \"openai\"",
            "openai/web_search_preview \"openai\"",
        ]
    );
}

#[test]
fn tables_of_vectors_and_stores_behind_variables_are_named() {
    let source = r#"
import { pgTable, serial, vector, text } from "drizzle-orm/pg-core";
export const chunks = pgTable("chunks", { id: serial("id"), embedding: vector("embedding", { dimensions: 3 }).notNull() });
export const plain = pgTable("plain", { id: serial("id"), vector_name: text("vector") });
const index = pc.index(process.env.PINECONE_INDEX_NAME);
"#;
    let facts = facts("db/schema.ts", source);
    let stores: Vec<&str> = references(&facts, AssetKind::VectorStore)
        .into_iter()
        .map(|it| it.key.as_str())
        .collect();
    assert_eq!(stores, ["pgvector/chunks", "env:PINECONE_INDEX_NAME"]);
}
