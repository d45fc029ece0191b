//! The values of Helm charts: models, images of servers, addresses of services.

use std::ops::Range;

use stance_code::names::{Model, hub_model, model_at, provider_model};
use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::address::Address;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::adapters::adapter;
use super::cloud::MOST;
use super::kubernetes::{IMAGES, container, image, trusts};
use crate::document::Format;
use crate::draft::Draft;

pub(crate) const VALUES: Format = Format {
    title: "values of a Helm chart",
    loose: true,
    marks: &[
        "modelURL",
        "modelSpec",
        "vllm",
        "text-generation-inference",
        "text-embeddings-inference",
        "sglang",
        "ollama",
        "hf://",
    ],
    read: values,
};

/// The address of a service of a vendor among values.
fn address(node: &Node, text: &str, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(address) = Address::of(text).filter(|address| address.vendor.is_some()) else {
        return false;
    };
    Draft::new(AssetKind::Endpoint, &address.url, &address.url)
        .vendor(address.vendor)
        .alias(&address.host)
        .add(node.span.clone(), page, facts);
    true
}

/// `hfToken` and `hf_token` as the variable that holds it.
fn upper(key: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for character in key.chars() {
        if character.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
        before = character;
    }
    name
}

/// A variable that holds the key of a vendor's.
fn variable(name: &str, at: Range<usize>, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let vendor =
        stance_read::vendors::of_variable(name).filter(|_| !stance_read::vendors::is_common(name));
    let Some(vendor) = vendor else { return false };
    Draft::new(AssetKind::Identity, format!("env:{name}"), name)
        .relation(RelationKind::RunsAs)
        .vendor(Some(vendor.key))
        .add(at, page, facts);
    true
}

/// `ollama: {models: {pull: [llama3.2], run: […]}}`, and a plain list of models.
fn loaded(node: &Node, left: &mut usize, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(models) = node.path(&["ollama", "models"]) else {
        return false;
    };
    let lists = ["pull", "run"].iter().filter_map(|key| models.get(key));
    let mut found = false;
    for item in lists.chain([models]).flat_map(Node::items) {
        let Some(text) = item.as_str().filter(|text| !text.contains(['{', ' '])) else {
            continue;
        };
        if *left == 0 {
            break;
        }
        *left = left.saturating_sub(1);
        let model = Model {
            key: format!("ollama/{text}"),
            name: text.to_owned(),
            vendor: Some("ollama"),
            through: None,
        };
        Draft::model(model, text)
            .relation(RelationKind::Serves)
            .role("inference")
            .add(item.span.clone(), page, facts);
        found = true;
    }
    found
}

