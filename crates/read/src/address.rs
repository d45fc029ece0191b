//! Addresses of services: which of the addresses in code and configuration programs talk to, and which are only
//! there for people to read.

use crate::vendors::{self, Vendor};

/// Longest address that is taken for one, in bytes.
const LONGEST: usize = 200;

/// Labels of a host at which a vendor answers programs rather than people.
const SERVING: [&str; 10] = [
    "api",
    "apis",
    "gateway",
    "generativelanguage",
    "inference",
    "integrate",
    "mcp",
    "models",
    "router",
    "serving",
];

/// Labels of hosts of vendors at which people sign in or read.
const FOR_PEOPLE: [&str; 12] = [
    "app",
    "build",
    "chat",
    "console",
    "dashboard",
    "docs",
    "gemini",
    "phoenix",
    "platform",
    "smith",
    "studio",
    "www",
];

/// An address that a program can call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address without query, fragment and a slash at its end.
    pub url: String,
    /// Its host, without the port.
    pub host: String,
    /// The vendor that answers there, by its key.
    pub vendor: Option<&'static str>,
}

impl Address {
    /// The address that a text is; `None` for what is no address or is one of documentation
    /// (`example.com` and the names that RFC 2606 reserves) or has holes.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let host = host_of(text)?;
        let reserved = [".example", ".invalid", ".test"];
        // A scope that a token is asked for is written like an address.
        if host.is_empty()
            || text.ends_with("/.default")
            || is_placeholder(host)
            || text.len() > LONGEST
            || text.contains(char::is_whitespace)
            || text.contains(['{', '<', '@', '%', '$', '*'])
            || host.starts_with("example.")
            || host.contains(".example.")
            || reserved.iter().any(|end| host.ends_with(end))
            || !host.contains(['.', ':'])
                && host != "localhost"
                && !host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return None;
        }
        let url = text.split(['?', '#']).next().unwrap_or_default();
        let url = url.trim_end_matches('/');
        Some(Self {
            url: url.to_owned(),
            host: host.to_owned(),
            vendor: vendor_at(url).map(|vendor| vendor.key),
        })
    }

    /// The address at which a service of a vendor answers programs, of a text that may go on with holes
    /// (`https://api.openai.com/v1/models/%s`): what stands before the first one.
    #[must_use]
    pub fn of_vendor_service(text: &str) -> Option<Self> {
        let text = before_hole(text)?;
        let address = Self::of(text)?;
        (address.vendor.is_some() && address.serves()).then_some(address)
    }

    /// Whether it is one that programs talk to, rather than a page about the service.
    #[must_use]
    pub fn serves(&self) -> bool {
        is_of_service(&self.url) || self.is_at_a_serving_host()
    }

    /// Whether the vendor answers at this host to programs only: a host of its own, like
    /// `generativelanguage.googleapis.com`, or one whose labels say so.
    fn is_at_a_serving_host(&self) -> bool {
        let Some(vendor) = self.vendor else {
            return false;
        };
        if self
            .host
            .split('.')
            .any(|label| FOR_PEOPLE.contains(&label))
        {
            return false;
        }
        let mut labels = self.host.split('.');
        let own = vendors::find(vendor).is_some_and(|vendor| {
            vendor.domains.iter().any(|domain| {
                domain.split('.').count() > 2
                    && self
                        .host
                        .strip_suffix(domain)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        });
        own || self.host == "localhost"
            || labels.any(|label| SERVING.contains(&label) || label.starts_with("api-"))
    }
}

/// Whether a host only shows where people put theirs: `YOUR_RESOURCE.openai.azure.com`.
fn is_placeholder(host: &str) -> bool {
    let lower = host.to_ascii_lowercase();
    lower.starts_with("your") || lower.contains("-your-") || lower.contains("xxx")
}

/// The vendor that answers at an address; a model server on this machine by the port that only it uses.
fn vendor_at(url: &str) -> Option<&'static Vendor> {
    let host = host_of(url)?;
    let authority = url.split_once("://")?.1.split('/').next()?;
    if matches!(
        host,
        "localhost" | "127.0.0.1" | "host.docker.internal" | "ollama"
    ) && authority.ends_with(":11434")
    {
        return vendors::find("ollama");
    }
    vendors::of_host(host)
}

/// The host of an address, without its port.
#[must_use]
pub fn host_of(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    if !matches!(scheme, "http" | "https" | "ws" | "wss" | "grpc") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Some(authority.split(':').next().unwrap_or_default())
}

/// What of a text that is put together later stands before its first hole, where the host is whole. A part of
/// the path that goes on in the hole is left out.
#[must_use]
pub fn before_hole(text: &str) -> Option<&str> {
    let Some(at) = text.find(['{', '$', '%', '<']) else {
        return Some(text);
    };
    let text = text.get(..at)?;
    let (scheme, rest) = text.split_once("://")?;
    let (_, path) = rest.split_once(['/', '?'])?;
    if text.contains('?') || path.is_empty() || path.ends_with('/') {
        return Some(text);
    }
    let (kept, _) = rest.rsplit_once('/')?;
    let end = scheme.len().checked_add(3)?.checked_add(kept.len())?;
    text.get(..end)
}

