//! `package-lock.json` of versions 1 to 3, `yarn.lock` of versions 1 and 2, `pnpm-lock.yaml`.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use stance_read::tree::{Entry, Node, Notation};

/// Deepest nesting of version 1 that is followed.
const DEEPEST: usize = 32;

pub(super) fn read_npm(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "package-lock.json");
    let Some(root) = tree.root() else { return };
    if let Some(packages) = root.get("packages") {
        // What the application itself asks for stands under the empty path.
        let own = packages.get("");
        let asks =
            |section: &str, name: &str| own.and_then(|own| own.get(section)?.get(name)).is_some();
        for entry in packages.entries() {
            if let Some((before, name)) = entry.key.rsplit_once("node_modules/") {
                let sections = [
                    "dependencies",
                    "devDependencies",
                    "optionalDependencies",
                    "peerDependencies",
                ];
                let direct =
                    before.is_empty() && sections.iter().any(|section| asks(section, name));
                one(to, name, entry, own.map(|_| direct));
            }
        }
        return;
    }
    let mut open: Vec<(&Node, usize)> = root
        .get("dependencies")
        .map(|node| (node, 0))
        .into_iter()
        .collect();
    while let Some((node, depth)) = open.pop() {
        for entry in entries(Some(node)) {
            one(to, &entry.key, entry, None);
            if let Some(inner) = entry.value.get("dependencies").filter(|_| depth < DEEPEST) {
                open.push((inner, depth.saturating_add(1)));
            }
        }
    }
}

fn one(to: &mut Collect<'_, '_>, name: &str, entry: &Entry, direct: Option<bool>) {
    let text = |key: &str| entry.value.get(key).and_then(Node::as_str);
    let version = text("version");
    let Some(version) = version else { return };
    let package = Package {
        // An alias says what it really is.
        name: text("name").unwrap_or(name).to_ascii_lowercase(),
        version: Some(version.to_owned()),
        hashed: text("integrity").is_some(),
        origin: text("resolved")
            .filter(|resolved| resolved.starts_with("git"))
            .map(str::to_owned),
        development: entry.value.get("dev").and_then(Node::as_bool) == Some(true),
        direct,
        locked: true,
        ..Package::default()
    };
    to.package(Ecosystem::Npm, package, entry.key_span.clone());
}

pub(super) fn read_yarn(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut open: Option<(Package, Range<usize>)> = None;
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        if !line.is_empty() && !line.starts_with([' ', '#', '\t']) {
            finish(to, &mut open);
            open = heading(line).map(|name| {
                let package = Package {
                    name: name.to_ascii_lowercase(),
                    locked: true,
                    ..Package::default()
                };
                (package, start..start.saturating_add(line.len()))
            });
        } else if let Some((package, _)) = &mut open {
            let field = line.trim();
            if let Some(version) = field.strip_prefix("version") {
                let version = version.trim_matches([':', ' ', '"']);
                package.version = Some(version.to_owned());
            } else if field.starts_with("integrity ") || field.starts_with("checksum:") {
                package.hashed = true;
            }
        }
        start = start.saturating_add(raw.len());
    }
    finish(to, &mut open);
}

fn finish(to: &mut Collect<'_, '_>, open: &mut Option<(Package, Range<usize>)>) {
    if let Some((package, place)) = open.take()
        && package.version.is_some()
    {
        to.package(Ecosystem::Npm, package, place);
    }
}

/// The package of a heading: `"@scope/name@^1.0.0", "@scope/name@^1.1.0":`.
fn heading(line: &str) -> Option<&str> {
    let first = line.trim_matches(['"', ':']).split(',').next()?;
    let first = first.trim_matches('"');
    // In an alias the real name stands behind `npm:`.
    let first = match first.split_once("@npm:") {
        Some((_, real)) if real.trim_start_matches('@').contains('@') => real,
        _ => first,
    };
    let at = first.char_indices().skip(1).find(|(_, c)| *c == '@')?.0;
    first.get(..at)
}

pub(super) fn read_pnpm(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut inside = false;
    let mut start = 0_usize;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(raw) = lines.next() {
        let line = raw.trim_end();
        if !line.starts_with(' ') && line.ends_with(':') {
            inside = line == "packages:";
        } else if inside
            && line.starts_with("  ")
            && !line.starts_with("   ")
            && let Some((name, version)) = key(line)
        {
            let hashed = lines.peek().is_some_and(|next| next.contains("integrity:"));
            let package = Package {
                name: name.to_ascii_lowercase(),
                version: Some(version.to_owned()),
                hashed,
                locked: true,
                ..Package::default()
            };
            let from = start.saturating_add(2);
            to.package(
                Ecosystem::Npm,
                package,
                from..start.saturating_add(line.len()),
            );
        }
        start = start.saturating_add(raw.len());
    }
}

/// Name and version of a key: `'@scope/name@1.0.0(peer@2)':`, `/name@1.0.0:`, `/@scope/name/1.0.0:`.
fn key(line: &str) -> Option<(&str, &str)> {
    let key = line.trim().strip_suffix(':')?.trim_matches(['\'', '"']);
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = key.split('(').next()?;
    let at = key
        .char_indices()
        .skip(1)
        .find(|(_, c)| *c == '@')
        .map(|(at, _)| at)
        .or_else(|| key.rfind('/'))?;
    let version = key.get(at.saturating_add(1)..)?;
    Some((key.get(..at)?, version.split('_').next()?))
}
