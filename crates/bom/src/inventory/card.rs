//! What is known of a model as its card would say it.

use stance_core::fact::Artifact;
use stance_core::{Asset, RelationKind};

use super::{Facts, directory};
use crate::bill::{Ancestor, Card, DatasetUse, Metric, Property};
use crate::purl;

/// Entries of a GGUF header without the architecture before them, and the name under which the generator of
/// OWASP's AI-BOM project writes the same fact.
const HYPERPARAMETERS: &[(&str, &str)] = &[
    ("context_length", "contextLength"),
    ("embedding_length", "embeddingLength"),
    ("block_count", "blockCount"),
    ("attention.head_count", "attentionHeadCount"),
    ("attention.head_count_kv", "attentionHeadCountKV"),
    ("feed_forward_length", "feedForwardLength"),
    ("rope.dimension_count", "ropeDimensionCount"),
    ("vocab_size", "vocabSize"),
];

/// The same for entries that belong to no architecture.
const GENERAL: &[(&str, &str)] = &[
    ("tokenizer.ggml.model", "tokenizerClass"),
    ("general.quantization_version", "quantizationVersion"),
    ("general.file_type", "quantizationFileType"),
];

/// Roles that say what a model is asked to do, rather than where it stands in a lineage.
const TASKS: &[&str] = &[
    "chat",
    "completion",
    "embedding",
    "moderation",
    "rerank",
    "image",
    "speech",
    "transcription",
    "vision",
];

/// What a card says of the models in its directory, by the name of its entry.
pub(super) fn says<'a>(facts: &Facts<'a>, asset: &Asset, entry: &str) -> Option<&'a str> {
    beside(facts, asset).find_map(|artifact| {
        let value = artifact.metadata.get(&format!("card.{entry}"))?;
        Some(value.as_str())
    })
}

/// Cards and configurations in the directory of a model file.
fn beside<'f, 'a>(
    facts: &'f Facts<'a>,
    asset: &Asset,
) -> impl Iterator<Item = &'a Artifact> + use<'f, 'a> {
    let path = asset
        .evidence
        .first()
        .map_or("", |evidence| &*evidence.path);
    // A name in code is no file: the README of that code speaks about something else. A model that only its
    // card names is spoken of by that card.
    let id = asset.id.as_str();
    let is_file = id.starts_with("model:file/");
    let own =
        (!path.is_empty() && id.starts_with(&format!("model:{path}#"))).then(|| path.to_owned());
    let all = (is_file || own.is_some())
        .then(|| facts.beside.get(directory(path)))
        .flatten();
    all.into_iter().flatten().copied().filter(move |artifact| {
        own.as_ref()
            .is_none_or(|own| *artifact.evidence.path == **own)
    })
}

/// The card of a model, if there is anything to say.
pub(super) fn card(asset: &Asset, facts: &Facts<'_>) -> Option<Card> {
    let text = |name: &str| asset.attributes.get(name).and_then(|value| value.as_str());
    let says = |entry: &str| says(facts, asset, entry);
    let list = |entry: &str| -> Vec<String> {
        says(entry)
            .map(|text| vec![text.to_owned()])
            .unwrap_or_default()
    };
    let role = text("role").filter(|role| TASKS.contains(role));
    let configured = beside(facts, asset).find_map(|artifact| {
        let is_card = artifact
            .metadata
            .keys()
            .any(|name| name.starts_with("card."));
        artifact.architecture.as_deref().filter(|_| !is_card)
    });
    let card = Card {
        task: text("task")
            .or_else(|| says("pipeline_tag"))
            .or(role)
            .map(str::to_owned),
        architecture: text("architecture").or(configured).map(str::to_owned),
        approach: text("approach")
            .filter(|approach| is_approach(approach))
            .map(str::to_owned),
        datasets: datasets(asset, facts),
        metrics: metrics(says("metrics"), says("results")),
        users: list("section.users"),
        use_cases: list("section.use_cases"),
        limitations: list("section.limitations"),
        risks: list("section.risks"),
        energy: says("co2_eq_emissions")
            .map(|grams| vec![format!("{grams} g CO2 equivalent")])
            .unwrap_or_default(),
        properties: hyperparameters(asset, facts),
        ..Card::default()
    };
    (!card.is_empty()).then_some(card)
}

