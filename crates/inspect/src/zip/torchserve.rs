//! What a TorchServe archive says about itself: the model file, the handler, packages to install.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::evidence::shorten;
use stance_core::fact::{AnomalyKind, Artifact, External};

use stance_models::members::member_evidence;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::text::Text;
use stance_read::tree::{Node, Notation, Tree};

/// Keys of the model that name files in the archive.
const FILES: [&str; 5] = [
    "serializedFile",
    "modelFile",
    "handler",
    "requirementsFile",
    "configFile",
];

pub(super) fn look(manifest: &[u8], input: &Input<'_>, name: &str, outer: &mut Artifact) {
    let text = Text::decode(manifest);
    let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
    let Some(model) = tree.root().and_then(|root| root.get("model")) else {
        return;
    };
    let path = member_evidence(input, name).path;
    for (key, kept) in [
        ("modelName", "model"),
        ("modelVersion", "version"),
        ("handler", "handler"),
        ("requirementsFile", "requirements"),
    ] {
        if let Some(value) = model.get(key).and_then(Node::as_str) {
            outer.metadata.insert(kept.to_owned(), shorten(value));
        }
    }
    for node in FILES.iter().filter_map(|key| model.get(key)) {
        let Some(location) = node.as_str() else {
            continue;
        };
        // A handler may be `file.py:function`.
        if escapes(location) {
            let detail = format!("its manifest names `{location}`, outside of the archive");
            let evidence = member_evidence(input, name);
            outer.anomaly(AnomalyKind::PathTraversal, shorten(&detail), evidence);
            let length = node.span.end.saturating_sub(node.span.start);
            outer.external.push(External {
                location: shorten(location),
                escapes: true,
                evidence: Evidence::bytes(
                    Arc::clone(&path),
                    node.span.start as u64,
                    length as u64,
                    location,
                ),
            });
        }
    }
}
