//! Addresses of services: what models and tools are reached at.

use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::{Collector, Draft, last_part, lies_in};
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;

impl Collector<'_> {
    /// The address that a client of models talks to.
    pub(super) fn base_address(&mut self, address: &str, how: How, span: &Span) {
        if let Some(draft) = endpoint(address, how) {
            self.refer(draft.with("role", "model"), span);
        }
    }

    /// A request of the program itself: `requests.post("https://api…")`.
    pub(super) fn request(&mut self, site: &CallSite<'_>) {
        let client = ["requests", "httpx", "aiohttp", "urllib"]
            .iter()
            .any(|module| lies_in(site.callee, module));
        if !client || self.addresses.len() >= 64 {
            return;
        }
        let position = usize::from(last_part(site.callee) == "request");
        let Some(given) = site.argument(Some(position), "url") else {
            return;
        };
        if let Known::Text { text, how } = &given.value
            && let Some(draft) = endpoint(text, *how)
            && (draft.vendor.is_some() || is_of_service(text))
        {
            self.addresses
                .push((draft.with("role", "tool"), given.span.clone()));
        }
    }

    /// A constant that holds the address of a service.
    pub(super) fn address_constant(&mut self, name: &str, text: &str, how: How, span: &Span) {
        if self.addresses.len() >= 64 || !text.starts_with("http") {
            return;
        }
        let Some(draft) = endpoint(text, how) else {
            return;
        };
        let lower = name.to_ascii_lowercase();
        let told =
            lower.contains("api") || lower.contains("base_url") || lower.contains("endpoint");
        let is_service = draft.vendor.is_some() || is_of_service(text);
        if is_service || (told && !lower.contains("doc")) {
            // Whether the file has to do with AI at all is known at its end.
            self.addresses
                .push((draft.with("role", "tool"), span.clone()));
        }
    }

    /// An address that is put together: what stands before its first hole.
    pub(super) fn address_beginning(&mut self, text: &str, span: &Span) {
        if self.addresses.len() >= 64 || !text.starts_with("http") {
            return;
        }
        // The host is known only when something stands behind it.
        let Some((scheme, rest)) = text.split_once("://") else {
            return;
        };
        let Some((_, path)) = rest.split_once(['/', '?']) else {
            return;
        };
        // A part of the path that goes on in the hole is none of its own.
        let whole = text.contains('?') || path.is_empty() || path.ends_with('/');
        let address = match (whole, rest.rsplit_once('/')) {
            (false, Some((before, _))) => format!("{scheme}://{before}"),
            _ => text.to_owned(),
        };
        if is_of_service(&address)
            && let Some(draft) = endpoint(&address, How::Literal)
        {
            self.addresses
                .push((draft.with("role", "tool"), span.clone()));
        }
    }

    /// A variable that holds the address of a service of AI.
    pub(super) fn address_variable(&mut self, variable: &str, span: &Span) {
        let told = ["_ENDPOINT", "_BASE_URL", "_API_BASE", "_API_URL"]
            .iter()
            .any(|end| variable.ends_with(end));
        let about = [
            "OPENAI",
            "AZURE_AI",
            "AZURE_API",
            "AZURE_SEARCH",
            "BEDROCK",
            "COHERE",
            "DEEPSEEK",
            "GROQ",
            "MISTRAL",
            "TOGETHER",
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
        ]
        .iter()
        .any(|word| variable.contains(word));
        if told && about && self.addresses.len() < 64 {
            let draft = Draft::new(
                AssetKind::Endpoint,
                format!("env:{variable}"),
                variable,
                How::Unresolved,
            )
            .relation(RelationKind::Calls)
            .vendor(vendors::of_variable(variable).map(|vendor| vendor.key))
            .with("unresolved", format!("environment variable {variable}"));
            self.addresses.push((draft, span.clone()));
        }
    }

    /// Addresses of services are of interest in files that use AI.
    pub(super) fn settle_addresses(&mut self) {
        let addresses = std::mem::take(&mut self.addresses);
        let about_ai = !self.modules.is_empty();
        for (draft, span) in addresses {
            if about_ai || draft.vendor.is_some() {
                self.refer(draft, &span);
            }
        }
    }
}

/// An address as an asset; none for what is no address, or one of documentation.
fn endpoint(address: &str, how: How) -> Option<Draft> {
    let host = host_of(address)?;
    let reserved = [".example", ".invalid", ".test"];
    if host.is_empty()
        || address.len() > 200
        || address.contains(char::is_whitespace)
        || address.contains(['{', '<', '@', '%'])
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
    let address = address
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    let vendor = vendors::of_host(host).map(|vendor| vendor.key);
    Some(
        Draft::new(AssetKind::Endpoint, address, address, how)
            .relation(RelationKind::Calls)
            .vendor(vendor)
            .alias(host),
    )
}

fn host_of(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    if !matches!(scheme, "http" | "https" | "ws" | "wss" | "grpc") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Some(authority.split(':').next().unwrap_or_default())
}

/// Whether an address is by its host or path one that programs talk to.
fn is_of_service(address: &str) -> bool {
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