/// Whether an address is by its host or path one that programs talk to.
#[must_use]
pub fn is_of_service(address: &str) -> bool {
    let host = host_of(address).unwrap_or_default();
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let mut path = rest
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .split('/')
        .skip(1);
    host.starts_with("api.")
        || host.contains(".api.")
        || host
            .split('.')
            .any(|part| part.len() > 3 && part.ends_with("api"))
        || path
            .by_ref()
            .take(2)
            .any(|part| part == "api" || is_version(part))
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit()) && rest.len() <= 8
    })
}

/// Whether an environment variable holds, by its name, the address of a service of AI.
#[must_use]
pub fn is_variable(variable: &str) -> bool {
    const ENDS: [&str; 6] = [
        "_ENDPOINT",
        "_BASE_URL",
        "_BASE_URLS",
        "_API_BASE",
        "_API_URL",
        "_OPENAI_BASE",
    ];
    const ABOUT: [&str; 36] = [
        "BING_SEARCH",
        "OPENAI",
        "AZURE_AI",
        "AZURE_API",
        "BEDROCK",
        "COHERE",
        "DEEPSEEK",
        "GROQ",
        "MISTRAL",
        "TOGETHER",
        "AZURE_SEARCH",
        "OLLAMA",
        "LLM",
        "ANTHROPIC",
        "MODEL",
        "EMBED",
        "VLLM",
        "INFERENCE",
        "HUGGINGFACE",
        "HF_",
        "QDRANT",
        "WEAVIATE",
        "MILVUS",
        "PINECONE",
        "CHROMA",
        "LANGFUSE",
        "LANGSMITH",
        "MCP",
        "AI_PROJECT",
        "COGNITIVE",
        "CONTENT_SAFETY",
        "DOCUMENTINTELLIGENCE",
        "DOCUMENT_INTELLIGENCE",
        "FORMRECOGNIZER",
        "FORM_RECOGNIZER",
        "VISION",
    ];
    /// Servers that are AI's own, whatever their variables end with.
    const SERVERS: [&str; 19] = [
        "CHROMA_",
        "CHROMADB_",
        "ELASTICSEARCH_",
        "LANGFUSE_",
        "LITELLM_",
        "LIVEKIT_",
        "LM_STUDIO_",
        "LMSTUDIO_",
        "MILVUS_",
        "MLFLOW_TRACKING_",
        "OLLAMA_",
        "OPENSEARCH_",
        "PHOENIX_",
        "QDRANT_",
        "TEI_",
        "TGI_",
        "TRITON_",
        "VLLM_",
        "WEAVIATE_",
    ];
    const LOCATED: [&str; 4] = ["_URL", "_URI", "_HOST", "_ENDPOINT"];
    let about_ai = ENDS.iter().any(|end| variable.ends_with(end))
        && ABOUT.iter().any(|word| variable.contains(word));
    about_ai
        || SERVERS.iter().any(|server| {
            variable.find(server).is_some_and(|at| {
                at == 0 || variable.as_bytes().get(at.wrapping_sub(1)) == Some(&b'_')
            })
        }) && LOCATED.iter().any(|end| variable.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> Option<(String, Option<&'static str>)> {
        Address::of_vendor_service(text).map(|address| (address.url, address.vendor))
    }

    #[test]
    fn services_are_told_from_pages_about_them() {
        for (text, url, vendor) in [
            (
                "https://api.openai.com/v1/realtime/sessions",
                "https://api.openai.com/v1/realtime/sessions",
                "openai",
            ),
            (
                "https://generativelanguage.googleapis.com/v1beta/models/%s:generate?key=%s",
                "https://generativelanguage.googleapis.com/v1beta/models",
                "google",
            ),
            (
                "https://my-resource.openai.azure.com/",
                "https://my-resource.openai.azure.com",
                "azure",
            ),
            (
                "https://models.github.ai/inference",
                "https://models.github.ai/inference",
                "github",
            ),
            (
                "http://localhost:11434/api/chat",
                "http://localhost:11434/api/chat",
                "ollama",
            ),
        ] {
            assert_eq!(
                service(text),
                Some((url.to_owned(), Some(vendor))),
                "{text}"
            );
        }
        for text in [
            "https://platform.openai.com/account/api-keys",
            "https://console.anthropic.com/settings/keys",
            "https://docs.anthropic.com/en/docs",
            "https://openai.com",
            "https://cognitiveservices.azure.com/.default",
            "https://eu.smith.langchain.com",
            "https://api.example.com/v1",
            "https://%s.openai.azure.com/",
            "https://YOUR_RESOURCE_NAME.openai.azure.com",
            "http://localhost:8080",
            "gpt-4o",
        ] {
            assert_eq!(service(text), None, "{text}");
        }
    }

    #[test]
    fn a_hole_ends_an_address_where_its_path_was_whole() {
        assert_eq!(before_hole("https://a.b/v1/{id}"), Some("https://a.b/v1/"));
        assert_eq!(before_hole("https://a.b/v1/x-{id}"), Some("https://a.b/v1"));
        assert_eq!(before_hole("https://{host}/v1"), None);
        assert_eq!(before_hole("https://a.b/v1"), Some("https://a.b/v1"));
    }

    #[test]
    fn variables_say_whose_address_they_hold() {
        assert!(is_variable("AZURE_OPENAI_ENDPOINT") && is_variable("AZURE_OPENAI_BASE"));
        assert!(!is_variable("DATABASE_ENDPOINT") && !is_variable("OPENAI_API_KEY"));
    }
}
