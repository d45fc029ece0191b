//! Training recipes: which model starts, what it learns from, what comes out.
//!
//! The keys are those of the libraries' own documentation: Transformers and TRL (`model_name_or_path`,
//! `hub_model_id`), alignment-handbook (`dataset_mixer`, `dataset_mixture`), axolotl (`base_model`, `datasets`), LLaMA-Factory (`dataset`,
//! `finetuning_type`), torchtune (`_component_`), unsloth. What a file is called says nothing.

mod components;
mod datasets;
mod models;

use stance_core::asset::{AssetId, AssetKind};
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::document::Format;
use crate::draft::{Draft, relate};

pub(crate) const FORMAT: Format = Format {
    title: "training recipe",
    loose: false,
    marks: &[
        "model_name_or_path",
        "base_model",
        "hub_model_id",
        "dataset_mix",
        "finetuning_type",
        "torchtune.",
        "use_peft",
        "peft_config",
        "dataset_name",
        "train_dataset",
        "num_train_epochs",
        "lora_r",
        "gradient_accumulation_steps",
        "per_device_train_batch_size",
    ],
    read,
};

/// Most data sets, and other things of one kind, that are read of one recipe.
const MOST: usize = 500;

/// Keys that only the training of a model has; two of them, or one beside a model and a data set, make a recipe.
const TRAINING: &[&str] = &[
    "adapter",
    "bf16",
    "finetuning_type",
    "fp16",
    "gradient_accumulation_steps",
    "gradient_checkpointing",
    "learning_rate",
    "load_in_4bit",
    "lora_alpha",
    "lora_r",
    "lora_rank",
    "loss",
    "lr_scheduler",
    "lr_scheduler_type",
    "max_steps",
    "micro_batch_size",
    "num_epochs",
    "num_train_epochs",
    "optimizer",
    "packing",
    "peft_config",
    "per_device_train_batch_size",
    "push_to_hub",
    "sample_packing",
    "save_steps",
    "save_strategy",
    "sequence_len",
    "use_peft",
    "val_set_size",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
];

/// Keys that stand beside `model_name_or_path` where a model is used rather than trained.
const BESIDE: &[&str] = &[
    "attn_implementation",
    "cutoff_len",
    "dataset_mixer",
    "dataset_mixture",
    "dataset_name",
    "export_dir",
    "finetuning_type",
    "infer_backend",
    "template",
    "torch_dtype",
];

/// Sections in which some recipes keep their settings.
const SECTIONS: &[&str] = &[
    "model",
    "model_args",
    "model_config",
    "script_args",
    "data",
    "data_args",
    "dataset",
    "training",
    "training_args",
    "train",
    "trainer",
    "sft_config",
    "lora",
    "peft",
    "peft_config",
];

/// A recipe: the document and its sections.
struct Recipe<'n> {
    root: &'n Node,
    parts: Vec<&'n Node>,
}

impl<'n> Recipe<'n> {
    fn of(root: &'n Node) -> Option<Self> {
        if !root.is_object() {
            return None;
        }
        let sections = SECTIONS.iter().filter_map(|key| root.get(key));
        let mut parts = vec![root];
        parts.extend(sections.filter(|node| node.is_object()));
        Some(Self { root, parts })
    }

    /// The value under the first of these keys, of the document before its sections.
    fn get(&self, keys: &[&str]) -> Option<&'n Node> {
        keys.iter()
            .find_map(|key| self.parts.iter().find_map(|part| part.get(key)))
    }

    fn text(&self, keys: &[&str]) -> Option<&'n str> {
        self.get(keys)?.scalar().filter(|text| !text.is_empty())
    }

    fn training_keys(&self) -> usize {
        let has = |key: &&&str| self.parts.iter().any(|part| part.get(key).is_some());
        TRAINING.iter().filter(has).count()
    }
}

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if components::read(root, page, facts) {
        return true;
    }
    let Some(recipe) = Recipe::of(root) else {
        return false;
    };
    let keys = recipe.training_keys();
    let bases = models::bases(&recipe);
    // Trainers share this key; filtering, generation and export with it need no others of training.
    let hub = recipe.get(&["model_name_or_path"]).is_some() && recipe.get(BESIDE).is_some();
    let hub = hub || (keys == 1 && recipe.get(&["train_dataset", "peft_config"]).is_some());
    if (keys < 2 && !hub) || (bases.is_empty() && recipe.get(&["hub_model_id"]).is_none()) {
        return false;
    }
    let pipeline = pipeline(&recipe, page).add(place(&recipe), page, facts);
    let mut start = None;
    for base in bases {
        let role = base.role;
        if let Some((id, span)) = models::add(base, &recipe, page, facts) {
            relate(
                &pipeline,
                RelationKind::LoadsArtifactFrom,
                &id,
                span,
                page,
                facts,
            );
            if role == "base" {
                start = Some(id);
            }
        }
    }
    let output = models::output(&recipe, page, facts);
    if let Some((output, span)) = &output {
        relate(
            &pipeline,
            RelationKind::Writes,
            output,
            span.clone(),
            page,
            facts,
        );
        if let Some(base) = &start {
            relate(
                output,
                RelationKind::FineTunedFrom,
                base,
                span.clone(),
                page,
                facts,
            );
        }
    }
    let learner = output.map(|(output, _)| output);
    datasets::add(&recipe, &pipeline, learner.as_ref(), page, facts);
    tasks(&recipe, page, facts);
    prompts(&recipe, page, facts);
    true
}

