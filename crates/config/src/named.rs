//! Settings of programs that say by their keys alone what they name: repositories of the hub, data sets, and what a
//! model is told.

use stance_code::names::{hub_dataset, hub_model, is_publisher, provider_model};
use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::draft::Draft;

/// How keys end that hold nothing but a model of the hub, or one of a provider.
const MODELS: [&str; 8] = [
    "base_model",
    "base_model_id",
    "base_model_name",
    "hf_model_id",
    "model_id",
    "model_name_or_path",
    "name_or_path",
    "pretrained_model",
];

/// Keys that hold a data set.
const DATASETS: [&str; 7] = [
    "dataset",
    "dataset_id",
    "dataset_name",
    "dataset_name_or_path",
    "eval_dataset",
    "hf_dataset",
    "train_dataset",
];

/// Keys that hold what a model is told.
const PROMPTS: [&str; 8] = [
    "default_system_prompt",
    "instance_template",
    "prompt_template",
    "system_instruction",
    "system_message",
    "system_prompt",
    "system_template",
    "user_prompt_template",
];

/// Shortest text that is a prompt, in bytes.
const PROMPT: usize = 60;

/// Tells what an entry names by its key; whether it was one.
pub(crate) fn tell(key: &str, value: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(text) = value.as_str().map(str::trim) else {
        return false;
    };
    let lower = snake_case(key);
    if PROMPTS.contains(&&*lower) {
        if text.len() < PROMPT || !text.contains(char::is_whitespace) {
            return false;
        }
        Draft::new(AssetKind::Prompt, format!("{}#{lower}", page.path), key)
            .relation(RelationKind::Contains)
            .role("system")
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text))
            .add(value.span.clone(), page, facts);
        return true;
    }
    let repository = text.split('/').count() == 2
        && !text.contains(|it: char| it.is_whitespace() || "${<*:".contains(it));
    // Repositories of the first years have no owner: `name_or_path: gpt2-large`.
    if lower.ends_with("name_or_path")
        && MODELS.contains(&&*lower)
        && let Some(model) = hub_model(text).filter(|model| !model.name.contains('/'))
    {
        Draft::model(model, text).add(value.span.clone(), page, facts);
        return true;
    }
    if !repository {
        return false;
    }
    let certain = MODELS
        .iter()
        .any(|end| lower == *end || lower.ends_with(&format!("_{end}")));
    let perhaps = lower == "model" || lower == "model_name" || lower.ends_with("_model");
    if certain || perhaps {
        let Some(model) = hub_model(text) else {
            return false;
        };
        if provider_model(text).is_some() || !(certain || is_publisher(text)) {
            return false;
        }
        Draft::model(model, text).add(value.span.clone(), page, facts);
        return true;
    }
    if DATASETS.contains(&&*lower)
        && let Some(id) = hub_dataset(text)
    {
        Draft::dataset(id).add(value.span.clone(), page, facts);
        return true;
    }
    false
}

/// The model that a run of ZenML makes versions of: `model: {name: desks}` beside `steps` or `settings`.
///
/// See <https://docs.zenml.io/how-to/pipeline-development/use-configuration-files>.
pub(crate) fn run(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(model) = root.get("model").filter(|node| node.is_object()) else {
        return false;
    };
    let beside = root.get("settings").is_some() || root.get("steps").is_some();
    let described = ["version", "description", "tags", "license", "limitations"]
        .iter()
        .any(|key| model.get(key).is_some());
    let Some(node) = model.get("name").filter(|_| beside && described) else {
        return false;
    };
    let Some(name) = node.as_str().filter(|name| (1..=120).contains(&name.len())) else {
        return false;
    };
    Draft::new(AssetKind::Model, format!("zenml/{name}"), name)
        .relation(RelationKind::Writes)
        .role("output")
        .with_some("version", model.get("version").and_then(Node::scalar))
        .add(node.span.clone(), page, facts);
    true
}

/// A key as Python spells it: `systemPrompt`, `system-prompt`.
fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len());
    let mut small = false;
    for character in key.chars() {
        if character.is_ascii_uppercase() && small {
            snake.push('_');
        }
        small = character.is_ascii_lowercase();
        match character {
            '-' | '.' => snake.push('_'),
            other => snake.push(other.to_ascii_lowercase()),
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn keys_say_what_settings_name() {
        let text = "parameters:\n  base_model_id: acme/desk-7b\n  systemPrompt: |\n    Answer questions about desks, and never tell who sits where today.\nsteps:\n  prepare:\n    dataset_name: acme/desks\n    model: acme/thing\nmodel:\n  name: desk-tuned\n  version: 3\nsettings: {}\n";
        assert_eq!(
            told("configs/run.yaml", text),
            [
                "model zenml/desk-tuned output 10",
                "model pkg:huggingface/acme/desk-7b - 2",
                "prompt configs/run.yaml#system_prompt system 4",
                "dataset pkg:huggingface/datasets/acme/desks - 7",
            ]
        );
        let index = r#"{"graphs": {"agent": "./a.py:graph"}, "store": {"index": {"embed": "openai:text-embedding-3-small"}}}"#;
        assert!(
            told("langgraph.json", index)
                .contains(&"model openai/text-embedding-3-small embedding 1".to_owned())
        );
        assert_eq!(
            told(
                "x.yaml",
                "system_prompt: short\nmodel_id: $MODEL\ndataset_name: desks\n"
            ),
            [] as [&str; 0]
        );
    }
}
