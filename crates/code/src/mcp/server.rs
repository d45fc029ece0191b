//! One MCP server as a client declares it.

use std::ops::Range;

use stance_core::Evidence;
use stance_core::fact::{McpServer, McpTransport, Setting};

use super::package;
use stance_read::credential::{Page, in_arguments, in_url, masked};
use stance_read::tree::Node;

const COMMAND: &[&str] = &["command", "cmd"];
const ARGUMENTS: &[&str] = &["args", "arguments"];
const ADDRESS: &[&str] = &["url", "httpUrl", "serverUrl", "uri", "endpoint"];

/// Whether a node has what a server needs: a command or an address.
pub(super) fn is_server(node: &Node) -> bool {
    let node = body(node);
    node.get_any(COMMAND)
        .is_some_and(|command| !command.is_null() && command.as_bool().is_none())
        || node
            .get_any(ADDRESS)
            .is_some_and(|address| address.as_str().is_some())
}

/// Whether a node is a part of the client itself and no server of its own.
pub(super) fn is_built_in(node: &Node) -> bool {
    node.get("type")
        .and_then(Node::as_str)
        .is_some_and(|kind| matches!(kind, "builtin" | "platform" | "frontend"))
}

/// Where command and address stand: some clients put them one level deeper.
fn body(node: &Node) -> &Node {
    match node.get("transport") {
        Some(transport) if transport.is_object() => transport,
        _ => node,
    }
}

pub(super) fn read(
    client: &str,
    name: &str,
    outer: &Node,
    evidence: Evidence,
    page: &Page<'_>,
) -> McpServer {
    let node = body(outer);
    let words = command_line(node);
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    let arguments = texts.get(1..).unwrap_or_default();
    let mut credentials = Vec::new();
    let mut shown: Vec<String> = Vec::new();
    let in_words = in_arguments(arguments);
    for (index, word) in words.iter().skip(1).enumerate() {
        let secrets: Vec<_> = in_words
            .iter()
            .filter(|(at, _)| *at == index)
            .map(|(_, found)| found)
            .collect();
        let ranges: Vec<Range<usize>> = secrets.iter().map(|found| found.range.clone()).collect();
        shown.push(masked(word.text, &ranges));
        for found in secrets {
            let value = word.text.get(found.range.clone()).unwrap_or_default();
            credentials.push(Setting {
                name: found.name.clone(),
                value: stance_read::credential::mask(value),
                inline_credential: true,
                evidence: page.evidence(word.node.span.clone()),
            });
        }
    }
    let address = node.get_any(ADDRESS).filter(|node| node.as_str().is_some());
    let written = address.and_then(Node::as_str);
    if let Some((node, url)) = address.zip(written) {
        credentials.extend(in_url(url).iter().map(|found| page.credential(node, found)));
    }
    let spans: Vec<Range<usize>> = words.iter().map(|word| word.node.span.clone()).collect();
    let run = package::of_command(&texts);
    let url = written.or(run.as_ref().and_then(|run| run.bridge_to));
    let settings = |keys: &[&str]| {
        let node = node.get_any(keys).or_else(|| outer.get_any(keys));
        node.map(|node| page.settings(node)).unwrap_or_default()
    };
    let mut headers = settings(&["headers", "http_headers"]);
    for deeper in ["requestInit", "requestOptions"] {
        if let Some(node) = outer.path(&[deeper, "headers"]) {
            headers.extend(page.settings(node));
        }
    }
    McpServer {
        name: name.to_owned(),
        client: client.to_owned(),
        transport: transport(client, node, written),
        command: texts.first().map(|command| (*command).to_owned()),
        arguments: shown,
        url: url.map(|url| page.address(url)),
        package: run.and_then(|run| {
            let span = spans.get(run.word?).cloned()?;
            run.build(page.evidence(span))
        }),
        environment: settings(&["env", "environment", "envs"]),
        headers,
        credentials,
        auto_approved: auto_approved(outer),
        disabled: outer.get("disabled").and_then(Node::as_bool) == Some(true)
            || outer.get("enabled").and_then(Node::as_bool) == Some(false),
        evidence,
    }
}

/// A word of the command line and the node it stands in.
struct Word<'n> {
    text: &'n str,
    node: &'n Node,
}

/// Command and arguments, however the client writes them: a word and a list, one list, one string,
/// an object with `path` and `args`.
fn command_line(node: &Node) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut arguments = node.get_any(ARGUMENTS);
    if let Some(command) = node.get_any(COMMAND) {
        if let Some(text) = command.as_str() {
            // A path may hold spaces; a bare name does not.
            let one = text.starts_with(['/', '~', '.']) || text.contains('\\');
            if one {
                words.push(Word {
                    text,
                    node: command,
                });
            } else {
                let parts = text.split_ascii_whitespace();
                words.extend(parts.map(|text| Word {
                    text,
                    node: command,
                }));
            }
        } else if command.is_object() {
            if let Some(path) = command.get_any(&["path", "command"])
                && let Some(text) = path.as_str()
            {
                words.push(Word { text, node: path });
            }
            arguments = command.get_any(ARGUMENTS).or(arguments);
        } else {
            words.extend(list(command));
        }
    }
    if words.is_empty() {
        return words;
    }
    if let Some(arguments) = arguments {
        match arguments.as_str() {
            Some(text) => words.extend(text.split_ascii_whitespace().map(|text| Word {
                text,
                node: arguments,
            })),
            None => words.extend(list(arguments)),
        }
    }
    words
}

fn list(node: &Node) -> impl Iterator<Item = Word<'_>> {
    let word = |node| Node::scalar(node).map(|text| Word { text, node });
    node.items().iter().filter_map(word)
}

fn transport(client: &str, node: &Node, url: Option<&str>) -> McpTransport {
    let said = node
        .get_any(&["type", "transport", "transportType", "transport_type"])
        .and_then(Node::as_str)
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(['_', '-'], "");
    match said.as_str() {
        "stdio" => return McpTransport::Stdio,
        "http" | "streamablehttp" | "httpstream" => return McpTransport::Http,
        "sse" => return McpTransport::Sse,
        "ws" | "websocket" => return McpTransport::Websocket,
        _ => {}
    }
    let Some(url) = url else {
        return match node.get_any(COMMAND) {
            Some(_) => McpTransport::Stdio,
            None => McpTransport::Unknown,
        };
    };
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if url.starts_with("ws://") || url.starts_with("wss://") {
        McpTransport::Websocket
    } else if node.get("httpUrl").is_some() {
        McpTransport::Http
    } else if client == "gemini-cli" && node.get("url").is_some()
        || path.trim_end_matches('/').ends_with("/sse")
    {
        // Gemini keeps `url` for server-sent events and `httpUrl` for streamable HTTP.
        McpTransport::Sse
    } else {
        McpTransport::Http
    }
}

/// Tools that may be called without asking; `*` for all.
fn auto_approved(node: &Node) -> Vec<String> {
    let mut tools = Vec::new();
    for key in ["alwaysAllow", "autoApprove", "auto_approve", "always_allow"] {
        match node.get(key) {
            Some(list) if list.is_array() => {
                let names = list.items().iter().filter_map(Node::as_str);
                tools.extend(names.map(str::to_owned));
            }
            Some(all) if all.as_bool() == Some(true) || all.as_str() == Some("*") => {
                tools.push("*".to_owned());
            }
            _ => {}
        }
    }
    if node.get("trust").and_then(Node::as_bool) == Some(true) {
        tools.push("*".to_owned());
    }
    if tools.iter().any(|tool| tool == "*") {
        tools = vec!["*".to_owned()];
    }
    tools
}
