//! `pyproject.toml`: PEP 621, dependency groups (PEP 735), Poetry, uv sources.

use std::collections::BTreeMap;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::requirement;
use crate::packages::normalise_pypi;
use stance_read::tree::{Node, Notation};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Toml, "Python project");
    let Some(root) = tree.root() else { return };
    let poetry = root.path(&["tool", "poetry"]);
    let project = root.get("project");
    let name = [project, poetry]
        .into_iter()
        .flatten()
        .find_map(|table| table.get("name"));
    let groups = root.get("dependency-groups");
    if project.is_none() && poetry.is_none() && groups.is_none() {
        // Only settings of tools: nothing is built here.
        return;
    }
    let version = [project, poetry]
        .into_iter()
        .flatten()
        .find_map(|table| table.get("version"));
    to.manifest(
        Ecosystem::Pypi,
        name.and_then(Node::as_str),
        version.and_then(Node::as_str),
        indexes(to, root),
        name.map(|name| name.span.clone()),
    );
    let sources = sources(root);
    let mut requirements: Vec<(&Node, bool)> = Vec::new();
    if let Some(project) = project {
        requirements.extend(items(project.get("dependencies")).map(|node| (node, false)));
        for group in entries(project.get("optional-dependencies")) {
            let development = is_development(&group.key);
            requirements.extend(group.value.items().iter().map(|node| (node, development)));
        }
    }
    for group in entries(groups) {
        let development = is_development(&group.key);
        requirements.extend(group.value.items().iter().map(|node| (node, development)));
    }
    // What Hatch fills in where `project` says `dynamic = ["dependencies"]`.
    for hook in entries(root.path(&["tool", "hatch", "metadata", "hooks"])) {
        let listed = items(hook.value.get("dependencies"));
        requirements.extend(listed.map(|node| (node, false)));
    }
    for list in ["dev-dependencies", "constraint-dependencies"] {
        let list_node = root.path(&["tool", "uv", list]);
        let development = list == "dev-dependencies";
        requirements.extend(items(list_node).map(|node| (node, development)));
    }
    for (node, development) in requirements {
        let source = node
            .as_str()
            .and_then(requirement::parse)
            .and_then(|package| sources.get(&package.name));
        match (node.as_str().and_then(requirement::parse), source) {
            (Some(mut package), Some(source)) => {
                package.development = development;
                package.origin = package.origin.or_else(|| Some(source.clone()));
                to.package(Ecosystem::Pypi, package, node.span.clone());
            }
            _ => to.requirement(node, development),
        }
    }
    if let Some(poetry) = poetry {
        table(to, poetry.get("dependencies"), false);
        table(to, poetry.get("dev-dependencies"), true);
        for group in entries(poetry.get("group")) {
            let development = is_development(&group.key);
            table(to, group.value.get("dependencies"), development);
        }
    }
}

/// A table of packages as Poetry and Pipenv write it: name to constraint, or to a table with more.
pub(super) fn table(to: &mut Collect<'_, '_>, node: Option<&Node>, development: bool) {
    for entry in entries(node) {
        let name = normalise_pypi(&entry.key);
        if name == "python" {
            continue;
        }
        // Several tables for several platforms: the first speaks for all.
        let value = entry.value.items().first().unwrap_or(&entry.value);
        let mut package = Package {
            name,
            development,
            ..Package::default()
        };
        let constraint = value.as_str().or_else(|| value.get("version")?.as_str());
        if let Some(constraint) = constraint {
            package.version = requirement::exact(constraint).or_else(|| {
                let plain = constraint.starts_with(|c: char| c.is_ascii_digit());
                (plain && !constraint.contains([',', '*', '|', ' '])).then(|| constraint.to_owned())
            });
            constraint.clone_into(&mut package.constraint);
        }
        package.origin = origin(value);
        let place = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
        to.package(Ecosystem::Pypi, package, place);
    }
}

/// Where a table says that a package comes from: `git+URL@revision`, a URL or a path.
fn origin(node: &Node) -> Option<String> {
    if let Some(git) = node.get("git").and_then(Node::as_str) {
        let revision = node
            .get_any(&["rev", "ref", "tag", "branch"])
            .and_then(Node::as_str);
        return Some(match revision {
            Some(revision) => format!("git+{git}@{revision}"),
            None => format!("git+{git}"),
        });
    }
    node.get_any(&["url", "path"])
        .and_then(Node::as_str)
        .map(str::to_owned)
}

/// What `[tool.uv.sources]` says of packages, by normalised name.
fn sources(root: &Node) -> BTreeMap<String, String> {
    entries(root.path(&["tool", "uv", "sources"]))
        .filter_map(|entry| {
            let value = entry.value.items().first().unwrap_or(&entry.value);
            Some((normalise_pypi(&entry.key), origin(value)?))
        })
        .collect()
}

/// Registries that uv, Poetry and PDM are told of.
fn indexes(to: &Collect<'_, '_>, root: &Node) -> Vec<stance_core::fact::PackageIndex> {
    let mut found = Vec::new();
    for path in [
        &["tool", "uv", "index"][..],
        &["tool", "poetry", "source"],
        &["tool", "pdm", "source"],
    ] {
        for index in items(root.path(path)) {
            let Some(url) = index.get("url") else {
                continue;
            };
            let truthy = |name: &str| index.get(name).and_then(Node::as_bool) == Some(true);
            let priority = index.get("priority").and_then(Node::as_str);
            // Asked only for packages that say so: no other package can come from it.
            let bound = truthy("explicit") || priority == Some("explicit");
            // uv takes the first index that knows a package, so an index of its own hides the
            // public one and not the other way round.
            let first = path.get(1) == Some(&"uv");
            if let Some(text) = url.as_str().filter(|_| !bound) {
                found.push(to.index(text, !first && !truthy("default"), url.span.clone()));
            }
        }
    }
    for list in ["extra-index-url"] {
        for url in items(root.path(&["tool", "uv", list])) {
            if let Some(text) = url.as_str() {
                found.push(to.index(text, false, url.span.clone()));
            }
        }
    }
    found
}

fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    node.map(Node::items).unwrap_or_default().iter()
}

pub(super) fn entries(node: Option<&Node>) -> impl Iterator<Item = &stance_read::tree::Entry> {
    node.map(Node::entries).unwrap_or_default().iter()
}

/// Whether a group of packages only serves development.
pub(super) fn is_development(group: &str) -> bool {
    let group = group.to_ascii_lowercase();
    [
        "dev", "test", "lint", "doc", "typing", "style", "format", "ci", "bench", "release",
    ]
    .iter()
    .any(|word| group.starts_with(word))
}
