//! What is known by its shape and by where it stands, whatever it is called.

use stance_core::fact::{Fact, Value};
use stance_core::{AssetKind, How};
use stance_read::{Bytes, Interests, Limits, Options, scan};

use super::{SERVER, facts, names, references, tree};

#[test]
fn addresses_of_services_are_endpoints_and_pages_about_them_are_none() {
    let source = r#"
const KEYS = "https://platform.openai.com/account/api-keys";
export async function session(id: string) {
  await fetch("https://api.openai.com/v1/realtime/sessions", { method: "POST" });
  await fetch(`https://api.groq.com/openai/v1/models/${id}`);
  const link = { href: "https://api.anthropic.com/v1" };
  return fetch("https://api.weather.org/v2/now");
}
"#;
    let found = facts("src/session.ts", source);
    assert_eq!(
        names(&found, AssetKind::Endpoint),
        [
            "https://api.groq.com/openai/v1/models",
            "https://api.openai.com/v1/realtime/sessions"
        ]
    );
    let endpoints = references(&found, AssetKind::Endpoint);
    assert_eq!(endpoints[0].vendor.as_deref(), Some("openai"));
    // What a program of AI asks besides is what its tools reach.
    let with_ai = format!("import OpenAI from \"openai\";\n{source}");
    assert!(
        names(&facts("src/session.ts", &with_ai), AssetKind::Endpoint)
            .contains(&"https://api.weather.org/v2/now".to_owned())
    );
}

