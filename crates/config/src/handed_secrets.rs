//! Secrets that those who publish an MCP server or an extension say it is handed.

use stance_core::asset::{AssetId, AssetKind};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;
use stance_read::vendors;

use crate::document::Format;
use crate::draft::{Draft, relate};

/// Settings of an extension of Gemini CLI.
///
/// See <https://github.com/google-gemini/gemini-cli/blob/main/docs/extensions/reference.md>.
pub(crate) const EXTENSION: Format = Format {
    title: "extension of an agent",
    loose: false,
    marks: &["envVar"],
    read: extension,
};

/// Most secrets of one server.
const MOST: usize = 64;

fn extension(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(settings) = root.get("settings").filter(|node| node.is_array()) else {
        return false;
    };
    if root.get("mcpServers").is_none() && root.get("contextFileName").is_none() {
        return false;
    }
    for setting in settings.items().iter().take(MOST) {
        if let Some(node) = setting.get("envVar").filter(|_| says(setting, "sensitive")) {
            secret(node, None, page, facts);
        }
    }
    true
}

/// `environmentVariables` of packages of the registry, and headers of its remote servers.
pub(crate) fn of_registry(root: &Node, server: &AssetId, page: &Page<'_>, facts: &mut Facts<'_>) {
    let packages = root.get("packages").map(Node::items).unwrap_or_default();
    let variables = packages
        .iter()
        .filter_map(|package| package.get_any(&["environmentVariables", "environment_variables"]))
        .flat_map(Node::items);
    for variable in variables.take(MOST) {
        let secret_one = says(variable, "isSecret") || says(variable, "is_secret");
        if let Some(node) = variable.get("name").filter(|_| secret_one) {
            secret(node, Some(server), page, facts);
        }
    }
}

/// What the user of a bundle is asked for, by the variable that carries it.
pub(crate) fn of_bundle(root: &Node, server: &AssetId, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(asked) = root.get("user_config") else {
        return;
    };
    let environment = root.path(&["server", "mcp_config", "env"]);
    let environment = environment.map(Node::entries).unwrap_or_default();
    for variable in environment.iter().take(MOST) {
        let Some(text) = variable.value.as_str() else {
            continue;
        };
        let from = text
            .strip_prefix("${user_config.")
            .and_then(|rest| rest.strip_suffix('}'));
        let sensitive = from
            .and_then(|name| asked.get(name))
            .is_some_and(|it| says(it, "sensitive"));
        if sensitive {
            let name = variable.key.to_string();
            let id = identity(&name).add(variable.key_span.clone(), page, facts);
            runs_as(server, &id, variable.key_span.clone(), page, facts);
        }
    }
}

fn says(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

fn secret(node: &Node, server: Option<&AssetId>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(name) = node.as_str().filter(|name| is_variable(name)) else {
        return;
    };
    let id = identity(name).add(node.span.clone(), page, facts);
    if let Some(server) = server {
        runs_as(server, &id, node.span.clone(), page, facts);
    }
}

fn identity(name: &str) -> Draft {
    Draft::new(AssetKind::Identity, format!("env:{name}"), name)
        .relation(RelationKind::RunsAs)
        .vendor(vendors::of_variable(name).map(|vendor| vendor.key))
}

fn runs_as(
    server: &AssetId,
    identity: &AssetId,
    span: std::ops::Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    relate(server, RelationKind::RunsAs, identity, span, page, facts);
}

fn is_variable(name: &str) -> bool {
    (2..=120).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use crate::testing::{relations, told};

    #[test]
    fn a_server_says_which_variables_are_secret() {
        let registry = r#"{"name": "io.acme/desk", "packages": [{"registryType": "pypi", "identifier": "acme-desk",
            "environmentVariables": [{"name": "DESK_PASSWORD", "isSecret": true}, {"name": "DESK_URL", "isSecret": false}]}]}"#;
        let all = told("server.json", registry);
        assert!(
            all.contains(&"identity env:DESK_PASSWORD - 2".to_owned()),
            "{all:?}"
        );
        assert!(!all.iter().any(|one| one.contains("DESK_URL")));
        assert!(relations("server.json", registry).contains(
            &"mcp_server:server.json#io.acme/desk runs_as identity:env:DESK_PASSWORD".to_owned()
        ));
        let bundle = r#"{"dxt_version": "0.1", "name": "desk", "server": {"mcp_config": {"command": "uvx", "env":
            {"DESK_TOKEN": "${user_config.token}", "DESK_URL": "${user_config.url}"}}},
            "user_config": {"token": {"sensitive": true}, "url": {"sensitive": false}}}"#;
        let all = told("manifest.json", bundle);
        assert!(
            all.contains(&"identity env:DESK_TOKEN - 2".to_owned()),
            "{all:?}"
        );
        assert!(!all.iter().any(|one| one.contains("DESK_URL")));
    }

    #[test]
    fn an_extension_says_which_settings_are_sensitive() {
        let text = r#"{"name": "desk", "mcpServers": {}, "settings": [
            {"name": "key", "envVar": "DESK_KEY", "sensitive": true}, {"name": "url", "envVar": "DESK_URL"}]}"#;
        assert_eq!(
            told("gemini-extension.json", text),
            ["identity env:DESK_KEY - 2"]
        );
        assert!(
            told(
                "x.json",
                r#"{"settings": [{"envVar": "DESK_KEY", "sensitive": true}]}"#
            )
            .is_empty()
        );
    }
}
