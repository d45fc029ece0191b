//! The model that the command of a container serves.

use std::collections::BTreeMap;

use stance_core::asset::{AssetKind, How};
use stance_core::fact::{Fact, Reference, Service, ServiceSource};
use stance_core::relation::RelationKind;

use crate::names::provider_model;
use stance_read::credential::{Page, in_arguments, masked};
use stance_read::report::Facts;

/// Inference servers that load a model of the Hugging Face hub by name, as they are called in images and commands.
const SERVERS: [&str; 9] = [
    "vllm",
    "text-generation-inference",
    "text-generation-launcher",
    "text-embeddings-inference",
    "text-embeddings-router",
    "sglang",
    "infinity",
    "llama.cpp",
    "llama-server",
];

const FLAGS: [&str; 6] = [
    "--model",
    "--model-id",
    "--model-path",
    "--model_id",
    "-hf",
    "--hf-repo",
];

/// Whether an image is one of an MCP server: of the catalogue of Docker, or called so.
fn is_mcp_server(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or_default();
    image.starts_with("mcp/")
        || last.ends_with("-mcp")
        || last.ends_with("-mcp-server")
        || last.starts_with("mcp-server-")
}

/// Adds the MCP server that the service is, by its image.
pub fn add_mcp_server(service: &Service, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(image) = service.image.as_ref().filter(|it| is_mcp_server(&it.name)) else {
        return;
    };
    let reference = Reference {
        kind: AssetKind::McpServer,
        key: format!("{}#{}", page.path, service.name),
        name: service.name.clone(),
        aliases: vec![image.name.to_string()],
        how: How::Configuration,
        relation: RelationKind::Contains,
        vendor: None,
        attributes: BTreeMap::from([("image".to_owned(), image.name.to_string().into())]),
        evidence: service.evidence.clone(),
    };
    facts.add(page.path, Fact::Reference(Box::new(reference)));
}

/// Adds the servers that a gateway of Docker's runs, by its arguments: `--servers=duckduckgo,github`.
fn add_gateway_servers(service: &Service, page: &Page<'_>, facts: &mut Facts<'_>) {
    let image = service.image.as_ref().map_or("", |image| &*image.name);
    if !image.ends_with("mcp-gateway") {
        return;
    }
    let mut words = service.command.iter();
    while let Some(word) = words.next() {
        let Some(rest) = word.strip_prefix("--servers") else {
            continue;
        };
        let list = match rest.strip_prefix('=') {
            Some(list) => list,
            None => words.next().map_or("", String::as_str),
        };
        let names = list.split(',').map(str::trim);
        for name in names
            .filter(|it| !it.is_empty() && !it.contains('$'))
            .take(50)
        {
            let reference = Reference {
                kind: AssetKind::McpServer,
                key: format!("{}#{name}", page.path),
                name: name.to_owned(),
                aliases: Vec::new(),
                how: How::Configuration,
                relation: RelationKind::Calls,
                vendor: None,
                attributes: BTreeMap::from([("gateway".to_owned(), service.name.clone().into())]),
                evidence: service.evidence.clone(),
            };
            facts.add(page.path, Fact::Reference(Box::new(reference)));
        }
    }
}

/// Adds the models that variables of a service name: `OPENAI_MODEL_NAME=gpt-4.1`.
fn add_set_models(service: &Service, page: &Page<'_>, facts: &mut Facts<'_>) {
    for setting in &service.environment {
        if !setting.name.contains("MODEL") {
            continue;
        }
        let Some(model) = provider_model(&setting.value) else {
            continue;
        };
        let reference = Reference {
            kind: AssetKind::Model,
            key: model.key,
            name: model.name,
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::Calls,
            vendor: model.vendor.map(str::to_owned),
            attributes: BTreeMap::new(),
            evidence: setting.evidence.clone(),
        };
        facts.add(page.path, Fact::Reference(Box::new(reference)));
    }
}

/// Adds the model that the service serves, when its command names one, and the MCP server that it is.
pub(crate) fn add(service: &Service, page: &Page<'_>, facts: &mut Facts<'_>) {
    if service.source != ServiceSource::Dockerfile {
        add_mcp_server(service, page, facts);
        add_gateway_servers(service, page, facts);
        add_set_models(service, page, facts);
    }
    let image = service.image.as_ref().map_or("", |image| &*image.name);
    let is_server = |text: &str| SERVERS.iter().any(|server| text.contains(server));
    if !is_server(image) && !service.command.iter().any(|word| is_server(word)) {
        return;
    }
    let environment = service
        .environment
        .iter()
        .filter(|setting| {
            matches!(
                setting.name.as_str(),
                "MODEL_ID" | "HF_MODEL_ID" | "MODEL_NAME"
            )
        })
        .map(|setting| setting.value.as_str());
    for name in in_command(&service.command).into_iter().chain(environment) {
        // A quantisation may follow behind a colon.
        let name = name.split(':').next().unwrap_or_default();
        let Some((owner, repository)) = name.split_once('/') else {
            continue;
        };
        let part = |text: &str| {
            !text.is_empty()
                && text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        if !(part(owner) && part(repository)) {
            continue;
        }
        let reference = Reference {
            kind: AssetKind::Model,
            key: format!("pkg:huggingface/{name}"),
            name: name.to_owned(),
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::Serves,
            vendor: None,
            attributes: BTreeMap::new(),
            evidence: service.evidence.clone(),
        };
        facts.add(page.path, Fact::Reference(Box::new(reference)));
    }
}

fn in_command(command: &[String]) -> Vec<&str> {
    let mut names = Vec::new();
    for (index, word) in command.iter().enumerate() {
        let next = command.get(index.saturating_add(1)).map(String::as_str);
        if FLAGS.contains(&word.as_str()) {
            names.extend(next);
        } else if let Some((flag, value)) = word.split_once('=')
            && FLAGS.contains(&flag)
        {
            names.push(value);
        } else if word == "serve" && index > 0 {
            names.extend(next.filter(|next| !next.starts_with('-')));
        }
    }
    names
}

/// The words of a command with what is a credential masked.
pub(crate) fn masked_words(words: &[String]) -> Vec<String> {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut shown: Vec<String> = texts.iter().map(|word| masked(word, &[])).collect();
    for (index, found) in in_arguments(&texts) {
        if let (Some(shown), Some(word)) = (shown.get_mut(index), texts.get(index)) {
            *shown = masked(word, std::slice::from_ref(&found.range));
        }
    }
    shown
}
