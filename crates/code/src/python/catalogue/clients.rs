//! Classes of frameworks that stand for a model of somebody, by how their names are put together.

use std::sync::LazyLock;

use super::apis::{Api, Role};
use super::roots::{ROOTS, root_of};

/// Frameworks whose classes are called after the vendor that answers.
const FRAMEWORKS: [&str; 19] = [
    "langchain",
    "langchain_classic",
    "langchain_community",
    "langchain_openai",
    "langchain_google_genai",
    "langchain_google_vertexai",
    "langchain_aws",
    "langchain_huggingface",
    "langchain_experimental",
    "llama_index",
    "haystack",
    "haystack_integrations",
    "autogen_ext",
    "pydantic_ai",
    "agno",
    "smolagents",
    "dspy",
    "distilabel",
    "pipecat",
];

/// How the name of a class begins, without `Chat` and `Async`, and the vendor.
const BEGINNINGS: [(&str, &str); 43] = [
    ("Azure", "azure"),
    ("OpenAILike", ""),
    ("OpenAICompatible", ""),
    ("OpenRouter", "openrouter"),
    ("OpenAI", "openai"),
    ("Anthropic", "anthropic"),
    ("Claude", "anthropic"),
    ("Google", "google"),
    ("Gemini", "google"),
    ("Vertex", "google"),
    ("Mistral", "mistral"),
    ("Groq", "groq"),
    ("Cohere", "cohere"),
    ("Ollama", "ollama"),
    ("Bedrock", "aws"),
    ("AmazonBedrock", "aws"),
    ("SageMaker", "aws"),
    ("Sagemaker", "aws"),
    ("Fireworks", "fireworks"),
    ("Together", "together"),
    ("Replicate", "replicate"),
    ("Perplexity", "perplexity"),
    ("DeepSeek", "deepseek"),
    ("Deepseek", "deepseek"),
    ("XAI", "xai"),
    ("NVIDIA", "nvidia"),
    ("Nvidia", "nvidia"),
    ("Voyage", "voyage"),
    ("Jina", "jina"),
    ("HuggingFace", "huggingface"),
    ("HFClient", "huggingface"),
    ("Watsonx", "ibm"),
    ("Cerebras", "cerebras"),
    ("Tongyi", "alibaba"),
    ("DashScope", "alibaba"),
    ("Zhipu", "zhipu"),
    ("Databricks", "databricks"),
    ("AssemblyAI", "assemblyai"),
    ("Cartesia", "cartesia"),
    ("Deepgram", "deepgram"),
    ("ElevenLabs", "elevenlabs"),
    ("Rime", "rime"),
    ("AWS", "aws"),
];

/// How the names of classes end that are no models themselves.
const OTHERS: [&str; 24] = [
    "Agent",
    "Assistant",
    "Tool",
    "Tools",
    "Toolkit",
    "ToolSpec",
    "Error",
    "Settings",
    "Config",
    "Tokenizer",
    "Loader",
    "Reader",
    "Retriever",
    "Handler",
    "Store",
    "Search",
    "Memory",
    "Parser",
    "Message",
    "History",
    "Wrapper",
    "Provider",
    "Splitter",
    "Moderation",
];

/// The vendor that answers the calls of a class of this name.
pub(crate) fn vendor_of_class(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("Async").unwrap_or(name);
    let name = name.strip_prefix("Chat").unwrap_or(name);
    let found = BEGINNINGS.iter().find(|(start, _)| name.starts_with(start));
    found
        .map(|(_, vendor)| *vendor)
        .filter(|vendor| !vendor.is_empty())
}

static GENERIC: LazyLock<Vec<Api>> = LazyLock::new(|| {
    let of = |role| {
        ROOTS
            .iter()
            .filter(|root| FRAMEWORKS.contains(&root.module))
            .map(move |root| Api {
                root: root.module,
                name: "",
                role,
                position: None,
                keyword: "model",
            })
    };
    of(Role::Model).chain(of(Role::HubModel)).collect()
});

/// What a class of a framework takes, when its name says that it is a model of somebody.
pub(crate) fn model_class(callee: &str) -> Option<&'static Api> {
    let last = callee.rsplit('.').next().unwrap_or_default();
    let class = last.starts_with(|first: char| first.is_ascii_uppercase())
        && !callee.contains("()")
        && !OTHERS.iter().any(|end| last.ends_with(end));
    if !class {
        return None;
    }
    let root = root_of(callee).filter(|root| FRAMEWORKS.contains(&root.module))?;
    let vendor = vendor_of_class(last);
    let called_so = ["LLM", "Embeddings", "Embedding", "ChatModel"]
        .iter()
        .any(|end| last.ends_with(end) && last.len() > end.len());
    if vendor.is_none() && !called_so {
        return None;
    }
    let role = match vendor {
        Some("huggingface") => Role::HubModel,
        _ => Role::Model,
    };
    GENERIC
        .iter()
        .find(|api| api.root == root.module && api.role == role)
}

#[cfg(test)]
mod tests {
    use super::{BEGINNINGS, model_class, vendor_of_class};

    #[test]
    fn classes_are_known_by_the_vendor_in_their_names() {
        for (name, want) in [
            ("ChatOllama", Some("ollama")),
            ("AzureChatOpenAI", Some("azure")),
            ("OpenAILike", None),
            ("ChatMessage", None),
        ] {
            assert_eq!(vendor_of_class(name), want, "{name}");
        }
        let known = |callee: &str| model_class(callee).map(|api| api.root);
        assert_eq!(known("langchain.llms.Ollama"), Some("langchain"));
        assert_eq!(
            known("langchain_community.chat_models.ChatTongyi"),
            Some("langchain_community")
        );
        assert_eq!(known("llama_index.agent.openai.OpenAIAgent"), None);
        assert_eq!(known("openai.OpenAI"), None);
        for (_, vendor) in BEGINNINGS.iter().filter(|(_, vendor)| !vendor.is_empty()) {
            assert!(stance_read::vendors::find(vendor).is_some(), "{vendor}");
        }
    }
}
