//! What a user relies on, in each language.

mod described;
mod identities;
mod shapes;

use stance_core::AssetKind;
use stance_core::fact::Fact;
use stance_read::testing::Harness;

const HARNESS: Harness = Harness(crate::PARSERS);

fn names(path: &str, source: &str, kind: AssetKind) -> Vec<String> {
    let report = HARNESS.report(path, source.as_bytes());
    let mut names: Vec<String> = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Reference(reference) if reference.kind == kind => Some(reference.name.clone()),
            _ => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn go() {
    let source = r#"package main
import (
	"os"
	"github.com/mark3labs/mcp-go/mcp"
	openai "github.com/openai/openai-go"
)
const toolName = "weather"
func main() {
	s := server.NewMCPServer("forecasts", "1.0")
	tool := mcp.NewTool(toolName, mcp.WithDescription("Tells the weather"))
	other := mcp.NewTool("alert")
	key := os.Getenv("OPENAI_API_KEY")
	client.New(openai.ChatCompletionNewParams{Model: openai.ChatModelGPT4oMini})
	// "gpt-3.5-turbo" in a comment
	x.Complete("gpt-4.1")
}
"#;
    assert_eq!(names("a.go", source, AssetKind::Tool), ["alert", "weather"]);
    assert_eq!(names("a.go", source, AssetKind::McpServer), ["forecasts"]);
    assert_eq!(
        names("a.go", source, AssetKind::Identity),
        ["OPENAI_API_KEY"]
    );
    assert_eq!(
        names("a.go", source, AssetKind::Model),
        ["gpt-4.1", "gpt-4o-mini"]
    );
    assert_eq!(names("a.go", source, AssetKind::Vendor), ["openai"]);
}

#[test]
fn java_and_kotlin() {
    let java = r#"
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.modelcontextprotocol.spec.McpSchema;
class A {
  static final String SYSTEM_PROMPT = "You are an assistant that answers questions about the weather only.";
  var m = OpenAiChatModel.builder().apiKey(System.getenv("OPENAI_API_KEY")).modelName("gpt-4o").build();
  var n = OpenAiChatModelName.GPT_4_O_MINI;
  var e = OpenAiEmbeddingModelName.TEXT_EMBEDDING_3_SMALL;
  var c = AnthropicApi.ChatModel.CLAUDE_3_5_SONNET_20241022;
  var d = OpenAiApi.ChatModel.DEFAULT;
  var t = McpSchema.Tool.builder().description("x").name("calculator").build();
  @Tool("Adds numbers")
  int add(int a, int b) { return a + b; }
}
"#;
    assert_eq!(
        names("A.java", java, AssetKind::Model),
        [
            "claude-3-5-sonnet-20241022",
            "gpt-4o",
            "gpt-4o-mini",
            "text-embedding-3-small"
        ]
    );
    assert_eq!(
        names("A.java", java, AssetKind::Tool),
        ["add", "calculator"]
    );
    assert_eq!(names("A.java", java, AssetKind::Prompt), ["SYSTEM_PROMPT"]);
    let kotlin = "import io.modelcontextprotocol.kotlin.sdk.server.Server\nval s = Server(Implementation(name = \"weather\", version = \"1\"))\ns.addTool(name = \"forecast\", description = \"x\") { }\n";
    assert_eq!(names("a.kt", kotlin, AssetKind::Tool), ["forecast"]);
    assert_eq!(names("a.kt", kotlin, AssetKind::McpServer), ["weather"]);
}

#[test]
fn c_sharp() {
    let source = r#"
using OpenAI.Chat;
using ModelContextProtocol.Server;
public static class Tools {
  [McpServerTool(Name = "echo"), Description("Says it")]
  public static string Echo(string message) => message;
  [McpServerTool, Description("Adds")]
  public static int Add(int a, int b) => a + b;
  static readonly ChatClient client = new ChatClient("gpt-4o-mini", Environment.GetEnvironmentVariable("OPENAI_API_KEY"));
}
"#;
    assert_eq!(names("a.cs", source, AssetKind::Tool), ["Add", "echo"]);
    assert_eq!(names("a.cs", source, AssetKind::Model), ["gpt-4o-mini"]);
    assert_eq!(
        names("a.cs", source, AssetKind::Identity),
        ["OPENAI_API_KEY"]
    );
}

#[test]
fn rust() {
    let source = r##"
use async_openai::{types::CreateChatCompletionRequestArgs, Client};
use rmcp::{tool, ServerHandler};
const MODEL: &str = "gpt-4o";
impl Counter {
    #[tool(description = "Increments")]
    async fn increment(&self) -> u32 { let x = 'a'; 1 }
    #[tool(name = "say", description = r#"Says "it""#)]
    async fn hello(&self) {}
}
fn key() -> String { std::env::var("OPENAI_API_KEY").unwrap() }
"##;
    assert_eq!(names("a.rs", source, AssetKind::Tool), ["increment", "say"]);
    assert_eq!(names("a.rs", source, AssetKind::Model), ["gpt-4o"]);
    assert_eq!(
        names("a.rs", source, AssetKind::Identity),
        ["OPENAI_API_KEY"]
    );
}

#[test]
fn ruby_and_php() {
    let ruby = "require 'openai'\nclient = OpenAI::Client.new(access_token: ENV.fetch('OPENAI_API_KEY'))\nclient.chat(parameters: { model: 'gpt-4o' })\n# model: 'gpt-4'\n";
    assert_eq!(names("a.rb", ruby, AssetKind::Model), ["gpt-4o"]);
    assert_eq!(names("a.rb", ruby, AssetKind::Identity), ["OPENAI_API_KEY"]);
    let php = "<?php\nuse PhpMcp\\Server\\Attributes\\McpTool;\nclass A {\n #[McpTool(name: 'add')]\n public function plus(int $a) {}\n #[McpTool]\n public function times(int $a) {}\n}\n$r = ['model' => 'gpt-4o', 'key' => getenv('OPENAI_API_KEY')];\n";
    assert_eq!(names("a.php", php, AssetKind::Tool), ["add", "times"]);
    assert_eq!(names("a.php", php, AssetKind::Model), ["gpt-4o"]);
    assert_eq!(names("a.php", php, AssetKind::Identity), ["OPENAI_API_KEY"]);
}

#[test]
fn words_alone_are_no_assets() {
    let source = "package a\nimport \"fmt\"\nfunc NewTool(name string) {}\nvar x = NewTool(\"hammer\")\nfmt.Println(\"gpt-4o\")\n";
    for kind in [AssetKind::Tool, AssetKind::Model, AssetKind::Package] {
        assert!(names("a.go", source, kind).is_empty(), "{kind}");
    }
}

#[test]
fn broken_sources_are_survived() {
    for (path, source) in [
        (
            "a.rs",
            "use rmcp::tool;\n#[tool(name = r#\"x\"#)]\nfn 'a' b() {}\n",
        ),
        (
            "a.cs",
            "using OpenAI;\nvar s = @\"x\" + $\"{y}\" + \"\"\"z\"\"\";\n[McpServerTool]\n",
        ),
        (
            "a.php",
            "<?php use PhpMcp\\Server; # c\n#[McpTool]\n$x = \"é\\é\";\n",
        ),
    ] {
        HARNESS.survives_truncation(path, source.as_bytes());
    }
}

#[test]
fn keys_and_addresses_are_told_wherever_they_stand() {
    let source = r#"package main

var help = map[string]string{
	"prompt": "Include the prompt from the arguments and stdin, truncate stdin to the lines that are asked for",
}

func start(m *Mods) {
	key, err := m.ensureKey(api, "ANTHROPIC_API_KEY", "https://console.anthropic.com/settings/keys")
	url := fmt.Sprintf("https://generativelanguage.googleapis.com/v1beta/models/%s:run?key=%s", model, key)
	base := os.Getenv("AZURE_OPENAI_ENDPOINT")
	local := Config{BaseURL: "http://localhost:11434/"}
}
"#;
    assert_eq!(
        names("a.go", source, AssetKind::Identity),
        ["ANTHROPIC_API_KEY"]
    );
    assert_eq!(
        names("a.go", source, AssetKind::Endpoint),
        [
            "AZURE_OPENAI_ENDPOINT",
            "http://localhost:11434",
            "https://generativelanguage.googleapis.com/v1beta/models"
        ]
    );
    // What a flag means is no prompt.
    assert!(names("a.go", source, AssetKind::Prompt).is_empty());
}

#[test]
fn what_is_said_to_a_model_is_told_with_holes_or_without() {
    let csharp = r#"using Microsoft.SemanticKernel.ChatCompletion;
class Chat {
  void Run(string source) {
    var answerChat = new ChatHistory(
        "You are a system assistant who helps the employees with their questions. Be brief.");
    var prompt = @$"= Source =
{source}
= End =
Answer with a json object like {{""answer"": ""x""}} and nothing besides, please.";
    chat.AddUserMessage("What is the deductible of the plan that I have, and who pays the rest?");
  }
}
"#;
    assert_eq!(
        names("Chat.cs", csharp, AssetKind::Prompt),
        ["answerChat", "prompt"]
    );
    let java = r#"
import dev.langchain4j.service.SystemMessage;
interface Assistant {
  @SystemMessage("You are an agent of a rental company. " + "Before you answer, look up the booking of the customer.")
  String chat(String text);
}
class A { Object m = SystemMessage.from("You answer in one sentence and name the source of all that you say."); }
"#;
    assert_eq!(
        names("A.java", java, AssetKind::Prompt),
        ["SystemMessage", "m"]
    );
    let agents = r#"
import dev.langchain4j.agentic.Agent;
import io.quarkiverse.langchain4j.RegisterAiService;
public interface PricingAgent {
  @Agent(outputKey = "value", description = "Estimates values")
  String estimateValue(String make);
}
@RegisterAiService
public interface Assistant { String chat(String text); }
"#;
    assert_eq!(
        names("A.java", agents, AssetKind::Agent),
        ["Assistant", "estimateValue"]
    );
    let handed = "record Task(String told) { static Task cleaning() { return new Task(\"\"\"\n You are a cleaning analyzer for a car rental company. Your job is to determine if a car needs cleaning, based on what people say of it. Be specific, and keep it short.\n\"\"\"); } }";
    assert_eq!(
        names("Task.java", handed, AssetKind::Prompt),
        ["cleaning system prompt"]
    );
    // Without a package of AI nobody is spoken to.
    let other = "class A { var x = new ChatHistory(\"You are a system assistant who helps the employees with their questions.\"); }";
    assert!(names("A.cs", other, AssetKind::Prompt).is_empty());
}

#[test]
fn servers_that_a_program_connects_to_and_texts_that_are_put_together_are_told() {
    let go = r#"package main
import (
	"fmt"
	"github.com/firebase/genkit/go/genkit"
	"github.com/firebase/genkit/go/plugins/mcp"
)
func main() {
	client, err := mcp.NewGenkitMCPClient(mcp.MCPClientOptions{Name: "github", Stdio: &mcp.StdioConfig{Command: cmd}})
	prompt := fmt.Sprintf(`Summarize and explain what pull request #%d in %s is doing, and why it changed.`, pr, repo)
	message := fmt.Sprintf("The request of the user was not understood, because the name %s is not known here.", name)
}
"#;
    assert_eq!(names("main.go", go, AssetKind::McpServer), ["github"]);
    assert_eq!(names("main.go", go, AssetKind::Prompt), ["prompt"]);
    // A token that programs of any kind use is no word of its vendor about AI.
    let token = format!("{go}\nvar token = os.Getenv(\"GITHUB_TOKEN\")\n");
    assert_eq!(
        names("main.go", &token, AssetKind::Identity),
        ["GITHUB_TOKEN"]
    );
    let vendor = |source: &str| {
        let report = HARNESS.report("main.go", source.as_bytes());
        let mut all = report.facts.into_iter();
        all.find_map(|(_, fact)| match fact {
            Fact::Reference(it) if it.kind == AssetKind::Identity => Some(it.vendor),
            _ => None,
        })
    };
    assert_eq!(vendor(&token), Some(None));
    let key = token.replace("GITHUB_TOKEN", "OPENAI_API_KEY");
    assert_eq!(vendor(&key), Some(Some("openai".to_owned())));
    let csharp = r#"
using ModelContextProtocol.Client;
var transport = new StdioClientTransport(new StdioClientTransportOptions { Name = "Everything", Command = "npx" });
"#;
    assert_eq!(names("A.cs", csharp, AssetKind::McpServer), ["Everything"]);
    let java = r#"
import dev.langchain4j.mcp.client.DefaultMcpClient;
class A { McpClient client = new DefaultMcpClient.Builder().key("weather").transport(transport).build(); }
"#;
    assert_eq!(names("A.java", java, AssetKind::McpServer), ["weather"]);
    let http = java.replace(
        "DefaultMcpClient.Builder().key(\"weather\")",
        "HttpMcpTransport.Builder().sseUrl(\"http://localhost:3001/sse\")",
    );
    assert_eq!(
        names("A.java", &http, AssetKind::McpServer),
        ["http://localhost:3001/sse"]
    );
}

#[test]
fn files_of_prompts_are_told_by_their_paths() {
    let opened = |path: &str, source: &str| -> Vec<String> {
        let report = HARNESS.report(path, source.as_bytes());
        let facts = report.facts.into_iter();
        let opened = facts.filter_map(|(_, fact)| match fact {
            Fact::Opened(it) => Some(format!("{:?} {}", it.from, it.path)),
            _ => None,
        });
        opened.collect()
    };
    let java = "class A { @Value(\"classpath:/prompts/system-message.st\") Resource prompt; String s = \"classpath:/data/x.txt\"; }";
    assert_eq!(
        opened("A.java", java),
        ["Elsewhere prompts/system-message.st"]
    );
    let rust = "const SYSTEM_PROMPT: &str = include_str!(\"../prompts/system.md\"); const README: &str = include_str!(\"../README.md\");";
    assert_eq!(opened("src/a.rs", rust), ["Start ../prompts/system.md"]);
}
