//! Gateways and the settings of programs: which provider's model is called under which name.

use stance_code::names::{
    Model, hub_model, model_at, provider, provider_model, provider_model_with_prefix,
};
use stance_core::asset::{AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::address::Address;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Node, Value};

use crate::document::Format;
use crate::draft::{Draft, relate};

/// The proxy of LiteLLM. See <https://docs.litellm.ai/docs/proxy/configs>.
pub(crate) const LITELLM: Format = Format {
    title: "LiteLLM configuration",
    loose: false,
    marks: &["litellm_params", "litellm_settings"],
    read: litellm,
};

/// Any file of settings that names a provider's model, or a provider beside a model.
pub(crate) const SETTINGS: Format = Format {
    title: "settings",
    loose: true,
    marks: &[
        "gpt-3.5",
        "gpt-4",
        "gpt-5",
        "claude-",
        "gemini-",
        "mistral-",
        "codestral",
        "command-r",
        "deepseek-",
        "o3-mini",
        "o4-mini",
        "text-embedding-",
        "grok-",
        "sonar-",
        "provider",
        "base-url",
        "base_url",
        "baseUrl",
        "baseURL",
        "api_base",
        "api-key-env",
        "api_key_env",
        "env_key",
        "apiKeyEnv",
        "://api.",
        "hf://",
        "huggingface://",
        "ollama://",
        ":11434",
        ".openai.azure.com",
        "models.inference.ai.azure.com",
        "generativelanguage.googleapis.com",
        "model_id",
        "name_or_path",
        "base_model",
        "dataset_name",
        "dataset_id",
        "system_prompt",
        "system_template",
        "system_message",
    ],
    read: settings,
};

/// Most models that are read of one file.
const MOST: usize = 500;

fn litellm(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(list) = root.get("model_list") else {
        return false;
    };
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let first = root
        .entries()
        .first()
        .map_or(root.span.clone(), |entry| entry.key_span.clone());
    let gateway = Draft::new(AssetKind::Endpoint, page.path.to_string(), name)
        .relation(RelationKind::DependsOn)
        .role("gateway")
        .with("service", "litellm")
        .add(first, page, facts);
    for item in list.items().iter().take(MOST) {
        let Some(parameters) = item.get("litellm_params") else {
            continue;
        };
        let Some(node) = parameters.get("model") else {
            continue;
        };
        let Some(text) = node.as_str() else { continue };
        let base = parameters
            .get_any(&["api_base", "base_url"])
            .and_then(Node::as_str)
            .map(|text| page.address(text));
        let alias = item
            .get("model_name")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let mode = item
            .path(&["model_info", "mode"])
            .and_then(Node::as_str)
            .map(str::to_owned);
        let draft = match routed(text) {
            Some(Routed::Deployment(name)) => crate::infrastructure::azure_deployment(&name)
                .with_some("perhaps", provider_model(&name).map(|model| model.key)),
            Some(Routed::Model(model)) => Draft::model(model, text).relation(RelationKind::Calls),
            None if text.starts_with("os.environ/") => Draft::unresolved(
                AssetKind::Model,
                page,
                text.trim_start_matches("os.environ/"),
                format!(
                    "environment variable {}",
                    text.trim_start_matches("os.environ/")
                ),
            ),
            // A route for whatever is asked for: `openai/*`.
            None => continue,
        };
        let wild = alias.contains('*');
        let id = draft
            .alias(if wild { "" } else { alias })
            .with_some("base_url", base)
            .with_some("mode", mode)
            .add(node.span.clone(), page, facts);
        relate(
            &gateway,
            RelationKind::Serves,
            &id,
            node.span.clone(),
            page,
            facts,
        );
    }
    for item in root
        .get("guardrails")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .take(MOST)
    {
        if let Some(node) = item.get("guardrail_name")
            && let Some(name) = node.as_str()
        {
            let kind = item
                .path(&["litellm_params", "guardrail"])
                .and_then(Node::as_str)
                .map(str::to_owned);
            Draft::new(AssetKind::Guardrail, format!("{}#{name}", page.path), name)
                .relation(RelationKind::DependsOn)
                .role("guardrail")
                .with_some("service", kind)
                .add(node.span.clone(), page, facts);
        }
    }
    // Keys come from variables: `os.environ/OPENAI_API_KEY`.
    let mut left = MOST;
    root.strings(&mut |_, node, text| {
        let variable = text
            .strip_prefix("os.environ/")
            .filter(|name| name.contains("KEY") || name.contains("TOKEN"));
        if let Some(variable) = variable
            && left > 0
        {
            left = left.saturating_sub(1);
            let vendor = stance_read::vendors::of_variable(variable).map(|vendor| vendor.key);
            Draft::new(AssetKind::Identity, format!("env:{variable}"), variable)
                .relation(RelationKind::RunsAs)
                .vendor(vendor)
                .with("source", "gateway")
                .add(node.span.clone(), page, facts);
        }
    });
    true
}

