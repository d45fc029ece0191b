//! What a resource of a template says, whatever the language of the template.

use std::ops::Range;

use stance_code::names::{Model, hub_model, provider_model};
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use super::linked::{Deployment, Left};
use super::resources::{self, ROLES};
use super::scope::{Resolved, Scope};
use crate::draft::{Draft, relate};

/// Most resources, and models of one of them, that are read of one template.
pub(super) const MOST: usize = 1000;

/// Keys under which a resource names itself.
const NAMES: &[&str] = &[
    "name",
    "Name",
    "agent_name",
    "AgentName",
    "display_name",
    "DisplayName",
    "endpoint_name",
    "EndpointName",
    "model_name",
    "ModelName",
    "custom_model_name",
    "deployment_name",
    "guardrail_name",
    "agent_runtime_name",
    "AgentRuntimeName",
    "index_name",
    "IndexName",
    "notebook_instance_name",
    "pipeline_name",
    "PipelineName",
];

/// Keys under which a model stands that a resource works with, and what it is there for.
const MODELS: &[(&str, &str)] = &[
    ("foundation_model", "chat"),
    ("FoundationModel", "chat"),
    ("foundationmodel", "chat"),
    ("model_id", "chat"),
    ("ModelId", "chat"),
    ("publisher_model_name", "chat"),
    ("hugging_face_model_id", "chat"),
    ("model_arn", "chat"),
    ("ModelArn", "chat"),
    ("embedding_model_arn", "embedding"),
    ("EmbeddingModelArn", "embedding"),
    ("base_model_identifier", "base"),
    ("copy_from", "base"),
];

/// A resource of a template.
pub(super) struct Declared<'n> {
    /// Its type as written.
    pub(super) kind: &'n str,
    /// The name under which the template knows it, and where that stands.
    pub(super) label: &'n str,
    pub(super) place: Range<usize>,
    /// What is set.
    pub(super) properties: &'n Node,
}

/// Adds what a resource is; whether it is of AI.
pub(super) fn add(
    one: &Declared<'_>,
    scope: &Scope<'_>,
    left: &mut Left,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    if resources::is_deployment(one.kind) {
        let place = Some(one.place.clone());
        return deployment(one.properties, place, scope, left, page, facts);
    }
    let module = || resources::of_module(one.kind).filter(|_| one.kind.starts_with("br"));
    let Some(resource) = resources::of_type(one.kind).or_else(module) else {
        return false;
    };
    let known = NAMES.iter().find_map(|key| {
        let node = one.properties.get(key)?;
        match scope.text(node) {
            Resolved::Text(text, _) => Some(text),
            Resolved::Unknown(_) => None,
        }
    });
    let name = known.as_deref().unwrap_or(one.label);
    let kind = one
        .properties
        .get_any(&["kind", "Kind"])
        .map(|node| scope.text(node));
    let draft = Draft::new(resource.kind, format!("{}#{}", page.path, one.label), name)
        .relation(RelationKind::DependsOn)
        // An identity says nothing about who is asked.
        .vendor(Some(resource.vendor).filter(|_| resource.kind != AssetKind::Identity))
        .alias(one.label)
        .role(resource.role)
        .with("resource", one.kind.split('@').next().unwrap_or_default());
    let draft = match kind {
        Some(Resolved::Text(kind, _)) => draft.with("service", kind),
        _ => draft,
    };
    let id = draft.add(one.place.clone(), page, facts);
    for (entry, role) in model_entries(one.properties) {
        if let Some(model) = model(entry, role, scope, page, facts) {
            let kind = match (resource.kind, role) {
                (AssetKind::Model, _) => RelationKind::FineTunedFrom,
                (AssetKind::Endpoint, _) => RelationKind::Serves,
                _ => RelationKind::Calls,
            };
            relate(&id, kind, &model, entry.value.span.clone(), page, facts);
        }
    }
    true
}

/// Entries anywhere in a resource under which a model stands.
fn model_entries(root: &Node) -> Vec<(&Entry, &'static str)> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            if let Some((_, role)) = MODELS.iter().find(|(key, _)| **key == *entry.key)
                && !entry.value.is_object()
                && found.len() < MOST
            {
                found.push((entry, *role));
            }
            open.push(&entry.value);
        }
        open.extend(node.items());
    }
    found.sort_by_key(|(entry, _)| entry.key_span.start);
    found
}

