//! Names of models and data sets, and the canonical keys they stand for, so that every parser gives
//! one thing one key.

use crate::python::catalogue;

/// A model, by its canonical key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `openai/gpt-4o`, `pkg:huggingface/org/name`.
    pub key: String,
    /// The name without any prefix of a router or framework.
    pub name: String,
    /// The maker's key; for a model of the hub, that of the hub.
    pub vendor: Option<&'static str>,
    /// The service it is reached through, where the spelling tells: `azure`, `aws`.
    pub through: Option<&'static str>,
}

/// A text that by itself is the name of a provider's model: `gpt-4o`, `azure/gpt-4o`,
/// `us.anthropic.claude-sonnet-4-20250514-v1:0`.
#[must_use]
pub fn provider_model(text: &str) -> Option<Model> {
    let found = catalogue::recognise(text)?;
    Some(Model {
        key: format!("{}/{}", found.vendor, found.name),
        name: found.name,
        vendor: Some(found.vendor),
        through: found.through,
    })
}

/// A text in a place where only a provider's model can stand: `groq/anything-7b`.
#[must_use]
pub fn provider_model_with_prefix(text: &str) -> Option<Model> {
    provider_model(text).or_else(|| {
        let (vendor, name) = catalogue::with_provider(text)?;
        let key = match vendor {
            // The router's word and the hub's own name behind it.
            "huggingface" => format!("pkg:huggingface/{name}"),
            _ => format!("{vendor}/{name}"),
        };
        Some(Model {
            key,
            name: name.to_owned(),
            vendor: Some(vendor),
            through: None,
        })
    })
}

/// The repository of the hub that a text names where one, or a directory, may stand.
#[must_use]
pub fn hub_model(text: &str) -> Option<Model> {
    let id = catalogue::model_id(text)?;
    Some(Model {
        key: format!("pkg:huggingface/{id}"),
        name: id.to_owned(),
        vendor: Some("huggingface"),
        through: None,
    })
}

/// The model at an address of a store of models, as servers of open weights are told it: `hf://org/name`,
/// `ollama://gemma2:2b`.
#[must_use]
pub fn model_at(text: &str) -> Option<Model> {
    let (scheme, rest) = text.split_once("://")?;
    let rest = rest.split(['?', '#', '@']).next().unwrap_or_default();
    if rest.contains(['{', '<', '$']) {
        return None;
    }
    match scheme {
        "hf" | "huggingface" if !rest.starts_with("datasets/") && !rest.starts_with("spaces/") => {
            // Behind the name of a repository may stand a revision, or a file of it.
            let rest = rest.split(':').next().unwrap_or_default();
            let end = rest
                .match_indices('/')
                .nth(1)
                .map_or(rest.len(), |(at, _)| at);
            hub_model(rest.get(..end)?).filter(|model| model.name.contains('/'))
        }
        // Whatever is behind it is a model of its library, with or without a tag.
        "ollama"
            if !rest.is_empty() && rest.len() <= 120 && !rest.contains(char::is_whitespace) =>
        {
            Some(Model {
                key: format!("ollama/{rest}"),
                name: rest.to_owned(),
                vendor: Some("ollama"),
                through: None,
            })
        }
        _ => None,
    }
}

/// What people call a prompt besides, by the words that stand behind whose it is: `support system_prompt`.
#[must_use]
pub fn aliases_of_prompt(name: &str) -> &'static [&'static str] {
    if name.ends_with("system prompt") {
        return &["system prompt", "system message"];
    }
    let last = name.rsplit_once(' ').map(|(_, last)| last);
    match last {
        Some("system_prompt") => &["system_prompt", "system message"],
        Some("system_message") => &["system_message", "system message"],
        Some("instructions") => &["instructions"],
        _ => &[],
    }
}

/// Whether a repository of the hub belongs to one of its large publishers, so that its name needs no
/// further proof.
#[must_use]
pub fn is_publisher(id: &str) -> bool {
    catalogue::is_publisher(id)
}

/// The data set of the hub that a text names where one, a file format or a directory may stand.
#[must_use]
pub fn hub_dataset(text: &str) -> Option<&str> {
    catalogue::dataset_id(text)
}

/// The vendor behind a framework's word for a provider: `google_genai` is `google`.
#[must_use]
pub fn provider(word: &str) -> Option<&'static str> {
    catalogue::provider(word)
}

