//! Models by the constants under which SDKs list them.

use std::ops::Range;

use stance_code::models::{by_constant, recognise};
use stance_core::{AssetKind, How, RelationKind};

use super::catalogue::PACKAGES;
use super::imports::{CALLED, vendor_of_part};
use super::scan::Scan;
use super::tokens::Dialect;

impl Scan<'_> {
    /// A variable that is asked for and names a model, where no default for it follows.
    pub(super) fn asked_model(&mut self, text: &str, at: usize, span: Range<usize>) {
        let other = [
            "URL", "KEY", "ENDPOINT", "HOST", "PATH", "DIR", "FILE", "PORT", "ID_LIST",
        ];
        let upper = is_upper(text);
        if !upper
            || !text.split('_').any(|part| part == "MODEL")
            || other.iter().any(|end| text.ends_with(end))
        {
            return;
        }
        let default = (1..30_usize).any(|ahead| {
            let found = self.string(at.saturating_add(ahead));
            found.is_some_and(|(text, _)| recognise(text).is_some())
        });
        if default {
            return;
        }
        let key = format!("unresolved/{}#{text}", self.path);
        let mut draft = self.draft(AssetKind::Model, key, text, How::Unresolved);
        draft.relation = RelationKind::Calls;
        let why = format!("environment variable {text} without a default");
        let told = [("unresolved", why.into()), ("variable", text.into())];
        self.refer(draft, &told, span);
    }

    /// A name that only its vendor knows, in the place of a model of that vendor's: `Ollama.new(chat_model: "llava")`,
    /// `OllamaChatModel.builder().modelName("acme-chat")`.
    pub(super) fn told_to_vendor(&mut self, name: &str, text: &str, at: usize, span: Range<usize>) {
        let key = crate::names::snake_case(name);
        let says = matches!(
            key.as_str(),
            "model"
                | "model_name"
                | "model_id"
                | "chat_model"
                | "completion_model"
                | "embedding_model"
        ) || key.starts_with("default_") && key.ends_with("model")
            || key.starts_with("model_") && self.dialect == Dialect::Go;
        let plain = (2..=80).contains(&text.len())
            && text
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_.:/".contains(&it))
            && text.bytes().any(|it| it.is_ascii_lowercase());
        if !self.uses_ai() || !says || !plain {
            return;
        }
        let constant = at.checked_sub(1).and_then(|it| self.sign(it)) == Some(b'=');
        let own = || {
            let telling = key.starts_with("default_") || key.starts_with("model_");
            self.only_vendor().filter(|_| constant && telling)
        };
        let Some(vendor) = self.vendor_around(at).or_else(own) else {
            return;
        };
        let mut draft = self.draft(
            AssetKind::Model,
            format!("{vendor}/{text}"),
            text,
            How::Literal,
        );
        draft.relation = RelationKind::Calls;
        draft.vendor = Some(vendor.to_owned());
        self.refer(draft, &[], span);
    }

    /// The vendor of the only package of one that the file imports.
    fn only_vendor(&self) -> Option<&'static str> {
        let of = |import: &&str| {
            let mut all = PACKAGES.iter();
            let found = all.find(|it| it.language == self.language && it.import == *import);
            found
                .map(|it| it.vendor)
                .filter(|vendor| !vendor.is_empty())
        };
        let mut vendors = self.known.iter().filter_map(of);
        let first = vendors.next()?;
        vendors.all(|one| one == first).then_some(first)
    }

    /// The vendor in the name of what is called around a place, through literals and chains.
    fn vendor_around(&self, at: usize) -> Option<&'static str> {
        let mut depth = 0_usize;
        let mut back = at;
        for _ in 0..80_usize {
            back = back.checked_sub(1)?;
            match self.sign(back) {
                Some(b')' | b']' | b'}') => depth = depth.saturating_add(1),
                Some(b'(' | b'[' | b'{') if depth > 0 => depth = depth.saturating_sub(1),
                Some(b'(' | b'{') => {
                    let called = back.checked_sub(1)?;
                    let head = self.head_of_chain(called);
                    let words = (head..=called).filter_map(|it| self.word(it));
                    if let Some(vendor) = words.into_iter().find_map(vendor_in) {
                        return Some(vendor);
                    }
                }
                Some(b';') if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// Models whose names are put together from several texts: `namespace + "/" + name`.
    pub(super) fn joined_models(&mut self) {
        let joined: Vec<_> = self
            .constants
            .iter()
            .filter(|(_, constant)| constant.joined && constant.whole)
            .filter_map(|(name, constant)| {
                let found = recognise(&constant.text)?;
                Some((*name, constant.at.clone(), found))
            })
            .collect();
        for (name, at, found) in joined {
            let key = format!("{}/{}", found.vendor, found.name);
            let mut draft = self.draft(AssetKind::Model, key, &found.name, How::Constant);
            draft.relation = RelationKind::Calls;
            draft.vendor = Some(found.vendor.to_owned());
            draft.aliases.push(name.to_owned());
            self.refer(draft, &[], at);
        }
    }

    /// `ChatModel.GPT_4O`, `openai.ChatModelGPT4oMini`: names of models that an SDK lists.
    pub(super) fn enumerated(&mut self, word: &str, at: usize) {
        let sign = at.checked_sub(1).and_then(|it| self.sign(it));
        // Constants of Rust are imported by themselves as well.
        let stands = match self.dialect {
            Dialect::Rust => matches!(sign, Some(b':' | b'{' | b',' | b'(')),
            Dialect::Php => sign == Some(b':'),
            _ => sign == Some(b'.'),
        };
        if self.known.is_empty() || !stands {
            return;
        }
        let before = (2..=3)
            .filter_map(|back| at.checked_sub(back))
            .find_map(|it| self.word(it))
            .unwrap_or_default();
        let name = match self.dialect {
            Dialect::Go => {
                let rest = word
                    .strip_prefix("ChatModel")
                    .or_else(|| word.strip_prefix("EmbeddingModel"))
                    .or_else(|| word.strip_prefix("Model"));
                let rest = rest.or_else(|| by_constant(word).map(|_| word));
                rest.or_else(|| word.starts_with("GPT").then_some(word))
                    .map(of_camel_case)
            }
            Dialect::Java | Dialect::Kotlin
                if before.ends_with("Model")
                    || before.ends_with("ModelName")
                    || before.ends_with("ModelType")
                    || before.ends_with("Models") =>
            {
                Some(match is_upper(word) {
                    true => word.to_ascii_lowercase().replace('_', "-"),
                    false => of_camel_case(word),
                })
            }
            // `OpenAIModels.Chat.GPT4o`: lists within a list.
            Dialect::Java | Dialect::Kotlin if self.is_list_of_models(at) => {
                Some(of_camel_case(word))
            }
            Dialect::Rust if word.len() > 3 && is_upper(word) => {
                Some(word.to_ascii_lowercase().replace('_', "-"))
            }
            Dialect::Php | Dialect::CSharp if before_is_models(before) => Some(of_camel_case(word)),
            _ => None,
        };
        let Some(name) = name.map(|name| with_dots(&name)) else {
            return;
        };
        let Some(found) = by_constant(word).or_else(|| recognise(&name)) else {
            return;
        };
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let key = format!("{}/{}", found.vendor, found.name);
        let mut draft = self.draft(AssetKind::Model, key, &found.name, How::Constant);
        draft.relation = RelationKind::Calls;
        draft.vendor = Some(found.vendor.to_owned());
        draft.aliases.push(word.to_owned());
        self.refer(draft, &[], span);
    }
}

impl Scan<'_> {
    /// Whether a word is two steps below a list of models.
    fn is_list_of_models(&self, at: usize) -> bool {
        let above = at
            .checked_sub(4)
            .filter(|_| at.checked_sub(3).and_then(|it| self.sign(it)) == Some(b'.'));
        above
            .and_then(|it| self.word(it))
            .is_some_and(|word| word.ends_with("Models"))
    }
}

