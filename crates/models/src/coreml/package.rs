//! What lies beside the message in a package and in a compiled model: the manifest of an `.mlpackage`, whose items
//! are paths below `Data`, and `model.mil`, the program as text, which names files of weights with `BLOBFILE`.

use stance_core::Evidence;
use stance_core::fact::{Artifact, ArtifactFormat, External};

use super::{KEPT, MODEL_PATH};
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Notation, Tree};

/// What stands before the path of a file of weights in a program.
const BLOB: &str = "BLOBFILE(";

/// Whether the file is one of these two.
pub(super) fn claims(input: &Input<'_>) -> bool {
    input.ends_with("Manifest.json") && input.path().contains(".mlpackage/")
        || input.extension() == "mil" && input.is_text()
}

/// The paths that leave the package; nothing where all of them stay.
pub(super) fn look(input: &Input<'_>, facts: &mut Facts<'_>) -> Option<Artifact> {
    let text = input.text(facts)?;
    let mut artifact = Artifact::new(ArtifactFormat::Coreml, input.len(), input.evidence());
    let mut add = |location: &str, evidence: Evidence| {
        let inside = location.strip_prefix(MODEL_PATH).unwrap_or(location);
        if escapes(inside) && artifact.external.len() < KEPT {
            artifact.external.push(External {
                location: stance_read::redact::redact(location).into_owned(),
                escapes: true,
                evidence,
            });
        }
    };
    if input.extension() == "mil" {
        for (at, _) in text.as_str().match_indices(BLOB) {
            let start = at.saturating_add(BLOB.len());
            let rest = text.as_str().get(start..).unwrap_or_default();
            let call = rest.split(';').next().unwrap_or_default();
            // `path = string("@model_path/weights/weight.bin")`, with its name in any order.
            let path = call.split('"').nth(1).unwrap_or_default();
            add(path, text.evidence(input.path(), at..start));
        }
    } else {
        let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
        let entries = tree.root().and_then(|root| root.get("itemInfoEntries"));
        if let Some(entries) = entries {
            entries.strings(&mut |key, node, path| {
                if key.is_some_and(|key| &*key.key == "path") {
                    add(path, text.evidence(input.path(), node.span.clone()));
                }
            });
        }
    }
    Some(artifact).filter(|artifact| !artifact.external.is_empty())
}
