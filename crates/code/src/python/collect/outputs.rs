//! Models that a program makes: what training writes, and what is saved or published.

use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft, last_part};
use crate::names::made_model;
use crate::python::catalogue::{loads_from_hub, root_of};
use crate::python::files::written;
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
    "log_model",
    "register_model",
    "save_model",
    "save_weights",
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

/// How files end that hold what was trained.
const FILES: [&str; 14] = [
    ".bin",
    ".bst",
    ".cbm",
    ".ckpt",
    ".h5",
    ".joblib",
    ".keras",
    ".onnx",
    ".pickle",
    ".pkl",
    ".pt",
    ".pth",
    ".pth.tar",
    ".safetensors",
];

/// The name of a file without the folders around it.
pub(super) fn last_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The path of a file that holds what was trained, as far as its name tells.
pub(super) fn weights_file(path: &str) -> Option<&str> {
    let path = path.trim_start_matches("./");
    let last = last_of(path);
    let plain = path.len() <= 200
        && !path.contains(|it: char| it.is_whitespace() || "{}*<>$:".contains(it));
    (plain && FILES.iter().any(|end| last.ends_with(end) && last != *end)).then_some(path)
}

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
                    self.output(given, true, false);
                }
            }
            "save_pretrained" | "save_pretrained_merged" if is_of_models(site.callee) => {
                if let Some(given) = site.argument(Some(0), "save_directory") {
                    self.output(given, false, true);
                }
            }
            "log_model" | "register_model" if site.callee.starts_with("mlflow.") => {
                self.registered(site, name);
            }
            "dump" | "save" | "save_model" | "save_weights" | "export" => self.saved(site, name),
            _ if SETTINGS.iter().any(|end| name.ends_with(end)) => self.trained(site),
            _ => {}
        }
    }

    /// A model that goes into the registry of MLflow: `log_model(model, "model", registered_model_name="desks")`.
    ///
    /// See <https://mlflow.org/docs/latest/ml/model-registry/>.
    fn registered(&mut self, site: &CallSite<'_>, method: &str) {
        let given = match method {
            "register_model" => site.argument(Some(1), "name"),
            _ => site.keyword("registered_model_name"),
        };
        let Some(given) = given else { return };
        for one in given.value.alternatives() {
            if let Known::Text { text, how } = one
                && (1..=120).contains(&text.len())
            {
                let draft = Draft::new(AssetKind::Model, format!("mlflow/{text}"), &**text, *how)
                    .relation(RelationKind::Writes)
                    .with("role", "output")
                    .with("framework", "mlflow");
                self.refer(draft, &given.span);
            }
        }
    }

    /// A model that is written to a file: `torch.save(model.state_dict(), "desk.pt")`, `joblib.dump(model, "desk.pkl")`.
    fn saved(&mut self, site: &CallSite<'_>, method: &str) {
        let (before, _) = site.callee.rsplit_once('.').unwrap_or_default();
        let position = match (method, before) {
            ("save", "torch") | ("dump", "joblib") | ("save_model", "skops.io") => Some(1),
            ("export", "torch.onnx") => Some(2),
            ("save" | "save_model" | "save_weights", _) if !before.is_empty() => Some(0),
            _ => None,
        };
        let Some(position) = position else { return };
        let given = ["f", "filename", "filepath", "fname", "path"]
            .iter()
            .find_map(|name| site.keyword(name))
            .or_else(|| {
                let mut plain = site.arguments.iter().filter(|it| it.name.is_none());
                plain.nth(position)
            });
        let Some(given) = given else { return };
        for one in given.value.alternatives() {
            let path = match one {
                Known::Text { text, .. } => text.to_string(),
                other => match written(other) {
                    Some((_, path)) => path,
                    None => continue,
                },
            };
            let Some(path) = weights_file(&path) else {
                continue;
            };
            let last = last_of(path);
            let draft = Draft::new(AssetKind::Model, format!("file/{path}"), last, How::Literal)
                .relation(RelationKind::Writes)
                .alias(path)
                .with("role", "output");
            self.waiting(draft, &given.span);
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
            self.output(given, true, false);
            return;
        }
        let pushed = matches!(
            site.keyword("push_to_hub").map(|given| &given.value),
            Some(Known::Boolean(true))
        );
        // The hub gets the last part of the directory.
        if let Some(given) = site.argument(Some(0), "output_dir") {
            self.output(given, pushed, true);
        }
    }

    fn output(&mut self, given: &Given<'_>, published: bool, directory: bool) {
        for one in given.value.alternatives() {
            let Known::Text { text, how } = one else {
                continue;
            };
            let Some(name) = made_model(text, published && !directory) else {
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

#[cfg(test)]
mod tests {
    use super::is_of_models;

    #[test]
    fn tokenizers_and_data_are_no_models() {
        for (callee, want) in [
            ("?.model.push_to_hub", true),
            ("transformers.Trainer().model.save_pretrained", true),
            (
                "transformers.AutoTokenizer.from_pretrained().save_pretrained",
                false,
            ),
            ("datasets.load_dataset().push_to_hub", false),
            ("?.train_dataset.push_to_hub", false),
            ("?.ds.push_to_hub", false),
            ("?.embeds.push_to_hub", true),
        ] {
            assert_eq!(is_of_models(callee), want, "{callee}");
        }
    }
}
