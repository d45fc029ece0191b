//! `Pipfile` and `Pipfile.lock`.

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::{entries, table};
use super::requirement;
use crate::packages::normalise_pypi;
use stance_read::tree::{Node, Notation};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Toml, "Pipfile");
    let Some(root) = tree.root() else { return };
    let sources = root.get("source").map(Node::items).unwrap_or_default();
    let indexes = sources
        .iter()
        .enumerate()
        .filter_map(|(position, source)| {
            let url = source.get("url")?;
            let text = url.as_str()?;
            (position > 0 || !text.starts_with("https://pypi.org/"))
                .then(|| to.index(text, position > 0, url.span.clone()))
        })
        .collect();
    to.manifest(Ecosystem::Pypi, None, None, indexes, None);
    table(to, root.get("packages"), false);
    table(to, root.get("dev-packages"), true);
}

pub(super) fn read_lock(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "Pipfile.lock");
    let Some(root) = tree.root() else { return };
    for (section, development) in [("default", false), ("develop", true)] {
        for entry in entries(root.get(section)) {
            let constraint = entry.value.get("version").and_then(Node::as_str);
            let package = Package {
                name: normalise_pypi(&entry.key),
                constraint: constraint.unwrap_or_default().to_owned(),
                version: constraint.and_then(requirement::exact),
                hashed: entry.value.get("hashes").is_some(),
                origin: None,
                development,
                direct: None,
                locked: true,
            };
            to.package(Ecosystem::Pypi, package, entry.key_span.clone());
        }
    }
}
