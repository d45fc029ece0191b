use stance_core::Severity;
use stance_core::fact::{CodeCall, Value};

use crate::address::{Reach, parse, reach};
use crate::calls::{severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Model endpoint called over plain HTTP
    ///
    /// ## What it finds
    /// A client of a model service (OpenAI, Anthropic, Mistral, LangChain's chat models, LiteLLM,
    /// Ollama, …) that is given an address beginning with `http://` whose host is neither this
    /// machine nor a private network. Names without a dot, private ranges and names such as
    /// `vllm.internal` are left alone.
    ///
    /// ## Why it matters
    /// Prompts, documents, answers and the API key travel in the clear. Anybody on the way can
    /// read them, and can change an answer that an agent then acts upon.
    ///
    /// ## Example
    /// ```python
    /// client = OpenAI(base_url="http://llm.acme.io/v1")
    /// ```
    ///
    /// ## Fix
    /// Use `https://`. Where the server has no certificate, put a proxy that has one before it, or
    /// reach it through a VPN or service mesh under a private name.
    ///
    /// ## References
    /// - CWE-319: Cleartext Transmission of Sensitive Information
    ModelEndpointHttp {
        id: "code/model-endpoint-http",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM02",
            "owasp-agentic-2026:ASI07",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(base_url='http://llm.acme.io/v1')\n"),
            crate::text!("a.py", "from langchain_openai import ChatOpenAI\nURL = 'http://203.0.113.7:8000/v1'\nllm = ChatOpenAI(openai_api_base=URL)\n"),
            crate::text!("a.py", "import openai\nopenai.api_base = 'http://llm.acme.io/v1'\n"),
        ],
        good: [
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(base_url='https://llm.example.com/v1')\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(base_url='http://localhost:8000/v1')\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI(base_url='http://vllm:8000/v1')\n"),
            crate::text!("a.py", "from ollama import Client\nclient = Client(host='http://192.168.1.20:11434')\n"),
            crate::text!("a.py", "import requests\nrequests.get('http://example.com')\n"),
        ],
    }
}

/// Keywords that take an address.
const ADDRESSES: [&str; 9] = [
    "base_url",
    "api_base",
    "openai_api_base",
    "anthropic_api_url",
    "azure_endpoint",
    "endpoint",
    "endpoint_url",
    "server_url",
    "host",
];

impl Rule for ModelEndpointHttp {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "openai.OpenAI",
            "openai.AsyncOpenAI",
            "openai.AzureOpenAI",
            "openai.AsyncAzureOpenAI",
            "openai.base_url.__set__",
            "openai.api_base.__set__",
            "anthropic.Anthropic",
            "anthropic.AsyncAnthropic",
            "mistralai.Mistral",
            "cohere.Client",
            "cohere.ClientV2",
            "groq.Groq",
            "ollama.Client",
            "ollama.AsyncClient",
            "litellm.completion",
            "litellm.acompletion",
            "litellm.embedding",
            "litellm.api_base.__set__",
            "huggingface_hub.InferenceClient",
            "huggingface_hub.AsyncInferenceClient",
            "*.ChatOpenAI",
            "*.OpenAIEmbeddings",
            "*.AzureChatOpenAI",
            "*.ChatAnthropic",
            "*.ChatOllama",
            "*.OllamaLLM",
            "*.OllamaEmbeddings",
            "*.HuggingFaceEndpoint",
            "*.VLLMOpenAI",
            "*.OpenAILike",
            "*.LiteLLMModel",
            "*.OpenAIServerModel",
            "*.OpenAIChatCompletionClient",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let set = call.callee.ends_with(".__set__").then(|| call.positional(0));
        let by_keyword = ADDRESSES.iter().filter_map(|name| call.keyword(name));
        for value in by_keyword.chain(set.flatten()) {
            let text = match value {
                Value::Text { text, .. } => text,
                Value::Environment {
                    default: Some(text), ..
                } => text,
                _ => continue,
            };
            let Some((scheme, host)) = parse(text) else {
                continue;
            };
            if scheme == "http" && reach(&host) == Reach::Public {
                let callee = shown(&call.callee).trim_end_matches(".__set__");
                let severity = severity_at(&call.evidence, Severity::Medium);
                cx.report(
                    &call.evidence,
                    format!("`{callee}` sends prompts to {host} over plain HTTP"),
                )
                .severity(severity);
                return;
            }
        }
    }
}
