//! Which container images belong into an inventory of AI: what serves, trains or stores for models. An image that
//! any program is built upon is a fact for rules, but no asset of its own.

/// Parts of names of such images.
const PARTS: &[&str] = &[
    "agentgateway",
    "anythingllm",
    "autogen",
    "bentoml",
    "chroma",
    "comfyui",
    "crawl4ai",
    "cuda",
    "deepspeed",
    "dify",
    "docling",
    "flowise",
    "gradio",
    "huggingface",
    "jupyter",
    "kserve",
    "kubeflow",
    "lancedb",
    "langchain",
    "langflow",
    "langfuse",
    "langgraph",
    "librechat",
    "litellm",
    "llama",
    "lmcache",
    "lmdeploy",
    "localai",
    "mcp",
    "milvus",
    "mlflow",
    "mlserver",
    "n8nio/",
    "nemo",
    "nvcr.io/",
    "ollama",
    "onnx",
    "open-webui",
    "openai",
    "openvino",
    "pgvector",
    "pytorch",
    "qdrant",
    "rayproject/",
    "rocm/",
    "sagemaker",
    "seldon",
    "sglang",
    "stable-diffusion",
    "tensorflow",
    "text-embeddings-inference",
    "text-generation",
    "torch",
    "transformers",
    "triton",
    "unstructured",
    "vllm",
    "weaviate",
    "whisper",
    "xinference",
];

/// Parts of names of images that are stores of vectors, with the technology.
const STORES: &[(&str, &str)] = &[
    ("chromadb/chroma", "chroma"),
    ("chroma-core/chroma", "chroma"),
    ("milvusdb/milvus", "milvus"),
    ("pgvector/pgvector", "pgvector"),
    ("ankane/pgvector", "pgvector"),
    ("qdrant/qdrant", "qdrant"),
    ("semitechnologies/weaviate", "weaviate"),
    ("cr.weaviate.io/", "weaviate"),
];

/// The store of vectors that an image is, by its name without tag.
pub(super) fn vector_store(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    STORES
        .iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, technology)| *technology)
}

/// Whether an image is one of AI, by its name without tag.
pub(super) fn is_of_ai(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::{is_of_ai, vector_store};

    #[test]
    fn servers_of_models_are_and_what_anything_is_built_upon_is_not() {
        for name in [
            "vllm/vllm-openai",
            "nvidia/cuda",
            "ghcr.io/acme/mcp-notes",
            "PGVector/pgvector",
        ] {
            assert!(is_of_ai(name), "{name}");
        }
        for name in [
            "python",
            "node",
            "nginx",
            "mcr.microsoft.com/dotnet/sdk",
            "library/postgres",
        ] {
            assert!(!is_of_ai(name), "{name}");
        }
        assert_eq!(vector_store("docker.io/Qdrant/qdrant"), Some("qdrant"));
        assert_eq!(vector_store("ollama/ollama"), None);
    }
}
