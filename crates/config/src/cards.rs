//! What agents, servers and tools publish about themselves: agent cards (A2A), entries of the MCP
//! registry, bundles of MCP servers, plugin manifests, packages that are MCP servers.

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use crate::document::Format;
use crate::draft::{Draft, relate};
use crate::handed_secrets;

pub(crate) const CARDS: Format = Format {
    title: "agent or server card",
    loose: false,
    marks: &[
        "defaultInputModes",
        "protocolVersion",
        "modelcontextprotocol",
        "registryType",
        "registry_type",
        "name_for_model",
        "dxt_version",
        "manifest_version",
        "fastmcp",
        "startCommand",
        "\"mcp",
        "mcp-server",
    ],
    read,
};

/// Most entries of one kind that are read of one file.
const MOST: usize = 200;

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    agent(root, page, facts)
        || registry(root, page, facts)
        || bundle(root, page, facts)
        || plugin(root, page, facts)
        || npm(root, page, facts)
        || python(root, page, facts)
}

/// An agent card. See <https://a2a-protocol.org/latest/specification/>.
fn agent(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let card = root.get("skills").is_some_and(Node::is_array)
        && root.get("capabilities").is_some_and(Node::is_object)
        && root
            .get_any(&["defaultInputModes", "protocolVersion", "defaultOutputModes"])
            .is_some();
    let Some(name) = root.get("name").filter(|_| card) else {
        return false;
    };
    let Some(text) = name.as_str() else {
        return false;
    };
    let url = root
        .get("url")
        .and_then(Node::as_str)
        .map(|text| page.address(text));
    let open = ["securitySchemes", "security", "authentication"]
        .iter()
        .filter_map(|key| root.get(key))
        .all(|node| node.is_null() || (node.entries().is_empty() && node.items().is_empty()));
    let signed = root
        .get("signatures")
        .is_some_and(|signatures| !signatures.items().is_empty());
    let about = root.get("description").and_then(Node::as_str);
    let id = Draft::new(AssetKind::Agent, format!("{}#{text}", page.path), text)
        .relation(RelationKind::Contains)
        .with("protocol", "a2a")
        .with_some("url", url)
        .with("authentication", if open { "none" } else { "declared" })
        .with("signed", signed)
        .described(about.unwrap_or_default())
        .add(name.span.clone(), page, facts);
    for skill in root
        .get("skills")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .take(MOST)
    {
        if let Some(node) = skill.get_any(&["id", "name"])
            && let Some(name) = node.as_str()
        {
            let about = skill.get("description").and_then(Node::as_str);
            let tool = Draft::new(AssetKind::Tool, format!("{}#{name}", page.path), name)
                .relation(RelationKind::Contains)
                .described(about.unwrap_or_default())
                .add(node.span.clone(), page, facts);
            relate(
                &id,
                RelationKind::Exposes,
                &tool,
                node.span.clone(),
                page,
                facts,
            );
        }
    }
    true
}

/// `server.json` of the registry. See <https://github.com/modelcontextprotocol/registry>.
fn registry(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let schema = root
        .get("$schema")
        .and_then(Node::as_str)
        .unwrap_or_default();
    let lists = root.get("packages").is_some_and(Node::is_array)
        || root.get("remotes").is_some_and(Node::is_array);
    let registered = schema.contains("modelcontextprotocol")
        || root
            .get("packages")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .any(|package| {
                package
                    .get_any(&["registryType", "registry_type"])
                    .is_some()
            });
    let Some(name) = root.get("name").filter(|_| lists && registered) else {
        return false;
    };
    let Some(text) = name.as_str() else {
        return false;
    };
    let first = root
        .get("packages")
        .map(Node::items)
        .unwrap_or_default()
        .first();
    let package = first.and_then(|package| {
        let kind = package
            .get_any(&["registryType", "registry_type"])?
            .as_str()?;
        let name = package.get_any(&["identifier", "name"])?.as_str()?;
        Some(format!("pkg:{kind}/{name}"))
    });
    let url = root
        .get("remotes")
        .map(Node::items)
        .unwrap_or_default()
        .first()
        .and_then(|remote| remote.get("url"))
        .and_then(Node::as_str)
        .map(|text| page.address(text));
    let version = root
        .get("version")
        .and_then(Node::as_str)
        .map(str::to_owned);
    let id = server(text, page)
        .with_some("package", package)
        .with_some("url", url)
        .with_some("version", version)
        .add(name.span.clone(), page, facts);
    handed_secrets::of_registry(root, &id, page, facts);
    true
}