fn is_approach(word: &str) -> bool {
    matches!(
        word,
        "supervised"
            | "unsupervised"
            | "reinforcement-learning"
            | "semi-supervised"
            | "self-supervised"
    )
}

/// What it learned from: datasets of the inventory, and names that a card lists.
fn datasets(asset: &Asset, facts: &Facts<'_>) -> Vec<DatasetUse> {
    let mut all: Vec<DatasetUse> = facts
        .related(&asset.id, RelationKind::TrainedOn)
        .filter(|id| facts.snapshot.assets.contains_key(id))
        .map(|id| DatasetUse::Part(id.to_string()))
        .collect();
    for name in says(facts, asset, "datasets")
        .into_iter()
        .flat_map(|names| names.split(", "))
    {
        let id = format!("dataset:pkg:huggingface/datasets/{name}");
        let known = facts
            .snapshot
            .assets
            .keys()
            .any(|known| known.as_str() == id);
        all.push(match known {
            true => DatasetUse::Part(id),
            false => DatasetUse::Named(name.to_owned()),
        });
    }
    all.sort();
    all.dedup();
    all
}

/// Results as `metric=value on dataset`, one after the other, or else only the names of metrics.
fn metrics(names: Option<&str>, results: Option<&str>) -> Vec<Metric> {
    if let Some(results) = results {
        return results
            .split("; ")
            .filter_map(|result| {
                let (kind, rest) = result.split_once('=')?;
                let (value, slice) = match rest.split_once(" on ") {
                    Some((value, slice)) => (value, Some(slice.to_owned())),
                    None => (rest, None),
                };
                Some(Metric {
                    kind: kind.to_owned(),
                    value: Some(value.to_owned()),
                    slice,
                })
            })
            .collect();
    }
    let names = names.into_iter().flat_map(|names| names.split(", "));
    names
        .map(|kind| Metric {
            kind: kind.to_owned(),
            value: None,
            slice: None,
        })
        .collect()
}

/// What the header of a GGUF file says of the shape of its model.
fn hyperparameters(asset: &Asset, facts: &Facts<'_>) -> Vec<Property> {
    let path = asset.id.as_str().strip_prefix("model:file/");
    let Some(artifact) = path.and_then(|path| facts.files.get(path)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut push = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            all.push(Property::new(
                format!("genai:aibom:modelcard:{name}"),
                value,
            ));
        }
    };
    if let Some(architecture) = artifact
        .metadata
        .get("general.architecture")
        .or(artifact.architecture.as_ref())
    {
        for (entry, name) in HYPERPARAMETERS {
            push(
                name,
                artifact.metadata.get(&format!("{architecture}.{entry}")),
            );
        }
    }
    for (entry, name) in GENERAL {
        push(name, artifact.metadata.get(*entry));
    }
    all.sort();
    all
}

/// What a model was made from: models of the inventory, and names that its card or header gives.
pub(super) fn ancestors(asset: &Asset, facts: &Facts<'_>) -> Vec<Ancestor> {
    let mut all: Vec<Ancestor> = facts
        .related(&asset.id, RelationKind::FineTunedFrom)
        .filter_map(|id| facts.snapshot.assets.get(id))
        .map(|base| Ancestor {
            name: base.name.clone(),
            part: Some(base.id.to_string()),
            purl: purl::of(base),
        })
        .collect();
    let named = says(facts, asset, "base_model")
        .into_iter()
        .flat_map(|names| names.split(", "));
    for name in named {
        if all.iter().any(|known| known.name == name) {
            continue;
        }
        let key = format!("pkg:huggingface/{name}");
        let id = format!("model:{key}");
        let part = facts
            .snapshot
            .assets
            .keys()
            .any(|known| known.as_str() == id)
            .then_some(id);
        // A name with an account before it is one of the hub, whose card it stands in.
        let purl = (name.split('/').count() == 2)
            .then(|| purl::of_key(&key, None))
            .flatten();
        all.push(Ancestor {
            name: name.to_owned(),
            part,
            purl,
        });
    }
    all
}