/// Values: models under the keys that charts of servers use, in a file that speaks of such a server.
fn values(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let is_values =
        name.starts_with("values") || name.ends_with("values.yaml") || name.ends_with("values.yml");
    if !is_values || root.get("apiVersion").is_some() {
        return false;
    }
    let mut left = MOST;
    let mut found = false;
    let mut open: Vec<(Option<&str>, &Node)> = vec![(None, root)];
    while let Some((under, node)) = open.pop() {
        for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
            let key = entry.key.to_ascii_lowercase();
            let says = matches!(
                key.as_str(),
                "modelurl"
                    | "model"
                    | "modelid"
                    | "model_id"
                    | "modelname"
                    | "huggingfacemodel"
                    | "hfmodel"
                    | "repo_id"
            );
            found |= variable(&upper(&entry.key), entry.key_span.clone(), page, facts);
            let Some(text) = entry.value.as_str() else {
                continue;
            };
            found |= address(&entry.value, text, page, facts);
            if let Some(model) = model_at(text).filter(|_| left > 0) {
                left = left.saturating_sub(1);
                found = true;
                Draft::model(model, text)
                    .relation(RelationKind::Serves)
                    .role("inference")
                    .alias(under.unwrap_or_default())
                    .add(entry.value.span.clone(), page, facts);
            }
            // `openaiBaseApiUrl: http://gateway/openai/v1`: where somebody's protocol is spoken.
            let speaks = key.contains("openai") && (key.ends_with("url") || key.ends_with("urls"));
            if let Some(address) = Address::of(text).filter(|it| speaks && it.vendor.is_none()) {
                Draft::new(AssetKind::Endpoint, &address.url, &address.url)
                    .alias(&address.host)
                    .add(entry.value.span.clone(), page, facts);
                found = true;
            }
            // Images by what they are for: `images: {default: vllm/vllm-openai:v0.8.3, cpu: …}`.
            if under.is_some_and(|under| under.eq_ignore_ascii_case("images")) {
                image(&entry.value, text, page, facts);
            }
            if entry.key.ends_with("ecretKey") {
                found |= variable(text, entry.value.span.clone(), page, facts);
            }
            // Open weights stand under their names of the hub; what has none is a name of the operator's own.
            let model = hub_model(text)
                .filter(|model| model.name.contains('/'))
                .or_else(|| provider_model(text).filter(|model| model.vendor != Some("meta")));
            if says
                && left > 0
                && let Some(model) = model
            {
                left = left.saturating_sub(1);
                found = true;
                let revision = node
                    .get("modelRevision")
                    .and_then(Node::as_str)
                    .filter(|text| !text.is_empty());
                Draft::model(model, text)
                    .relation(RelationKind::Serves)
                    .role("inference")
                    .with_some("revision", revision)
                    .with_some("trust_remote_code", trusts(node).then_some(true))
                    .add(entry.value.span.clone(), page, facts);
            }
        }
        found |= loaded(node, &mut left, page, facts);
        // `{name: HF_TOKEN, valueFrom: {secretKeyRef: …}}`
        if let (Some(name), true) = (node.get("name"), node.get("valueFrom").is_some())
            && let Some(text) = name.as_str()
        {
            found |= variable(text, name.span.clone(), page, facts);
        }
        found |= adapter(node, page, facts);
        let repository = node.get("repository").and_then(Node::as_str);
        if let Some(image) = repository.filter(|text| {
            IMAGES
                .iter()
                .any(|(part, _)| text.to_ascii_lowercase().contains(part))
        }) && let Some(place) = node.get("repository")
        {
            let tag = node
                .get("tag")
                .and_then(Node::scalar)
                .filter(|tag| !tag.is_empty());
            let registry = node
                .get("registry")
                .and_then(Node::as_str)
                .filter(|text| !text.is_empty());
            let full = registry.map_or(image.to_owned(), |registry| format!("{registry}/{image}"));
            Draft::new(AssetKind::Compute, format!("pkg:docker/{full}"), full)
                .relation(RelationKind::DependsOn)
                .role("inference server")
                .with_some("version", tag)
                .add(place.span.clone(), page, facts);
            found = true;
        }
        if node
            .get("image")
            .is_some_and(|image| image.as_str().is_some())
        {
            container(node, None, page, facts);
        }
        let entries = node.entries().iter().rev();
        open.extend(entries.map(|entry| (Some(&*entry.key), &entry.value)));
        open.extend(node.items().iter().rev().map(|item| (None, item)));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn addresses_of_services_among_values_are_endpoints() {
        let text = "ollama:\n  enabled: true\nopenaiBaseApiUrl: https://api.openai.com/v1\nhome: https://chat.acme.dev\n";
        assert_eq!(
            told("charts/chat/values.yaml", text),
            ["endpoint https://api.openai.com/v1 - 3"]
        );
    }

    #[test]
    fn models_by_address_and_images_by_purpose_are_told() {
        let text = "catalog:\n  tiny-l4:\n    url: hf://acme/tiny\n  gemma:\n    url: ollama://gemma2:2b\nservers:\n  VLLM:\n    images:\n      cpu: acme/vllm:v1\n";
        assert_eq!(
            told("charts/models/values.yaml", text),
            [
                "model pkg:huggingface/acme/tiny inference 3",
                "model ollama/gemma2:2b inference 5",
                "compute pkg:docker/acme/vllm inference server 9"
            ]
        );
    }

    #[test]
    fn models_that_a_chart_loads_are_told() {
        let text = "ollama:\n  models:\n    pull:\n      - moondream\n    run: [llama3.2:1b]\n";
        assert_eq!(
            told("charts/chat/ci/test-values.yaml", text),
            [
                "model ollama/moondream inference 4",
                "model ollama/llama3.2:1b inference 5"
            ]
        );
    }

    #[test]
    fn tokens_among_values_are_identities() {
        let text = "servingEngineSpec:\n  modelSpec:\n  - modelURL: acme/opt-125m\n    hf_token: <TOKEN>\n    env:\n    - name: OPENAI_API_KEY\n      valueFrom:\n        secretKeyRef: {name: keys, key: k}\n    - name: LOG_KEY\n      valueFrom: {}\n";
        let all = told("charts/chat/values.yaml", text);
        for wanted in [
            "identity env:HF_TOKEN - 4",
            "identity env:OPENAI_API_KEY - 6",
        ] {
            assert!(all.contains(&wanted.to_owned()), "{all:?}");
        }
        assert!(!all.iter().any(|it| it.contains("LOG_KEY")), "{all:?}");
    }
}
