//! Models that classes of libraries are called after: `new AllMiniLmL6V2EmbeddingModel()`, `new GPT4Turbo()`.

use stance_code::models::recognise;
use stance_core::{AssetKind, How, RelationKind};

use super::named_models::{of_camel_case, with_dots};
use super::scan::Scan;
use super::tokens::Dialect;

/// How such classes end, longest first.
const ENDS: [&str; 8] = [
    "QuantizedEmbeddingModel",
    "EmbeddingGenerator",
    "EmbeddingModel",
    "EmbeddingFunction",
    "Embeddings",
    "Embedding",
    "Chat",
    "",
];

/// Models by what the class is called before that, with who made them.
const KNOWN: [(&str, &str, &str); 14] = [
    ("AllMiniLmL6V2", "sentence-transformers", "all-MiniLM-L6-v2"),
    ("AllMiniLML6V2", "sentence-transformers", "all-MiniLM-L6-v2"),
    (
        "AllMiniLML12V2",
        "sentence-transformers",
        "all-MiniLM-L12-v2",
    ),
    ("BgeSmallEn", "BAAI", "bge-small-en"),
    ("BgeSmallEnV15", "BAAI", "bge-small-en-v1.5"),
    ("BGESmallENV15", "BAAI", "bge-small-en-v1.5"),
    ("BGEBaseENV15", "BAAI", "bge-base-en-v1.5"),
    ("BGELargeENV15", "BAAI", "bge-large-en-v1.5"),
    ("BgeSmallZh", "BAAI", "bge-small-zh"),
    ("BgeSmallZhV15", "BAAI", "bge-small-zh-v1.5"),
    ("E5SmallV2", "intfloat", "e5-small-v2"),
    ("MultilingualE5Small", "intfloat", "multilingual-e5-small"),
    ("MultilingualE5Large", "intfloat", "multilingual-e5-large"),
    ("NomicEmbedTextV15", "nomic-ai", "nomic-embed-text-v1.5"),
];

/// What such classes of OpenAI leave out of the name of the model.
const OPENAI: [(&str, &str); 5] = [
    ("ADA002", "text-embedding-ada-002"),
    ("Ada002", "text-embedding-ada-002"),
    ("3Small", "text-embedding-3-small"),
    ("3Large", "text-embedding-3-large"),
    ("Embedding3Small", "text-embedding-3-small"),
];

/// Words of classes that are made for a model.
const OTHERS: [&str; 16] = [
    "agent",
    "client",
    "config",
    "generator",
    "handler",
    "message",
    "options",
    "parser",
    "provider",
    "request",
    "response",
    "service",
    "settings",
    "test",
    "tokenizer",
    "tool",
];

impl Scan<'_> {
    /// A class that is made here and called after a model.
    pub(super) fn class_of_model(&mut self, word: &str, at: usize) {
        if !word.starts_with(|it: char| it.is_ascii_uppercase()) || word.len() < 5 {
            return;
        }
        let before = at.checked_sub(1);
        let made = before.and_then(|it| self.word(it)) == Some("new");
        // Variants of an enumeration of a library in Rust.
        let variant = self.dialect == Dialect::Rust
            && before.and_then(|it| self.sign(it)) == Some(b':')
            && at.checked_sub(3).and_then(|it| self.word(it)) == Some("EmbeddingModel");
        if !made && !variant {
            return;
        }
        let stem = ENDS.iter().find_map(|end| word.strip_suffix(end));
        let Some(stem) = stem.filter(|stem| stem.len() > 3) else {
            return;
        };
        let plain = stem
            .strip_suffix("Quantized")
            .or_else(|| stem.strip_suffix('Q'))
            .unwrap_or(stem);
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        if let Some((_, owner, name)) = KNOWN.iter().find(|(class, ..)| *class == plain) {
            let mut draft = self.draft(
                AssetKind::Model,
                format!("pkg:huggingface/{owner}/{name}"),
                name,
                How::Constant,
            );
            draft.relation = RelationKind::Calls;
            draft.aliases = vec![format!("{owner}/{name}"), word.to_owned()];
            self.refer(draft, &[], span);
            return;
        }
        let short = stem
            .strip_prefix("OpenAI")
            .or_else(|| stem.strip_prefix("OpenAi"));
        let short = short.and_then(|rest| OPENAI.iter().find(|(class, _)| *class == rest));
        let name = match short {
            Some((_, name)) => (*name).to_owned(),
            // `GPT4Turbo`: a class with a number, so that vendors alone are none.
            None if stem.bytes().any(|byte| byte.is_ascii_digit()) => {
                with_dots(&of_camel_case(stem))
            }
            None => return,
        };
        let Some(found) = recognise(&name) else {
            return;
        };
        // What is made for a model is not that model.
        let other = name.split('-').any(|word| OTHERS.contains(&word));
        if other {
            return;
        }
        let key = format!("{}/{}", found.vendor, found.name);
        let mut draft = self.draft(AssetKind::Model, key, &found.name, How::Constant);
        draft.relation = RelationKind::Calls;
        draft.vendor = Some(found.vendor.to_owned());
        draft.aliases.push(word.to_owned());
        self.refer(draft, &[], span);
    }
}
