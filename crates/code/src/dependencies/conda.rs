//! `environment.yml` of conda, with its pip section.

use stance_core::fact::Ecosystem;

use super::collect::Collect;
use super::requirement;
use crate::packages::normalise_pypi;
use stance_read::tree::{Node, Notation};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Yaml, "conda environment");
    let Some(root) = tree.root() else { return };
    let Some(dependencies) = root.get("dependencies").filter(|node| node.is_array()) else {
        return;
    };
    let name = root.get("name");
    to.manifest(
        Ecosystem::Pypi,
        name.and_then(Node::as_str),
        None,
        Vec::new(),
        name.map(|name| name.span.clone()),
    );
    for node in dependencies.items() {
        if let Some(text) = node.as_str() {
            if let Some(package) = conda(text) {
                to.package(Ecosystem::Pypi, package, node.span.clone());
            }
        } else {
            for line in node.get("pip").map(Node::items).unwrap_or_default() {
                to.requirement(line, false);
            }
        }
    }
}

/// A package of conda: `channel::name=1.2=build`, `name>=1.2`. Its names are those of
/// Python packages, with `pytorch` for `torch`.
fn conda(text: &str) -> Option<super::collect::Package> {
    let text = text.rsplit("::").next().unwrap_or_default();
    let end = text
        .find(['=', '<', '>', '!', ' ', '~'])
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let mut package = requirement::parse(name)?;
    package.name = normalise_pypi(name);
    rest.trim().clone_into(&mut package.constraint);
    if let Some(version) = rest.trim().strip_prefix('=') {
        let version = version
            .trim_start_matches('=')
            .split('=')
            .next()
            .unwrap_or_default();
        let plain = !version.is_empty() && !version.contains(['*', '<', '>', ',']);
        package.version = plain.then(|| version.trim().to_owned());
    }
    Some(package)
}

/// `conda-lock.yml`: packages of conda, and of pip among them.
pub(super) fn read_lock(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Yaml, "conda lock file");
    let Some(root) = tree.root() else { return };
    let mut seen = std::collections::HashSet::new();
    for node in root.get("package").map(Node::items).unwrap_or_default() {
        let text = |key: &str| node.get(key).and_then(Node::scalar);
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            continue;
        };
        // Once for each platform.
        if !seen.insert((name, version)) {
            continue;
        }
        let package = super::collect::Package {
            name: normalise_pypi(name),
            version: Some(version.to_owned()),
            hashed: node.get("hash").is_some(),
            development: text("category").is_some_and(|category| category != "main"),
            locked: true,
            ..super::collect::Package::default()
        };
        let place = node
            .get("name")
            .map_or(node.span.clone(), |name| name.span.clone());
        to.package(Ecosystem::Pypi, package, place);
    }
}