/// The arguments of the only call of a source that rules ask for.
fn arguments_of(source: &str, wanted: &str) -> Vec<Value> {
    let interests = Interests::new([wanted]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = scan("a.ts", &Bytes(source.as_bytes()), &options);
    let code = report.facts.into_iter().find_map(|(_, fact)| match fact {
        Fact::Code(code) => Some(code),
        _ => None,
    });
    let calls = code.unwrap().calls;
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls[0]
        .arguments
        .iter()
        .map(|it| it.value.clone())
        .collect()
}

#[test]
fn what_a_model_fills_in_is_known_in_handlers_that_stand_before_their_tool() {
    let handler =
        "async function run({ command }: { command: string }) {\n  return exec(command);\n}\n";
    let arrow = "const run = async ({ command }) => exec(command);\n";
    let tool = "server.tool('shell', 'Runs it', { command: z.string() }, run);\n";
    let head = format!(
        "{SERVER}import {{ exec }} from 'child_process';\nconst server = new McpServer({{ name: 'x', version: '1' }});\n"
    );
    for source in [
        format!("{head}{handler}{tool}"),
        format!("{head}{arrow}{tool}"),
        format!("{head}{tool}{handler}"),
        // In a function that is handed the server.
        format!("{head}{handler}export function register(server: McpServer) {{\n  {tool}}}\n"),
    ] {
        let told = arguments_of(&source, "child_process.exec");
        assert_eq!(
            told,
            [Value::Name("tool-argument.command".to_owned())],
            "{source}"
        );
    }
    // A function that no tool is made of takes what the program gives it.
    let told = arguments_of(&format!("{head}{handler}"), "child_process.exec");
    assert_ne!(told, [Value::Name("tool-argument.command".to_owned())]);
}

#[test]
fn what_is_said_to_a_model_where_it_stands_is_a_prompt() {
    let source = r#"
import OpenAI from "openai";
const RULES = "You answer in one sentence and name the source of what you say.";
const answer = tool({
  name: "eligibility",
  execute: async (input) => {
    const messages = [
      { role: "system", content: "You assess cases by the book and always adhere to the guidelines." },
      { role: "user", content: `Consider the context and decide.\n${input.question}` },
    ];
    return ask(messages);
  },
});
export async function classify(text: string) {
  return ask([{ role: "user", content: `You classify texts by the policies that follow, and answer with the best class only. Classes: offensive for hate and insults, off brand for talk about others, violence for threats of harm, none for all else.\n${text}` }]);
}
export async function reply(text: string) {
  return client.chat([{ role: "system", content: RULES }, { role: "user", content: "Which is the longest river that flows through France, please tell me?" }]);
}
"#;
    assert_eq!(
        names(&facts("src/a.ts", source), AssetKind::Prompt),
        ["RULES", "classify prompt", "eligibility system prompt"]
    );
    let called = r#"
import { generateObject } from "ai";
const find = tool({
  name: "understand",
  execute: async ({ query }) => generateObject({ model, system: "Be brief and be exact.", prompt: `Analyze this query and name three that are similar and could help to answer it: ${query}` }),
});
"#;
    assert_eq!(
        names(&facts("src/a.ts", called), AssetKind::Prompt),
        ["understand prompt"]
    );
    let made = r#"
import { ChatPromptTemplate, PromptTemplate } from "@langchain/core/prompts";
const TEMPLATE = "You are a helpful assistant that answers about {topic} only.";
export async function run() {
  const first = PromptTemplate.fromTemplate(TEMPLATE);
  const second = ChatPromptTemplate.fromMessages([
    ["system", "You answer in verse and mention the weather whenever you can."],
    ["human", "{input}"],
  ]);
}
"#;
    assert_eq!(
        names(&facts("src/a.ts", made), AssetKind::Prompt),
        ["TEMPLATE", "second"]
    );
}

#[test]
fn tools_in_a_list_guardrails_of_ones_own_and_assigned_servers_are_told() {
    let source = r#"
import OpenAI from "openai";
export const supervisorTools = [
  { type: "function", name: "lookup", description: "Looks up", parameters: { type: "object", properties: { topic: { type: "string" } } } },
  { type: "function", function: { name: "store", parameters: { type: "object", properties: {} } } },
];
const toolbar = [{ name: "bold", description: "Makes it bold" }];
export function moderation(company: string) {
  return {
    name: "moderation_guardrail",
    async execute({ output }) { return { tripwireTriggered: false }; },
  };
}
export const privacyGuardrail = { name: "pii_detection", execute: async ({ input }) => ({ tripwireTriggered: false }) };
const job = { name: "nightly", execute: async () => 1 };
class Rig {
  setup() {
    this.mcpServers["docs"] = { command: "npx", args: ["docs-mcp@1.0.0"] };
  }
}
"#;
    let found = facts("src/a.ts", source);
    assert_eq!(names(&found, AssetKind::Tool), ["lookup", "store"]);
    assert_eq!(
        names(&found, AssetKind::Guardrail),
        ["moderation_guardrail", "pii_detection"]
    );
    // A file of guardrails needs no package of AI.
    let alone = "export const safetyGuardrail = { name: \"safety\", execute: async () => 1 };\n";
    assert_eq!(
        names(&facts("src/b.ts", alone), AssetKind::Guardrail),
        ["safety"]
    );
    let servers: Vec<&str> = found
        .iter()
        .filter_map(|fact| match fact {
            Fact::McpServer(server) => Some(&*server.name),
            _ => None,
        })
        .collect();
    assert_eq!(servers, ["docs"]);
}

#[test]
fn evaluations_and_their_rows_are_told() {
    let source = r#"
import { describe, it } from "vitest";
import { join } from "node:path"; // gemini
const datasetPath = join(__dirname, "data/cases.json");
const dataset = JSON.parse(readFileSync(datasetPath, "utf-8")); // "gemini-3-flash"
const model = "gemini-2.5-flash";
describe("Triage", () => {});
"#;
    let found = facts("evals/triage.eval.ts", source);
    assert_eq!(names(&found, AssetKind::Evaluator), ["Triage"]);
    let sets = references(&found, AssetKind::Dataset);
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0].name, "cases");
    assert!(sets[0].aliases.contains(&"data/cases.json".to_owned()));
    // A test of a program is none of models.
    let found = facts("src/triage.test.ts", source);
    assert!(names(&found, AssetKind::Evaluator).is_empty());
}

#[test]
fn tools_that_only_the_run_knows_are_told_as_unresolved() {
    let source = r#"
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { readFileSync } from "node:fs";
export class Proxy {
  constructor(openApiSpec) {
    this.operations = new Converter(openApiSpec).convert();
    this.server = new Server({ name: "api", version: "1.0.0" }, { capabilities: { tools: {} } });
    this.server.setRequestHandler(ListToolsRequestSchema, async () => {
      const tools = [];
      Object.entries(this.operations).forEach(([name, one]) => tools.push({ name, inputSchema: one.schema }));
      return { tools: build(tools) };
    });
  }
}
"#;
    let found = facts("src/proxy.ts", source);
    let tools = references(&found, AssetKind::Tool);
    assert_eq!(tools.len(), 1, "{tools:?}");
    assert_eq!(tools[0].how, How::Unresolved);
    assert_eq!(
        tools[0].attributes["unresolved"],
        "made of an OpenAPI document at run time"
    );
    let looped = format!(
        "{SERVER}const server = new McpServer({{ name: 'x', version: '1' }});\nfor (const one of await load()) {{ server.tool(one.name, {{}}, () => 1); }}\n"
    );
    let found = facts("src/loop.ts", &looped);
    let tools = references(&found, AssetKind::Tool);
    assert_eq!(tools.len(), 1, "{tools:?}");
    assert_eq!(tools[0].attributes["unresolved"], "made at run time");
    // What is known is not told as unknown besides.
    let known = format!(
        "{SERVER}const server = new McpServer({{ name: 'x', version: '1' }});\nconst TOOLS = [{{ name: 'a' }}, {{ name: 'b' }}];\nfor (const one of TOOLS) {{ server.tool(one.name, {{}}, () => 1); }}\nObject.values({{ c: {{ name: 'c' }} }}).forEach((one) => server.tool(one.name, {{}}, () => 1));\n"
    );
    assert_eq!(
        names(&facts("src/loop.ts", &known), AssetKind::Tool),
        ["a", "b", "c"]
    );
    let found = tree(&[
        (
            "src/tools.ts",
            "// mcp\nexport const TOOLS = [{ name: 'find', description: 'x' }];\n",
        ),
        (
            "src/index.ts",
            &format!(
                "{SERVER}import {{ TOOLS }} from './tools.js';\nconst server = new McpServer({{ name: 'x', version: '1' }});\nTOOLS.forEach((one) => server.tool(one.name, {{}}, () => 1));\n"
            ),
        ),
    ]);
    assert_eq!(names(&found, AssetKind::Tool), ["find"]);
}

