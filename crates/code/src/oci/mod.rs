//! Manifests of container registries, with which models are published too:
//! CNCF ModelPack, Ollama, ORAS. They name blobs by digest and files by path.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use memchr::memmem;
use stance_core::evidence::shorten;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, External, Fact};

use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Notation, Tree, Value};

pub(crate) static INSPECTOR: Oci = Oci;

/// How much of a file is searched for a type of media.
const LOOK: usize = 4096;

/// Parts of the types of media of manifests.
const TYPES: [&str; 4] = [
    "application/vnd.oci.image.",
    "application/vnd.docker.distribution.manifest.",
    "application/vnd.cncf.model.",
    "application/vnd.ollama.image.",
];

/// Annotations under which a blob is written to a path.
const PATHS: [&str; 3] = [
    "org.opencontainers.image.title",
    "org.cncf.model.filepath",
    "org.cnai.model.filepath",
];

pub(crate) struct Oci;

impl Inspector for Oci {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        let start = head.get(..LOOK).unwrap_or(head);
        start.trim_ascii_start().starts_with(b"{")
            && memmem::find(start, b"application/vnd.").is_some()
            && TYPES
                .iter()
                .any(|kind| memmem::find(start, kind.as_bytes()).is_some())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
        let Some(root) = tree.root() else {
            return;
        };
        // A manifest lists layers, an index manifests; other texts only speak of them.
        let described = |key: &str| root.get(key).is_some_and(Node::is_array);
        if !described("layers") && !described("manifests") && !described("blobs") {
            return;
        }
        tree.report("OCI manifest", input.path(), &text, facts);
        let mut artifact = Artifact::new(ArtifactFormat::OciImage, input.len(), input.evidence());
        describe(root, &mut artifact);
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            match &node.value {
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(entries) => {
                    for entry in entries {
                        judge(entry, input, &text, &mut artifact);
                    }
                    open.extend(entries.iter().rev().map(|entry| &entry.value));
                }
                _ => {}
            }
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What is published, in how many parts.
fn describe(root: &Node, artifact: &mut Artifact) {
    let text = |keys: &[&str]| root.path(keys).and_then(Node::as_str).map(shorten);
    if let Some(kind) = text(&["artifactType"]).or_else(|| text(&["config", "mediaType"])) {
        artifact.metadata.insert("type".to_owned(), kind);
    }
    if let Some(licence) = text(&["annotations", "org.opencontainers.image.licenses"]) {
        artifact.licence = Some(licence);
    }
    if let Some(layers) = root.get("layers") {
        let count = layers.items().len().to_string();
        artifact.metadata.insert("layers".to_owned(), count);
    }
}

/// Digests that are paths, paths that leave the directory, layers from elsewhere.
fn judge(entry: &Entry, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    let evidence = || text.evidence(input.path(), entry.value.span.clone());
    if entry.key.as_ref() == "urls" {
        for url in entry.value.items().iter().filter_map(Node::as_str).take(16) {
            artifact.external.push(External {
                location: shorten(url),
                escapes: true,
                evidence: evidence(),
            });
        }
        return;
    }
    let Some(value) = entry.value.as_str() else {
        return;
    };
    if entry.key.as_ref() == "digest" && value.contains(['/', '\\']) {
        artifact.anomaly(
            AnomalyKind::PathTraversal,
            format!(
                "the digest `{}` is a path: blobs are stored under it",
                shorten(value)
            ),
            evidence(),
        );
    } else if PATHS.contains(&entry.key.as_ref()) && escapes(value) {
        artifact.anomaly(
            AnomalyKind::PathTraversal,
            format!(
                "a blob would be written to `{}`, outside of the directory",
                shorten(value)
            ),
            evidence(),
        );
    }
}
