//! Names of models that say by themselves whose they are.

/// A name that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The maker's key.
    pub vendor: &'static str,
    /// The name without any prefix of a router or framework.
    pub name: String,
    /// The service it is reached through, where the spelling tells: `azure`, `bedrock`.
    pub through: Option<&'static str>,
}

/// How a maker's names begin, and what may follow: `-` for the rest of a dashed name,
/// nothing for the exact name.
const BEGINNINGS: &[(&str, &str)] = &[
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("text-embedding-3-", "openai"),
    ("text-embedding-ada-", "openai"),
    ("text-davinci-", "openai"),
    ("codex-mini-", "openai"),
    ("dall-e-", "openai"),
    ("omni-moderation-", "openai"),
    ("text-moderation-", "openai"),
    ("tts-1-", "openai"),
    ("o1-", "openai"),
    ("o3-", "openai"),
    ("o4-", "openai"),
    ("sora-", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "google"),
    ("gemma-", "google"),
    ("gemma2-", "google"),
    ("gemma3-", "google"),
    ("text-embedding-004", "google"),
    ("text-embedding-005", "google"),
    ("text-multilingual-embedding-", "google"),
    ("imagen-", "google"),
    ("veo-", "google"),
    ("textembedding-gecko", "google"),
    ("mistral-", "mistral"),
    ("magistral-", "mistral"),
    ("ministral-", "mistral"),
    ("codestral-", "mistral"),
    ("devstral-", "mistral"),
    ("pixtral-", "mistral"),
    ("voxtral-", "mistral"),
    ("open-mistral-", "mistral"),
    ("open-mixtral-", "mistral"),
    ("mixtral-", "mistral"),
    ("command-r", "cohere"),
    ("command-a-", "cohere"),
    ("embed-english-v", "cohere"),
    ("embed-english-light-v", "cohere"),
    ("embed-multilingual-v", "cohere"),
    ("embed-multilingual-light-v", "cohere"),
    ("embed-v4", "cohere"),
    ("rerank-english-v", "cohere"),
    ("rerank-multilingual-v", "cohere"),
    ("rerank-v", "cohere"),
    ("grok-", "xai"),
    ("sonar-", "perplexity"),
    ("voyage-", "voyage"),
    ("jamba-", "ai21"),
    ("qwen2.5-", "alibaba"),
    ("qwen3-", "alibaba"),
    ("qwen-max", "alibaba"),
    ("qwen-plus", "alibaba"),
    ("qwen-turbo", "alibaba"),
    ("glm-4", "zhipu"),
    ("llama-3.", "meta"),
    ("llama-4-", "meta"),
    ("llama3-", "meta"),
    ("kimi-k", "moonshot"),
    ("deepseek-v", "deepseek"),
    ("deepseek-r1", "deepseek"),
    ("nova-pro-v", "aws"),
    ("nova-lite-v", "aws"),
    ("nova-micro-v", "aws"),
    ("titan-embed-", "aws"),
    ("titan-text-", "aws"),
    ("jina-embeddings-v", "jina"),
    ("jina-reranker-v", "jina"),
];

/// Names that are whole as they stand.
const EXACT: &[(&str, &str)] = &[
    ("o1", "openai"),
    ("o3", "openai"),
    ("whisper-1", "openai"),
    ("tts-1", "openai"),
    ("deepseek-chat", "deepseek"),
    ("deepseek-reasoner", "deepseek"),
    ("deepseek-coder", "deepseek"),
];