/// The vendor that the name of a type or module tells.
fn vendor_in(word: &str) -> Option<&'static str> {
    if !word.starts_with(|it: char| it.is_ascii_uppercase()) {
        return vendor_of_part(word);
    }
    let found = CALLED.iter().find(|(part, _)| word.contains(part));
    found
        .map(|(_, vendor)| *vendor)
        .or_else(|| vendor_of_part(word))
}

fn is_upper(word: &str) -> bool {
    word.bytes()
        .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

/// Whether a type is a list of models: `OpenAIChatModel`, `GeminiModels`.
fn before_is_models(name: &str) -> bool {
    ["Model", "Models", "ModelName", "ModelType"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// `GPT4oMini` as makers write it: `gpt-4o-mini`.
pub(super) fn of_camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for character in name.chars() {
        let starts = (character.is_ascii_uppercase() && !before.is_ascii_uppercase())
            || (character.is_ascii_digit() && before.is_ascii_alphabetic());
        if starts && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        out.push(if character == '_' {
            '-'
        } else {
            character.to_ascii_lowercase()
        });
        before = character;
    }
    out
}

/// `gpt-4-1-mini`, `gpt-4-o` and `gemini-2-5-pro` with the dots of their makers.
pub(super) fn with_dots(name: &str) -> String {
    let name = name.replace("gpt-4-o", "gpt-4o");
    for (begin, maker) in [("gpt-", "."), ("gemini-", ".")] {
        if let Some(rest) = name.strip_prefix(begin) {
            let bytes = rest.as_bytes();
            if let [first, b'-', second, after @ ..] = bytes
                && first.is_ascii_digit()
                && second.is_ascii_digit()
                && !after.first().is_some_and(u8::is_ascii_digit)
            {
                let rest = rest.get(2..).unwrap_or_default();
                return format!("{begin}{}{maker}{rest}", char::from(*first));
            }
        }
    }
    name
}
