//! How two values of one field compare.

#[cfg(test)]
mod tests;
mod values;

use std::cmp::Ordering;

use serde_json::Value;

use super::Effect;
use values::{
    addresses, arguments, by, firmness, is_on, items, numbers, rank, rising, runs_code, same_words,
    text, tightness, unknown, versions,
};

/// How the values of a field are read. What is missing is a value too: off for switches, nothing for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// On or off, and on is weaker: `trust_remote_code`.
    Danger,
    /// On or off, and on is weaker; where nothing is said it is on: `destructive`.
    Presumed,
    /// On or off, and on is stronger: `sandbox`.
    Protection,
    /// On or off, and on is stronger; where nothing is said it is on: `enabled`.
    Enabled,
    /// Words, or beginnings of words, the weakest first; missing and unknown ones count as the empty word.
    Ranked(&'static [&'static str]),
    /// A list of which more is weaker: tools, permissions. What is replaced counts as more.
    Reach,
    /// A list of which less is weaker: guardrails.
    Guards,
    /// Where something is sent to or fetched from.
    Address,
    /// A name for one state of something: a commit is firmer than a tag, a tag than none. Another one that is as firm
    /// is weaker, for it was not judged.
    Pin,
    /// The same for what has versions: a newer one is neutral, an older one weaker.
    Version,
    /// What something says its version is: an older one is weaker; not saying it changes nothing.
    Release,
    /// The arguments of a command: another version of what is run is read as [`Reading::Version`] is, anything else is
    /// another command.
    Arguments,
    /// Which versions are allowed: exactly one is firmer than a range, a range than any.
    Constraint,
    /// The format of a model: one that runs code when it is loaded is weaker than one that does not.
    Format,
    /// Another value stands for something else than what was judged.
    Identity,
    /// The same, of what is only told apart and not shown. Where nothing was told before, it is no change that
    /// somebody made: an earlier version did not tell it.
    Digest,
    /// Worth knowing, whatever the values.
    Notice,
}

impl Reading {
    /// What a change from one value to another does; `None` for a value that is missing.
    #[must_use]
    pub fn compare(self, before: Option<&Value>, after: Option<&Value>) -> Effect {
        match self {
            Self::Danger => rising(!is_on(before, false), !is_on(after, false)),
            Self::Presumed => rising(!is_on(before, true), !is_on(after, true)),
            Self::Protection => rising(is_on(before, false), is_on(after, false)),
            Self::Enabled => rising(is_on(before, true), is_on(after, true)),
            Self::Ranked(words) => match rank(words, before).cmp(&rank(words, after)) {
                // Verified, but by somebody else.
                Ordering::Equal if rank(words, after) != unknown(words) => Effect::Weakening,
                order => by(order),
            },
            Self::Reach => {
                let (before, after) = (items(before), items(after));
                if !after.is_subset(&before) {
                    Effect::Weakening
                } else if after.len() < before.len() {
                    Effect::Strengthening
                } else {
                    Effect::Neutral
                }
            }
            Self::Guards => {
                let (before, after) = (items(before), items(after));
                if !before.is_subset(&after) {
                    Effect::Weakening
                } else if before.len() < after.len() {
                    Effect::Strengthening
                } else {
                    Effect::Neutral
                }
            }
            Self::Address => addresses(text(before), text(after)),
            Self::Pin => match firmness(text(before)).cmp(&firmness(text(after))) {
                Ordering::Less => Effect::Strengthening,
                Ordering::Equal | Ordering::Greater => Effect::Weakening,
            },
            Self::Version => versions(text(before), text(after)),
            Self::Release => match (numbers(text(before)), numbers(text(after))) {
                (Some(before), Some(after)) if before > after => Effect::Weakening,
                _ => Effect::Neutral,
            },
            Self::Arguments => arguments(before, after),
            Self::Constraint => by(tightness(text(before)).cmp(&tightness(text(after)))),
            Self::Format => rising(!runs_code(text(before)), !runs_code(text(after))),
            // Where nothing was told before it need not be another one.
            Self::Identity | Self::Digest if before.is_none() => Effect::Neutral,
            Self::Identity if same_words(before, after) => Effect::Neutral,
            Self::Identity | Self::Digest => Effect::Weakening,
            Self::Notice => Effect::Neutral,
        }
    }
}
