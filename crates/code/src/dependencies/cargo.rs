//! `Cargo.toml` and `Cargo.lock`.
//!
//! See <https://doc.rust-lang.org/cargo/reference/manifest.html>.

use std::collections::HashSet;
use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use stance_read::tree::{Node, Notation};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Toml, "Cargo.toml");
    let Some(root) = tree.root() else { return };
    let own = root.get("package");
    let name = own.and_then(|own| own.get("name"));
    let version = own.and_then(|own| own.get("version")?.as_str());
    // A workspace without a package of its own builds nothing.
    if let Some(name) = name {
        let place = Some(name.span.clone());
        to.manifest(Ecosystem::Cargo, name.as_str(), version, Vec::new(), place);
    }
    let targets = entries(root.get("target")).map(|target| &target.value);
    let tables = std::iter::once(root)
        .chain(root.get("workspace"))
        .chain(targets);
    for table in tables {
        for (section, development) in [
            ("dependencies", false),
            ("build-dependencies", true),
            ("dev-dependencies", true),
        ] {
            for entry in entries(table.get(section)) {
                if let Some(mut package) = package(&entry.key, &entry.value) {
                    package.development = development;
                    let place = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
                    to.package(Ecosystem::Cargo, package, place);
                }
            }
        }
    }
}

/// `"1.2"`, or a table with a version, another name, or where it comes from.
fn package(name: &str, value: &Node) -> Option<Package> {
    let text = |key: &str| value.get(key).and_then(Node::as_str);
    // The workspace says more about it.
    if value.get("workspace").is_some() {
        return None;
    }
    let constraint = value
        .as_str()
        .or_else(|| text("version"))
        .unwrap_or_default();
    let exact = constraint.trim().strip_prefix('=').map(str::trim);
    Some(Package {
        name: text("package").unwrap_or(name).to_owned(),
        constraint: constraint.to_owned(),
        version: exact
            .filter(|version| version.matches('.').count() == 2 && !version.contains(','))
            .map(str::to_owned),
        origin: text("git")
            .map(|git| format!("git+{git}"))
            .or_else(|| text("path").map(str::to_owned)),
        ..Package::default()
    })
}

/// The lock file, line by line: it is always written the same way.
pub(super) fn read_lock(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let asked = asked(text);
    let mut open: Option<(Package, Range<usize>)> = None;
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim();
        if line == "[[package]]" {
            finish(to, &asked, &mut open);
            let package = Package {
                locked: true,
                // Packages of the workspace have no source.
                origin: Some("workspace".to_owned()),
                ..Package::default()
            };
            open = Some((package, start..start));
        } else if let Some((package, place)) = &mut open {
            if let Some(name) = string(line, "name") {
                package.name = name.to_owned();
                *place = start..start.saturating_add(line.len());
            } else if let Some(version) = string(line, "version") {
                package.version = Some(version.to_owned());
            } else if let Some(source) = string(line, "source") {
                package.origin = (!source.starts_with("registry+")
                    && !source.starts_with("sparse+"))
                .then(|| source.to_owned());
            } else if line.starts_with("checksum = ") {
                package.hashed = true;
            }
        }
        start = start.saturating_add(raw.len());
    }
    finish(to, &asked, &mut open);
}

fn finish(
    to: &mut Collect<'_, '_>,
    asked: &HashSet<&str>,
    open: &mut Option<(Package, Range<usize>)>,
) {
    if let Some((mut package, place)) = open.take()
        && package.version.is_some()
    {
        package.direct = Some(asked.contains(&*package.name));
        to.package(Ecosystem::Cargo, package, place);
    }
}

/// The packages that those of the workspace ask for.
fn asked(text: &str) -> HashSet<&str> {
    let mut found = HashSet::new();
    for package in text.split("[[package]]").skip(1) {
        if package.contains("\nsource = ") {
            continue;
        }
        let Some((_, list)) = package.split_once("dependencies = [") else {
            continue;
        };
        let list = list.split(']').next().unwrap_or_default();
        for entry in list.split('"').skip(1).step_by(2) {
            found.extend(entry.split(' ').next());
        }
    }
    found
}

fn string<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    line.strip_prefix(key)?
        .strip_prefix(" = \"")?
        .strip_suffix('"')
}
