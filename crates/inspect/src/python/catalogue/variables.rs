//! Environment variables that hold the key of a provider: one line each.

const VARIABLES: &[(&str, &str)] = &[
    ("OPENAI_API_KEY", "openai"),
    ("OPENAI_ADMIN_KEY", "openai"),
    ("ANTHROPIC_API_KEY", "anthropic"),
    ("ANTHROPIC_AUTH_TOKEN", "anthropic"),
    ("CLAUDE_CODE_OAUTH_TOKEN", "anthropic"),
    ("GOOGLE_API_KEY", "google"),
    ("GEMINI_API_KEY", "google"),
    ("GOOGLE_GENAI_API_KEY", "google"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "google"),
    ("AZURE_OPENAI_API_KEY", "azure"),
    ("AZURE_OPENAI_KEY", "azure"),
    ("AZURE_OPENAI_AD_TOKEN", "azure"),
    ("AZURE_SEARCH_KEY", "azure"),
    ("AZURE_INFERENCE_CREDENTIAL", "azure"),
    ("AWS_BEARER_TOKEN_BEDROCK", "aws"),
    ("MISTRAL_API_KEY", "mistral"),
    ("COHERE_API_KEY", "cohere"),
    ("CO_API_KEY", "cohere"),
    ("GROQ_API_KEY", "groq"),
    ("CEREBRAS_API_KEY", "cerebras"),
    ("TOGETHER_API_KEY", "together"),
    ("FIREWORKS_API_KEY", "fireworks"),
    ("REPLICATE_API_TOKEN", "replicate"),
    ("HF_TOKEN", "huggingface"),
    ("HUGGINGFACE_TOKEN", "huggingface"),
    ("HUGGINGFACE_API_KEY", "huggingface"),
    ("HUGGINGFACEHUB_API_TOKEN", "huggingface"),
    ("HUGGING_FACE_HUB_TOKEN", "huggingface"),
    ("OPENROUTER_API_KEY", "openrouter"),
    ("DEEPSEEK_API_KEY", "deepseek"),
    ("XAI_API_KEY", "xai"),
    ("PERPLEXITY_API_KEY", "perplexity"),
    ("PPLX_API_KEY", "perplexity"),
    ("NVIDIA_API_KEY", "nvidia"),
    ("NGC_API_KEY", "nvidia"),
    ("BASETEN_API_KEY", "baseten"),
    ("VOYAGE_API_KEY", "voyage"),
    ("JINA_API_KEY", "jina"),
    ("AI21_API_KEY", "ai21"),
    ("DASHSCOPE_API_KEY", "alibaba"),
    ("ZHIPUAI_API_KEY", "zhipu"),
    ("MOONSHOT_API_KEY", "moonshot"),
    ("WATSONX_API_KEY", "ibm"),
    ("WATSONX_APIKEY", "ibm"),
    ("ELEVENLABS_API_KEY", "elevenlabs"),
    ("ELEVEN_API_KEY", "elevenlabs"),
    ("DEEPGRAM_API_KEY", "deepgram"),
    ("ASSEMBLYAI_API_KEY", "assemblyai"),
    ("STABILITY_API_KEY", "stability"),
    ("PINECONE_API_KEY", "pinecone"),
    ("WEAVIATE_API_KEY", "weaviate"),
    ("QDRANT_API_KEY", "qdrant"),
    ("LANGSMITH_API_KEY", "langsmith"),
    ("LANGCHAIN_API_KEY", "langsmith"),
    ("LANGFUSE_SECRET_KEY", "langfuse"),
    ("LANGFUSE_PUBLIC_KEY", "langfuse"),
    ("HELICONE_API_KEY", "helicone"),
    ("TRACELOOP_API_KEY", "traceloop"),
    ("AGENTOPS_API_KEY", "agentops"),
    ("WANDB_API_KEY", "wandb"),
    ("COMET_API_KEY", "comet"),
    ("NEPTUNE_API_TOKEN", "neptune"),
    ("TAVILY_API_KEY", "tavily"),
    ("SERPAPI_API_KEY", "serpapi"),
    ("SERPER_API_KEY", "serper"),
    ("EXA_API_KEY", "exa"),
    ("FIRECRAWL_API_KEY", "firecrawl"),
    ("E2B_API_KEY", "e2b"),
    ("MODAL_TOKEN_SECRET", "modal"),
    ("RUNPOD_API_KEY", "runpod"),
    ("LLAMA_CLOUD_API_KEY", "llamaindex"),
    ("UNSTRUCTURED_API_KEY", "unstructured"),
    ("LITELLM_MASTER_KEY", "litellm"),
    ("LITELLM_API_KEY", "litellm"),
];

/// What a variable opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    /// The service of this vendor.
    Vendor(&'static str),
    /// Some service: the name says that it is a key, not whose.
    Something,
}

/// What the variable of this name opens, when it holds a key.
pub(crate) fn opens(variable: &str) -> Option<Opens> {
    if let Some((_, vendor)) = VARIABLES.iter().find(|(name, _)| *name == variable) {
        return Some(Opens::Vendor(vendor));
    }
    let upper = variable
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let long = variable.len() > "_API_KEY".len();
    (upper && long && variable.ends_with("_API_KEY")).then_some(Opens::Something)
}

/// The names of the variables that end in none of the usual ways.
pub(crate) fn unusual() -> impl Iterator<Item = &'static str> {
    VARIABLES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.ends_with("_API_KEY"))
}
