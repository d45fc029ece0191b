//! Compose files: the services they run, and the models they ask for.

use std::collections::BTreeMap;

use stance_core::asset::{AssetKind, How};
use stance_core::fact::{Fact, GapReason, Reference, Service, ServiceSource, Setting};
use stance_core::relation::RelationKind;

use crate::mcp::package;
use crate::served;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node, Notation, Tree};

/// The parser of compose files.
pub(crate) static INSPECTOR: ComposeFile = ComposeFile;

pub(crate) struct ComposeFile;

/// Most services that are read of one file, and most settings of each kind of one service.
const MOST: usize = 500;
const MOST_SETTINGS: usize = 200;

impl Inspector for ComposeFile {
    fn name(&self) -> &'static str {
        "compose file"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(input.extension(), "yml" | "yaml")
            && input
                .file_name()
                .to_ascii_lowercase()
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| matches!(word, "compose" | "dockercompose"))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        for document in &tree.documents {
            let services = document
                .get("services")
                .map(Node::entries)
                .unwrap_or_default();
            for (count, entry) in services.iter().filter(|entry| !entry.shadowed).enumerate() {
                if count >= MOST {
                    let detail = format!("more than {MOST} services in one file");
                    facts.gap(
                        GapReason::Limit,
                        detail,
                        page.evidence(entry.key_span.clone()),
                    );
                    break;
                }
                let mut service = read(entry, &page);
                let kinds = [
                    &mut service.environment,
                    &mut service.ports,
                    &mut service.mounts,
                ];
                for settings in kinds {
                    if let Some(first) = settings.get(MOST_SETTINGS) {
                        let detail = format!("more than {MOST_SETTINGS} settings of one service");
                        facts.gap(GapReason::Limit, detail, first.evidence.clone());
                        settings.truncate(MOST_SETTINGS);
                    }
                }
                served::add(&service, &page, facts);
                facts.add(input.path(), Fact::Service(Box::new(service)));
                let provider = entry.value.path(&["provider", "options", "model"]);
                model(provider, &page, facts);
            }
            let models = document
                .get("models")
                .map(Node::entries)
                .unwrap_or_default();
            for entry in models.iter().take(MOST) {
                model(entry.value.get("model"), &page, facts);
            }
            for entry in services.iter().take(MOST) {
                addresses(&entry.value, &page, facts);
            }
        }
        tree.report("compose file", input.path(), &text, facts);
    }
}

/// A model that the container engine pulls and runs itself.
fn model(node: Option<&Node>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some((node, name)) = node.and_then(|node| Some((node, node.as_str()?))) else {
        return;
    };
    if name.is_empty() || name.contains('$') {
        return;
    }
    let (key, shown, vendor) = match name.strip_prefix("hf.co/") {
        Some(hub) => (format!("pkg:huggingface/{hub}"), hub, "huggingface"),
        None => (format!("pkg:docker/{name}"), name, "docker"),
    };
    let reference = Reference {
        kind: AssetKind::Model,
        key: key.split(':').take(2).collect::<Vec<&str>>().join(":"),
        name: shown.to_owned(),
        aliases: Vec::new(),
        how: How::Configuration,
        relation: RelationKind::Serves,
        vendor: Some(vendor.to_owned()),
        attributes: BTreeMap::new(),
        evidence: page.evidence(node.span.clone()),
    };
    facts.add(page.path, Fact::Reference(Box::new(reference)));
}

/// The variables in which services of a compose file get the addresses of the models that they ask for.
fn addresses(service: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let models = service.get("models").map(Node::entries).unwrap_or_default();
    for entry in models.iter().take(MOST) {
        let Some(node) = entry.value.get("endpoint_var") else {
            continue;
        };
        let Some(name) = node.as_str().filter(|name| !name.is_empty()) else {
            continue;
        };
        let why = format!("environment variable {name}");
        let reference = Reference {
            kind: AssetKind::Endpoint,
            key: format!("env:{name}"),
            name: name.to_owned(),
            aliases: Vec::new(),
            how: How::Unresolved,
            relation: RelationKind::Calls,
            vendor: Some("docker".to_owned()),
            attributes: BTreeMap::from([("unresolved".to_owned(), why.into())]),
            evidence: page.evidence(node.span.clone()),
        };
        facts.add(page.path, Fact::Reference(Box::new(reference)));
    }
}

