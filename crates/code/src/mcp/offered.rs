//! What a configuration says of a server beside how it is started: which of its tools the client may see, and the
//! credentials that it is given.

use std::collections::BTreeMap;
use std::ops::Range;

use stance_core::fact::{Fact, McpServer, Reference};
use stance_core::relation::RelationKind;
use stance_core::{AssetKind, Evidence, How};
use stance_read::credential::is_secret_variable;
use stance_read::report::Facts;
use stance_read::tree::Node;
use stance_read::vendors;

/// Lists that say which tools of a server are used, by the clients that have them.
const LISTS: [&str; 5] = [
    "includeTools",
    "include_tools",
    "allowedTools",
    "enabledTools",
    "enabled_tools",
];

/// Most tools and variables of one server.
const MOST: usize = 256;

/// Adds the tools and credentials of a server; `at` makes evidence of a place in the document.
pub(super) fn add(
    server: &McpServer,
    node: &Node,
    at: &dyn Fn(Range<usize>) -> Evidence,
    facts: &mut Facts<'_>,
) {
    let path = &server.evidence.path;
    let lists = LISTS.iter().filter_map(|key| node.get(key));
    for item in lists.flat_map(Node::items).take(MOST) {
        let Some(name) = item.as_str().filter(|name| is_name(name)) else {
            continue;
        };
        let reference = Reference {
            kind: AssetKind::Tool,
            key: format!("mcp/{}/{name}", server.name),
            name: name.to_owned(),
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::Calls,
            vendor: None,
            attributes: BTreeMap::from([
                ("protocol".to_owned(), "mcp".into()),
                ("server".to_owned(), server.name.as_str().into()),
            ]),
            evidence: at(item.span.clone()),
        };
        facts.add(path, Fact::Reference(Box::new(reference)));
    }
    for setting in server.environment.iter().take(MOST) {
        let owner = vendors::of_variable(&setting.name);
        // The token of a forge says nothing of its AI.
        let vendor = owner.filter(|_| !vendors::is_common(&setting.name));
        if owner.is_none() && !is_secret_variable(&setting.name) {
            continue;
        }
        let reference = Reference {
            kind: AssetKind::Identity,
            key: format!("env:{}", setting.name),
            name: setting.name.clone(),
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::RunsAs,
            vendor: vendor.map(|vendor| vendor.key.to_owned()),
            attributes: BTreeMap::from([
                ("source".to_owned(), "mcp server".into()),
                ("server".to_owned(), server.name.as_str().into()),
            ]),
            evidence: setting.evidence.clone(),
        };
        facts.add(path, Fact::Reference(Box::new(reference)));
    }
}

fn is_name(name: &str) -> bool {
    (1..=120).contains(&name.len()) && !name.contains(|c: char| c.is_whitespace() || c == '*')
}
