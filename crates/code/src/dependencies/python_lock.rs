//! `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`: read line by line, since they are large and always written the same way.

use std::collections::HashSet;
use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use crate::packages::normalise_pypi;

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let asked = Asked::of(text);
    let mut package: Option<(Package, Range<usize>)> = None;
    let mut start = 0_usize;
    // Whether the lines belong to the package itself rather than to a table below it.
    let mut direct = false;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim();
        if line == "[[package]]" || line == "[[packages]]" {
            finish(to, &asked, &mut package);
            package = Some((
                Package {
                    locked: true,
                    ..Package::default()
                },
                start..start,
            ));
            direct = true;
        } else if let Some((package, place)) = &mut package {
            if line.starts_with('[') {
                direct = false;
            }
            if direct {
                if let Some(name) = string(line, "name") {
                    package.name = normalise_pypi(name);
                    let lead = raw.len().saturating_sub(raw.trim_start().len());
                    let from = start.saturating_add(lead);
                    *place = from..from.saturating_add(line.len());
                } else if let Some(version) = string(line, "version") {
                    package.version = Some(version.to_owned());
                } else if line.starts_with("source = ") {
                    package.origin = source(line);
                } else if let Some(groups) = line.strip_prefix("groups = ") {
                    // Poetry and PDM: what nothing but development asks for is in other groups.
                    let main = groups.contains("\"main\"") || groups.contains("\"default\"");
                    package.development = !main;
                } else if line == "category = \"dev\"" {
                    package.development = true;
                }
            }
            package.hashed |= line.contains("sha256");
        }
        start = start.saturating_add(raw.len());
    }
    finish(to, &asked, &mut package);
}

fn finish(
    to: &mut Collect<'_, '_>,
    asked: &Asked<'_>,
    package: &mut Option<(Package, Range<usize>)>,
) {
    if let Some((mut package, place)) = package.take() {
        if asked.known {
            let main = asked.main.contains(&*package.name);
            let development = asked.development.contains(&*package.name);
            package.direct = Some(main || development);
            package.development |= development && !main;
        }
        to.package(Ecosystem::Pypi, package, place);
    }
}

/// What the projects of a `uv.lock` ask for themselves: they are packages of it, with a path for a source.
#[derive(Default)]
struct Asked<'t> {
    known: bool,
    main: HashSet<&'t str>,
    development: HashSet<&'t str>,
}

impl<'t> Asked<'t> {
    fn of(text: &'t str) -> Self {
        let mut asked = Self::default();
        let (mut own, mut development) = (false, false);
        for line in text.lines() {
            let line = line.trim();
            if line == "[[package]]" {
                (own, development) = (false, false);
            } else if line.starts_with("source = ") {
                own = ["editable", "virtual", "directory"]
                    .iter()
                    .any(|kind| line.contains(&format!("{{ {kind} = ")));
                asked.known |= own;
            } else if own && line.starts_with('[') {
                development = line.contains("dev-dependencies");
                // What is resolved, not what is told about the project.
                own = !line.contains("metadata");
            } else if own
                && let Some((_, rest)) = line.split_once("{ name = \"")
                && let Some((name, _)) = rest.split_once('"')
            {
                let to = if development {
                    &mut asked.development
                } else {
                    &mut asked.main
                };
                to.insert(name);
            }
        }
        asked
    }
}

/// The string that `key = "…"` holds.
fn string<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    line.strip_prefix(key)?
        .trim_start()
        .strip_prefix('=')?
        .trim()
        .strip_prefix('"')?
        .strip_suffix('"')
}

/// A source that is no registry: `source = { git = "…" }`.
fn source(line: &str) -> Option<String> {
    ["git", "url", "path", "editable", "directory", "virtual"]
        .iter()
        .find_map(|kind| {
            let (_, rest) = line.split_once(&format!("{kind} = \""))?;
            let (value, _) = rest.split_once('"')?;
            Some(if *kind == "git" {
                format!("git+{value}")
            } else {
                value.to_owned()
            })
        })
}