/// What a recipe tells the model; the template that puts conversations into words is told with the file.
fn prompts(recipe: &Recipe<'_>, page: &Page<'_>, facts: &mut Facts<'_>) {
    const TOLD: [&str; 4] = [
        "system_prompt",
        "default_system",
        "default_system_message",
        "prompt_template",
    ];
    for key in TOLD {
        let Some(node) = recipe.get(&[key]) else {
            continue;
        };
        // A single word is the name of a template that the trainer brings.
        let Some(text) = node.as_str().map(str::trim) else {
            continue;
        };
        if text.len() < 24 || !text.contains(char::is_whitespace) {
            continue;
        }
        Draft::new(AssetKind::Prompt, format!("{}#{key}", page.path), key)
            .relation(RelationKind::Contains)
            .role("system")
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text))
            .add(node.span.clone(), page, facts);
    }
}

/// Where the recipe is told: its first line.
fn place(recipe: &Recipe<'_>) -> std::ops::Range<usize> {
    let first = recipe.root.entries().first();
    first.map_or(recipe.root.span.clone(), |entry| entry.key_span.clone())
}

fn pipeline(recipe: &Recipe<'_>, page: &Page<'_>) -> Draft {
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let method = recipe
        .text(&["stage", "rl", "rlhf", "trainer_type", "method"])
        .map(str::to_owned);
    Draft::new(AssetKind::Pipeline, page.path.to_string(), name)
        .relation(RelationKind::Contains)
        .role(role(recipe))
        .with_some("method", method)
        .with_some("adapter", models::adapter(recipe))
}

/// What the recipe does with the model.
fn role(recipe: &Recipe<'_>) -> &'static str {
    let on = |key: &str| recipe.get(&[key]).and_then(Node::as_bool) == Some(true);
    let trains = on("do_train") || recipe.get(&["learning_rate", "num_train_epochs"]).is_some();
    match trains {
        true => "training",
        false if on("do_predict") || on("do_eval") => "evaluation",
        false if recipe.get(&["infer_backend", "num_generations"]).is_some() => "inference",
        false if recipe.get(&["export_dir"]).is_some() => "export",
        false => "training",
    }
}

/// Benchmarks that the recipe runs on the model.
fn tasks(recipe: &Recipe<'_>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let keys = ["benchmarks", "lm_eval_tasks", "callbacks_benchmarks"];
    let Some(node) = recipe.get(&keys) else {
        return;
    };
    let single = std::iter::once(node).filter(|node| node.as_str().is_some());
    for item in node.items().iter().chain(single).take(MOST) {
        for name in item.as_str().unwrap_or_default().split(',').map(str::trim) {
            if !name.is_empty() && name != "none" {
                let key = format!("{}#{name}", page.path);
                Draft::new(AssetKind::Evaluator, key, name)
                    .role("evaluation")
                    .add(item.span.clone(), page, facts);
            }
        }
    }
}

/// Ties a data set to the recipe that reads it and the model that learns from it.
fn learned(
    dataset: &AssetId,
    training: bool,
    (pipeline, learner): (&AssetId, Option<&AssetId>),
    span: std::ops::Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    relate(
        pipeline,
        RelationKind::Reads,
        dataset,
        span.clone(),
        page,
        facts,
    );
    if let Some(model) = learner
        && training
    {
        relate(model, RelationKind::TrainedOn, dataset, span, page, facts);
    }
}

#[cfg(test)]
mod tests;
