//! Models as routers and local servers spell them: `together_ai/org/model`, `llama3:latest`.

use super::names::with_provider;

/// Words for routers and servers that no organisation of the hub is called by: what stands behind them is a model.
const ROUTERS: &[&str] = &[
    "assemblyai",
    "azure",
    "azure_ai",
    "bedrock",
    "bedrock_converse",
    "cartesia",
    "cerebras",
    "databricks",
    "deepgram",
    "deepinfra",
    "elevenlabs",
    "fireworks_ai",
    "gemini",
    "groq",
    "huggingface",
    "nvidia_nim",
    "ollama",
    "ollama_chat",
    "openrouter",
    "perplexity",
    "replicate",
    "rime",
    "sagemaker",
    "sambanova",
    "speechmatics",
    "together_ai",
    "vertex_ai",
    "watsonx",
    "xai",
];

/// A model whose name only the word for a router before it gives away: `together_ai/org/model`.
pub(crate) fn routed(text: &str) -> Option<(&'static str, &str)> {
    let (word, _) = text.split_once('/')?;
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:/@".contains(&byte));
    (plain && ROUTERS.contains(&word))
        .then(|| with_provider(text))
        .flatten()
}

/// How the names of models in Ollama's library begin.
const OLLAMA: &[&str] = &[
    "all-minilm",
    "aya",
    "bakllava",
    "bge-",
    "codegemma",
    "codellama",
    "codestral",
    "command-r",
    "cogito",
    "deepseek-",
    "devstral",
    "dolphin-",
    "falcon",
    "gemma",
    "glm4",
    "gpt-oss",
    "granite",
    "hermes",
    "llama",
    "llava",
    "magistral",
    "minicpm",
    "mistral",
    "mixtral",
    "moondream",
    "mxbai-embed",
    "nemotron",
    "neural-chat",
    "nomic-embed",
    "nous-hermes",
    "olmo",
    "openchat",
    "openhermes",
    "orca",
    "phi",
    "qwen",
    "qwq",
    "smollm",
    "snowflake-arctic",
    "solar",
    "starcoder",
    "starling",
    "stable-code",
    "tinyllama",
    "vicuna",
    "wizard",
    "yi",
    "zephyr",
];

/// A model as Ollama spells it, with its tag: `llama3:latest`, `qwen2.5:7b-instruct`.
pub(crate) fn ollama(text: &str) -> Option<&str> {
    let (name, tag) = text.split_once(':')?;
    let plain = |part: &str| {
        (1..=60).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let library = OLLAMA.iter().any(|start| name.starts_with(start));
    (library && plain(name) && plain(tag)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routers_and_tags_give_models_away() {
        assert_eq!(
            routed("together_ai/meta-llama/Llama-3-70b"),
            Some(("together", "meta-llama/Llama-3-70b"))
        );
        assert_eq!(routed("openai/clip-vit-base-patch32"), None);
        assert_eq!(routed("azure/{name}"), None);
        for (text, want) in [
            ("llama3:latest", true),
            ("qwen2.5:7b-instruct", true),
            ("mistral", false),
            ("redis:7", false),
            ("llama:a b", false),
        ] {
            assert_eq!(ollama(text).is_some(), want, "{text}");
        }
    }
}
