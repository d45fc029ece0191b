use stance_core::fact::Service;

use crate::ai_services::is_repeated;
use crate::address::{Reach, parse, reach};
use crate::{Cx, Rule};

rule! {
    /// # Model endpoint reached over plain HTTP
    ///
    /// ## What it finds
    /// An environment variable of a container that tells a client where its model, vector store or
    /// tracing server is (`OPENAI_BASE_URL`, `OLLAMA_HOST`, `QDRANT_URL`, …) with an `http://` address
    /// on the public internet. Names of other services, private addresses and the own machine are left
    /// alone.
    ///
    /// ## Why it matters
    /// Prompts, documents and the key in the header travel readable, and whoever is on the way can
    /// change the answer. An answer is not only text: it decides which tools an agent calls.
    ///
    /// ## Example
    /// ```yaml
    /// environment:
    ///   OPENAI_BASE_URL: http://llm.acme.io/v1
    /// ```
    ///
    /// ## Fix
    /// Use `https://`; where the server speaks none, put a proxy with a certificate in front of it.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM02 Sensitive Information Disclosure
    /// - MITRE ATLAS AML.T0025, Exfiltration via Cyber Means
    EndpointPlainHttp {
        id: "config/endpoint-plain-http",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-agentic-2026:ASI07",
            "mitre-atlas:AML.T0025",
            "iso-42001-2023:A.4.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      OPENAI_BASE_URL: http://llm.acme.io/v1\n"),
            crate::text!("Dockerfile", "FROM python:3.12\nENV OLLAMA_HOST=http://203.0.114.7:11434\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      OPENAI_BASE_URL: https://llm.acme.io/v1\n      OLLAMA_HOST: http://ollama:11434\n      QDRANT_URL: http://10.0.0.5:6333\n"),
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      SITE_URL: http://acme.io\n      OPENAI_BASE_URL: ${OPENAI_BASE_URL:-http://localhost:8000}\n"),
        ],
    }
}

/// First words of the names of variables that lead a client to an AI service.
const OWNERS: [&str; 28] = [
    "ANTHROPIC", "AZURE_OPENAI", "CHROMA", "COHERE", "EMBEDDING", "EMBEDDINGS", "GROQ", "HF",
    "HUGGINGFACE", "INFERENCE", "LANGCHAIN", "LANGFUSE", "LANGSMITH", "LITELLM", "LLM", "MILVUS",
    "MISTRAL", "MLFLOW", "MODEL", "OLLAMA", "OPENAI", "OPENROUTER", "QDRANT", "TGI", "TRITON",
    "VLLM", "WEAVIATE", "XINFERENCE",
];

impl Rule for EndpointPlainHttp {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        for setting in &service.environment {
            let name = setting.name.to_ascii_uppercase();
            let owned = OWNERS.iter().any(|owner| {
                name.strip_prefix(owner)
                    .is_some_and(|rest| rest.starts_with('_'))
            });
            let Some((scheme, host)) = parse(&setting.value).filter(|_| owned) else {
                continue;
            };
            if scheme == "http"
                && reach(&host) == Reach::Public
                && !is_repeated(service, &setting.evidence, cx.snapshot())
            {
                let message = format!(
                    "`{}` of `{}` leads to `{host}` over http, without encryption",
                    setting.name, service.name
                );
                cx.report(&setting.evidence, message);
            }
        }
    }
}
