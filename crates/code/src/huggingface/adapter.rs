//! Adapters of PEFT: what is trained on top of which model, and what loading one imports.
//!
//! See <https://huggingface.co/docs/peft/package_reference/config>.

use stance_core::fact::{Artifact, Embedded, EmbeddedKind};

use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::text::Text;
use stance_read::tree::{Node, Value};

/// Entries that are told, with the names they are told by.
const TOLD: &[(&str, &str)] = &[
    ("base_model_name_or_path", "adapter.base"),
    ("bias", "adapter.bias"),
    ("inference_mode", "adapter.inference_mode"),
    ("layers_to_transform", "adapter.layers"),
    ("lora_alpha", "adapter.alpha"),
    ("lora_dropout", "adapter.dropout"),
    ("modules_to_save", "adapter.modules_to_save"),
    ("num_virtual_tokens", "adapter.virtual_tokens"),
    ("peft_type", "adapter.type"),
    ("peft_version", "adapter.peft_version"),
    ("r", "adapter.rank"),
    ("revision", "adapter.base_revision"),
    ("target_modules", "adapter.target_modules"),
    ("task_type", "adapter.task"),
    ("use_dora", "adapter.dora"),
    ("use_rslora", "adapter.rank_stabilised"),
];

/// Keeps what a document says of an adapter, when it describes one.
pub(super) fn read(root: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    if root.get("peft_type").is_none() {
        return;
    }
    for (key, told) in TOLD {
        if let Some(value) = root.get(key).and_then(written) {
            artifact.metadata.insert((*told).to_owned(), value);
        }
    }
    if let Some(base) = root.get("base_model_name_or_path").and_then(Node::as_str) {
        let place = if base.contains("://") {
            "an address"
        } else if escapes(base) {
            "a path outside of its directory"
        } else if base.starts_with('.') {
            "a path beside it"
        } else {
            "a name"
        };
        let key = "adapter.base_is".to_owned();
        artifact.metadata.insert(key, place.to_owned());
    }
    // The library is imported and the class taken from it before the base model is loaded.
    if let Some(mapping) = root.get("auto_mapping")
        && let Some(library) = mapping.get("parent_library")
        && let Some(module) = library.as_str()
    {
        let class = mapping
            .get("base_model_class")
            .and_then(Node::as_str)
            .unwrap_or("?");
        artifact.embedded.push(Embedded {
            kind: EmbeddedKind::ObjectTarget,
            name: shown(&format!("{module}.{class}")),
            detail: shown(&format!("imported from `{module}` for the base model")),
            evidence: text.evidence(input.path(), library.span.clone()),
        });
    }
}

/// A value in few words: a text, a number, a list of them.
fn written(node: &Node) -> Option<String> {
    if let Some(text) = node.scalar() {
        return Some(shown(text));
    }
    let Value::Array(items) = &node.value else {
        return None;
    };
    let all: Vec<&str> = items.iter().take(64).filter_map(Node::scalar).collect();
    (!all.is_empty()).then(|| shown(&all.join(", ")))
}