/// What must follow `gpt-`, `claude-` and so on for the name to be one of the maker's rather than
/// somebody's own word.
fn is_plausible(beginning: &str, rest: &str) -> bool {
    let digit = rest
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit());
    match beginning {
        "gpt-" => {
            digit && !rest.starts_with("2-") && rest != "2"
                || rest.starts_with("image-")
                || rest.starts_with("realtime")
                || rest.starts_with("audio")
                || rest.starts_with("oss-")
        }
        "chatgpt-" => digit,
        "claude-" => {
            digit
                || ["opus", "sonnet", "haiku", "instant", "v", "fable", "mythos"]
                    .iter()
                    .any(|word| rest.starts_with(word))
        }
        "gemini-" => {
            digit
                || ["pro", "flash", "ultra", "embedding", "exp", "live"]
                    .iter()
                    .any(|word| rest.starts_with(word))
        }
        "gemma-" | "imagen-" | "veo-" | "dall-e-" | "sora-" => digit,
        "grok-" => {
            digit
                || ["beta", "code-", "imagine", "mini", "vision"]
                    .iter()
                    .any(|word| rest.starts_with(word))
        }
        // `gemma2-9b-it`, `qwen3-32b`, `mixtral-8x7b-32768`: a size follows.
        "gemma2-" | "gemma3-" | "qwen2.5-" | "qwen3-" | "mixtral-" => digit && rest.contains('b'),
        "mistral-" => [
            "large",
            "medium",
            "small",
            "tiny",
            "embed",
            "nemo",
            "saba",
            "moderation",
            "ocr",
            "7b",
        ]
        .iter()
        .any(|word| rest.starts_with(word)),
        "o1-" | "o3-" | "o4-" => ["mini", "preview", "pro", "deep-research", "20"]
            .iter()
            .any(|word| rest.starts_with(word)),
        "voyage-" => {
            digit
                || ["large", "code", "law", "finance", "multilingual", "lite"]
                    .iter()
                    .any(|word| rest.starts_with(word))
        }
        "sonar-" => ["pro", "reasoning", "deep", "small", "medium", "large"]
            .iter()
            .any(|word| rest.starts_with(word)),
        "jamba-" => {
            digit
                || ["large", "mini", "instruct"]
                    .iter()
                    .any(|word| rest.starts_with(word))
        }
        "command-r" => rest.is_empty() || rest.starts_with('-'),
        _ => true,
    }
}

/// Frameworks' and routers' words for a provider, before `:` or `/`, and whether
/// the provider is only a way to somebody else's models.
const PROVIDERS: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("openai-chat", "openai"),
    ("openai-responses", "openai"),
    ("azure_openai", "azure"),
    ("azure", "azure"),
    ("azure_ai", "azure"),
    ("anthropic", "anthropic"),
    ("google_genai", "google"),
    ("google-genai", "google"),
    ("google_vertexai", "google"),
    ("google-vertex", "google"),
    ("google-gla", "google"),
    ("google_anthropic_vertex", "google"),
    ("vertex_ai", "google"),
    ("vertexai", "google"),
    ("googleai", "google"),
    ("gemini", "google"),
    ("google", "google"),
    ("mistralai", "mistral"),
    ("mistral", "mistral"),
    ("cohere", "cohere"),
    ("groq", "groq"),
    ("together", "together"),
    ("together_ai", "together"),
    ("fireworks", "fireworks"),
    ("fireworks_ai", "fireworks"),
    ("bedrock", "aws"),
    ("bedrock_converse", "aws"),
    ("sagemaker", "aws"),
    ("huggingface", "huggingface"),
    ("ollama", "ollama"),
    ("ollama_chat", "ollama"),
    ("openrouter", "openrouter"),
    ("deepseek", "deepseek"),
    ("xai", "xai"),
    ("grok", "xai"),
    ("x-ai", "xai"),
    ("perplexity", "perplexity"),
    ("nvidia", "nvidia"),
    ("nvidia_nim", "nvidia"),
    ("ibm", "ibm"),
    ("watsonx", "ibm"),
    ("upstage", "upstage"),
    ("cerebras", "cerebras"),
    ("baseten", "baseten"),
    ("replicate", "replicate"),
    ("voyage", "voyage"),
    ("dashscope", "alibaba"),
    ("moonshot", "moonshot"),
    ("moonshotai", "moonshot"),
    ("meta-llama", "meta"),
    ("assemblyai", "assemblyai"),
    ("cartesia", "cartesia"),
    ("deepgram", "deepgram"),
    ("elevenlabs", "elevenlabs"),
    ("databricks", "databricks"),
    ("deepinfra", "deepinfra"),
    ("hyperbolic", "hyperbolic"),
    ("nebius", "nebius"),
    ("novita", "novita"),
    ("rime", "rime"),
    ("sambanova", "sambanova"),
    ("speechmatics", "speechmatics"),
];