fn server(text: &str, page: &Page<'_>) -> Draft {
    Draft::new(AssetKind::McpServer, format!("{}#{text}", page.path), text)
        .relation(RelationKind::Contains)
        .with("implemented", true)
}

/// A bundle (`manifest.json` of MCPB, once DXT).
fn bundle(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let is = root.get_any(&["dxt_version", "manifest_version"]).is_some()
        && root.path(&["server", "mcp_config"]).is_some();
    let Some(name) = root.get("name").filter(|_| is) else {
        return false;
    };
    let Some(text) = name.as_str() else {
        return false;
    };
    let id = server(text, page).add(name.span.clone(), page, facts);
    handed_secrets::of_bundle(root, &id, page, facts);
    for (key, kind) in [("tools", AssetKind::Tool), ("prompts", AssetKind::Prompt)] {
        for item in root
            .get(key)
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .take(MOST)
        {
            if let Some(node) = item.get("name")
                && let Some(name) = node.as_str()
            {
                let about = item.get("description").and_then(Node::as_str);
                let one = Draft::new(kind, format!("{}#{name}", page.path), name)
                    .relation(RelationKind::Contains)
                    .described(about.unwrap_or_default())
                    .add(node.span.clone(), page, facts);
                relate(
                    &id,
                    RelationKind::Exposes,
                    &one,
                    node.span.clone(),
                    page,
                    facts,
                );
            }
        }
    }
    true
}

/// `ai-plugin.json`, which tells a model of an OpenAPI description.
fn plugin(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let (Some(node), Some(api)) = (root.get("name_for_model"), root.get("api")) else {
        return false;
    };
    let Some(name) = node.as_str() else {
        return false;
    };
    let url = api
        .get("url")
        .and_then(Node::as_str)
        .map(|text| page.address(text));
    let auth = root
        .path(&["auth", "type"])
        .and_then(Node::as_str)
        .map(str::to_owned);
    Draft::new(AssetKind::Tool, format!("{}#{name}", page.path), name)
        .relation(RelationKind::Exposes)
        .with("service", "openapi")
        .with_some("url", url)
        .with_some("authentication", auth)
        .add(node.span.clone(), page, facts);
    true
}

/// Whether the name of a package says that it is a server of MCP rather than a client or a library.
fn says_server(name: &str) -> bool {
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |word: &str| words.iter().any(|one| one.eq_ignore_ascii_case(word));
    has("mcp")
        && ![
            "client",
            "cli",
            "inspector",
            "use",
            "agent",
            "sdk",
            "host",
            "adapters",
            "proxy",
            "types",
            "utils",
            "core",
            "common",
        ]
        .iter()
        .any(|word| has(word))
}

/// `package.json` of a server: it needs the SDK and can be run.
fn npm(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if !page.path.ends_with("package.json") {
        return false;
    }
    let needs = root
        .get("dependencies")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .any(|entry| {
            matches!(
                &*entry.key,
                "@modelcontextprotocol/sdk"
                    | "@modelcontextprotocol/server"
                    | "fastmcp"
                    | "mcp-framework"
                    | "xmcp"
            )
        });
    let own = root.get("mcpName").and_then(Node::as_str);
    let runs = root.get("bin").is_some();
    let Some(node) = root.get("name") else {
        return false;
    };
    let Some(name) = node.as_str() else {
        return false;
    };
    if own.is_none() && !(needs && runs && says_server(name)) {
        return false;
    }
    package(name, "npm", own, node, page, facts);
    true
}

fn package(
    name: &str,
    ecosystem: &str,
    own: Option<&str>,
    node: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let directory = page.path.rsplit_once('/').map_or("", |(above, _)| above);
    server(name, page)
        .alias(own.unwrap_or_default())
        .alias(directory)
        .with("package", format!("pkg:{ecosystem}/{name}"))
        .add(node.span.clone(), page, facts);
}

/// `pyproject.toml` of a server.
fn python(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if !page.path.ends_with("pyproject.toml") {
        return false;
    }
    let Some(project) = root.get("project") else {
        return false;
    };
    let needs = project
        .get("dependencies")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .any(|item| {
            let text = item.as_str().unwrap_or_default();
            let end = text
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                .unwrap_or(text.len());
            matches!(text.get(..end), Some("mcp" | "fastmcp"))
        });
    let scripts: &[Entry] = project
        .get("scripts")
        .map(Node::entries)
        .unwrap_or_default();
    let Some(node) = project.get("name") else {
        return false;
    };
    let Some(name) = node.as_str() else {
        return false;
    };
    if !(needs && !scripts.is_empty() && says_server(name)) {
        return false;
    }
    let module = name.replace(['-', '.'], "_");
    package(name, "pypi", Some(&module), node, page, facts);
    true
}
