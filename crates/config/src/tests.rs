//! Formats that are one document each.

use crate::testing::{HARNESS, references, relations, told};

#[test]
fn a_gateway_tells_models_deployments_and_guardrails() {
    let text = "model_list:\n  - model_name: smart\n    litellm_params:\n      model: azure/my-gpt\n      api_key: os.environ/AZURE_API_KEY\n  - model_name: claude\n    litellm_params:\n      model: anthropic/claude-sonnet-4-5\n  - model_name: any\n    litellm_params: {model: openai/*}\nguardrails:\n  - guardrail_name: pii\n    litellm_params: {guardrail: presidio}\n";
    assert_eq!(
        told("config.yaml", text),
        [
            "endpoint config.yaml gateway 1",
            "endpoint azure/deployment/my-gpt deployment 4",
            "model anthropic/claude-sonnet-4-5 - 8",
            "guardrail config.yaml#pii guardrail 12",
            "identity env:AZURE_API_KEY - 5",
        ]
    );
    assert!(
        references("config.yaml", text)[2]
            .aliases
            .contains(&"claude".to_owned())
    );
}

#[test]
fn settings_name_models_only_where_a_model_is_meant() {
    let text = "llm:\n  provider: ollama\n  model: my-own:7b\nname: gpt-4o\nfallback_model: gpt-4o\nmodels: [claude-haiku-4-5, other]\n";
    assert_eq!(
        told("app.yaml", text),
        [
            "model openai/gpt-4o chat 5",
            "model anthropic/claude-haiku-4-5 chat 6",
            "model ollama/my-own:7b chat 3"
        ]
    );
    assert_eq!(
        told("results/run.json", r#"{"model": "gpt-4o"}"#),
        [] as [&str; 0]
    );
    assert_eq!(
        told("conf/run.json", r#"{"model": "gpt-4o"}"#),
        ["model openai/gpt-4o chat 1"]
    );
    assert_eq!(
        told(
            "appsettings.Development.json",
            r#"{"LOCAL_ENDPOINT": "http://localhost:11434", "LOCAL_MODEL_NAME": "phi3.5", "GITHUB_MODEL_NAME": "Phi-3.5-mini", "OTHER_MODEL_NAME": "x-1", "OllamaModel": "own:7b", "DataModel": "x-2", "docs": "https://api.openai.com/v1"}"#
        ),
        [
            "endpoint http://localhost:11434 - 1",
            "model ollama/phi3.5 chat 1",
            "model github/Phi-3.5-mini chat 1",
            "model ollama/own:7b chat 1"
        ]
    );
    assert_eq!(
        told("package.json", r#"{"model": "gpt-4o"}"#),
        [] as [&str; 0]
    );
}

#[test]
fn evaluators_and_guardrails_are_told_with_their_models() {
    let text = "description: chat quality\nprompts: [a]\nproviders:\n  - openai:chat:gpt-4o\n  - id: huggingface:text-generation:org/m\n  - file://x.py\ntests: []\ndefaultTest: {options: {provider: anthropic:messages:claude-sonnet-4-5}}\n";
    assert_eq!(
        told("promptfooconfig.yaml", text),
        [
            "evaluator promptfooconfig.yaml evaluation 1",
            "model openai/gpt-4o evaluated 4",
            "model pkg:huggingface/org/m evaluated 5",
            "model anthropic/claude-sonnet-4-5 judge 8",
        ]
    );
    let rails = "models:\n  - type: main\n    engine: openai\n    model: gpt-4o\nrails:\n  input:\n    flows:\n      - self check input\n";
    assert_eq!(
        told("guard/config.yml", rails),
        [
            "guardrail guard/config.yml guardrail 1",
            "guardrail guard/config.yml#self check input guardrail 8",
            "model openai/gpt-4o chat 4",
        ]
    );
    let task = "task: my_task\ndataset_path: org/data\ndoc_to_text: '{{x}}'\ntest_split: test\n";
    assert_eq!(
        told("t.yaml", task)[1],
        "dataset pkg:huggingface/datasets/org/data evaluation 2"
    );
    let metrics =
        "{\"testdata_path\": \"./truth.jsonl\", \"requested_metrics\": [\"gpt_relevance\"]}";
    assert_eq!(
        told("evals/config.json", metrics),
        [
            "evaluator evals/config.json#gpt_relevance evaluation 1",
            "dataset file/truth.jsonl evaluation 1",
        ]
    );
    // Providers of something else.
    assert_eq!(
        told("a.yaml", "providers: [aws]\ntests: []\n"),
        [] as [&str; 0]
    );
}

#[test]
fn flows_of_builders_hold_agents_models_and_stores() {
    let n8n = r#"{"nodes": [
{"type": "@n8n/n8n-nodes-langchain.agent", "name": "Helper"},
{"type": "@n8n/n8n-nodes-langchain.lmChatOpenAi", "name": "M", "parameters": {"model": {"value": "gpt-4o-mini"}}, "credentials": {"openAiApi": {"id": "1"}}},
{"type": "n8n-nodes-base.slack", "name": "S"}], "connections": {}}"#;
    assert_eq!(
        told("flow.json", n8n)[..3],
        [
            "agent flow.json#Helper - 2",
            "model openai/gpt-4o-mini chat 3",
            "identity n8n/openAiApi - 3"
        ]
    );
    let credential = r#"{"id": "1", "name": "Local Qdrant", "data": "U2FsdGVk", "type": "qdrantApi", "nodesAccess": [{"nodeType": "@n8n/n8n-nodes-langchain.vectorStoreQdrant"}]}"#;
    assert_eq!(told("c.json", credential), ["identity n8n/qdrantApi - 1"]);
    let flowise = r#"{"nodes": [{"data": {"name": "chatAnthropic", "category": "Chat Models", "baseClasses": [], "inputs": {"modelName": "claude-sonnet-4-5"}}},
{"data": {"name": "pinecone", "label": "Docs", "category": "Vector Stores"}}]}"#;
    let all = told("a.json", flowise);
    assert!(
        all.contains(&"vector_store a.json#Docs - 2".to_owned()),
        "{all:?}"
    );
    let langflow = r#"{"data": {"nodes": [{"data": {"type": "Agent", "node": {"display_name": "Agent", "template": {"model_name": {"value": "gpt-4.1"}}}}}]}}"#;
    assert_eq!(
        told("a.json", langflow)[..2],
        ["agent a.json#Agent - 1", "model openai/gpt-4.1 chat 1"]
    );
    let dify = "kind: app\napp:\n  name: Desk\n  mode: agent-chat\nmodel_config:\n  model:\n    provider: langgenius/openai/openai\n    name: gpt-4o\n";
    assert_eq!(
        told("a.yml", dify)[..2],
        ["agent a.yml#Desk - 3", "model openai/gpt-4o chat 8"]
    );
}

