//! What programs of Ruby and PHP ask for: `Gemfile`, `*.gemspec` and `composer.json`. Which versions are installed, the
//! lock files beside them tell.
//!
//! See <https://bundler.io/man/gemfile.5.html> and <https://getcomposer.org/doc/04-schema.md>.

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use stance_read::tree::{Node, Notation};

/// `gem "name", "~> 1.2"`, line by line; in groups of development and test they are for those.
pub(super) fn read_gemfile(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    to.manifest(Ecosystem::Gem, None, None, Vec::new(), None);
    let mut development = false;
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(raw.len());
        let line = raw.trim();
        if let Some(rest) = line.strip_prefix("group ") {
            development = rest.contains(":development") || rest.contains(":test");
        } else if line == "end" {
            development = false;
        }
        let asked = ["gem ", "gem("].iter().find_map(|it| line.strip_prefix(it));
        let Some(rest) = asked else { continue };
        if let Some(package) = gem(rest, development || rest.contains("group: :development")) {
            to.package(
                Ecosystem::Gem,
                package,
                here..here.saturating_add(raw.trim_end().len()),
            );
        }
    }
}

/// `spec.add_dependency "name", "~> 1.2"`
pub(super) fn read_gemspec(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(raw.len());
        let line = raw.trim();
        if line.starts_with('#') {
            continue;
        }
        for (word, development) in [
            (".add_dependency", false),
            (".add_runtime_dependency", false),
            (".add_development_dependency", true),
        ] {
            if let Some((_, rest)) = line.split_once(word)
                && let Some(package) = gem(rest.trim_start_matches(['(', ' ']), development)
            {
                to.package(
                    Ecosystem::Gem,
                    package,
                    here..here.saturating_add(raw.trim_end().len()),
                );
            }
        }
    }
}

/// `"name", "~> 1.2", …`
fn gem(rest: &str, development: bool) -> Option<Package> {
    let mut texts = rest.split(['"', '\'']);
    let before = texts.next()?;
    let name = texts.next()?;
    let plain = name
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    if !before.trim().is_empty() || name.is_empty() || !plain {
        return None;
    }
    let between = texts.next().unwrap_or_default();
    let constraint = texts.next().filter(|_| between.trim() == ",");
    let constraint = constraint.filter(|it| it.contains(|c: char| c.is_ascii_digit()));
    Some(Package {
        name: name.to_owned(),
        constraint: constraint.unwrap_or_default().to_owned(),
        development,
        ..Package::default()
    })
}

/// `composer.json`: `require` and `require-dev`. What has no vendor before it is the platform.
pub(super) fn read_composer(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "composer.json");
    let Some(root) = tree.root() else { return };
    let text = |key: &str| root.get(key).and_then(Node::as_str);
    let place = root.get("name").map(|name| name.span.clone());
    to.manifest(
        Ecosystem::Composer,
        text("name"),
        text("version"),
        Vec::new(),
        place,
    );
    for (section, development) in [("require", false), ("require-dev", true)] {
        for entry in entries(root.get(section)) {
            if entry.key.contains('/') {
                let package = Package {
                    name: entry.key.to_lowercase(),
                    constraint: entry.value.as_str().unwrap_or_default().to_owned(),
                    development,
                    ..Package::default()
                };
                to.package(Ecosystem::Composer, package, entry.key_span.clone());
            }
        }
    }
}