#[test]
fn tools_that_packages_bring_along_and_what_a_model_is_bound_to_are_told() {
    let source = r#"
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { TavilySearch } from "@langchain/tavily";
import { Calculator } from "@langchain/community/tools/calculator";
import { createRetrieverTool } from "@langchain/classic/tools/retriever";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { pull } from "@langchain/classic/hub";
import { Store } from "./store";
const embeddings = new OpenAIEmbeddings();
export async function POST(req: Request) {
  const prompt = await pull("acme/openai-tools-agent");
  const tools = [new TavilySearch({ maxResults: 1 }), new Calculator(), new Store()];
  const search = createRetrieverTool(retriever, { name: "search_knowledge", description: "Searches" });
  const agent = createReactAgent({ llm: new ChatOpenAI({ model: "gpt-4o-mini" }), tools });
  const bound = llm.bindTools([{ type: "function", function: { name: "get_weather", description: "x" } }]);
  const message = [{ type: "system", content: "You are a pirate named Patchy. " + "All you say is in pirate dialect." }];
}
"#;
    let found = facts("app/api/route.ts", source);
    assert_eq!(
        names(&found, AssetKind::Tool),
        [
            "Calculator",
            "TavilySearch",
            "get_weather",
            "search_knowledge"
        ]
    );
    assert_eq!(
        names(&found, AssetKind::Model),
        ["gpt-4o-mini", "text-embedding-ada-002"]
    );
    assert_eq!(
        names(&found, AssetKind::Prompt),
        ["POST system prompt", "acme/openai-tools-agent"]
    );
    let client = r#"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const transport = new StdioClientTransport({ command: "npx", args: ["-y", "docs-mcp@1.0.0"] });
"#;
    let found = facts("src/client.ts", client);
    let servers: Vec<&str> = found
        .iter()
        .filter_map(|fact| match fact {
            Fact::McpServer(server) => Some(&*server.name),
            _ => None,
        })
        .collect();
    assert_eq!(servers, ["docs-mcp"]);
}

#[test]
fn what_another_file_makes_of_a_framework_has_the_calls_of_that_framework() {
    let found = tree(&[
        (
            "src/genkit.ts",
            "import { googleAI } from '@genkit-ai/google-genai';\nimport { genkit } from 'genkit/beta';\n\
             export const ai = genkit({ plugins: [googleAI()], model: 'googleai/gemini-2.5-flash' });\n\
             export { z } from 'genkit';\n",
        ),
        (
            "src/tools.ts",
            "import { ai, z } from './genkit.js';\n\
             export const find = ai.defineTool({ name: 'findEvents', description: 'Finds events', inputSchema: z.object({ day: z.string() }) }, async ({ day }) => day);\n",
        ),
        (
            "src/agent.ts",
            "import { ai } from './genkit.js';\nimport { find } from './tools.js';\nconst field = 'grades';\n\
             export const agent = ai.definePrompt({ name: `${field}Agent`, description: 'x', tools: [find] }, `You are Bell, a helpful agent.`);\n\
             export const plain = ai.definePrompt({ name: 'greet' }, 'Greets whoever it is.');\n\
             export async function hello() {\n  const { text } = await ai.generate('Come up with a short friendly greeting for yourself talking to a parent.');\n  return text;\n}\n",
        ),
        // What another file exports of its own is none of a framework.
        (
            "src/other.ts",
            "import { registry } from './registry.js';\nregistry.defineTool({ name: 'hammer' });\n",
        ),
        (
            "src/registry.ts",
            "export const registry = new Registry();\n",
        ),
    ]);
    assert_eq!(names(&found, AssetKind::Tool), ["findEvents"]);
    assert_eq!(names(&found, AssetKind::Agent), ["gradesAgent"]);
    assert_eq!(
        names(&found, AssetKind::Prompt),
        ["gradesAgent", "greet", "prompt"]
    );
    assert_eq!(names(&found, AssetKind::Model), ["gemini-2.5-flash"]);
}

