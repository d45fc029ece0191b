//! What is told by its shape, where no table knows the package's names.

use stance_core::AssetKind;
use stance_core::fact::Fact;

use super::{HARNESS, names};

#[test]
fn agents_and_tools_of_rust_go_by_who_gets_them_and_what_they_implement() {
    let source = r#"
use rig::completion::Prompt;
use rig::providers::{self, openai};
const ROUTER_PREAMBLE: &str = "Categorise what the user says as exactly one of sheep, cow, dog.";
struct Adder;
impl Tool for Adder {
    const NAME: &'static str = "add";
    fn description(&self) -> String { "Adds".to_string() }
}
impl rig::tool::ToolDyn for Lookup<'_> {
    fn name(&self) -> String { "look_up".into() }
}
impl Display for Adder { fn fmt(&self) {} }
fn build_router(client: &Client) -> rig::agent::Agent {
    client.agent(openai::GPT_4).preamble(ROUTER_PREAMBLE).build()
}
async fn main() {
    let calculator: rig::agent::Agent = providers::openai::Client::from_env()?
        .agent(openai::GPT_4O)
        .preamble("You are a calculator that helps people with arithmetic.")
        .tool(Adder)
        .build();
    let other = providers::cohere::Client::from_env()?;
}
"#;
    assert_eq!(
        names("a.rs", source, AssetKind::Agent),
        ["build_router", "calculator"]
    );
    assert_eq!(names("a.rs", source, AssetKind::Tool), ["add", "look_up"]);
    assert_eq!(names("a.rs", source, AssetKind::Model), ["gpt-4", "gpt-4o"]);
    assert_eq!(
        names("a.rs", source, AssetKind::Vendor),
        ["cohere", "openai"]
    );
    assert_eq!(
        names("a.rs", source, AssetKind::Prompt),
        ["ROUTER_PREAMBLE", "calculator"]
    );
    // Without a package of AI the same words are anybody's.
    let other = source.replace("rig::", "rug::").replace("openai", "opera");
    assert!(names("a.rs", &other, AssetKind::Tool).is_empty());
}

#[test]
fn stores_are_told_by_what_their_types_are_called() {
    let rust = "use rig_qdrant::QdrantVectorStore;\nconst COLLECTION: &str = \"words\";\nfn main() { let store = QdrantVectorStore::new(client, model, query); let other = InMemoryVectorStore::from_documents(all); let db = lancedb::connect(\"data/store\").execute(); }\n";
    assert_eq!(
        names("a.rs", rust, AssetKind::VectorStore),
        ["data/store", "in-memory", "qdrant"]
    );
    let java = "import dev.langchain4j.store.embedding.EmbeddingStore;\nclass A { EmbeddingStore<TextSegment> store() { return PgVectorEmbeddingStore.builder().host(\"db\").table(\"chunks\").build(); } Object b() { return new InMemoryEmbeddingStore<>(); } PgVectorEmbeddingStore given(PgVectorEmbeddingStore it) { return it; } class MockVectorStore {} Object c = new MockVectorStore(); }\n";
    assert_eq!(
        names("A.java", java, AssetKind::VectorStore),
        ["chunks", "in-memory"]
    );
    let go = "package main\nimport (\n\t\"github.com/tmc/langchaingo/vectorstores/weaviate\"\n\t\"github.com/tmc/langchaingo/llms/openai\"\n)\nfunc main() { store, err := weaviate.New(weaviate.WithIndexName(\"Docs\")); llm, err := openai.New() }\n";
    assert_eq!(names("a.go", go, AssetKind::VectorStore), ["Docs"]);
    // The library of a store is run anywhere; whose models are asked is told by the path.
    assert_eq!(names("a.go", go, AssetKind::Vendor), ["openai"]);
}

#[test]
fn classes_are_agents_and_tools_by_what_they_extend() {
    let java = r#"
package com.acme;
import akka.javasdk.agent.Agent;
@ComponentId("greeting-agent")
public class GreetingAgent extends Agent {
  private static final String SYSTEM = "You greet people " + "in the language that they ask for, and say which one it is.";
  Effect ask(String question) { return effects().systemMessage(SYSTEM).userMessage(question); }
}
class UserAgent {}
class MockAgent extends Agent {}
"#;
    assert_eq!(names("A.java", java, AssetKind::Agent), ["GreetingAgent"]);
    assert_eq!(names("A.java", java, AssetKind::Prompt), ["SYSTEM"]);
    let report = HARNESS.report("A.java", java.as_bytes());
    let alias = report.facts.iter().find_map(|(_, fact)| match fact {
        Fact::Reference(it) if it.kind == AssetKind::Agent => Some(it.aliases.clone()),
        _ => None,
    });
    assert_eq!(alias.unwrap(), ["greeting-agent"]);
    let ruby = "require 'ruby_llm'\nclass Weather < RubyLLM::Tool\n  description 'Tells the weather'\nend\nclass Plain < Struct\nend\n";
    assert_eq!(names("a.rb", ruby, AssetKind::Tool), ["Weather"]);
    let go = "package main\nimport \"github.com/tmc/langchaingo/tools\"\ntype Search struct{}\nfunc (s *Search) Name() string { return \"web_search\" }\nfunc (s *Search) Call(ctx context.Context, input string) (string, error) { return \"\", nil }\nfunc (o *Other) Call(ctx context.Context) error { return nil }\n";
    assert_eq!(names("a.go", go, AssetKind::Tool), ["web_search"]);
}

