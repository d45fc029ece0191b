//! What a workflow of GitHub Actions says about its agents beside the command line.

use std::ops::Range;

use stance_code::mcp::declared_inside;
use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::Limits;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};
use stance_read::vendors;

use super::tools::Agent;
use crate::draft::Draft;

/// What sets a workflow off.
pub(super) fn triggers(document: &Node) -> Vec<String> {
    // Some readers of YAML take the bare `on` for a boolean.
    let Some(node) = document.get_any(&["on", "true"]) else {
        return Vec::new();
    };
    let mut names: Vec<String> = node
        .entries()
        .iter()
        .map(|entry| entry.key.to_string())
        .collect();
    names.extend(
        node.items()
            .iter()
            .filter_map(Node::as_str)
            .map(str::to_owned),
    );
    names.extend(node.as_str().map(str::to_owned));
    names.truncate(32);
    names
}

/// What the token of a workflow or job may write.
pub(super) fn writes(node: &Node) -> Vec<String> {
    let Some(node) = node.get("permissions") else {
        return Vec::new();
    };
    if node.as_str() == Some("write-all") {
        return vec!["write-all".to_owned()];
    }
    let entries = node.entries().iter();
    let write = entries.filter(|entry| entry.value.as_str() == Some("write"));
    write.map(|entry| entry.key.to_string()).take(32).collect()
}

/// Whether a condition looks at who asked.
pub(super) fn is_guarded(node: &Node) -> bool {
    let condition = node.get("if").and_then(Node::as_str).unwrap_or_default();
    [
        "author_association",
        "github.actor",
        "event.sender",
        "event.comment.user.login",
        "head.repo.full_name",
    ]
    .iter()
    .any(|word| condition.contains(word))
}

/// Inputs of an action as the flags they stand for.
pub(super) fn as_words(with: &Node) -> Vec<String> {
    let mut words = Vec::new();
    for (input, flag) in [
        ("allowed_tools", "--allowedTools"),
        ("model", "--model"),
        ("anthropic_model", "--model"),
        ("gemini_model", "--model"),
        ("mcp_config", "--mcp-config"),
    ] {
        if let Some(text) = with.get(input).and_then(Node::as_str)
            && !text.contains("${{")
        {
            words.extend([flag.to_owned(), text.to_owned()]);
        }
    }
    words
}

/// The tools that the settings of Gemini CLI leave to an agent, as the flags they stand for. See
/// <https://github.com/google-gemini/gemini-cli/blob/main/docs/get-started/configuration.md>.
pub(super) fn tools_of_settings(agent: &Agent, with: &Node) -> Vec<String> {
    let settings = with.get_any(&["settings", "settings_json"]);
    let Some(text) = settings
        .and_then(Node::as_str)
        .filter(|_| agent.client == "gemini-cli")
    else {
        return Vec::new();
    };
    let tree = Tree::parse(Notation::Json, text, &Limits::default());
    let mut words = Vec::new();
    for document in &tree.documents {
        let lists = [
            document.path(&["tools", "core"]),
            document.path(&["tools", "allowed"]),
            document.get("coreTools"),
        ];
        for item in lists.into_iter().flatten().flat_map(Node::items).take(64) {
            if let Some(tool) = item.as_str() {
                words.extend(["--allowed-tools".to_owned(), tool.to_owned()]);
            }
        }
    }
    words
}

/// MCP servers that stand as JSON in an input.
pub(super) fn settings(agent: &Agent, with: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    for input in ["settings", "settings_json"] {
        if let Some(node) = with.get(input)
            && let Some(text) = node.as_str()
            && text.contains("mcpServers")
        {
            declared_inside(agent.client, text, &page.evidence(node.span.clone()), facts);
        }
    }
}

/// `credentials('openai-api-key')` and `credentialsId: '…'`: names that say whose key they are.
pub(super) fn jenkins_credential(line: &str, start: usize, page: &Page<'_>, facts: &mut Facts<'_>) {
    for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
        let name = word.to_ascii_uppercase().replace('-', "_");
        let Some(vendor) = vendors::of_variable(&name) else {
            continue;
        };
        if name.starts_with("AWS_") || name.starts_with("GITHUB_") || name == "GH_TOKEN" {
            continue;
        }
        let offset = (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        let from = start.saturating_add(offset);
        let place: Range<usize> = from..from.saturating_add(word.len());
        Draft::new(AssetKind::Identity, format!("env:{name}"), name)
            .relation(RelationKind::RunsAs)
            .vendor(Some(vendor.key))
            .alias(word)
            .with("source", "workflow")
            .add(place, page, facts);
        return;
    }
}
