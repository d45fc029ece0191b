//! The configuration of a NeMo model: it names the classes that are built, by
//! any dotted path.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::evidence::shorten;
use stance_core::fact::{Artifact, Embedded, EmbeddedKind, GapReason};

use stance_models::members::member_evidence;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Notation, Tree, Value};

/// Most targets that are kept.
const KEPT: usize = 256;

/// The key of NeMo's own whose value is imported and called.
const KEY: &str = "target";

/// Notes each callable that the configuration names, once.
pub(super) fn look(
    yaml: &[u8],
    name: &str,
    input: &Input<'_>,
    outer: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let path = member_evidence(input, name).path;
    let text = Text::decode(yaml);
    let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
    if let Some(error) = tree.errors.first() {
        facts.gap(
            GapReason::Malformed,
            format!("the NeMo configuration cannot be read to its end: {error}"),
            Evidence::file(Arc::clone(&path)),
        );
    }
    for found in stance_code::configured::look(
        &tree,
        Notation::Yaml,
        &text,
        &path,
        EmbeddedKind::LoaderModule,
    ) {
        let known = |embedded: &Embedded| {
            embedded.kind == EmbeddedKind::LoaderModule && embedded.name == found.name
        };
        if outer.embedded.len() < KEPT && !outer.embedded.iter().any(known) {
            outer.embedded.push(found);
        }
    }
    let mut open: Vec<&Node> = tree.documents.iter().collect();
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(entries) => {
                for entry in entries.iter().filter(|entry| &*entry.key == KEY) {
                    note(entry, node, &text, &path, outer);
                }
                open.extend(entries.iter().rev().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
}

fn note(entry: &Entry, around: &Node, text: &Text<'_>, path: &Arc<str>, outer: &mut Artifact) {
    let Some(target) = entry.value.as_str().map(str::trim) else {
        return;
    };
    // `target` alone is a word of many configurations; a path has a dot.
    if !target.contains('.') {
        return;
    }
    let whole = text.as_str().get(around.span.clone()).unwrap_or_default();
    let detail = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    push(
        target,
        &detail,
        text.evidence(path, entry.value.span.clone()),
        outer,
    );
}

fn push(target: &str, detail: &str, evidence: Evidence, outer: &mut Artifact) {
    let known = |embedded: &Embedded| {
        embedded.kind == EmbeddedKind::LoaderModule && embedded.name == target
    };
    if outer.embedded.len() < KEPT && !outer.embedded.iter().any(known) {
        outer.embedded.push(Embedded {
            kind: EmbeddedKind::LoaderModule,
            name: shorten(target),
            detail: shorten(&stance_read::redact::redact(detail)),
            evidence,
        });
    }
}
