//! The models of a recipe: the one it starts from, those that judge or teach it, the one it makes.

use std::ops::Range;

use stance_code::names::{hub_model, made_model, provider_model};
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::Recipe;
use crate::draft::Draft;

/// Keys of models, and what each is there for.
const KEYS: &[(&[&str], &str)] = &[
    (
        &[
            "model_name_or_path",
            "base_model",
            "pretrained_model_name_or_path",
            "model_name",
            "model_id",
            "model",
        ],
        "base",
    ),
    (&["ref_model", "ref_model_name_or_path"], "reference"),
    (
        &[
            "reward_model",
            "reward_model_path",
            "reward_model_name_or_path",
        ],
        "reward",
    ),
    (
        &[
            "teacher_model",
            "teacher_model_name_or_path",
            "kd_teacher_model",
        ],
        "teacher",
    ),
    (&["judge", "judge_model"], "judge"),
    (
        &["adapter_name_or_path", "lora_model_dir", "peft_model_id"],
        "adapter",
    ),
    (&["sft_model_path"], "policy"),
    (
        &["tokenizer_name_or_path", "tokenizer_name", "tokenizer_id"],
        "tokenizer",
    ),
];

/// A model as the recipe writes it.
pub(super) struct Named<'n> {
    pub(super) role: &'static str,
    node: &'n Node,
    text: &'n str,
}

/// The models that go into a recipe.
pub(super) fn bases<'n>(recipe: &Recipe<'n>) -> Vec<Named<'n>> {
    let mut found = Vec::new();
    for (keys, role) in KEYS {
        // A section may be called like a key: `model: {...}`.
        let strings = keys.iter().find_map(|key| {
            let parts = recipe.parts.iter();
            let mut nodes = parts.filter_map(|part| part.get(key));
            nodes.find_map(|node| {
                node.as_str()
                    .filter(|text| !text.is_empty())
                    .map(|text| (node, text))
            })
        });
        if let Some((node, text)) = strings {
            found.push(Named { role, node, text });
        }
    }
    found
}

/// Adds a model that goes into the recipe.
pub(super) fn add(
    named: Named<'_>,
    recipe: &Recipe<'_>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> Option<(AssetId, Range<usize>)> {
    let text = named.text.trim();
    let span = named.node.span.clone();
    let draft = match hub_model(text)
        .or_else(|| provider_model(text).filter(|_| !text.starts_with("models/")))
    {
        Some(model) => Draft::model(model, text),
        None => match made_model(text, false).filter(|_| text.contains('/')) {
            // What another recipe made, by the directory that it was written to.
            Some(name) => Draft::new(
                AssetKind::Model,
                format!("file/{}", text.trim_start_matches("./")),
                name,
            )
            .relation(RelationKind::LoadsArtifactFrom)
            .alias(text),
            None => unknown(named.role, text, page)?,
        },
    };
    let base = named.role == "base";
    let revision = recipe
        .text(&["model_revision", "revision_of_model", "base_model_revision"])
        .filter(|_| base);
    let trusts = recipe
        .get(&["trust_remote_code"])
        .and_then(Node::as_bool)
        .filter(|_| base);
    let draft = draft
        .role(named.role)
        .with_some("revision", revision)
        .with_some("trust_remote_code", trusts);
    Some((draft.add(span.clone(), page, facts), span))
}

/// A model that the text does not name by itself: it stands on a disk or comes from outside.
fn unknown(role: &str, text: &str, page: &Page<'_>) -> Option<Draft> {
    let outside = text.contains(['$', '{', '<', '%']);
    let path = text.contains('/') && !text.contains(char::is_whitespace);
    let why = match (outside, path) {
        (true, _) => format!("set from outside: {text}"),
        (_, true) => format!("a directory: {text}"),
        _ => return None,
    };
    let draft = Draft::unresolved(AssetKind::Model, page, role, why);
    Some(draft.relation(RelationKind::LoadsArtifactFrom).alias(text))
}

/// The model that comes out, where it has a name.
pub(super) fn output(
    recipe: &Recipe<'_>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> Option<(AssetId, Range<usize>)> {
    let (node, name, how) = match recipe.get(&["hub_model_id", "push_to_hub_model_id"]) {
        Some(node) => (node, node.as_str()?.trim(), How::Configuration),
        None => {
            // The trainer then takes the last part of the directory for its name.
            let pushed = recipe.get(&["push_to_hub"]).and_then(Node::as_bool) == Some(true);
            let node = recipe.get(&["output_dir", "export_dir"])?;
            let written = node.as_str()?.trim_end_matches('/');
            let last = written.rsplit('/').next()?;
            if !pushed {
                return kept(node, written, recipe, page, facts);
            }
            (node, last, How::Default)
        }
    };
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "${<".contains(c)) {
        return None;
    }
    let revision = recipe.text(&["hub_model_revision", "hub_revision"]);
    let private = recipe.get(&["hub_private_repo"]).and_then(Node::as_bool);
    let id = Draft::new(AssetKind::Model, format!("pkg:huggingface/{name}"), name)
        .how(how)
        .relation(RelationKind::Writes)
        .vendor(Some("huggingface"))
        .alias(name.rsplit('/').next().unwrap_or_default())
        .role("output")
        .with_some("revision", revision)
        .with_some("private", private)
        .with_some("adapter", adapter(recipe))
        .add(node.span.clone(), page, facts);
    Some((id, node.span.clone()))
}

/// A model that stays where it is written, where the directory says what it is called.
fn kept(
    node: &Node,
    written: &str,
    recipe: &Recipe<'_>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> Option<(AssetId, Range<usize>)> {
    let name = made_model(written, false)?;
    let id = Draft::new(
        AssetKind::Model,
        format!("file/{}", written.trim_start_matches("./")),
        name,
    )
    .how(How::Default)
    .relation(RelationKind::Writes)
    .alias(written)
    .role("output")
    .with_some("adapter", adapter(recipe))
    .add(node.span.clone(), page, facts);
    Some((id, node.span.clone()))
}

/// How the weights change: `lora`, `qlora`, `full`.
pub(super) fn adapter(recipe: &Recipe<'_>) -> Option<String> {
    if let Some(word) = recipe.text(&["adapter", "finetuning_type", "peft_type"]) {
        return Some(word.to_ascii_lowercase());
    }
    let lora = recipe.get(&["use_peft"]).and_then(Node::as_bool) == Some(true)
        || recipe.get(&["lora_r", "lora_rank", "lora_alpha"]).is_some();
    let quantised = recipe.get(&["load_in_4bit"]).and_then(Node::as_bool) == Some(true);
    lora.then(|| if quantised { "qlora" } else { "lora" }.to_owned())
}
