//! Configuration files of agents: the MCP servers they connect to, and what they may do unasked.

mod clients;
mod offered;
pub(crate) mod package;
pub(crate) mod permissions;
pub use permissions::lets_any_command_through;
mod server;

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{Build, Fact, GapReason, McpServer};

use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node, Notation, Tree};

/// The package or image that a command line fetches and runs, such as `npx name`; `None` when it runs something
/// that is there already.
#[must_use]
pub fn package_of_command(words: &[&str], evidence: Evidence) -> Option<Build> {
    package::of_command(words)?.build(evidence)
}

/// The ends of the paths of configuration files of clients, `*` for any name; some of them twice.
pub fn configuration_files() -> impl Iterator<Item = &'static str> {
    clients::PLACES.iter().map(|place| place.file)
}

/// Most servers, or permissions of one kind, that are read of one file: far more than people write.
const MOST: usize = 1000;

/// The parser of agent configuration files.
pub(crate) static INSPECTOR: AgentConfiguration = AgentConfiguration;

pub(crate) struct AgentConfiguration;

impl Inspector for AgentConfiguration {
    fn name(&self) -> &'static str {
        "agent configuration"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text() && (clients::client_of(input).is_some() || clients::may_declare(input))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let is_at = |file: &str| clients::is_at(input, file);
        read(input, clients::client_of(input), &is_at, facts);
    }
}

/// Reads a file as that of the client which has it under another name.
#[must_use]
pub const fn relocated(file: &'static str) -> Relocated {
    Relocated(file)
}

/// The parser of a configuration file that a variable puts in another place.
#[derive(Debug)]
pub struct Relocated(&'static str);

impl Inspector for Relocated {
    fn name(&self) -> &'static str {
        "agent configuration"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let place = clients::PLACES.iter().find(|place| place.file == self.0);
        let is_at = |file: &str| file == self.0;
        read(input, place.map(|place| place.client), &is_at, facts);
    }
}

/// Reads a file of a client that is known, or of one that is not; `is_at` says whether it is the one of this name.
fn read(
    input: &Input<'_>,
    known: Option<&'static str>,
    is_at: &dyn Fn(&str) -> bool,
    facts: &mut Facts<'_>,
) {
    let Some(text) = input.text(facts) else {
        return;
    };
    let notation = Notation::of_extension(input.extension()).unwrap_or(Notation::Json);
    let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
    let page = Page::of_tree(input.path(), &text, &tree);
    // Empty for a file that belongs to no client that is known.
    let client = known.unwrap_or_default();
    let mut found = false;
    for document in &tree.documents {
        let servers = match known {
            Some(_) => known_servers(is_at, document),
            None => generic_servers(input, document),
        };
        for (count, (name, node)) in servers.into_iter().enumerate() {
            found = true;
            if count >= MOST {
                let detail = format!("more than {MOST} MCP servers in one file");
                facts.gap(GapReason::Limit, detail, page.evidence(name.1));
                break;
            }
            add_server(client, &name, node, &page, facts);
        }
        if known.is_some() {
            permissions::add(client, document, &page, facts);
        }
    }
    // A file that only mentions the key may be anything; its mistakes are not ours to report.
    if known.is_some() || found {
        let what = format!("configuration of {}", known.unwrap_or("an MCP client"));
        tree.report(&what, input.path(), &text, facts);
    }
}

/// Adds the servers that a JSON text declares which itself stands as a string in a file of `client`,
/// at `place`.
pub fn declared_inside(client: &str, inner: &str, place: &Evidence, facts: &mut Facts<'_>) {
    let limits = stance_read::Limits::default();
    let tree = Tree::parse(Notation::Json, inner, &limits);
    let text = stance_read::Text::new(inner);
    let page = Page::of_tree(&place.path, &text, &tree);
    for document in &tree.documents {
        for node in follow(document, &["mcpServers"]) {
            for (name, node) in named(node).into_iter().take(MOST) {
                if server::is_server(node) {
                    let server = server::read(client, &name.0, node, place.clone(), &page);
                    let server = at(server, place);
                    offered::add(&server, node, &|_| place.clone(), facts);
                    facts.add(&place.path, Fact::McpServer(Box::new(server)));
                }
            }
        }
    }
}

