//! Tags with which a reader of YAML makes Python objects.

use std::ops::Range;

use super::arithmetic;
use stance_read::text::Text;
use stance_read::tree::Tree;

/// Where the tags of `PyYAML` live.
const PYTHON: &str = "tag:yaml.org,2002:python/";

/// Kinds of them that call, create or import what they name.
const KINDS: &[&str] = &[
    "object/apply:",
    "object/new:",
    "object:",
    "name:",
    "module:",
];

/// The kinds of `HyperPyYAML`, which are tags of their own.
const OWN: &[&str] = &["new:", "name:", "apply:", "module:"];

/// Calls `push` with each callable, its tag as `python/…`, and its place.
pub(super) fn look(tree: &Tree, text: &Text<'_>, push: &mut dyn FnMut(&str, &str, Range<usize>)) {
    for tag in &tree.tags {
        let Some((kind, callable)) = meaning(&tag.name) else {
            continue;
        };
        if matches!(callable, "eval" | "builtins.eval")
            && kind == "object/apply:"
            && arithmetic::is_all_of_eval(text.as_str())
        {
            continue;
        }
        let behind = text.as_str().get(tag.span.start..).unwrap_or_default();
        let line = behind.lines().next().unwrap_or_default();
        push(
            callable,
            &format!("python/{kind}{callable} {line}"),
            tag.span.clone(),
        );
    }
    if !tree.errors.is_empty() {
        unread(text, push);
    }
}

/// The kind of a tag and what it names.
fn meaning(tag: &str) -> Option<(&'static str, &str)> {
    let own = |kinds: &'static [&'static str], rest: &'_ str| {
        kinds
            .iter()
            .find(|kind| rest.starts_with(**kind))
            .map(|kind| (*kind, kind.len()))
    };
    let (kind, rest, at) = if let Some(rest) = tag.strip_prefix(PYTHON) {
        let (kind, at) = own(KINDS, rest)?;
        (kind, rest, at)
    } else {
        let rest = tag.strip_prefix('!')?;
        let (kind, at) = own(OWN, rest)?;
        let kind = match kind {
            "new:" => "object/new:",
            "apply:" => "object/apply:",
            other => other,
        };
        (kind, rest, at)
    };
    Some((kind, rest.get(at..)?.trim()))
}

/// The tags of a text that another reader of YAML may read further than ours.
fn unread(text: &Text<'_>, push: &mut dyn FnMut(&str, &str, Range<usize>)) {
    for start in ["!!python/", PYTHON] {
        for (at, _) in text.as_str().match_indices(start).take(256) {
            let rest = text.as_str().get(at..).unwrap_or_default();
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '[' | '{' | ','))
                .unwrap_or(rest.len());
            let whole = rest.get(..end).unwrap_or_default();
            let inner = whole.get(start.len()..).unwrap_or_default();
            let full = format!("{PYTHON}{inner}");
            if let Some((kind, callable)) = meaning(&full) {
                let line = rest.lines().next().unwrap_or_default();
                push(
                    callable,
                    &format!("python/{kind}{callable} {line}"),
                    at..at.saturating_add(end),
                );
            }
        }
    }
}