enum Routed {
    Model(Model),
    Deployment(String),
}

/// A model behind LiteLLM's word for the way to it: `azure/my-deployment`, `bedrock/converse/anthropic.claude-…`.
fn routed(text: &str) -> Option<Routed> {
    if text.contains('*') {
        return None;
    }
    if let Some(name) = text.strip_prefix("azure/") {
        return Some(Routed::Deployment(name.rsplit('/').next()?.to_owned()));
    }
    if let Some(id) = text
        .strip_prefix("huggingface/")
        .or_else(|| text.strip_prefix("hosted_vllm/"))
        && let Some(model) = hub_model(id)
    {
        return Some(Routed::Model(model));
    }
    let text = text
        .strip_prefix("bedrock/")
        .map_or(text, |rest| rest.rsplit('/').next().unwrap_or(rest));
    provider_model_with_prefix(text)
        .or_else(|| hub_model(text).filter(|model| model.name.contains('/')))
        .map(Routed::Model)
}

/// Files that list what a package manager or compiler needs, or hold recorded data.
fn is_other(page: &Page<'_>) -> bool {
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let json = name.ends_with(".json");
    name.starts_with("package")
        || name.contains(".prompt.")
        || page.path.contains(".github/")
        || name.contains("gitlab-ci")
        || name.starts_with("tsconfig")
        || name.ends_with("lock.json")
        || name.ends_with("lock.yaml")
        || (json && page.text.as_str().len() > 256 << 10)
        // What models answered, rather than what is asked of them.
        || (json
            && ["result", "output", "response", "trace", "transcript", "conversation", "/logs/"]
                .iter()
                .any(|word| page.path.to_ascii_lowercase().contains(word)))
        || [
            "/cassettes/",
            "/locales/",
            "/i18n/",
            "/fixtures/",
            "__snapshots__",
            "/node_modules/",
        ]
        .iter()
        .any(|part| page.path.contains(part))
}

/// The vendor whose model a setting names, by what its name begins with: `GITHUB_MODEL_NAME`, or `LOCAL_MODEL_NAME`
/// beside `LOCAL_ENDPOINT`.
fn vendor_of_key(key: &str, beside: &Node) -> Option<&'static str> {
    // `"OllamaModel": "…"`
    let camel = ["ModelName", "ModelId", "Model"]
        .iter()
        .find_map(|end| key.strip_suffix(end))
        .filter(|prefix| !prefix.is_empty());
    if let Some(prefix) = camel {
        return provider(&prefix.to_ascii_lowercase());
    }
    let prefix = ["_MODEL_NAME", "_MODEL_ID", "_MODEL"]
        .iter()
        .find_map(|end| key.strip_suffix(end))
        .filter(|prefix| !prefix.is_empty())?;
    let lower = prefix.to_ascii_lowercase();
    provider(&lower)
        .or_else(|| stance_read::vendors::find(&lower).map(|vendor| vendor.key))
        .or_else(|| {
            let address = ["_ENDPOINT", "_BASE_URL", "_URL", "_API_BASE"]
                .iter()
                .find_map(|end| beside.get(&format!("{prefix}{end}")))?;
            Address::of(address.as_str()?)?.vendor
        })
}

