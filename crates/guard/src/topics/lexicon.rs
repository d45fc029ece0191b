//! All words of all categories in one automaton.

use aho_corasick::{AhoCorasick, MatchKind};

use super::category::{Category, Problem};
use super::text::{Plain, pattern};

/// What a word is to its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Phrase,
    Subject,
    Purpose,
    Unless,
    Allow,
}

/// The words and which category they belong to.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    automaton: AhoCorasick,
    /// For each pattern, what it is to whom. A word may stand in several categories.
    meanings: Vec<Vec<(usize, Role)>>,
}

/// What was found of one category.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    pub(super) phrases: u32,
    pub(super) subjects: u32,
    pub(super) purposes: u32,
    pub(super) unless: u32,
    pub(super) allowed: bool,
    /// Places of subjects and purposes, to see whether they stand together.
    pub(super) at: Vec<(usize, usize, Role)>,
    /// Pattern numbers that were counted: a word counts once.
    counted: Vec<usize>,
}

/// Places that are kept per category.
const PLACES: usize = 32;

impl Lexicon {
    pub(super) fn new(categories: &[Category]) -> Result<Self, Problem> {
        let mut patterns: Vec<String> = Vec::new();
        let mut meanings: Vec<Vec<(usize, Role)>> = Vec::new();
        for (number, category) in categories.iter().enumerate() {
            for (words, role) in [
                (&category.phrases, Role::Phrase),
                (&category.subjects, Role::Subject),
                (&category.purposes, Role::Purpose),
                (&category.unless, Role::Unless),
                (&category.allow, Role::Allow),
            ] {
                for pattern in words.iter().filter_map(|word| pattern(word)) {
                    let place = patterns.iter().position(|kept| *kept == pattern);
                    match place.and_then(|place| meanings.get_mut(place)) {
                        Some(kept) => kept.push((number, role)),
                        None => {
                            patterns.push(pattern);
                            meanings.push(vec![(number, role)]);
                        }
                    }
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .map_err(|problem| Problem::Automaton(problem.to_string()))?;
        Ok(Self {
            automaton,
            meanings,
        })
    }

    /// Looks for all words, overlapping ones too.
    pub(super) fn find(&self, plain: &Plain, hits: &mut [Hits]) {
        for one in self.automaton.find_overlapping_iter(&plain.text) {
            let pattern = one.pattern().as_usize();
            for (category, role) in self.meanings.get(pattern).into_iter().flatten() {
                let Some(hit) = hits.get_mut(*category) else {
                    continue;
                };
                if hit.at.len() < PLACES {
                    hit.at.push((one.start(), one.end(), *role));
                }
                if hit.counted.contains(&pattern) {
                    continue;
                }
                if hit.counted.len() < PLACES {
                    hit.counted.push(pattern);
                }
                match role {
                    Role::Phrase => hit.phrases = hit.phrases.saturating_add(1),
                    Role::Subject => hit.subjects = hit.subjects.saturating_add(1),
                    Role::Purpose => hit.purposes = hit.purposes.saturating_add(1),
                    Role::Unless => hit.unless = hit.unless.saturating_add(1),
                    Role::Allow => hit.allowed = true,
                }
            }
        }
    }
}
