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
        let is_asked = |other: &AssetId| {
            let asset = inventory.assets.get(other);
            asset.is_some_and(|asset| asset.how == How::Configuration)
        };
        let asked = sibling(&id)
            .find(is_asked)
            .or_else(|| of_same_group(inventory, &id));
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

/// The artifact that a manifest asks for, of the group that an import tells: imports name packages of Java and
/// namespaces of .NET, which say whose they are and not which artifact of that group brings them.
fn of_same_group(inventory: &Inventory, id: &AssetId) -> Option<AssetId> {
    let begins = match id.as_str().strip_prefix("package:pkg:maven/") {
        Some(artifact) => format!("package:pkg:maven/{}/", artifact.split_once('/')?.0),
        // Namespaces of .NET begin as the packages that bring them.
        None if id.as_str().starts_with("package:pkg:nuget/") => format!("{}.", id.as_str()),
        None => return None,
    };
    let of_group = inventory.assets.values().filter(|asset| {
        asset.how == How::Configuration && asset.id.as_str().starts_with(begins.as_str())
    });
    // A list of versions brings no code.
    of_group
        .min_by_key(|asset| asset.id.as_str().ends_with("-bom"))
        .map(|asset| asset.id.clone())
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