#[test]
fn names_of_other_files_are_listed_rather_than_dropped() {
    let source = r#"
using Microsoft.Azure.Functions.Worker.Extensions.Mcp;
using static Acme.Names;
public class Tools {
  public string Hello([McpToolTrigger(HelloToolName, HelloText)] ToolInvocationContext context) => "";
  public string Time([McpToolTrigger("get_time", "Tells it")] ToolInvocationContext context) => "";
  public string Rain([McpToolTrigger(nameof(Rain), "Tells it")] ToolInvocationContext context) => "";
}
"#;
    assert_eq!(
        names("Tools.cs", source, AssetKind::Tool),
        ["HelloToolName", "Rain", "get_time"]
    );
}

#[test]
fn properties_and_registrations_of_c_sharp_say_what_they_are() {
    let source = r#"
using Microsoft.SemanticKernel;
class Settings {
  public string SystemPrompt { get; set; } = "You are a friendly and curious assistant who is good at conversation.";
  public string Greeting { get; set; } = "Welcome to the shop, where everything is new and cheap for you.";
}
static class Start {
  static void Add(IServiceCollection all) { all.AddAzureOpenAIChatCompletion(settings.Deployment, settings.Endpoint); all.AddLogging(); }
}
"#;
    assert_eq!(names("A.cs", source, AssetKind::Prompt), ["SystemPrompt"]);
    assert_eq!(names("A.cs", source, AssetKind::Vendor), ["azure"]);
}

#[test]
fn messages_to_the_system_are_prompts_in_every_form() {
    let go = "package main\nimport openai \"github.com/sashabaranov/go-openai\"\nconst system = \"You judge answers by what is known, and by nothing else.\"\nfunc ask() { messages := []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleSystem, Content: system}, {Role: openai.ChatMessageRoleUser, Content: \"hello\"}} }\n";
    assert_eq!(names("a.go", go, AssetKind::Prompt), ["system"]);
    let php = "<?php\nuse OpenAI\\Client;\nfunction answer($client) { return $client->chat()->create(['model' => 'gpt-4o', 'messages' => [['role' => 'system', 'content' => 'You answer in one short sentence.'], ['role' => 'user', 'content' => 'What is the capital of the country?']]]); }\n";
    assert_eq!(names("a.php", php, AssetKind::Prompt), ["answer"]);
    let java = "import org.springframework.ai.chat.client.ChatClient;\nclass A { void run() { var routes = Map.of(\"billing\", \"\"\"\nYou are a billing support specialist. Acknowledge the issue first, explain any charge clearly, and list what happens next with the days that it takes. Keep it friendly.\"\"\"); } }\n";
    assert_eq!(names("A.java", java, AssetKind::Prompt), ["billing"]);
}

#[test]
fn methods_of_csharp_become_tools_and_evaluators_are_made() {
    let source = r#"
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation.Quality;
class A {
    void Run() {
        var one = AIFunctionFactory.Create(new Manual(http).Search);
        var two = AIFunctionFactory.Create(Lookup, "look_up", "Looks up an order");
        IEvaluator fluent = new FluencyEvaluator();
        var store = new QdrantMemoryStore(client, 384);
        var prompt = $$"""
            Write a short summary of this ticket for the people who answer it: {{ticket}}
            """;
    }
}
"#;
    assert_eq!(
        names("A.cs", source, AssetKind::Tool),
        ["Search", "look_up"]
    );
    assert_eq!(
        names("A.cs", source, AssetKind::Evaluator),
        ["FluencyEvaluator"]
    );
    assert_eq!(names("A.cs", source, AssetKind::VectorStore), ["qdrant"]);
    assert_eq!(names("A.cs", source, AssetKind::Prompt), ["prompt"]);
}

#[test]
fn annotations_mean_the_same_whoever_declares_them() {
    let java = "import com.acme.mcp.server.Tool;\nimport com.acme.mcp.server.Prompt;\nclass A {\n  @Tool(description = \"Reads\") String read_query(@ToolArg(description = \"q\") String query) { return \"\"; }\n  @Prompt(description = \"Draws\") PromptMessage diagram() { return null; }\n}\n";
    assert_eq!(names("A.java", java, AssetKind::Tool), ["read_query"]);
    assert_eq!(names("A.java", java, AssetKind::Prompt), ["diagram"]);
    let other = java.replace("com.acme.mcp.server", "com.acme.garden");
    assert!(names("A.java", &other, AssetKind::Tool).is_empty());
}
