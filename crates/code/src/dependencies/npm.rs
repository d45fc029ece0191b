//! `package.json`.

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use stance_read::tree::{Node, Notation};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "package.json");
    let Some(root) = tree.root().filter(|root| root.is_object()) else {
        return;
    };
    let name = root.get("name");
    let sections = [
        ("dependencies", false),
        ("optionalDependencies", false),
        ("peerDependencies", false),
        ("devDependencies", true),
    ];
    let any = sections
        .iter()
        .any(|(section, _)| root.get(section).is_some());
    if name.is_none() && !any {
        // `{"type": "module"}` and the like mark a directory, nothing is built there.
        return;
    }
    to.manifest(
        Ecosystem::Npm,
        name.and_then(Node::as_str),
        root.get("version").and_then(Node::as_str),
        Vec::new(),
        name.map(|name| name.span.clone()),
    );
    for (section, development) in sections {
        for entry in entries(root.get(section)) {
            let Some(constraint) = entry.value.as_str() else {
                continue;
            };
            let mut package = package(&entry.key, constraint);
            package.development = development;
            let place = entry.key_span.start..entry.value.span.end;
            to.package(Ecosystem::Npm, package, place);
        }
    }
}

/// A package and what is asked of it: a range, `npm:other@1`, a URL, `owner/repository`, a path.
fn package(name: &str, constraint: &str) -> Package {
    let mut package = Package {
        name: name.to_ascii_lowercase(),
        ..Package::default()
    };
    let mut constraint = constraint.trim();
    if let Some(alias) = constraint.strip_prefix("npm:") {
        let (real, version) = match alias.char_indices().skip(1).find(|(_, c)| *c == '@') {
            Some((at, _)) => alias.split_at(at),
            None => (alias, ""),
        };
        package.name = real.to_ascii_lowercase();
        constraint = version.trim_start_matches('@');
    }
    if is_origin(constraint) {
        package.origin = Some(constraint.to_owned());
    } else {
        constraint.clone_into(&mut package.constraint);
        package.version = exact(constraint);
    }
    package
}

fn is_origin(constraint: &str) -> bool {
    constraint.contains("://")
        || ["file:", "link:", "portal:", "github:", "gitlab:", "bitbucket:", "git@"]
            .iter()
            .any(|scheme| constraint.starts_with(scheme))
        // `owner/repository`, the short form of a GitHub address.
        || (constraint.matches('/').count() == 1
            && constraint
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/._-#".contains(&byte)))
}

/// The version that a constraint fixes exactly.
fn exact(constraint: &str) -> Option<String> {
    let version = constraint.trim_start_matches(['=', 'v']);
    let digits = version.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = digits.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(number)).then(|| version.to_owned())
}
