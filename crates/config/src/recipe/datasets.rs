//! What a recipe learns from and is measured with.

use std::ops::Range;

use stance_code::names::hub_dataset;
use stance_core::asset::{AssetId, AssetKind};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use super::{MOST, Recipe, learned};
use crate::draft::{Draft, relate};

/// Keys of a list, a map with weights, or a name, and what the data is there for.
const KEYS: &[(&str, &str)] = &[
    ("dataset_mixer", "training"),
    ("dataset_mixture", "training"),
    ("datasets", "training"),
    ("pretraining_dataset", "training"),
    ("train_dataset", "training"),
    ("train_datasets", "training"),
    ("dataset_name", "training"),
    ("dataset_id", "training"),
    ("dataset_id_or_path", "training"),
    ("dataset_name_or_path", "training"),
    ("dataset_path", "training"),
    ("dataset", "training"),
    ("test_datasets", "evaluation"),
    ("eval_dataset", "evaluation"),
    ("eval_dataset_name", "evaluation"),
    ("eval_datasets", "evaluation"),
    ("export_quantization_dataset", "calibration"),
    ("calibration_dataset", "calibration"),
    ("output_dataset_name", "output"),
    ("hub_dataset_id", "output"),
];

/// Keys under which an entry names itself.
const NAMES: &[&str] = &[
    "path",
    "id",
    "name_or_path",
    "dataset_name",
    "dataset_id",
    "hf_hub_url",
    "source",
    "repo_id",
    "name",
];

pub(super) fn add(
    recipe: &Recipe<'_>,
    pipeline: &AssetId,
    learner: Option<&AssetId>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let mut left = MOST;
    for (key, role) in KEYS {
        for part in &recipe.parts {
            let Some(node) = part.get(key) else { continue };
            let sink = |draft: Draft, span: Range<usize>, facts: &mut Facts<'_>| {
                let draft = match *role {
                    "output" => draft.relation(RelationKind::Writes),
                    _ => draft,
                };
                let id = draft.role(role).add(span.clone(), page, facts);
                if *role == "output" {
                    relate(pipeline, RelationKind::Writes, &id, span, page, facts);
                    return;
                }
                learned(
                    &id,
                    *role == "training",
                    (pipeline, learner),
                    span,
                    page,
                    facts,
                );
            };
            let node = node.get("datasets").unwrap_or(node);
            // TRL keeps the configuration beside the name.
            let beside = Beside {
                config: recipe.text(&["dataset_config", "dataset_config_name"]),
                split: recipe.text(&["dataset_train_split", "dataset_split"]),
                revision: recipe.text(&["dataset_revision"]),
                local: recipe
                    .get(&["cutoff_len", "dataset_dir", "finetuning_type", "template"])
                    .is_some(),
            };
            for entry in node
                .entries()
                .iter()
                .filter(|entry| !entry.shadowed)
                .take(left)
            {
                if let Some(draft) = weighted(entry) {
                    left = left.saturating_sub(1);
                    let split = recipe.get(&["dataset_splits"]).map(splits);
                    sink(
                        draft.with_some("split", split),
                        entry.key_span.clone(),
                        facts,
                    );
                }
            }
            for item in node.items().iter().take(left) {
                left = left.saturating_sub(1);
                if let Some((draft, span)) = listed(item, &beside) {
                    sink(draft, span, facts);
                }
            }
            if let Some(text) = node.as_str() {
                for name in text.split(',').map(str::trim).take(left) {
                    left = left.saturating_sub(1);
                    if let Some(draft) = beside.named(name) {
                        sink(draft, node.span.clone(), facts);
                    }
                }
            }
        }
    }
}

/// What stands beside a name.
struct Beside<'n> {
    config: Option<&'n str>,
    split: Option<&'n str>,
    revision: Option<&'n str>,
    /// Whether names are those of a local list, as in LLaMA-Factory's `dataset_info.json`.
    local: bool,
}

impl Beside<'_> {
    fn named(&self, name: &str) -> Option<Draft> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "${<".contains(c)) {
            return None;
        }
        let draft = if self.local && !name.contains('/') {
            Draft::new(AssetKind::Dataset, name, name).relation(RelationKind::Reads)
        } else {
            Draft::dataset(hub_dataset(name)?)
        };
        Some(
            draft
                .with_some("config", self.config)
                .with_some("split", self.split)
                .with_some("revision", self.revision),
        )
    }
}

/// `HuggingFaceH4/ultrachat_200k: 0.5`
fn weighted(entry: &Entry) -> Option<Draft> {
    let id =
        hub_dataset(&entry.key).filter(|id| id.contains('/') || entry.value.scalar().is_some())?;
    let number = |node: &Node| node.scalar().and_then(|text| text.parse::<f64>().ok());
    match entry.value.is_object() {
        true => Some(described(Draft::dataset(id), &entry.value)),
        false => Some(Draft::dataset(id).with("weight", number(&entry.value)?)),
    }
}

/// An entry of a list: a name, or an object that holds one.
fn listed(item: &Node, beside: &Beside<'_>) -> Option<(Draft, Range<usize>)> {
    if let Some(text) = item.as_str() {
        let id = hub_dataset(text)?;
        return Some((Draft::dataset(id), item.span.clone()));
    }
    let (node, text) = NAMES.iter().find_map(|key| {
        let node = item.get(key)?;
        Some((node, node.as_str()?))
    })?;
    let id = hub_dataset(text)?;
    // A word alone may be that of a loader: `json`.
    if !id.contains('/') && item.get_any(&["data_files", "ds_type"]).is_some() {
        return None;
    }
    let draft = described(Draft::dataset(id), item).with_some(
        "revision",
        item.get("revision")
            .and_then(Node::scalar)
            .or(beside.revision),
    );
    Some((draft, node.span.clone()))
}

/// Configuration, split and weight of an entry.
fn described(draft: Draft, node: &Node) -> Draft {
    let text = |keys: &[&str]| node.get_any(keys).and_then(Node::scalar).map(str::to_owned);
    let weight = node
        .get_any(&["weight", "ratio", "proportion", "probability"])
        .and_then(Node::scalar)
        .and_then(|text| text.parse::<f64>().ok());
    // Where the path names the data set, `name` is its configuration.
    let config = match node.get_any(&["path", "id"]) {
        Some(_) => text(&["config", "name", "subset", "config_name"]),
        None => text(&["config", "subset", "config_name"]),
    };
    draft
        .with_some("config", config)
        .with_some(
            "split",
            node.get_any(&["split", "splits"])
                .map(splits)
                .filter(|it| !it.is_empty()),
        )
        .with_some("weight", weight)
}

/// A split, or several with commas between them.
fn splits(node: &Node) -> String {
    match node.scalar() {
        Some(text) => text.to_owned(),
        None => {
            let names: Vec<&str> = node
                .items()
                .iter()
                .take(32)
                .filter_map(Node::scalar)
                .collect();
            names.join(", ")
        }
    }
}
