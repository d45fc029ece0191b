//! Providers in the settings of a program: where each answers, which variable holds its key, which models it is
//! asked for. `openai: { base-url: …, api-key-env: OPENAI_API_KEY, models: { gpt-4o: {} } }`, or the same as a list.

use std::ops::Range;

use stance_code::names::{Model, provider, provider_model};
use stance_core::asset::{AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::address::{Address, before_hole};
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Node, Value};
use stance_read::vendors;

use crate::draft::Draft;

const ADDRESSES: &[&str] = &[
    "base-url", "base_url", "baseUrl", "baseURL", "api_base", "apiBase", "api-base", "endpoint",
];

const KEY_VARIABLES: &[&str] = &[
    "api-key-env",
    "api_key_env",
    "apiKeyEnv",
    "api_key_var",
    "env_key",
    "envKey",
    "key_env",
];

const KEYS: &[&str] = &["api_key", "api-key", "apiKey"];

/// Keys under which a provider says its name or kind.
const NAMES: &[&str] = &["provider", "type", "name", "id", "npm"];

/// Keys of a map of models that say what a model is for, rather than what it is called.
const PURPOSES: &[&str] = &[
    "chat",
    "completion",
    "default",
    "embedding",
    "embeddings",
    "fast",
    "large",
    "main",
    "reasoning",
    "rerank",
    "small",
    "smart",
    "summary",
    "title",
    "vision",
    "weak",
];

/// Most models of one provider.
const MOST: usize = 500;

/// Tells what an entry of a list of providers holds; whether it is one. `key` is what it stands under.
pub(crate) fn entry(
    key: Option<&str>,
    node: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    if !node.is_object() {
        return false;
    }
    let address = node.get_any(ADDRESSES).filter(|it| it.as_str().is_some());
    let variable = node
        .get_any(KEY_VARIABLES)
        .or_else(|| node.get_any(KEYS))
        .and_then(|it| Some((it, variable_of(it.as_str()?)?)));
    let url = address
        .and_then(Node::as_str)
        .and_then(before_hole)
        .and_then(|text| Address::of(text.trim_end_matches('/')));
    let named = NAMES
        .iter()
        .filter_map(|name| node.get(name).and_then(Node::as_str));
    let word = key
        .into_iter()
        .chain(named)
        .find_map(|word| vendor_of(word));
    let vendor = word.or_else(|| url.as_ref()?.vendor);
    let models = node
        .get("models")
        .filter(|it| it.is_object() || it.is_array());
    let told = models.is_some() && (address.is_some() || variable.is_some() || word.is_some())
        || address.is_some() && variable.is_some();
    if !told {
        return false;
    }
    if let (Some(address), Some(node)) = (url, address) {
        Draft::new(AssetKind::Endpoint, &address.url, &address.url)
            .vendor(address.vendor.or(vendor))
            .alias(&address.host)
            .with("role", "model")
            .add(node.span.clone(), page, facts);
    }
    if let Some((node, variable)) = variable {
        let owner = vendors::of_variable(variable).map(|vendor| vendor.key);
        Draft::new(AssetKind::Identity, format!("env:{variable}"), variable)
            .relation(RelationKind::RunsAs)
            .vendor(owner.or(vendor))
            .with("source", "settings")
            .add(node.span.clone(), page, facts);
    }
    let own = key.filter(|key| !key.is_empty());
    for (name, span) in models.map(models_of).unwrap_or_default() {
        // Open weights are served by whoever the entry is about.
        let open = |model: &Model| {
            name.starts_with("gemma") && vendor.is_some_and(|it| Some(it) != model.vendor)
        };
        let known = provider_model(name).filter(|model| !open(model));
        let model = known.unwrap_or_else(|| Model {
            key: match vendor.or(own) {
                Some(owner) => format!("{owner}/{name}"),
                None => name.to_owned(),
            },
            name: name.to_owned(),
            vendor,
            through: None,
        });
        let role = if name.contains("embed") {
            "embedding"
        } else {
            "chat"
        };
        Draft::model(model, name)
            .role(role)
            .how(How::Configuration)
            .with_some("provider", own)
            .add(span, page, facts);
    }
    true
}

/// The vendor that a word for a provider means; of a package that serves to call one as well.
fn vendor_of(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    provider(&lower)
        .or_else(|| vendors::find(&lower).map(|vendor| vendor.key))
        .or_else(|| {
            let ecosystem = stance_core::fact::Ecosystem::Npm;
            vendors::of_package(ecosystem, word).map(|vendor| vendor.key)
        })
}

