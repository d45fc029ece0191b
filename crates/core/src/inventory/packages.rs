//! Packages that code imports: under which name they are installed, and whether a manifest asks for them.

use std::collections::BTreeSet;

use crate::asset::{AssetId, AssetKind, How};
use crate::fact::{Ecosystem, Fact};
use crate::inventory::Inventory;
use crate::observation::Observation;

/// Packages of Python that bring the same module; which one is installed, manifests say.
const SAME_MODULE: &[&[&str]] = &[
    &["faiss", "faiss-cpu", "faiss-gpu", "faiss-gpu-cu12"],
    &["pyautogen", "ag2", "autogen"],
    &["pinecone", "pinecone-client"],
    &["onnxruntime", "onnxruntime-gpu", "onnxruntime-directml"],
    &[
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-gpu",
        "tensorflow-macos",
        "tf-nightly",
    ],
    &["chromadb", "chromadb-client"],
    &["llama-index", "llama-index-core"],
    &["mlflow", "mlflow-skinny"],
    &["paddlepaddle", "paddlepaddle-gpu"],
    &["haystack-ai", "farm-haystack"],
    &["xgboost", "xgboost-cpu"],
];

/// The attribute of a package that is imported where manifests stand that do not ask for it.
const UNDECLARED: &str = "undeclared";

/// Folds a package that is only imported into the one that brings its module and is asked for; what nobody asks for
/// says so.
pub(super) fn settle(inventory: &mut Inventory, observations: &[Observation]) {
    let imported: Vec<AssetId> = inventory
        .assets
        .values()
        .filter(|asset| asset.kind == AssetKind::Package && asset.how == How::Import)
        .map(|asset| asset.id.clone())
        .collect();
    let mut manifests: BTreeSet<Ecosystem> = BTreeSet::new();
    for observation in observations {
        if let Fact::Manifest(manifest) = &observation.fact {
            manifests.insert(manifest.ecosystem);
        }
    }
    for id in imported {
        let asked = sibling(&id).find(|other| {
            inventory
                .assets
                .get(other)
                .is_some_and(|asset| asset.how == How::Configuration)
        });
        if let Some(asked) = asked {
            fold(inventory, &id, &asked);
            continue;
        }
        let ecosystem = id.as_str().strip_prefix("package:pkg:");
        let ecosystem = ecosystem.and_then(|rest| rest.split('/').next());
        let told = ecosystem
            .and_then(Ecosystem::of_name)
            .is_some_and(|ecosystem| manifests.contains(&ecosystem));
        if let (true, Some(asset)) = (told, inventory.assets.get_mut(&id)) {
            asset.attributes.insert(UNDECLARED.to_owned(), true.into());
        }
    }
}

/// The other packages that bring the module of one.
fn sibling(id: &AssetId) -> impl Iterator<Item = AssetId> {
    let name = id
        .as_str()
        .strip_prefix("package:pkg:pypi/")
        .unwrap_or_default()
        .to_owned();
    let group = SAME_MODULE
        .iter()
        .find(|group| group.contains(&name.as_str()));
    group
        .into_iter()
        .flat_map(|group| group.iter())
        .filter(move |other| **other != name)
        .map(|other| AssetId::new(AssetKind::Package, format!("pkg:pypi/{other}")))
}

fn fold(inventory: &mut Inventory, from: &AssetId, to: &AssetId) {
    let Some(mut imported) = inventory.assets.remove(from) else {
        return;
    };
    if let Some(asset) = inventory.assets.get_mut(to) {
        imported.name.clone_from(&asset.name);
        asset.merge(imported);
    }
    for relation in &mut inventory.relations {
        for end in [&mut relation.from, &mut relation.to] {
            if end == from {
                *end = to.clone();
            }
        }
    }
}