#[test]
fn cards_say_who_answers_with_what() {
    let card = r#"{"name": "Travel", "url": "https://a.invalid/a2a", "capabilities": {}, "defaultInputModes": ["text"], "skills": [{"id": "book"}]}"#;
    assert_eq!(
        told("agent.json", card),
        ["agent agent.json#Travel - 1", "tool agent.json#book - 1"]
    );
    assert_eq!(
        relations("agent.json", card),
        ["agent:agent.json#Travel exposes tool:agent.json#book"]
    );
    let entry = r#"{"$schema": "https://static.modelcontextprotocol.io/schemas/x/server.schema.json", "name": "io.github.me/files", "packages": [{"registryType": "npm", "identifier": "files-mcp"}]}"#;
    assert_eq!(
        references("server.json", entry)[0].attributes["package"],
        "pkg:npm/files-mcp"
    );
    let npm = r#"{"name": "@me/mcp-files", "bin": {"x": "y"}, "dependencies": {"@modelcontextprotocol/sdk": "^1"}}"#;
    assert_eq!(
        told("src/files/package.json", npm),
        ["mcp_server src/files/package.json#@me/mcp-files - 1"]
    );
    assert_eq!(
        told("package.json", &npm.replace("mcp-files", "mcp-client")),
        [] as [&str; 0]
    );
    let python = "[project]\nname = \"mcp-server-git\"\ndependencies = [\"mcp>=1\"]\n[project.scripts]\nx = \"y:z\"\n";
    assert_eq!(
        told("src/git/pyproject.toml", python),
        ["mcp_server src/git/pyproject.toml#mcp-server-git - 2"]
    );
    assert_eq!(
        told(
            "pyproject.toml",
            &python.replace("\"mcp>=1\"", "\"mcpx>=1\"")
        ),
        [] as [&str; 0]
    );
}

#[test]
fn broken_documents_do_not_panic() {
    HARNESS.survives_truncation("a.yaml", b"model_list:\n  - model_name: a\n    litellm_params: {model: azure/x}\nrails: {input: {flows: [a]}}\n");
    HARNESS.survives_truncation(
        "a.json",
        br#"{"nodes": [{"type": "@n8n/n8n-nodes-langchain.agent", "name": 3}], "skills": []}"#,
    );
}
