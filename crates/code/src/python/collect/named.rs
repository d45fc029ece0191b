//! Models and data sets that constants, fields and options name by what they are called.

use stance_core::{AssetKind, How, RelationKind};

use super::constants::is_prompt_name;
use super::local::data_file;
use super::models::{dataset_draft, hub_draft};
use super::{Collector, Draft};
use crate::python::catalogue::{
    dataset_id, is_publisher, loads_from_hub, model_id, ollama, recognise,
};
use crate::python::files::written;
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;

/// Whether a constant is where data can be downloaded: `DATA_URL = "https://example.com/words.txt"`.
fn is_address_of_data(name: &str, text: &str) -> bool {
    (name.ends_with("data_url") || name.ends_with("dataset_url"))
        && (text.starts_with("https://") || text.starts_with("http://"))
        && [
            ".txt", ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".zip", ".gz", ".tgz", ".tar",
        ]
        .iter()
        .any(|end| text.ends_with(end))
}

impl Collector<'_> {
    /// A value that the name of a constant, field or option says is a model or data set.
    pub(super) fn by_name(&mut self, name: &str, known: &Known, how: How, span: &Span) {
        let name = name.to_ascii_lowercase();
        let model = [
            "model",
            "model_id",
            "model_name",
            "model_name_or_path",
            "tokenizer_name_or_path",
            "checkpoint",
            "repo_id",
        ]
        .iter()
        .any(|word| name == *word || name.ends_with(&format!("_{word}")))
            || name == "pretrained_model_name_or_path";
        let dataset = [
            "dataset",
            "dataset_name",
            "dataset_id",
            "dataset_name_or_path",
            "dataset_id_or_path",
        ]
        .iter()
        .any(|word| name == *word || name.ends_with(&format!("_{word}")))
            || name == "dataset_path";
        let Known::Text { text, .. } = known else {
            return;
        };
        let media = ["text/", "image/", "audio/", "video/", "application/"]
            .iter()
            .any(|kind| text.starts_with(kind));
        if media || recognise(text).is_some() {
            return;
        }
        if model {
            if let Some(tagged) = ollama(text) {
                let draft = Draft::new(AssetKind::Model, format!("ollama/{tagged}"), tagged, how)
                    .relation(RelationKind::Calls)
                    .vendor(Some("ollama"));
                self.refer(draft, span);
                return;
            }
            let id =
                model_id(text).filter(|id| id.contains('/') || how == How::Default || id.len() > 4);
            match id {
                Some(id) if is_publisher(id) => self.refer(hub_draft(id, how), span),
                // What the file imports is known at its end.
                Some(id) if self.perhaps.len() < 256 => {
                    self.perhaps.push((hub_draft(id, how), span.clone()));
                }
                _ => {}
            }
        } else if dataset {
            self.dataset_constant(text, how, span);
        } else if is_address_of_data(&name, text)
            && let Some(draft) = data_file(text, how)
        {
            self.refer(draft, span);
        }
    }

    fn dataset_constant(&mut self, text: &str, how: How, span: &Span) {
        let plausible = (3..=96).contains(&text.len())
            && !text.contains(char::is_whitespace)
            && text.contains(['-', '_', '/'])
            && !text.contains('\\')
            && !text.starts_with(['.', '/', '-', '_', '~']);
        if !plausible {
            return;
        }
        if text.contains('/') {
            if let Some(id) = dataset_id(text) {
                self.refer(dataset_draft(id, how), span);
            }
        } else if !text.contains('.') && how == How::Constant {
            let draft =
                Draft::new(AssetKind::Dataset, text, text, how).relation(RelationKind::Reads);
            self.refer(draft, span);
        }
    }

    /// Names that are models of the hub when the file imports something that loads them.
    pub(super) fn settle_hub_models(&mut self) {
        let perhaps = std::mem::take(&mut self.perhaps);
        if self
            .modules
            .iter()
            .any(|(module, _)| loads_from_hub(module))
        {
            for (draft, span) in perhaps {
                self.refer(draft, &span);
            }
        }
    }

    /// `add_argument("--model", default="x")`
    pub(super) fn option(&mut self, site: &CallSite<'_>) {
        if !site.callee.ends_with("add_argument") && !site.callee.ends_with(".option") {
            return;
        }
        let Some(default) = site.keyword("default") else {
            return;
        };
        let names = site.arguments.iter().filter(|it| it.name.is_none());
        for name in names {
            if let Known::Text { text, .. } = &name.value {
                let name = text.trim_start_matches('-').replace('-', "_");
                if let Known::Text { text, .. } = &default.value
                    && is_prompt_name(&name)
                {
                    self.written_prompt(&name, text, &default.span, false);
                }
                self.by_name(&name, &default.value, How::Default, &default.span);
                let path = match &default.value {
                    Known::Text { text, .. } => Some(text.to_string()),
                    other => written(other).map(|(_, path)| path),
                };
                if let Some(path) = path {
                    self.option_of_training(&name, &path, &default.span);
                }
            }
        }
    }
}
