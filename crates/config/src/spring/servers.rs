//! MCP servers: the one that an application is, and those that it connects to.

use stance_code::mcp::package_of_command;
use stance_core::asset::AssetKind;
use stance_core::fact::{Fact, GapReason, McpServer, McpTransport};
use stance_core::relation::RelationKind;
use stance_read::credential::{Page, in_arguments, masked};
use stance_read::report::Facts;

use super::{Property, Value, value_of};
use crate::draft::Draft;

/// Most connections of one file.
const MOST: usize = 200;
const CLIENT: &str = "spring.ai.mcp.client.";
const SERVER: &str = "spring.ai.mcp.server.";

pub(super) fn tell(all: &[Property], page: &Page<'_>, facts: &mut Facts<'_>) {
    let own = |name: &str| {
        let wanted = format!("{SERVER}{name}");
        all.iter().find(|property| property.key == wanted)
    };
    if let Some(name) = own("name") {
        let text = match value_of(&name.value) {
            Value::Text(text) | Value::Default(text) | Value::Variable(text) => text,
        };
        let version = own("version").map(|it| it.value.as_str());
        Draft::new(AssetKind::McpServer, format!("{}#{text}", page.path), text)
            .relation(RelationKind::Exposes)
            .with("implemented", true)
            .with("framework", "spring-ai")
            .with_some("version", version)
            .add(name.span.clone(), page, facts);
    }
    let mut seen: Vec<&str> = Vec::new();
    for property in all {
        let Some(rest) = property.key.strip_prefix(CLIENT) else {
            continue;
        };
        let Some((transport, rest)) = rest.split_once(".connections.") else {
            continue;
        };
        let Some((name, _)) = rest.split_once('.') else {
            continue;
        };
        if seen.len() >= MOST {
            let detail = format!("more than {MOST} connections to MCP servers in one file");
            facts.gap(
                GapReason::Limit,
                detail,
                page.evidence(property.span.clone()),
            );
            break;
        }
        if !seen.contains(&name) {
            seen.push(name);
            connection(transport, name, property, all, page, facts);
        }
    }
}

fn connection(
    transport: &str,
    name: &str,
    first: &Property,
    all: &[Property],
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let prefix = format!("{CLIENT}{transport}.connections.{name}.");
    let own = |key: &str| {
        all.iter()
            .find(|it| it.key.strip_prefix(&prefix) == Some(key))
    };
    let url = own("url").map(|it| page.address(&it.value));
    let command = own("command").map(|it| it.value.clone());
    let mut words: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
    for property in all {
        let Some(rest) = property.key.strip_prefix(&prefix) else {
            continue;
        };
        if rest.starts_with("args[") {
            words.push((&property.value, property.span.clone()));
        } else if rest == "args" {
            let parts = property.value.split(',');
            words.extend(parts.map(|part| (part.trim(), property.span.clone())));
        }
    }
    let environment = all.iter().filter_map(|property| {
        let variable = property.key.strip_prefix(&prefix)?.strip_prefix("env.")?;
        Some(page.setting(variable, &property.value, property.span.clone()))
    });
    let environment = environment.collect();
    let package = command.as_deref().and_then(|command| {
        let texts: Vec<&str> = [command]
            .into_iter()
            .chain(words.iter().map(|it| it.0))
            .collect();
        package_of_command(&texts, page.evidence(first.span.clone()))
    });
    let texts: Vec<&str> = words.iter().map(|it| it.0).collect();
    let secrets = in_arguments(&texts);
    let shown = texts.iter().enumerate().map(|(index, word)| {
        let own = secrets.iter().filter(|(at, _)| *at == index);
        let ranges: Vec<_> = own.map(|(_, found)| found.range.clone()).collect();
        masked(word, &ranges)
    });
    let shown = shown.collect();
    let server = McpServer {
        name: name.to_owned(),
        client: String::new(),
        transport: match (transport, &command) {
            (_, Some(_)) => McpTransport::Stdio,
            ("sse", None) => McpTransport::Sse,
            ("streamable-http", None) => McpTransport::Http,
            _ => McpTransport::Unknown,
        },
        command,
        arguments: shown,
        url,
        package,
        environment,
        headers: Vec::new(),
        credentials: Vec::new(),
        auto_approved: Vec::new(),
        disabled: false,
        evidence: page.evidence(first.span.clone()),
    };
    facts.add(page.path, Fact::McpServer(Box::new(server)));
}
