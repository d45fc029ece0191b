//! Gradle: `build.gradle` and `build.gradle.kts` as far as they say it in literals, `libs.versions.toml`,
//! `gradle.lockfile`.
//!
//! See <https://docs.gradle.org/current/userguide/declaring_dependencies.html>.

use std::collections::HashMap;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use stance_read::tree::{Node, Notation};

/// Most variables of one file.
const VARIABLES: usize = 10_000;

/// A build script: coordinates in quotes behind the name of a configuration.
pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let variables = variables(text);
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let from = start;
        start = start.saturating_add(raw.len());
        let line = raw.trim();
        let Some((configuration, rest)) = configuration(line) else {
            continue;
        };
        let found = quoted(rest)
            .and_then(|text| coordinates(text, &variables))
            .or_else(|| named(rest, &variables));
        if let Some((name, version)) = found {
            let lead = raw.len().saturating_sub(raw.trim_start().len());
            let begin = from.saturating_add(lead);
            let package = package(name, version, configuration.to_lowercase().contains("test"));
            to.package(
                Ecosystem::Maven,
                package,
                begin..begin.saturating_add(line.len()),
            );
        }
    }
}

/// `implementation("…` as the configuration and what follows.
fn configuration(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (word, rest) = line.split_at_checked(end)?;
    let known = [
        "implementation",
        "api",
        "compileonly",
        "runtimeonly",
        "annotationprocessor",
        "kapt",
        "ksp",
        "compile",
        "classpath",
        "runtime",
    ];
    let lower = word.to_ascii_lowercase();
    known
        .iter()
        .any(|end| lower.ends_with(end))
        .then_some((word, rest))
}

/// The first text in quotes.
fn quoted(text: &str) -> Option<&str> {
    let start = text.find(['"', '\''])?;
    let quote = text.get(start..)?.chars().next()?;
    text.get(start.saturating_add(1)..)?
        .split_once(quote)
        .map(|(inner, _)| inner)
}

/// `group:artifact:version`, with a classifier or a type behind it.
fn coordinates(text: &str, variables: &HashMap<&str, &str>) -> Option<(String, Option<String>)> {
    let text = text.split('@').next()?;
    let mut parts = text.split(':');
    let (group, artifact) = (parts.next()?, parts.next()?);
    if group.is_empty() || artifact.is_empty() || text.contains(['/', ' ']) {
        return None;
    }
    let version = parts.next().and_then(|version| value(version, variables));
    Some((format!("{group}:{artifact}"), version))
}

/// `group: 'a', name: 'b', version: 'c'`.
fn named(text: &str, variables: &HashMap<&str, &str>) -> Option<(String, Option<String>)> {
    let field = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        let rest = rest.trim_start().strip_prefix([':', '='])?.trim_start();
        match rest.starts_with(['"', '\'']) {
            true => quoted(rest),
            false => rest.split([',', ')', ' ']).next(),
        }
    };
    let (group, artifact) = (field("group")?, field("name")?);
    let version = field("version").and_then(|version| value(version, variables));
    Some((format!("{group}:{artifact}"), version))
}

/// A version with its variable put in; `None` for one that stands elsewhere.
fn value(text: &str, variables: &HashMap<&str, &str>) -> Option<String> {
    let name = text.trim_start_matches('$').trim_matches(['{', '}']);
    if name.len() == text.len() && text.starts_with(|c: char| c.is_ascii_digit() || c == '[') {
        return Some(text.to_owned());
    }
    variables.get(name).map(|value| (*value).to_owned())
}

/// `val version = "1.2"`, `ext.version = '1.2'`, `version = "1.2"`.
fn variables(text: &str) -> HashMap<&str, &str> {
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let name = name.split_whitespace().last()?;
            let name = name.strip_prefix("ext.").unwrap_or(name);
            Some((name, quoted(value)?))
        })
        .take(VARIABLES)
        .collect()
}

fn package(name: String, version: Option<String>, development: bool) -> Package {
    // A range, or one that moves: `1.+`, `latest.release`.
    let moves = |version: &String| version.starts_with(['[', '(']) || version.contains(['+', '!']);
    let constraint = version
        .clone()
        .filter(|version| version.starts_with(['[', '(']));
    Package {
        name,
        constraint: constraint.unwrap_or_default(),
        version: version.filter(|version| !moves(version)),
        development,
        ..Package::default()
    }
}

/// A version catalogue.
pub(super) fn read_catalogue(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Toml, "version catalogue");
    let Some(root) = tree.root() else { return };
    let versions = root.get("versions");
    let rich = |node: &Node| {
        let text = node.as_str().or_else(|| {
            node.get_any(&["strictly", "require", "prefer"])
                .and_then(Node::as_str)
        });
        text.map(str::to_owned)
    };
    for entry in entries(root.get("libraries")) {
        let value = &entry.value;
        let text = |key: &str| value.get(key).and_then(Node::as_str);
        let (name, version) = if let Some(whole) = value.as_str() {
            match coordinates(whole, &HashMap::new()) {
                Some(found) => found,
                None => continue,
            }
        } else {
            let name = text("module")
                .map(str::to_owned)
                .or_else(|| Some(format!("{}:{}", text("group")?, text("name")?)));
            let Some(name) = name else { continue };
            let version = value.get("version");
            let named = version
                .and_then(|version| version.get("ref"))
                .and_then(Node::as_str);
            let version = match named {
                Some(reference) => versions.and_then(|all| all.get(reference)).and_then(rich),
                None => version.and_then(rich),
            };
            (name, version)
        };
        let place = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
        to.package(Ecosystem::Maven, package(name, version, false), place);
    }
}

/// A lock file: `group:artifact:version=configurations`.
pub(super) fn read_lock(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let from = start;
        start = start.saturating_add(raw.len());
        let line = raw.trim();
        let Some((whole, configurations)) = line.split_once('=') else {
            continue;
        };
        let mut parts = whole.split(':');
        if let (Some(group), Some(artifact), Some(version)) =
            (parts.next(), parts.next(), parts.next())
            && !line.starts_with('#')
        {
            let development = configurations
                .split(',')
                .all(|name| name.to_lowercase().contains("test"));
            let package = Package {
                name: format!("{group}:{artifact}"),
                version: Some(version.to_owned()),
                development,
                locked: true,
                ..Package::default()
            };
            to.package(
                Ecosystem::Maven,
                package,
                from..from.saturating_add(line.len()),
            );
        }
    }
}
