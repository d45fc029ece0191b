//! Names of one thing, as inventories and as requests write them.

use std::collections::BTreeSet;

use stance_core::AssetKind;

use super::Named;

/// What libraries put before the name of a model to say whose it is.
const PROVIDERS: [&str; 21] = [
    "anthropic",
    "azure",
    "azure_ai",
    "bedrock",
    "cohere",
    "deepseek",
    "fireworks_ai",
    "gemini",
    "google",
    "groq",
    "huggingface",
    "hosted_vllm",
    "mistral",
    "ollama",
    "ollama_chat",
    "openai",
    "openrouter",
    "together_ai",
    "vertex_ai",
    "vllm",
    "xai",
];

/// What Bedrock puts before a model that may run in several regions.
const REGIONS: [&str; 8] = ["us", "us-gov", "eu", "apac", "au", "jp", "ca", "global"];

/// What keys of the inventory begin with that requests do not.
const KEYS: [&str; 2] = ["pkg:huggingface/", "file/"];

/// One form of a name: small letters, without what says nothing.
fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = name.strip_prefix("models/").unwrap_or(&name);
    name.strip_suffix(":latest").unwrap_or(name).to_owned()
}

/// The host and port of an address, and nothing for what is none: a name of one word may be anything.
fn server(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let port = match scheme {
        "http" | "ws" => "80",
        "https" | "wss" => "443",
        _ => return None,
    };
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let server = server.rsplit('@').next().unwrap_or_default();
    // The colons of an address of IPv6 stand in brackets.
    let told = server
        .rsplit_once(':')
        .filter(|(_, port)| !port.contains(']'));
    let (host, port) = told.unwrap_or((server, port));
    (!host.is_empty()).then(|| format!("//{host}:{port}"))
}

/// The names under which a thing of the inventory is looked for.
pub(super) fn known(kind: AssetKind, names: &[String]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for name in names {
        let name = plain(name);
        if kind == AssetKind::Endpoint {
            all.extend(server(&name));
        }
        let without = KEYS.iter().find_map(|prefix| name.strip_prefix(prefix));
        all.extend(without.map(str::to_owned));
        all.insert(name);
    }
    all.remove("");
    all
}

/// The names that what a request asks for may have in the inventory.
pub(super) fn asked(named: Named<'_>) -> BTreeSet<String> {
    let name = plain(named.name);
    let mut all = BTreeSet::new();
    if name.is_empty() {
        return all;
    }
    if named.kind == AssetKind::Endpoint {
        all.extend(server(&name));
    }
    if named.kind == AssetKind::Model {
        let upstream = plain(named.upstream);
        let alone = alone(&name, &upstream);
        if let Some((region, rest)) = alone.split_once('.')
            && REGIONS.contains(&region)
            && rest.contains('.')
        {
            all.insert(rest.to_owned());
        }
        all.insert(plain(alone));
        all.insert(format!("{upstream}/{alone}"));
    }
    all.insert(name);
    all.remove("");
    all
}

/// A model without who serves it.
fn alone<'n>(name: &'n str, upstream: &str) -> &'n str {
    // The name of a resource of AWS ends in that of the model.
    if name.starts_with("arn:") {
        return name.rsplit('/').next().unwrap_or(name);
    }
    let mut alone = name;
    // Whoever passes on to others has both: `openrouter/openai/…`.
    while let Some((first, rest)) = alone.split_once('/')
        && (PROVIDERS.contains(&first) || first == upstream)
    {
        alone = rest;
    }
    alone
}