/// The variable that a text names: `OPENAI_API_KEY`, `${OPENAI_API_KEY}`, `{env:OPENAI_API_KEY}`, `env:…`.
fn variable_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text
        .trim_start_matches(['$', '{'])
        .trim_start_matches("env:")
        .trim_start_matches("env.")
        .trim_end_matches('}');
    let written = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (inner.len() > 3 && inner.contains('_') && inner.bytes().all(written)).then_some(inner)
}

/// The names of models in a map or list, with their places.
fn models_of(models: &Node) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    for entry in models
        .entries()
        .iter()
        .filter(|entry| !entry.shadowed)
        .take(MOST)
    {
        let inner = named(&entry.value);
        let purpose = PURPOSES.contains(&entry.key.to_ascii_lowercase().as_str());
        match &entry.value.value {
            Value::Object(_) | Value::Null if !purpose => {
                found.push((&*entry.key, entry.key_span.clone()));
            }
            _ => found.extend(inner),
        }
    }
    found.extend(models.items().iter().take(MOST).filter_map(named));
    found.retain(|(name, _)| is_name(name));
    found
}

/// The name of a model as a text, or in an object that tells more about it.
fn named(node: &Node) -> Option<(&str, Range<usize>)> {
    let node = match node.is_object() {
        true => node.get_any(&["id", "model", "name", "model_name"])?,
        false => node,
    };
    Some((node.as_str()?, node.span.clone()))
}

fn is_name(name: &str) -> bool {
    (2..=120).contains(&name.len())
        && !name.contains(|c: char| c.is_whitespace() || "${<*\"'".contains(c))
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn providers_of_a_program_are_told_with_address_key_and_models() {
        let text = "apis:\n  groq:\n    base-url: https://api.groq.com/openai/v1\n    api-key-env: GROQ_API_KEY\n    models:\n      gemma2-9b-it:\n        aliases: [gemma]\n      own-model:\n  google:\n    models:\n      gemini-2.0-flash:\n        limit: 1\n  mine:\n    base-url: http://localhost:8080\n    models: {some-model: {}}\n  azure:\n    base-url: https://${NAME}.openai.azure.com\n    models: {gpt-35: {}}\n";
        assert_eq!(
            told("config.yml", text),
            [
                "endpoint https://api.groq.com/openai/v1 model 3",
                "identity env:GROQ_API_KEY - 4",
                "model groq/gemma2-9b-it chat 6",
                "model groq/own-model chat 8",
                "model google/gemini-2.0-flash chat 11",
                "endpoint http://localhost:8080 model 14",
                "model mine/some-model chat 15",
                "model openai/gpt-35 chat 18",
            ]
        );
    }

    #[test]
    fn a_list_of_clients_tells_the_same() {
        let text = "model: openai:gpt-4o\nclients:\n- type: openai\n  api_base: https://api.openai.com/v1\n  api_key: ${OPENAI_API_KEY}\n  models:\n  - name: gpt-4o\n  - name: own-tune\n";
        let all = told("config.yaml", text);
        for one in [
            "endpoint https://api.openai.com/v1 model 4",
            "identity env:OPENAI_API_KEY - 5",
            "model openai/gpt-4o chat 7",
            "model openai/own-tune chat 8",
        ] {
            assert!(all.contains(&one.to_owned()), "{one}: {all:?}");
        }
        let codex = "model = \"gpt-5\"\n[model_providers.openrouter]\nname = \"OpenRouter\"\nbase_url = \"https://openrouter.ai/api/v1\"\nenv_key = \"OPENROUTER_API_KEY\"\n";
        let all = told("config.toml", codex);
        assert!(
            all.contains(&"identity env:OPENROUTER_API_KEY - 5".to_owned()),
            "{all:?}"
        );
    }

    #[test]
    fn what_only_has_an_address_or_only_models_is_no_provider() {
        for text in [
            "server:\n  base_url: https://www.shop.invalid\n  models: {}\n",
            "cars:\n  models:\n    - golf\n    - polo\n  base-url-of: x\n",
            "database:\n  endpoint: https://db.internal\n  api_key: ${DB_KEY}x\nbase_url: 1\n",
        ] {
            assert_eq!(told("app.yaml", text), [] as [&str; 0], "{text}");
        }
    }
}
