//! Rules: concepts that stand together in a few words say what a text wants, in any wording and language of the lexicon.
//!
//! Each rule has an id, a weight, the origins that it applies to, and what follows. Matching is one pass over the mentions of
//! concepts, each with the few that follow it: linear in the text.

use std::ops::Range;

use stance_core::Origin;

use super::concepts::{Concept, Mention};

/// How grave a signal is on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Worth a note.
    Flag,
    /// Worth refusing.
    Block,
}

/// A rule over concepts.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, as in policies and receipts.
    pub id: &'static str,
    /// What it looks for.
    pub title: &'static str,
    /// How sure a match is, between 0 and 1.
    pub weight: f32,
    /// Whether it holds for what users say, too, or only for what strangers wrote.
    pub direct: bool,
    /// What one match means.
    pub grade: Grade,
    /// All of these must stand within [`Self::words`], each as one of a group.
    groups: &'static [&'static [Concept]],
    words: u32,
    /// Whether they must stand in this order.
    ordered: bool,
}

use Concept as C;

/// All rules over concepts.
pub const RULES: &[Rule] = &[
    Rule {
        id: "text/instruction-override",
        title: "tells the reader to leave its instructions aside",
        weight: 0.9,
        direct: true,
        grade: Grade::Block,
        groups: &[&[C::Ignore], &[C::Prior], &[C::Rules, C::SystemPrompt]],
        words: 9,
        ordered: false,
    },
    Rule {
        id: "text/system-prompt-override",
        title: "tells the reader to leave its system prompt aside",
        weight: 0.8,
        direct: true,
        grade: Grade::Flag,
        groups: &[&[C::Ignore], &[C::SystemPrompt]],
        words: 5,
        ordered: false,
    },
    Rule {
        id: "text/prompt-leak",
        title: "asks for the instructions word for word",
        weight: 0.8,
        direct: true,
        grade: Grade::Flag,
        groups: &[&[C::Reveal], &[C::SystemPrompt], &[C::Only]],
        words: 14,
        ordered: false,
    },
    Rule {
        id: "text/unbound-persona",
        title: "makes the reader somebody without limits",
        weight: 0.8,
        direct: true,
        grade: Grade::Flag,
        groups: &[
            &[C::Persona, C::Mode],
            &[C::Machine, C::Mode],
            &[C::Unbound, C::NoRefusal],
        ],
        words: 24,
        ordered: false,
    },
    Rule {
        id: "text/known-jailbreak",
        title: "switches on a mode without rules by its name",
        weight: 0.8,
        direct: true,
        grade: Grade::Flag,
        groups: &[
            &[C::Mode],
            &[C::Unbound],
            &[C::NoRefusal, C::Must, C::Persona],
        ],
        words: 30,
        ordered: false,
    },
    Rule {
        id: "text/forged-role",
        title: "carries the marks of a chat template with orders behind them",
        weight: 0.9,
        direct: false,
        grade: Grade::Block,
        groups: &[
            &[C::Role],
            &[C::Ignore, C::Persona, C::Silent],
            &[C::Rules, C::Machine, C::User, C::Prior],
        ],
        words: 20,
        ordered: true,
    },
    Rule {
        id: "text/addressed-to-machine",
        title: "tells the machine that reads it to do something unseen",
        weight: 0.7,
        direct: false,
        grade: Grade::Flag,
        groups: &[
            &[C::Machine],
            &[C::Silent],
            &[C::User, C::Send, C::Reveal, C::Delete],
        ],
        words: 16,
        ordered: false,
    },
    Rule {
        id: "text/keep-from-user",
        title: "wants something done without the user being told",
        weight: 0.8,
        direct: false,
        grade: Grade::Flag,
        groups: &[&[C::Silent], &[C::User]],
        words: 3,
        ordered: true,
    },
    Rule {
        id: "text/secret-exfiltration",
        title: "wants keys or files of keys to be handed on unseen",
        weight: 0.9,
        direct: false,
        grade: Grade::Block,
        groups: &[&[C::Place, C::Secret], &[C::Send], &[C::Silent]],
        words: 24,
        ordered: false,
    },
];

/// A rule that matched, and where: bytes of the text that the mentions are of.
#[derive(Clone, Debug)]
pub struct Match {
    /// The rule.
    pub rule: &'static Rule,
    /// From the first of its concepts to the end of the last.
    pub span: Range<usize>,
}

impl Rule {
    /// Whether the rule holds for words of this origin. The operator's own are never judged; what the model writes is
    /// judged elsewhere.
    #[must_use]
    pub fn applies(&self, origin: Origin) -> bool {
        origin.is_untrusted() || (self.direct && origin == Origin::User)
    }

    /// Whether concepts of all its groups are among these.
    fn may_hold(&self, concepts: u64) -> bool {
        self.groups
            .iter()
            .all(|group| group.iter().any(|concept| concepts & of(*concept) != 0))
    }

    fn at(&self, mentions: &[Mention]) -> Option<Range<usize>> {
        let (first, rest) = mentions.split_first()?;
        let opening = self
            .groups
            .iter()
            .position(|group| group.contains(&first.concept))?;
        if self.ordered && opening != 0 {
            return None;
        }
        let mut missing: u32 = (0..self.groups.len())
            .filter(|number| *number != opening)
            .fold(0, |bits, number| bits | bit(number));
        let mut end = first.end;
        let mut next = 1_usize;
        for mention in rest {
            if missing == 0 || mention.word.wrapping_sub(first.word) > self.words {
                break;
            }
            let found = self.groups.iter().enumerate().position(|(number, group)| {
                missing & bit(number) != 0
                    && (!self.ordered || number == next)
                    && group.contains(&mention.concept)
            });
            if let Some(number) = found {
                missing &= !bit(number);
                next = next.saturating_add(1);
                end = end.max(mention.end);
            }
        }
        (missing == 0).then_some(first.start..end)
    }
}

/// The bit of a concept.
const fn of(concept: Concept) -> u64 {
    1_u64.wrapping_shl(concept.number() as u32)
}

fn bit(number: usize) -> u32 {
    1_u32.wrapping_shl(u32::try_from(number).unwrap_or(31))
}

/// The first match of each rule that applies to `origin`.
#[must_use]
pub fn matches(origin: Origin, mentions: &[Mention]) -> Vec<Match> {
    let concepts = mentions
        .iter()
        .fold(0, |all, mention| all | of(mention.concept));
    RULES
        .iter()
        .filter(|rule| rule.applies(origin) && rule.may_hold(concepts))
        .filter_map(|rule| {
            (0..mentions.len())
                .find_map(|at| rule.at(mentions.get(at..)?))
                .map(|span| Match { rule, span })
        })
        .collect()
}
