//! Descriptions that do more than describe: hidden characters, instructions to the model, demands about other things.

use super::super::asks::{self, Reading};
use super::super::hash::Key;
use super::super::lexicon::Actions;
use super::super::signal::{Signal, SignalKind};
use super::super::words::Sentences;

/// Longest description that a tool has a reason for, in bytes.
const LONG: usize = 8192;

/// Why a text of a tool is not only a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Poison {
    /// Characters that are not seen.
    Hidden,
    /// It speaks to the model about its instructions or its user.
    Addresses,
    /// It demands that something is done before, after or besides its use.
    Demands,
    /// Marks that are meant for a machine: comments, tags of instructions.
    Marked,
    /// Another detector took it for instructions.
    Signalled,
    /// Much longer than a description.
    Long,
}

impl Poison {
    /// How sure this alone makes, 0 to 1.
    #[must_use]
    pub const fn score(self) -> f32 {
        match self {
            Self::Hidden | Self::Marked | Self::Signalled => 0.9,
            Self::Addresses => 0.6,
            Self::Demands => 0.6,
            Self::Long => 0.2,
        }
    }

    /// One clause for people.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Hidden => "its description has characters that are not seen",
            Self::Addresses => {
                "its description speaks to the model about its instructions or its user"
            }
            Self::Demands => "its description demands something besides its use",
            Self::Marked => "its description has marks that are meant for a machine",
            Self::Signalled => "its description reads like instructions",
            Self::Long => "its description is very long",
        }
    }
}

/// What is wrong with a description, by its structure and the signals of others.
#[must_use]
pub fn poisons(description: &str, signals: &[Signal]) -> Vec<Poison> {
    let mut found = Vec::new();
    if description.chars().any(is_hidden) {
        found.push(Poison::Hidden);
    }
    let small = description.to_ascii_lowercase();
    let marks = [
        "<!--",
        "<important",
        "<system",
        "<instruction",
        "<secret",
        "<hidden",
        "[system]",
        "[inst]",
    ];
    if marks.iter().any(|mark| small.contains(mark)) {
        found.push(Poison::Marked);
    }
    let mut addressed = 0_usize;
    let mut demands = false;
    let end = description.floor_char_boundary(LONG.saturating_mul(4));
    Sentences::new(Key(0, 0)).read(
        description.get(..end).unwrap_or_default(),
        |sentences, range| {
            let ask = asks::read(sentences, Reading::Suspicion);
            let text = small.get(range).unwrap_or_default();
            let bound = [
                "must",
                "always",
                "never",
                "before ",
                "first ",
                "instead",
                "do not tell",
                "don't tell",
                "without",
            ]
            .iter()
            .any(|word| text.contains(word));
            addressed = addressed.saturating_add(usize::from(ask.addressed));
            demands |= bound
                && ask
                    .commanded
                    .meets(Actions::OUTWARD | Actions::PAY | Actions::EXECUTE | Actions::READ)
                && (ask.addressed
                    || text.contains("~/")
                    || text.contains(".ssh")
                    || text.contains(".env")
                    || !ask.values.is_empty());
        },
    );
    // `assistant` alone stands in honest descriptions; two such sentences, or one with an order, do not.
    if addressed > 1 || addressed > 0 && demands {
        found.push(Poison::Addresses);
    }
    if demands {
        found.push(Poison::Demands);
    }
    let signalled = signals.iter().any(|signal| {
        matches!(signal.kind, SignalKind::Injection | SignalKind::Hidden) && signal.score >= 0.5
    });
    if signalled {
        found.push(Poison::Signalled);
    }
    if description.len() > LONG {
        found.push(Poison::Long);
    }
    found
}

/// Characters that show nothing and have no place in a description: zero width, bidirectional controls, tags, private use.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e007f}'
            | '\u{1b}'
    )
}
