use stance_core::fact::{Code, CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::{severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Certificate check switched off for calls to models
    ///
    /// ## What it finds
    /// `verify=False` for an HTTP client in a file that imports the SDK of a model provider,
    /// `ssl_verify=False` of LiteLLM, `verify_ssl_certs = False` of older OpenAI clients,
    /// `verify=False` of LangChain's clients and of vector stores.
    ///
    /// ## Why it matters
    /// Without the check any machine on the way can answer in the provider's place: it reads the
    /// API key and every prompt, and writes every answer. Mostly it is a leftover of a debugging
    /// session behind a company proxy.
    ///
    /// ## Example
    /// ```python
    /// client = OpenAI(http_client=httpx.Client(verify=False))
    /// ```
    ///
    /// ## Fix
    /// Give the client the certificate of the proxy instead: `verify="/etc/ssl/company.pem"`, an
    /// `ssl.SSLContext`, or the variable `SSL_CERT_FILE`.
    ///
    /// ## References
    /// - HTTPX documentation, SSL
    /// - CWE-295: Improper Certificate Validation
    TlsVerificationOff {
        id: "code/tls-verification-off",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM02",
            "owasp-agentic-2026:ASI07",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::text!("a.py", "import httpx\nfrom openai import OpenAI\nclient = OpenAI(http_client=httpx.Client(verify=False))\n"),
            crate::text!("a.py", "import litellm\nlitellm.ssl_verify = False\n"),
            crate::text!("a.py", "import ollama\nclient = ollama.Client(host='https://llm.example.com', verify=False)\n"),
        ],
        good: [
            crate::text!("a.py", "import httpx\nfrom openai import OpenAI\nclient = OpenAI(http_client=httpx.Client(verify='/etc/ssl/company.pem'))\n"),
            crate::text!("a.py", "import httpx\nclient = httpx.Client(verify=False)\n"),
            crate::text!("a.py", "import litellm\nlitellm.ssl_verify = True\n"),
        ],
    }
}

/// Modules whose import says that an HTTP client in the file may talk to a model.
const PROVIDERS: [&str; 12] = [
    "openai",
    "anthropic",
    "mistralai",
    "cohere",
    "groq",
    "litellm",
    "langchain_openai",
    "langchain_anthropic",
    "langchain_mistralai",
    "pydantic_ai",
    "llama_index",
    "google.genai",
];

impl Rule for TlsVerificationOff {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "httpx.Client(verify)",
            "httpx.AsyncClient(verify)",
            "openai.DefaultHttpxClient(verify)",
            "openai.verify_ssl_certs.__set__",
            "litellm.ssl_verify.__set__",
            "ollama.Client(verify)",
            "ollama.AsyncClient(verify)",
            "qdrant_client.QdrantClient(verify)",
        ]
    }

    fn code(&self, code: &Code, cx: &mut Cx<'_>) {
        let talks = code.imports.iter().any(|import| {
            PROVIDERS.iter().any(|provider| {
                import
                    .module
                    .strip_prefix(provider)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        });
        for call in &code.calls {
            let Some(confidence) = is_off(call, talks) else {
                continue;
            };
            let severity = severity_at(&call.evidence, Severity::Medium);
            let callee = shown(&call.callee).trim_end_matches(".__set__");
            cx.report(
                &call.evidence,
                format!("`{callee}` does not check who answers"),
            )
            .severity(severity)
            .confidence(confidence);
        }
    }
}

fn is_off(call: &CodeCall, talks: bool) -> Option<Confidence> {
    let off = |name: &str| call.keyword(name).and_then(Value::boolean) == Some(false);
    match call.callee.as_str() {
        "openai.verify_ssl_certs.__set__" | "litellm.ssl_verify.__set__" => {
            (call.positional(0).and_then(Value::boolean) == Some(false)).then_some(Confidence::High)
        }
        "httpx.Client" | "httpx.AsyncClient" => (talks && off("verify")).then_some(Confidence::Medium),
        "openai.DefaultHttpxClient" | "ollama.Client" | "ollama.AsyncClient"
        | "qdrant_client.QdrantClient" => off("verify").then_some(Confidence::High),
        _ => None,
    }
}
