//! Recipes of torchtune, which name Python objects: `_component_: torchtune.models.llama3_1.llama3_1_8b`.

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::{MOST, learned};
use crate::draft::{Draft, relate};
use stance_code::names::hub_dataset;

/// Whether the document is such a recipe; if so, says what it holds.
pub(super) fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let component = |node: &Node| {
        let text = node.get("_component_").and_then(Node::as_str);
        text.filter(|text| text.starts_with("torchtune."))
            .map(str::to_owned)
    };
    let Some(model) = root.get("model").filter(|node| component(node).is_some()) else {
        return false;
    };
    let Some(path) = component(model) else {
        return false;
    };
    // The same form configures generation and evaluation.
    let trains = root.get_any(&["optimizer", "loss"]).is_some();
    let role = match (trains, root.get("tasks")) {
        (true, _) => "training",
        (false, Some(_)) => "evaluation",
        (false, None) => "inference",
    };
    for task in root
        .get("tasks")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .take(MOST)
    {
        if let Some(name) = task.as_str() {
            Draft::new(AssetKind::Evaluator, format!("{}#{name}", page.path), name)
                .role("evaluation")
                .add(task.span.clone(), page, facts);
        }
    }
    let first = root
        .entries()
        .first()
        .map_or(root.span.clone(), |entry| entry.key_span.clone());
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let builder = path.rsplit('.').next().unwrap_or_default();
    let adapter = builder.contains("lora").then_some("lora");
    let pipeline = Draft::new(AssetKind::Pipeline, page.path.to_string(), name)
        .relation(RelationKind::Contains)
        .role(role)
        .with_some("adapter", adapter)
        .add(first, page, facts);
    // The builder of the architecture; the weights are where the checkpointer finds them.
    let architecture = builder
        .strip_prefix("lora_")
        .or(builder.strip_prefix("qlora_"))
        .unwrap_or(builder);
    let place = model
        .get("_component_")
        .map_or(model.span.clone(), |node| node.span.clone());
    let directory = root
        .path(&["checkpointer", "checkpoint_dir"])
        .and_then(Node::as_str)
        .map(str::to_owned);
    let base = Draft::new(
        AssetKind::Model,
        format!("torchtune/{architecture}"),
        architecture,
    )
    .relation(RelationKind::LoadsArtifactFrom)
    .role("base")
    .with_some("directory", directory)
    .add(place.clone(), page, facts);
    relate(
        &pipeline,
        RelationKind::LoadsArtifactFrom,
        &base,
        place,
        page,
        facts,
    );
    let nodes = ["dataset", "dataset_val"]
        .iter()
        .filter_map(|key| Some((root.get(key)?, *key)));
    for (node, key) in nodes {
        let role = if key == "dataset" {
            "training"
        } else {
            "evaluation"
        };
        let single = std::iter::once(node).filter(|node| node.is_object());
        for one in node.items().iter().chain(single).take(MOST) {
            let Some(path) = component(one) else { continue };
            let source = one
                .get("source")
                .filter(|node| node.as_str().and_then(hub_dataset).is_some());
            let (draft, span) = match source {
                Some(source) => {
                    let id = source.as_str().and_then(hub_dataset).unwrap_or_default();
                    (Draft::dataset(id), source.span.clone())
                }
                None => {
                    let name = path.rsplit('.').next().unwrap_or_default();
                    // A function that reads any data set is not one.
                    if !name.ends_with("_dataset") || GENERIC.contains(&name) {
                        continue;
                    }
                    let draft = Draft::new(AssetKind::Dataset, format!("torchtune/{name}"), name);
                    (draft.relation(RelationKind::Reads), one.span.clone())
                }
            };
            let split = one.get("split").and_then(Node::scalar).map(str::to_owned);
            let span = one
                .get("_component_")
                .map_or(span, |node| node.span.clone());
            let id = draft
                .role(role)
                .with_some("split", split)
                .add(span.clone(), page, facts);
            learned(&id, false, (&pipeline, None), span, page, facts);
        }
    }
    true
}

/// Functions that read whatever `source` names.
const GENERIC: &[&str] = &[
    "chat_dataset",
    "instruct_dataset",
    "multimodal_chat_dataset",
    "preference_dataset",
    "text_completion_dataset",
];
