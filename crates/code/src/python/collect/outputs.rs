//! Models that a program makes: what training writes, and what is saved or published.

use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft, last_part};
use crate::python::catalogue::{loads_from_hub, root_of};
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given};

/// Settings of trainers, by how their names end, as `transformers`, `trl` and `sentence_transformers` call them.
const SETTINGS: &[&str] = &[
    "TrainingArguments",
    "SFTConfig",
    "DPOConfig",
    "GRPOConfig",
    "ORPOConfig",
    "KTOConfig",
    "CPOConfig",
    "PPOConfig",
    "PPOv2Config",
    "RLOOConfig",
    "RewardConfig",
    "OnlineDPOConfig",
    "GKDConfig",
];

/// Calls that make a model, or put a conversation into its form: what the prefilter looks for.
pub(in crate::python) const MADE: &[&str] = &[
    "apply_chat_template",
    "push_to_hub",
    "push_to_hub_merged",
    "save_pretrained",
    "save_pretrained_merged",
    "TrainingArguments",
    "Seq2SeqTrainingArguments",
    "SentenceTransformerTrainingArguments",
    "CrossEncoderTrainingArguments",
    "SFTConfig",
    "DPOConfig",
    "GRPOConfig",
    "ORPOConfig",
    "KTOConfig",
    "CPOConfig",
    "PPOConfig",
    "RLOOConfig",
    "RewardConfig",
    "OnlineDPOConfig",
    "GKDConfig",
];

/// Names of directories that say nothing of what lies in them.
const NO_NAMES: &[&str] = &[
    "artifacts",
    "ckpt",
    "checkpoint",
    "checkpoints",
    "data",
    "experiments",
    "exp",
    "final",
    "finetuned",
    "log",
    "logs",
    "lora",
    "merged",
    "model",
    "models",
    "out",
    "output",
    "outputs",
    "result",
    "results",
    "run",
    "runs",
    "saved",
    "saved_model",
    "temp",
    "test",
    "tmp",
    "tokenizer",
    "train",
    "trained",
    "weights",
];

impl Collector<'_> {
    /// The model that a call makes, when it says what it is called.
    pub(super) fn model_made(&mut self, site: &CallSite<'_>) {
        // What tests make is gone when they end.
        if self.in_test {
            return;
        }
        let name = last_part(site.callee);
        match name {
            "push_to_hub" | "push_to_hub_merged" if is_of_models(site.callee) => {
                if let Some(given) = site.argument(Some(0), "repo_id") {
                    self.output(given, true);
                }
            }
            "save_pretrained" | "save_pretrained_merged" if is_of_models(site.callee) => {
                if let Some(given) = site.argument(Some(0), "save_directory") {
                    self.output(given, false);
                }
            }
            _ if SETTINGS.iter().any(|end| name.ends_with(end)) => self.trained(site),
            _ => {}
        }
    }

    /// What a trainer writes: under the name that the hub gets, else under that of its directory.
    fn trained(&mut self, site: &CallSite<'_>) {
        if !root_of(site.callee).is_some_and(|root| loads_from_hub(root.module)) {
            return;
        }
        if let Some(given) = site.keyword("hub_model_id")
            && given
                .value
                .alternatives()
                .iter()
                .any(|one| matches!(one, Known::Text { .. }))
        {
            self.output(given, true);
            return;
        }
        let pushed = matches!(
            site.keyword("push_to_hub").map(|given| &given.value),
            Some(Known::Boolean(true))
        );
        if let Some(given) = site.argument(Some(0), "output_dir") {
            self.output(given, pushed);
        }
    }

    fn output(&mut self, given: &Given<'_>, published: bool) {
        for one in given.value.alternatives() {
            let Known::Text { text, how } = one else {
                continue;
            };
            let Some(name) = model_name(text, published) else {
                continue;
            };
            let how = match how {
                How::Literal => How::Literal,
                _ => How::Constant,
            };
            let (key, vendor) = match published {
                true => (format!("pkg:huggingface/{name}"), Some("huggingface")),
                false => (format!("file/{}", text.trim_start_matches("./")), None),
            };
            let draft = Draft::new(AssetKind::Model, key, name, how)
                .relation(RelationKind::Writes)
                .vendor(vendor)
                .alias(text)
                .with("role", "output");
            self.explained.insert(given.span.start);
            self.refer(draft, &given.span);
        }
    }
}

/// Whether what is saved is a model, rather than its tokenizer, its settings or a data set.
fn is_of_models(callee: &str) -> bool {
    let lower = callee.to_ascii_lowercase();
    let (before, _) = lower.rsplit_once('.').unwrap_or_default();
    !before.is_empty()
        && ![
            "tokenizer",
            "processor",
            "config",
            "dataset",
            "ds",
            "extractor",
            "load_dataset",
        ]
        .iter()
        .any(|word| {
            before
                .split(['.', '(', ')', '_'])
                .any(|part| part.ends_with(word) && (word.len() > 2 || part == *word))
        })
}

/// What a directory or repository says its model is called.
fn model_name(text: &str, published: bool) -> Option<&str> {
    let text = text.trim_end_matches('/');
    let plain = (2..=120).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if !plain || text.starts_with('/') || text.contains("..") {
        return None;
    }
    let last = text.rsplit('/').next().unwrap_or_default();
    let telling = last.contains(['-', '_'])
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !NO_NAMES.contains(&last.to_ascii_lowercase().as_str());
    // A repository is named as a whole; of a directory the last part counts.
    match published && !text.starts_with('.') && text.matches('/').count() <= 1 {
        true if text.contains('/') || telling => Some(text),
        false if telling => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_models, model_name};

    #[test]
    fn directories_that_say_nothing_are_no_models() {
        for (text, published, want) in [
            ("./gemma-7b-dolly", false, Some("gemma-7b-dolly")),
            ("runs/tiny_dpo", false, Some("tiny_dpo")),
            ("acme/tiny", true, Some("acme/tiny")),
            ("tiny", true, None),
            ("./results", false, None),
            ("saved_model", false, None),
            ("/opt/tiny-dpo", false, None),
            ("out put-x", false, None),
        ] {
            assert_eq!(model_name(text, published), want, "{text}");
        }
    }

    #[test]
    fn tokenizers_and_data_are_no_models() {
        for (callee, want) in [
            ("?.model.push_to_hub", true),
            ("transformers.Trainer().model.save_pretrained", true),
            ("transformers.AutoTokenizer.from_pretrained().save_pretrained", false),
            ("datasets.load_dataset().push_to_hub", false),
            ("?.train_dataset.push_to_hub", false),
            ("?.ds.push_to_hub", false),
            ("?.embeds.push_to_hub", true),
        ] {
            assert_eq!(is_of_models(callee), want, "{callee}");
        }
    }
}
