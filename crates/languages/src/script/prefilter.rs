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
    "cohere-ai",
    "mistralai",
    "bedrock",
    "sagemaker",
    "ollama",
    "groq",
    "\"replicate\"",
    "'replicate'",
    "together-ai",
    "huggingface",
    "xenova",
    "pinecone",
    "chromadb",
    "qdrant",
    "weaviate",
    "milvus",
    "lancedb",
    "upstash/vector",
    "azure/identity",
    "azure/search-documents",
    "astra-db",
    "turbopuffer",
    "langsmith",
    "langfuse",
    "braintrust",
    "autoevals",
    "_API_KEY",
    "_APIKEY",
    "_API_TOKEN",
    "_ACCESS_TOKEN",
    "_AUTH_TOKEN",
    "_CLIENT_SECRET",
    "_SECRET_ACCESS_KEY",
    "_CONNECTION_STRING",
    "Prompt",
    "PROMPT",
    "INSTRUCTIONS",
    "Instructions",
    "registerTool",
    "inputSchema",
    "type: \"function\"",
    "type: 'function'",
    "type: \"web_search",
    "type: 'web_search",
    "type: \"file_search\"",
    "type: 'file_search'",
    "type: \"code_interpreter\"",
    "type: 'code_interpreter'",
    "server_label",
    "serverLabel",
    "copilot-sdk",
    "livekit",
    "Guardrail",
];

/// Those of the words that any program has.
const COMMON: &[&str] = &[
    "mcp",
    "MCP",
    "Prompt",
    "PROMPT",
    "INSTRUCTIONS",
    "Instructions",
    "Guardrail",
];

/// How names of variables end that hold the name of a store of vectors.
const STORES: &[&str] = &[
    "VECTOR_STORE_ID",
    "PINECONE_INDEX",
    "QDRANT_COLLECTION",
    "CHROMA_COLLECTION",
    "SEARCH_INDEX",
    "KNOWLEDGE_BASE_ID",
];

/// Words that model names of interest begin with are looked for behind a quote.
pub(super) struct Prefilter {
    automaton: Option<AhoCorasick>,
    /// Of those the ones that only packages, models and keys have.
    telling: Option<AhoCorasick>,
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
            words.extend(vendor.domains.iter().map(|it| (*it).to_owned()));
        }
        words.extend(STORES.iter().map(|it| (*it).to_owned()));
        let telling: Vec<&String> = words
            .iter()
            .filter(|word| !COMMON.contains(&word.as_str()))
            .collect();
        Self {
            telling: automaton(&telling),
            automaton: automaton(&words),
        }
    }

    /// Whether a source that is not parsed holds something that would have been told.
    pub(super) fn misses(&self, source: &str) -> bool {
        let telling = self.telling.as_ref();
        telling.is_none_or(|telling| telling.is_match(source))
    }

    /// Whether a source can hold anything that we tell; calls that rules judge are asked for by the interests.
    pub(super) fn wants(&self, source: &str, interests: &Interests) -> bool {
        let found = match &self.automaton {
            Some(automaton) => automaton.is_match(source),
            None => true,
        };
        found
            || reads_prompts(source)
            || keeps_vectors(source)
            || interests.may_occur_in(source.as_bytes())
    }
}

/// Whether a source reads files and speaks of prompts, in small letters: the others are words of their own.
fn reads_prompts(source: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some();
    (has("readFile") || has("readTextFile") || has("Bun.file") || has(".md?raw") || has(".txt?raw"))
        && (has("prompt") || has("instructions"))
}

/// Whether a source makes tables with columns of vectors.
fn keeps_vectors(source: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some();
    has("pgTable") && (has("vector(") || has("halfvec("))
}

fn automaton<W: AsRef<[u8]>>(words: &[W]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()
}