/// The vendor behind a framework's word for a provider.
pub(crate) fn provider(word: &str) -> Option<&'static str> {
    PROVIDERS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, vendor)| *vendor)
}

/// How the names of providers' models begin.
pub fn beginnings() -> impl Iterator<Item = &'static str> {
    let exact = EXACT.iter().filter(|(name, _)| name.len() > 2);
    BEGINNINGS.iter().chain(exact).map(|(name, _)| *name)
}

/// How texts begin that hold the name of a model behind the word for a provider or a region.
pub(crate) fn prefixes() -> impl Iterator<Item = &'static str> {
    let spellings = [
        "models/",
        "publishers/",
        "projects/",
        "us.",
        "eu.",
        "apac.",
        "jp.",
        "au.",
        "us-gov.",
        "global.",
        "arn:",
        "meta.",
    ];
    PROVIDERS.iter().map(|(word, _)| *word).chain(spellings)
}

#[cfg(test)]
pub(super) fn makers() -> impl Iterator<Item = &'static str> {
    let makers = BEGINNINGS.iter().chain(EXACT).chain(PROVIDERS);
    makers.map(|(_, vendor)| *vendor)
}

fn is_name(text: &str) -> bool {
    (2..=100).contains(&text.len())
        && text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:@".contains(&byte))
}

/// Recognises a name that stands alone: `gpt-4o`, `claude-haiku-4-5-20251001`.
fn bare(text: &str) -> Option<&'static str> {
    if !is_name(text) || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    // File names look alike: `gpt-2.py`, `claude-config.json`.
    let extension = text.rsplit('.').next().unwrap_or_default();
    if [
        "json", "py", "yaml", "yml", "md", "txt", "bin", "pt", "gguf", "com", "ai", "onnx", "html",
        "tiktoken", "png", "svg",
    ]
    .contains(&extension)
    {
        return None;
    }
    EXACT
        .iter()
        .find(|(name, _)| *name == text)
        .or_else(|| {
            BEGINNINGS.iter().find(|(beginning, _)| {
                text.strip_prefix(beginning).is_some_and(|rest| {
                    (!rest.is_empty() || !beginning.ends_with('-')) && is_plausible(beginning, rest)
                })
            })
        })
        .map(|(_, vendor)| *vendor)
        .filter(|vendor| !is_made_up(vendor, text))
}

/// Whether a program gave a model a name of its own, after how it asks: these makers never write `_`
/// (`gpt-4o_chatgpt`, `gpt-4.1-temp-1`).
fn is_made_up(vendor: &str, text: &str) -> bool {
    matches!(vendor, "openai" | "anthropic" | "google")
        && (text.contains('_') || text.contains("-temp-") || text.contains("-temperature"))
}

/// Bedrock's spelling: `us.anthropic.claude-sonnet-4-20250514-v1:0`.
fn bedrock(text: &str) -> Option<Recognised> {
    let text = text.rsplit('/').next().unwrap_or(text);
    let rest = ["us.", "eu.", "apac.", "jp.", "au.", "us-gov.", "global."]
        .iter()
        .find_map(|region| text.strip_prefix(region))
        .unwrap_or(text);
    let (maker, name) = rest.split_once('.')?;
    let vendor = match maker {
        "anthropic" => "anthropic",
        "amazon" => "aws",
        "cohere" => "cohere",
        "meta" => "meta",
        "mistral" => "mistral",
        "ai21" => "ai21",
        "deepseek" => "deepseek",
        "openai" => "openai",
        _ => return None,
    };
    let dashed = name.contains('-') && is_name(name);
    let versioned = name.rsplit('-').next().is_some_and(|last| {
        last.starts_with('v') && last.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
    });
    (dashed && (versioned || bare(name).is_some())).then(|| Recognised {
        vendor,
        name: name.to_owned(),
        through: Some("aws"),
    })
}