fn read(entry: &Entry, page: &Page<'_>) -> Service {
    let node = &entry.value;
    let image = node.get("image").filter(|image| image.as_str().is_some());
    let evidence = page.evidence(image.map_or(entry.key_span.clone(), |image| image.span.clone()));
    let build = image
        .and_then(Node::as_str)
        .map(default_of)
        .filter(|image| !image.contains('$'))
        .and_then(|image| package::image(&image))
        .and_then(|run| run.build(evidence.clone()));
    let mut command = words(node.get("entrypoint"));
    command.extend(words(node.get("command")));
    let environment = node.get("environment").map(|node| page.settings(node));
    let ports = node.get("ports").map(Node::items).unwrap_or_default();
    let volumes = node.get("volumes").map(Node::items).unwrap_or_default();
    Service {
        source: ServiceSource::Compose,
        name: entry.key.to_string(),
        image: build,
        command: served::masked_words(&command),
        ports: ports
            .iter()
            .filter_map(|port| self::port(port, page))
            .collect(),
        environment: environment.unwrap_or_default(),
        mounts: volumes
            .iter()
            .filter_map(|volume| mount(volume, page))
            .collect(),
        host_network: node.get("network_mode").and_then(Node::as_str) == Some("host"),
        privileges: privileges(node, page),
        evidence,
    }
}

/// An image with its variables replaced by their defaults, as `${TAG:-latest}` gives them.
fn default_of(image: &str) -> String {
    let mut out = String::new();
    let mut rest = image;
    while let Some((before, behind)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inner, after)) = behind.split_once('}') else {
            return image.to_owned();
        };
        match inner.split_once(":-").or_else(|| inner.split_once('-')) {
            Some((_, default)) => out.push_str(default),
            None => {
                // Not known: the variable stays, and so it is seen that it is one.
                out.push_str("${");
                out.push_str(inner);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn words(node: Option<&Node>) -> Vec<String> {
    let Some(node) = node else {
        return Vec::new();
    };
    match node.as_str() {
        Some(line) => line
            .split_ascii_whitespace()
            .map(|word| word.trim_matches(['"', '\'']).to_owned())
            .collect(),
        None => node
            .items()
            .iter()
            .filter_map(|item| Some(item.scalar()?.to_owned()))
            .collect(),
    }
}

/// A published port in the short form, which the long one is brought into.
fn port(node: &Node, page: &Page<'_>) -> Option<Setting> {
    let text = match node.scalar() {
        Some(text) => text.to_owned(),
        None => {
            let part = |key: &str| node.get(key).and_then(Node::scalar);
            let target = part("target")?;
            let published = part("published").unwrap_or_default();
            match part("host_ip") {
                Some(host) => format!("{host}:{published}:{target}"),
                None => format!("{published}:{target}"),
            }
        }
    };
    Some(page.setting("port", &text, node.span.clone()))
}

/// A part of the host that the container sees.
fn mount(node: &Node, page: &Page<'_>) -> Option<Setting> {
    let (source, target) = match node.as_str() {
        Some(text) => {
            // The drive of a Windows path has a colon too.
            let from = if text.get(1..3) == Some(":\\") { 2 } else { 0 };
            let colon = text.get(from..)?.find(':')?.saturating_add(from);
            (text.get(..colon)?, text.get(colon.saturating_add(1)..)?)
        }
        None => (
            node.get("source").and_then(Node::as_str)?,
            node.get("target")
                .and_then(Node::as_str)
                .unwrap_or_default(),
        ),
    };
    let is_path = source.starts_with(['/', '.', '~', '$']) || source.contains('\\');
    is_path.then(|| page.setting(source, target, node.span.clone()))
}

/// What takes down the wall between container and host.
fn privileges(node: &Node, page: &Page<'_>) -> Vec<Setting> {
    let mut found = Vec::new();
    if let Some(flag) = node.get("privileged")
        && flag.as_bool() == Some(true)
    {
        found.push(page.setting("privileged", "true", flag.span.clone()));
    }
    for (key, values) in [
        (
            "cap_add",
            ["ALL", "SYS_ADMIN", "CAP_SYS_ADMIN", "SYS_PTRACE"].as_slice(),
        ),
        (
            "security_opt",
            &[
                "seccomp:unconfined",
                "seccomp=unconfined",
                "apparmor:unconfined",
                "apparmor=unconfined",
            ],
        ),
    ] {
        for item in node.get(key).map(Node::items).unwrap_or_default() {
            if let Some(value) = item.as_str()
                && values.contains(&value)
            {
                found.push(page.setting(key, value, item.span.clone()));
            }
        }
    }
    for key in ["pid", "userns_mode"] {
        if let Some(value) = node.get(key)
            && value.as_str() == Some("host")
        {
            found.push(page.setting(key, "host", value.span.clone()));
        }
    }
    found
}

#[cfg(test)]
mod tests;