/// Words of directories that say nothing of what lies in them.
const NO_NAMES: &[&str] = &[
    "adapter",
    "adapters",
    "artifacts",
    "base",
    "best",
    "checkpoint",
    "checkpoints",
    "ckpt",
    "data",
    "dir",
    "exp",
    "experiment",
    "experiments",
    "final",
    "fine",
    "finetune",
    "finetuned",
    "fp16",
    "hf",
    "last",
    "local",
    "log",
    "logs",
    "lora",
    "merged",
    "model",
    "models",
    "my",
    "new",
    "out",
    "output",
    "outputs",
    "peft",
    "pretrained",
    "quantized",
    "result",
    "results",
    "run",
    "runs",
    "save",
    "saved",
    "temp",
    "test",
    "the",
    "tmp",
    "tokenizer",
    "train",
    "trained",
    "trainer",
    "training",
    "tuned",
    "v",
    "weights",
    "your",
];

/// What the directory or repository that training writes to says its model is called: the repository as a whole where
/// it is published, else the last part of the path. None for `./results` and its like.
#[must_use]
pub fn made_model(text: &str, published: bool) -> Option<&str> {
    let text = text.trim_end_matches('/');
    let plain = (2..=120).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if !plain || text.starts_with('/') || text.contains("..") {
        return None;
    }
    let last = text.rsplit('/').next().unwrap_or_default();
    let telling = tells_a_name(last);
    match published && !text.starts_with('.') && text.matches('/').count() <= 1 {
        true if text.contains('/') || telling => Some(text),
        false if telling => Some(last),
        // `saves/desk-7b/lora/sft`: what was trained, then how.
        false if text.split('/').any(tells_a_size) => Some(text.trim_start_matches("./")),
        _ => None,
    }
}

/// Whether a part of a path says which model it holds.
fn tells_a_name(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    part.contains(['-', '_'])
        && lower.split(['-', '_', '.']).any(|word| {
            let version = word
                .strip_prefix('v')
                .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
            word.len() > 1
                && !version
                && word.bytes().any(|byte| byte.is_ascii_alphabetic())
                && !NO_NAMES.contains(&word)
        })
}

/// Whether a part of a path names a model with its size: `desk-7b`.
fn tells_a_size(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    let sized = lower.split(['-', '_']).any(|word| {
        let digits = word.strip_suffix('b').unwrap_or_default();
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    sized && tells_a_name(part)
}

/// A model as Ollama spells it, with its tag: `llama3:latest`.
#[must_use]
pub fn ollama_model(text: &str) -> Option<Model> {
    let tagged = catalogue::ollama(text)?;
    Some(Model {
        key: format!("ollama/{tagged}"),
        name: tagged.to_owned(),
        vendor: Some("ollama"),
        through: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{made_model, model_at};

    #[test]
    fn an_address_of_a_store_names_its_model() {
        let key = |text: &str| model_at(text).map(|model| model.key);
        assert_eq!(
            key("hf://acme/tiny/w.gguf").as_deref(),
            Some("pkg:huggingface/acme/tiny")
        );
        assert_eq!(
            key("ollama://gemma2:2b").as_deref(),
            Some("ollama/gemma2:2b")
        );
        assert_eq!(key("hf://datasets/acme/rows"), None);
        assert_eq!(key("https://acme/tiny"), None);
    }

    #[test]
    fn directories_that_say_nothing_are_no_models() {
        for (text, published, want) in [
            ("./gemma-7b-dolly", false, Some("gemma-7b-dolly")),
            ("runs/tiny_dpo", false, Some("tiny_dpo")),
            ("acme/tiny", true, Some("acme/tiny")),
            ("tiny", true, None),
            ("./results", false, None),
            ("saved_model", false, None),
            ("merged_model_v2", false, None),
            ("quantized_llama", false, Some("quantized_llama")),
            ("/opt/tiny-dpo", false, None),
            ("out put-x", false, None),
            (
                "saves/desk-7b/lora/sft",
                false,
                Some("saves/desk-7b/lora/sft"),
            ),
            ("saves/desk-7/lora/sft", false, None),
        ] {
            assert_eq!(made_model(text, published), want, "{text}");
        }
    }
}
