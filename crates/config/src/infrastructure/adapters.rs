//! Adapters that a cluster loads beside a model.

use stance_code::names::hub_model;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::draft::Draft;

/// An adapter of the hub, wherever it is configured: `adapterSource: {type: huggingface, repository: org/name}`.
pub(super) fn adapter(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(source) = root
        .path(&["spec", "adapterSource"])
        .or_else(|| root.get("adapterSource"))
    else {
        return false;
    };
    let hub = source
        .get("type")
        .and_then(Node::as_str)
        .is_none_or(|kind| kind == "huggingface");
    let Some(node) = source.get("repository").filter(|_| hub) else {
        return false;
    };
    let Some(model) = node.as_str().and_then(hub_model) else {
        return false;
    };
    let written = node.as_str().unwrap_or_default();
    Draft::model(model, written)
        .role("adapter")
        .add(node.span.clone(), page, facts);
    true
}
