//! `tokenizer.json` and vocabularies: how text becomes tokens, and what in that is no
//! business of a tokenizer.
//!
//! A tokenizer stands between every text and the model, in both directions. Most of what
//! can be changed in one shows only beside the original; what is told here shows in the
//! file alone: two words with one number, words exchanged against the order of the merges,
//! rules that rewrite words, texts that are put in.

mod order;
mod ordinary;
mod read;
mod rewriting;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;

pub use ordinary::{decides, is_word, speaks};

pub(crate) static INSPECTOR: Tokenizer = Tokenizer;

/// Changes of one kind that are told of one file.
const MOST: usize = 8;

pub(crate) struct Tokenizer;

/// What a change is, as [`Embedded::name`] says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Two words have one number.
    Shared,
    /// A word that was added stands for the number of another word.
    Replaced,
    /// Words have exchanged their numbers against the order of the merges.
    Exchanged,
    /// A word of decision is taken out of texts like a control token.
    Silenced,
    /// A rule rewrites or removes words.
    Rewritten,
    /// A rule puts in text of its own.
    Inserted,
    /// One key of the vocabulary stands there twice.
    Repeated,
}

impl Change {
    /// What it is called in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Replaced => "replaced",
            Self::Exchanged => "exchanged",
            Self::Silenced => "silenced",
            Self::Rewritten => "rewritten",
            Self::Inserted => "inserted",
            Self::Repeated => "repeated",
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A whole tokenizer.
    Tokenizer,
    /// Tokens with their numbers, nothing else.
    Vocabulary,
}

impl Inspector for Tokenizer {
    fn name(&self) -> &'static str {
        "tokenizer"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        kind_of(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(kind) = kind_of(input) else {
            return;
        };
        let limits = &input.options().limits;
        let Some(bytes) = input.whole(limits.member, facts) else {
            return;
        };
        let text = Text::decode(bytes);
        let read = match kind {
            Kind::Tokenizer => read::tokenizer(text.as_str(), limits),
            Kind::Vocabulary => read::vocabulary(text.as_str(), limits),
        };
        if let Some(error) = &read.error {
            // A vocabulary is told by its name only: another file may have it.
            if kind == Kind::Tokenizer {
                facts.gap(
                    error.reason,
                    format!("tokenizer: {}", error.message),
                    text.evidence(input.path(), error.offset..error.offset.saturating_add(1)),
                );
            } else {
                return;
            }
        }
        let mut changes = Changes::default();
        vocabulary::look(&read, &mut changes);
        order::look(&read, &mut changes);
        rewriting::look(&read, &mut changes);
        if changes.found.is_empty() {
            return;
        }
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact
            .embedded
            .extend(changes.found.into_iter().map(|found| Embedded {
                kind: EmbeddedKind::TokenizerChange,
                name: found.change.name().to_owned(),
                detail: found.detail,
                evidence: text.evidence(input.path(), found.at..found.at.saturating_add(1)),
            }));
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What was found, bounded for each kind.
#[derive(Debug, Default)]
struct Changes {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    change: Change,
    detail: String,
    pub at: usize,
}

impl Changes {
    fn push(&mut self, change: Change, at: usize, detail: impl FnOnce() -> String) {
        let same = self.found.iter().filter(|found| found.change == change);
        if same.count() < MOST {
            self.found.push(Found {
                change,
                detail: detail(),
                at,
            });
        }
    }
}

fn kind_of(input: &Input<'_>) -> Option<Kind> {
    if input.extension() != "json" || !input.is_text() {
        return None;
    }
    let head = input.head();
    let opens = head
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf));
    if opens != Some(&b'{') {
        return None;
    }
    match input.file_name() {
        "tokenizer.json" => return Some(Kind::Tokenizer),
        "vocab.json" | "added_tokens.json" | "encoder.json" => return Some(Kind::Vocabulary),
        _ => {}
    }
    let has = |word: &str| memmem::find(head, word.as_bytes()).is_some();
    let parts = [
        "\"normalizer\"",
        "\"pre_tokenizer\"",
        "\"post_processor\"",
        "\"decoder\"",
    ];
    let model = has("\"added_tokens\"") || has("\"vocab\"") || has("\"model\"");
    (model && parts.iter().any(|part| has(part)) && has("\"type\"")).then_some(Kind::Tokenizer)
}