/// Whether a setting of this name, in small letters, holds where something answers, rather than a page about it.
fn is_address_key(key: &str) -> bool {
    [
        "url", "uri", "endpoint", "host", "base", "address", "server",
    ]
    .iter()
    .any(|word| key.ends_with(word))
}

fn settings(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if is_other(page) {
        return false;
    }
    let mut left = MOST;
    let mut found = crate::named::run(root, page, facts);
    let mut open = vec![(None, root)];
    while let Some((under, node)) = open.pop() {
        let told = crate::providers::entry(under, node, page, facts);
        found |= told;
        let beside = node
            .get_any(&["provider", "model_provider", "engine"])
            .and_then(Node::as_str)
            .and_then(|word| provider(&word.to_ascii_lowercase()));
        for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
            let key = entry.key.to_ascii_lowercase();
            if !told && left > 0 && is_address_key(&key) {
                let text = entry.value.as_str().unwrap_or_default();
                if let Some(address) = Address::of_vendor_service(text) {
                    left = left.saturating_sub(1);
                    found = true;
                    Draft::new(AssetKind::Endpoint, &address.url, &address.url)
                        .vendor(address.vendor)
                        .alias(&address.host)
                        .with("setting", &*entry.key)
                        .add(entry.value.span.clone(), page, facts);
                }
            }
            if left > 0
                && let Some(text) = entry.value.as_str()
                && let Some(model) = model_at(text)
            {
                left = left.saturating_sub(1);
                found = true;
                Draft::model(model, text)
                    .relation(RelationKind::Serves)
                    .alias(under.unwrap_or_default())
                    .add(entry.value.span.clone(), page, facts);
                continue;
            }
            if !told && left > 0 && crate::named::tell(&entry.key, &entry.value, page, facts) {
                left = left.saturating_sub(1);
                found = true;
                continue;
            }
            // `embed` is what the index of a LangGraph store calls it.
            let asked = key == "embed"
                || ["model", "llm", "embedding"]
                    .iter()
                    .any(|word| key.contains(word));
            if !asked || (told && key == "models") {
                continue;
            }
            let values: Vec<&Node> = match &entry.value.value {
                Value::Array(items) if key.contains("model") => items.iter().take(100).collect(),
                _ => vec![&entry.value],
            };
            for value in values {
                let Some(text) = value.as_str() else { continue };
                let plain = !text.is_empty()
                    && !text.contains(|c: char| c.is_whitespace() || "${<*".contains(c));
                let named = matches!(
                    key.as_str(),
                    "model"
                        | "model_name"
                        | "modelname"
                        | "model_id"
                        | "modelid"
                        | "chat_model"
                        | "embedding_model"
                );
                let model = provider_model(text).or_else(|| {
                    let vendor = beside
                        .filter(|_| named)
                        .or_else(|| vendor_of_key(&entry.key, node))
                        .filter(|_| plain)?;
                    Some(match (vendor, hub_model(text)) {
                        ("huggingface", Some(model)) => model,
                        _ => Model {
                            key: format!("{vendor}/{text}"),
                            name: text.to_owned(),
                            vendor: Some(vendor),
                            through: None,
                        },
                    })
                });
                if let Some(model) = model
                    && left > 0
                {
                    left = left.saturating_sub(1);
                    found = true;
                    let role = if key.contains("embed") || text.contains("embed") {
                        "embedding"
                    } else {
                        "chat"
                    };
                    Draft::model(model, text)
                        .role(role)
                        .how(How::Configuration)
                        .add(value.span.clone(), page, facts);
                }
            }
        }
        let entries = node.entries().iter().rev();
        open.extend(entries.map(|entry| (Some(&*entry.key), &entry.value)));
        open.extend(node.items().iter().rev().map(|item| (None, item)));
    }
    found
}