/// Recognises a text that is nothing but the name of a provider's model.
pub fn recognise(text: &str) -> Option<Recognised> {
    if text.len() > 120 || text.len() < 2 {
        return None;
    }
    if let Some(vendor) = bare(text) {
        return Some(Recognised {
            vendor,
            name: text.to_owned(),
            through: None,
        });
    }
    if let Some(found) = bedrock(text) {
        return Some(found);
    }
    if let Some(name) = text.strip_prefix("models/") {
        return bare(name).map(|vendor| Recognised {
            vendor,
            name: name.to_owned(),
            through: None,
        });
    }
    // Vertex AI's spelling: `publishers/google/models/gemini-2.0-flash`, with the project before or not.
    if text.starts_with("publishers/") || text.starts_with("projects/") {
        let (_, name) = text.rsplit_once("/models/")?;
        return bare(name).map(|vendor| Recognised {
            vendor,
            name: name.to_owned(),
            through: Some("google").filter(|through| *through != vendor),
        });
    }
    // Pydantic AI's gateway: `gateway/openai:gpt-5-mini`.
    if let Some(behind) = text.strip_prefix("gateway/").filter(|it| it.contains(':')) {
        let found = recognise(behind)?;
        return Some(Recognised {
            through: Some("pydantic"),
            ..found
        });
    }
    // `provider:model`, `provider/model`, `router/provider/model`.
    let (word, name) = text.split_once([':', '/'])?;
    let through = provider(word)?;
    let found = recognise(name)?;
    let through = (through != found.vendor)
        .then_some(through)
        .or(found.through);
    Some(Recognised { through, ..found })
}

/// A text in a place where only a model can stand, with an explicit provider: `groq/anything-7b`.
pub fn with_provider(text: &str) -> Option<(&'static str, &str)> {
    let (word, name) = text.split_once([':', '/'])?;
    let vendor = provider(word)?;
    (!name.is_empty() && name.len() <= 120 && !name.contains(char::is_whitespace))
        .then_some((vendor, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_model_is_known_by_its_whole_name() {
        for (text, want) in [
            ("gpt-4o", Some(("openai", "gpt-4o", None))),
            ("o3-mini", Some(("openai", "o3-mini", None))),
            (
                "google_genai:gemini-2.5-flash",
                Some(("google", "gemini-2.5-flash", None)),
            ),
            (
                "anthropic/claude-sonnet-4-5",
                Some(("anthropic", "claude-sonnet-4-5", None)),
            ),
            (
                "openrouter/anthropic/claude-3.5-sonnet",
                Some(("anthropic", "claude-3.5-sonnet", Some("openrouter"))),
            ),
            ("azure/gpt-4o", Some(("openai", "gpt-4o", Some("azure")))),
            (
                "us.anthropic.claude-sonnet-4-20250514-v1:0",
                Some(("anthropic", "claude-sonnet-4-20250514-v1:0", Some("aws"))),
            ),
            (
                "models/gemini-1.5-pro",
                Some(("google", "gemini-1.5-pro", None)),
            ),
            (
                "publishers/google/models/text-embedding-004",
                Some(("google", "text-embedding-004", None)),
            ),
            ("projects/desks/locations/eu/endpoints/1", None),
            ("gpt-2", None),
            ("gpt-engineer", None),
            ("claude-config.json", None),
            ("claude-code", None),
            ("gpt-4 is a model", None),
            ("gpt-", None),
            ("mistral-community/pixtral", None),
            ("GPT-4", None),
            ("o1", Some(("openai", "o1", None))),
            ("o2", None),
        ] {
            let found = recognise(text);
            let found = found.as_ref().map(|it| (it.vendor, &*it.name, it.through));
            assert_eq!(found, want, "{text}");
        }
    }
}
