//! The text files beside a model of the Hugging Face libraries: chat templates,
//! references to code of the model's own, the index of its shards.

mod adapter;
mod claims;
mod configuration;
mod index;
mod special;
pub mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{Artifact, ArtifactFormat, Fact};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Notation, Tree};

pub use template::LONGEST_TEMPLATE;

pub(crate) static INSPECTOR: HuggingFace = HuggingFace;

/// Words of which a configuration has to have one to be looked into.
const WORDS: &[&str] = &[
    "chat_template",
    "template\"",
    "auto_map",
    "custom_pipelines",
    "_class_name",
    "_diffusers_version",
    "weight_map",
    "_name_or_path",
    "base_model",
    "peft_type",
    "bos_token",
    "eos_token",
    "suppress_tokens",
    "bad_words_ids",
];

/// Files in which the word may stand behind thousands of other entries.
const NAMES: &[&str] = &[
    "chat_template.json",
    "config.json",
    "generation_config.json",
    "model.safetensors.index.json",
    "preprocessor_config.json",
    "processor_config.json",
    "special_tokens_map.json",
    "pytorch_model.bin.index.json",
    "tokenizer_config.json",
];

/// Extensions of Jinja templates.
const TEMPLATES: &[&str] = &["jinja", "jinja2", "j2", "template", "tmpl"];

/// Whether a file is what, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Configuration(Notation),
    Template,
}

pub(crate) struct HuggingFace;

impl Inspector for HuggingFace {
    fn name(&self) -> &'static str {
        "huggingface"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        kind_of(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(kind) = kind_of(input) else {
            return;
        };
        let Some(text) = input.text(facts) else {
            return;
        };
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact.framework = None;
        match kind {
            Kind::Template => {
                let content = text.as_str();
                let from = content.len().saturating_sub(content.trim_start().len());
                let line_end =
                    memchr::memchr(b'\n', content.as_bytes().get(from..).unwrap_or_default())
                        .map_or(content.len(), |end| from.saturating_add(end));
                let evidence = text.evidence(input.path(), from..line_end);
                template::push(input.file_name(), content, evidence, &mut artifact, facts);
            }
            Kind::Configuration(notation) => {
                if !WORDS
                    .iter()
                    .any(|word| memmem::find(text.as_str().as_bytes(), word.as_bytes()).is_some())
                {
                    return;
                }
                let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
                tree.report("model configuration", input.path(), &text, facts);
                for document in &tree.documents {
                    configuration::read(document, input, &text, &mut artifact, facts);
                    // Of an index that breaks off nobody knows what it would have placed.
                    if tree.errors.is_empty() {
                        index::read(document, input, &text, &mut artifact);
                    }
                }
            }
        }
        if artifact.embedded.is_empty()
            && artifact.external.is_empty()
            && artifact.metadata.is_empty()
            && artifact.shards.is_empty()
        {
            return;
        }
        if artifact.has_template() && !crate::instructions::is_told(input) {
            template::add_prompt(input, &text, facts);
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn kind_of(input: &Input<'_>) -> Option<Kind> {
    if !input.is_text() {
        return None;
    }
    let extension = input.extension();
    let has = |word: &str| memmem::find(input.head(), word.as_bytes()).is_some();
    if TEMPLATES.contains(&extension) {
        let renders = has("{%") || has("{{");
        let about_messages = has("messages") && (has("role") || has("content"));
        // `additional_chat_templates/rag.jinja` is one by its directory.
        let named = input.path().contains("chat_template");
        return (renders && (named || about_messages)).then_some(Kind::Template);
    }
    // Layers of a model of Ollama have no name; its templates are those of Go.
    if extension.is_empty()
        && input.path().contains("blobs/")
        && has("{{")
        && (has(".Prompt") || has(".Messages"))
    {
        return Some(Kind::Template);
    }
    let notation = match extension {
        "json" => Notation::Json,
        "yaml" | "yml" => Notation::Yaml,
        _ => return None,
    };
    let known = NAMES.contains(&input.file_name());
    (known || WORDS.iter().any(|word| has(word))).then_some(Kind::Configuration(notation))
}