#[test]
fn agents_that_a_library_runs_have_tools_servers_and_models_by_first_names() {
    let source = r#"
import { query, tool, createSdkMcpServer } from "@anthropic-ai/claude-agent-sdk";
export const server = createSdkMcpServer({ name: "mail", version: "1", tools: [
  tool("search_inbox", "Searches the inbox", { text: z.string() }, async (args) => args),
] });
const options = { model: "opus", maxTurns: 3 };
const run = query({ prompt, options });
"#;
    let found = facts("src/agent.ts", source);
    assert_eq!(names(&found, AssetKind::Tool), ["search_inbox"]);
    assert_eq!(names(&found, AssetKind::Model), ["opus"]);
    assert_eq!(names(&found, AssetKind::Agent), ["run"]);
    // A first name alone is anything.
    let other = facts("src/agent.ts", &source.replace("@anthropic-ai/", "@acme/"));
    assert!(names(&other, AssetKind::Model).is_empty());
}

#[test]
fn workflows_hosted_servers_and_addresses_of_servers_are_told() {
    let source = r#"
import OpenAI from "openai";
import { createWorkflow } from "@mastra/core/workflows";
import { MCPClient } from "./mcp-client.js";
export const report = createWorkflow({ id: "report-workflow", inputSchema: z.object({}) });
const mcp = new MCPClient("todos", "http://localhost:3000/mcp", token);
await client.responses.create({ model: "gpt-5", tools: [{ type: "mcp", server_label: "notes", server_url: url }] });
await fetch("http://localhost:3000/sse");
"#;
    let found = facts("src/host.ts", source);
    assert_eq!(names(&found, AssetKind::Pipeline), ["report-workflow"]);
    assert_eq!(
        names(&found, AssetKind::McpServer),
        ["http://localhost:3000/mcp", "notes"]
    );
    // A list of tools needs no library beside it.
    let list = "export const Tools = [{ name: \"add_item\", description: \"Adds one\", inputSchema: schema(Item), async execute(x) { return x; } }];\n";
    assert_eq!(
        names(&facts("src/list.ts", list), AssetKind::Tool),
        ["add_item"]
    );
}

#[test]
fn clients_tell_stores_and_clouds_where_nothing_else_does() {
    let source = r#"
import OpenAI from "openai";
import { DefaultAzureCredential } from "@azure/identity";
import { QdrantClient } from "@qdrant/js-client-rest";
import { SearchClient } from "@azure/search-documents";
const who = new DefaultAzureCredential();
const store = new QdrantClient({ url: "http://localhost:6333" });
const search = new SearchClient(endpoint, "docs", who);
const secret = process.env.GOOGLE_CLIENT_SECRET;
const own = process.env.NEXTAUTH_SECRET;
const choices = [{ label: "o3", value: "openai/o3" }];
"#;
    let found = facts("src/a.ts", source);
    assert_eq!(
        names(&found, AssetKind::Identity),
        ["DefaultAzureCredential", "GOOGLE_CLIENT_SECRET"]
    );
    assert_eq!(names(&found, AssetKind::VectorStore), ["docs", "qdrant"]);
    assert_eq!(names(&found, AssetKind::Model), ["o3"]);
    let named = format!("{source}\nawait store.search({{ collection_name: \"rows\" }});\n");
    assert!(
        !names(&facts("src/a.ts", &named), AssetKind::VectorStore).contains(&"qdrant".to_owned())
    );
}

#[test]
fn a_template_of_a_function_that_is_told_to_a_model_is_a_prompt() {
    let source = r#"
import { ChatOpenAI } from "@langchain/openai";
export async function classify(state) {
  const prompt = `You plan trips. What is known of the trip stands here: ${state.trip}`;
  const llm = new ChatOpenAI({ model: "gpt-4o" });
  return llm.invoke([{ role: "system", content: prompt }]);
}
"#;
    assert_eq!(
        names(&facts("src/a.ts", source), AssetKind::Prompt),
        ["prompt"]
    );
}
