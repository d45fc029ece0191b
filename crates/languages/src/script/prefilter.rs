//! Which files are parsed: a look for words that comes first.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use stance_code::models::model_beginnings;
use stance_read::interests::Interests;

/// Words that stand in files of interest: packages, variables and what files of constants are called.
const WORDS: &[&str] = &[
    "modelcontextprotocol",
    "mcp",
    "MCP",
    "openai",
    "OpenAI",
    "anthropic",
    "ai-sdk",
    "\"ai\"",
    "'ai'",
    "langchain",
    "langgraph",
    "mastra",
    "llamaindex",
    "genkit",
    "voltagent",
    "strands-agents",
    "agent-kit",
    "deepagents",
    "google/adk",
    "generative-ai",
    "google/genai",
    "vertexai",
    "cohere",
    "mistral",
    "bedrock",
    "sagemaker",
    "ollama",
    "groq",
    "replicate",
    "together",
    "huggingface",
    "xenova",
    "pinecone",
    "chromadb",
    "qdrant",
    "weaviate",
    "milvus",
    "lancedb",
    "upstash/vector",
    "langsmith",
    "langfuse",
    "braintrust",
    "autoevals",
    "_API_KEY",
    "Prompt",
    "PROMPT",
    "INSTRUCTIONS",
    "Instructions",
    "registerTool",
    "copilot-sdk",
    "livekit",
];

/// Words that model names of interest begin with are looked for behind a quote.
pub(super) struct Prefilter {
    automaton: Option<AhoCorasick>,
}

impl Prefilter {
    pub(super) fn new(_: &Interests) -> Self {
        let mut words: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        for beginning in model_beginnings().filter(|it| it.len() > 2) {
            for before in ["\"", "'", "`", "/", ":"] {
                words.push(format!("{before}{beginning}"));
            }
        }
        for vendor in stance_read::vendors::all() {
            words.extend(vendor.variables.iter().map(|it| (*it).to_owned()));
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .ok();
        Self { automaton }
    }

    /// Whether a source can hold anything that we tell; calls that rules judge are asked for by the interests.
    pub(super) fn wants(&self, source: &str, interests: &Interests) -> bool {
        let found = match &self.automaton {
            Some(automaton) => automaton.is_match(source),
            None => true,
        };
        found || interests.may_occur_in(source.as_bytes())
    }
}