/// The server with everything about it seen at `place`.
fn at(mut server: McpServer, place: &Evidence) -> McpServer {
    let settings = [
        &mut server.environment,
        &mut server.headers,
        &mut server.credentials,
    ];
    for setting in settings.into_iter().flatten() {
        setting.evidence = place.clone();
    }
    if let Some(package) = &mut server.package {
        package.evidence = place.clone();
    }
    server
}

/// The name of a server with its place in the text, and its definition.
type Named<'n> = ((Arc<str>, std::ops::Range<usize>), &'n Node);

fn add_server(
    client: &str,
    (name, span): &(Arc<str>, std::ops::Range<usize>),
    node: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    if !node.is_object() {
        facts.gap(
            GapReason::Malformed,
            format!("the MCP server `{name}` is not an object"),
            page.evidence(span.clone()),
        );
        return;
    }
    let evidence = page.evidence(span.clone());
    let server = server::read(client, name, node, evidence, page);
    offered::add(&server, node, &|span| page.evidence(span), facts);
    facts.add(page.path, Fact::McpServer(Box::new(server)));
}

/// The servers of a file that belongs to a client.
fn known_servers<'n>(is_at: &dyn Fn(&str) -> bool, document: &'n Node) -> Vec<Named<'n>> {
    let mut servers = Vec::new();
    for place in clients::PLACES {
        if !is_at(place.file) {
            continue;
        }
        for node in follow(document, place.keys) {
            if place.keys.is_empty() && !(servers.is_empty() && is_table(node)) {
                continue;
            }
            servers.extend(
                named(node)
                    .into_iter()
                    .filter(|(_, node)| !server::is_built_in(node)),
            );
        }
    }
    servers
}

/// The servers of a file that is only known by its name or shape.
fn generic_servers<'n>(input: &Input<'_>, document: &'n Node) -> Vec<Named<'n>> {
    let named_mcp = clients::is_named_mcp(&input.file_name().to_ascii_lowercase());
    for keys in clients::GENERIC {
        let says_so = keys.iter().any(|key| key.starts_with("mcp"));
        if !(says_so || named_mcp) {
            continue;
        }
        for node in follow(document, keys) {
            let several = says_so || node.is_object();
            if several && (is_table(node) || (says_so && has_server(node))) {
                return named(node);
            }
        }
    }
    Vec::new()
}

/// Whether every entry is a server.
fn is_table(node: &Node) -> bool {
    let entries = node.entries();
    !entries.is_empty() && entries.iter().all(|entry| server::is_server(&entry.value))
}

/// Whether any entry is a server.
fn has_server(node: &Node) -> bool {
    named(node).iter().any(|(_, node)| server::is_server(node))
}

/// The nodes at the end of `keys`, where `*` is any key.
fn follow<'n>(root: &'n Node, keys: &[&str]) -> Vec<&'n Node> {
    let mut nodes = vec![root];
    for key in keys {
        nodes = nodes
            .into_iter()
            .flat_map(|node| -> Vec<&Node> {
                match *key {
                    "*" => node.entries().iter().map(|entry| &entry.value).collect(),
                    key => node.get(key).into_iter().collect(),
                }
            })
            .collect();
    }
    nodes
}

/// The definitions in an object by their keys, or in an array by the names they give themselves.
fn named(node: &Node) -> Vec<Named<'_>> {
    let by_key = node.entries().iter().map(|entry: &Entry| {
        let name = (Arc::clone(&entry.key), entry.key_span.clone());
        (name, &entry.value)
    });
    let by_name = node.items().iter().enumerate().map(|(index, item)| {
        let name = match item.get("name") {
            Some(name) if name.as_str().is_some() => {
                (name.as_str().unwrap_or_default().into(), name.span.clone())
            }
            _ => (format!("#{index}").into(), item.span.clone()),
        };
        (name, item)
    });
    by_key.chain(by_name).collect()
}

#[cfg(test)]
mod tests;