fn model(
    entry: &Entry,
    role: &str,
    scope: &Scope<'_>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> Option<AssetId> {
    let span = entry.value.span.clone();
    let draft = match scope.text(&entry.value) {
        Resolved::Text(text, how) => {
            let model = provider_model(&text)
                .or_else(|| bedrock(&text))
                .or_else(|| hub_model(&text).filter(|model| model.name.contains('/')))?;
            Draft::model(model, &text).how(how)
        }
        Resolved::Unknown(why) if why.starts_with("parameter") => {
            Draft::unresolved(AssetKind::Model, page, &*entry.key, why)
        }
        Resolved::Unknown(_) => return None,
    };
    Some(
        draft
            .relation(RelationKind::Calls)
            .role(role)
            .add(span, page, facts),
    )
}

/// Names of Bedrock without a version: `anthropic.claude-v2`.
fn bedrock(text: &str) -> Option<Model> {
    let (maker, name) = text.split_once('.')?;
    let vendor = match maker {
        "anthropic" | "cohere" | "meta" | "mistral" | "ai21" | "deepseek" | "openai" => maker,
        "amazon" => "aws",
        "stability" => "stability",
        _ => return None,
    };
    let vendor = stance_read::vendors::find(vendor)?.key;
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-:.".contains(&byte));
    plain.then(|| Model {
        key: format!("{vendor}/{name}"),
        name: name.to_owned(),
        vendor: Some(vendor),
        through: Some("aws"),
    })
}

/// A deployment of Azure: `name`, and `model` with its own `name`, `version` and `format`.
pub(super) fn deployment(
    node: &Node,
    place: Option<Range<usize>>,
    scope: &Scope<'_>,
    left: &mut Left,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let properties = node.get("properties").unwrap_or(node);
    // In the JSON form of Terraform a block may be a list of one.
    let model = properties.get("model");
    let model = model.map(|model| model.items().first().unwrap_or(model));
    let Some(model) = model.filter(|model| model.is_object()) else {
        return false;
    };
    let Some(name_node) = model.get("name") else {
        return false;
    };
    let text = |node: Option<&Node>| match scope.text(node?) {
        Resolved::Text(text, how) => Some((text, how)),
        Resolved::Unknown(_) => None,
    };
    let span = name_node.span.clone();
    let version = text(model.get("version")).map(|(text, _)| text);
    let format = text(model.get_any(&["format", "publisher"])).map(|(text, _)| text);
    let deployed = text(node.get_any(&["name", "deployment_name"])).map(|(text, _)| {
        // An account may stand before it: `account/gpt-4o`.
        text.rsplit('/').next().unwrap_or_default().to_owned()
    });
    // A parameter that is empty unless somebody sets it names nothing.
    let deployed = deployed.filter(|name| !name.is_empty());
    let sku = text(
        node.path(&["sku", "name"])
            .or_else(|| node.path(&["scale", "type"])),
    )
    .map(|(text, _)| text);
    // What another file of the template tells is put together later.
    let named = node.get_any(&["name", "deployment_name"]);
    let open_model = scope.waits_for(name_node);
    let open_name = named.and_then(|node| Some((node, scope.waits_for(node)?)));
    if open_model.is_some() || (deployed.is_none() && open_name.is_some()) {
        let known = text(Some(name_node)).map(|(text, _)| text);
        let Some(model) = open_model.as_deref().or(known.as_deref()) else {
            return false;
        };
        let name = match (&open_name, &deployed, named) {
            (Some((node, name)), _, _) => Some((name.as_str(), node.span.clone(), true)),
            (None, Some(name), Some(node)) => Some((name.as_str(), node.span.clone(), false)),
            _ => None,
        };
        let open = Deployment {
            model: (model, span, open_model.is_some()),
            name,
            version,
            publisher: format,
            sku,
        };
        left.wait(&open, page);
        return true;
    }
    let draft = match scope.text(name_node) {
        Resolved::Text(text, how) => {
            let model = provider_model(&text.to_ascii_lowercase()).unwrap_or_else(|| Model {
                key: format!("azure/{text}"),
                name: text.clone(),
                vendor: Some("azure"),
                through: None,
            });
            Draft::model(model, &text).how(how)
        }
        Resolved::Unknown(why) if why.starts_with("parameter") => {
            Draft::unresolved(AssetKind::Model, page, "model name", why)
        }
        Resolved::Unknown(_) => return false,
    };
    let id = draft
        .relation(RelationKind::Calls)
        .with("through", "azure")
        .with_some("version", version)
        .with_some("publisher", format)
        .with_some("deployment", deployed.clone())
        .with_some("sku", sku)
        .add(span.clone(), page, facts);
    if let Some(deployed) = deployed {
        let node = node.get_any(&["name", "deployment_name"]);
        let at = node
            .map(|node| node.span.clone())
            .or(place)
            .unwrap_or(span.clone());
        let endpoint = super::azure_deployment(&deployed).add(at, page, facts);
        relate(&endpoint, RelationKind::Serves, &id, span, page, facts);
    }
    true
}

/// Deployments in lists of parameters and variables: objects of the form that the resource takes.
pub(super) fn deployments_below(
    root: &Node,
    scope: &Scope<'_>,
    left: &mut Left,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> usize {
    let mut count = 0_usize;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let shaped = node.get("name").is_some()
            && node.get("model").is_some_and(|model| {
                model.get("name").is_some()
                    && model.get_any(&["format", "version", "publisher"]).is_some()
            });
        if shaped && count < MOST {
            if deployment(node, None, scope, left, page, facts) {
                count = count.saturating_add(1);
            }
            continue;
        }
        open.extend(node.entries().iter().rev().map(|entry| &entry.value));
        open.extend(node.items().iter().rev());
    }
    count
}

/// Models under names that say so, wherever they stand: variables with defaults, environments.
pub(super) fn named_models(
    key: &str,
    node: &Node,
    how: How,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let lower = key.to_ascii_lowercase();
    let Some(text) = node.as_str() else {
        return false;
    };
    let model = provider_model(text);
    if lower.contains("deployment") && !lower.contains("model") {
        let Some(model) = model else { return false };
        super::azure_deployment(text)
            .how(how)
            .with("perhaps", model.key)
            .add(node.span.clone(), page, facts);
        return true;
    }
    // What a container of Hugging Face's loads needs no owner: `hf_model_id = "distilbert-base-cased"`.
    let hub = ["hf_model", "huggingface_model", "hugging_face_model"]
        .iter()
        .any(|word| lower.contains(word))
        && !lower.contains("revision");
    let named = (4..=120).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if hub && named && (text.contains('/') || text.contains('-')) {
        let model = Model {
            key: format!("pkg:huggingface/{text}"),
            name: text.to_owned(),
            vendor: Some("huggingface"),
            through: None,
        };
        Draft::model(model, text)
            .how(how)
            .add(node.span.clone(), page, facts);
        return true;
    }
    let Some(model) = model else { return false };
    // An id of Bedrock cannot be anything else: `amazon.titan-embed-text-v2:0`.
    let unmistakable = model.through == Some("aws")
        && text
            .rsplit_once(':')
            .is_some_and(|(_, version)| version.bytes().all(|byte| byte.is_ascii_digit()));
    let says = ["model", "llm", "embedding"]
        .iter()
        .any(|word| lower.contains(word));
    if !(says || unmistakable) {
        return false;
    }
    let role = if lower.contains("embed") {
        "embedding"
    } else {
        "chat"
    };
    Draft::model(model, text)
        .how(how)
        .role(role)
        .add(node.span.clone(), page, facts);
    true
}

/// Roles that are given to identities: who gets them is one identity, with all its roles.
pub(super) fn roles(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut given: Vec<(&'static str, Range<usize>)> = Vec::new();
    // A role that nobody is given is a constant.
    // Nor is one that a module hands on; and who deploys is nobody that the application runs as.
    let handed_on = ["", "principalId", "principal_id", "var"];
    let mut principal: Option<String> = None;
    root.strings(&mut |entry, node, text| {
        let role = ROLES
            .iter()
            .find(|(id, name)| text.contains(id) || text == *name);
        if let Some((_, name)) = role
            && given.len() < MOST
        {
            given.push((name, node.span.clone()));
        }
        if entry.is_some_and(|entry| matches!(&*entry.key, "principalId" | "principal_id"))
            && principal.is_none()
        {
            principal =
                Some(symbol(text).to_owned()).filter(|it| !handed_on.contains(&it.as_str()));
        }
    });
    let Some(principal) = principal else {
        return;
    };
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    for (_, span) in &given {
        let key = format!("{}#{principal}", page.path);
        Draft::new(AssetKind::Identity, key, principal.as_str())
            .relation(RelationKind::RunsAs)
            .vendor(Some("azure"))
            .with("role", "role assignment")
            .with("roles", names.clone())
            .add(span.clone(), page, facts);
    }
}

/// The name of what an expression speaks about: `identity` of `${identity.outputs.principalId}`.
fn symbol(text: &str) -> &str {
    let inner = text.trim_start_matches("${").trim_start_matches('[');
    let inner = inner.strip_prefix("parameters('").unwrap_or(inner);
    let inner = inner.strip_prefix("module.").unwrap_or(inner);
    // Terraform puts the type of a resource before its name.
    let inner = match inner.split_once('.') {
        Some((kind, rest)) if kind.starts_with("azurerm_") => rest,
        _ => inner,
    };
    let end = inner
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(inner.len());
    inner.get(..end).unwrap_or(inner)
}
