//! The categories that a text reaches, with evidence.

use std::ops::Range;

use super::category::{Category, Problem};
use super::lexicon::{Hits, Lexicon, Role};
use super::linear::Linear;
use super::text::Plain;

/// Words, phrases and examples that a category may have.
const MOST_WORDS: usize = 5_000;
/// Bytes between a subject and a purpose that still belong together.
const TOGETHER: usize = 120;
const USUAL_MARK: f32 = 0.5;

/// A category that a text belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its name.
    pub category: String,
    /// How much speaks for it, from its mark to 1. It is no probability.
    pub score: f32,
    /// Where, in bytes of the text: the words that count most, at most eight. Empty when the linear score alone says so.
    pub spans: Vec<Range<usize>>,
}

/// Categories, ready to judge.
#[derive(Clone, Debug)]
pub struct Topics {
    names: Vec<(String, f32)>,
    lexicon: Lexicon,
    linear: Vec<Option<Linear>>,
}

impl Topics {
    /// Builds the automaton and learns from the examples: milliseconds, once.
    ///
    /// # Errors
    ///
    /// When a category has no name, a name stands twice, or a category could never be told.
    pub fn new(categories: &[Category]) -> Result<Self, Problem> {
        let mut names: Vec<(String, f32)> = Vec::new();
        for (number, category) in categories.iter().enumerate() {
            if category.name.is_empty() {
                return Err(Problem::Unnamed(number.saturating_add(1)));
            }
            let name = category.name.clone();
            if names.iter().any(|(kept, _)| *kept == name) {
                return Err(Problem::Twice(name));
            }
            let lists = [
                &category.phrases,
                &category.subjects,
                &category.purposes,
                &category.unless,
                &category.allow,
                &category.examples,
                &category.others,
            ];
            let count = lists.iter().map(|list| list.len()).sum();
            if count > MOST_WORDS {
                return Err(Problem::TooMany {
                    name,
                    count,
                    most: MOST_WORDS,
                });
            }
            let by_words = !category.subjects.is_empty() && !category.purposes.is_empty();
            let by_examples = !category.examples.is_empty() && !category.others.is_empty();
            if category.phrases.is_empty() && !by_words && !by_examples {
                return Err(Problem::Empty(name));
            }
            if !(0.0..=1.0).contains(&category.mark) {
                return Err(Problem::Mark(name));
            }
            let mark = if category.mark > 0.0 {
                category.mark
            } else {
                USUAL_MARK
            };
            names.push((name, mark));
        }
        Ok(Self {
            names,
            lexicon: Lexicon::new(categories)?,
            linear: categories
                .iter()
                .map(|category| Linear::learn(&category.examples, &category.others))
                .collect(),
        })
    }

    /// The categories that a text reaches, in the order in which they were given. Of a text above 64 KiB only the beginning is read:
    /// [`Topics::reads`] says how much.
    #[must_use]
    pub fn judge(&self, text: &str) -> Vec<Topic> {
        let plain = Plain::of(text);
        let mut hits = vec![Hits::default(); self.names.len()];
        self.lexicon.find(&plain, &mut hits);
        let mut words: Option<Vec<&str>> = None;
        let mut topics = Vec::new();
        for (((name, mark), hit), linear) in self.names.iter().zip(&hits).zip(&self.linear) {
            if hit.allowed {
                continue;
            }
            // Without a word of the subject the examples do not count, and reading them costs more than the rest.
            let learnt = match linear {
                Some(linear) if hit.subjects.saturating_add(hit.phrases) > 0 => {
                    linear.score(words.get_or_insert_with(|| plain.words().collect()))
                }
                _ => 0.0,
            };
            let score = weigh(hit, learnt);
            if score >= *mark {
                topics.push(Topic {
                    category: name.clone(),
                    score,
                    spans: spans(hit, &plain, text),
                });
            }
        }
        topics
    }

    /// How many bytes of a text of this length are read.
    #[must_use]
    pub fn reads(length: usize) -> usize {
        length.min(super::text::MOST)
    }
}

/// Phrases are enough alone; a subject needs its purpose nearby; examples decide where words leave it open.
fn weigh(hit: &Hits, learnt: f32) -> f32 {
    let damp = 0.35 * hit.unless as f32;
    let phrases = if hit.phrases > 0 {
        0.6 + 0.1 * hit.phrases.min(4) as f32
    } else {
        0.0
    };
    let together = if hit.subjects > 0 && hit.purposes > 0 && stand_together(hit) {
        0.5 + 0.1
            * hit
                .subjects
                .saturating_add(hit.purposes)
                .saturating_sub(2)
                .min(4) as f32
    } else {
        0.0
    };
    // The examples are few: alone they must be very sure and see a word of the subject.
    let by_examples = if learnt > 0.9 && hit.subjects.saturating_add(hit.phrases) > 0 {
        learnt - 0.3
    } else {
        0.0
    };
    (phrases.max(together).max(by_examples) - damp).clamp(0.0, 1.0)
}

fn stand_together(hit: &Hits) -> bool {
    let subjects = || hit.at.iter().filter(|(_, _, role)| *role == Role::Subject);
    hit.at
        .iter()
        .filter(|(_, _, role)| *role == Role::Purpose)
        .any(|(start, end, _)| {
            subjects().any(|(subject, subject_end, _)| {
                start.saturating_sub(*subject_end) <= TOGETHER
                    && subject.saturating_sub(*end) <= TOGETHER
            })
        })
}

fn spans(hit: &Hits, plain: &Plain, text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = hit
        .at
        .iter()
        .filter(|(_, _, role)| !matches!(role, Role::Unless | Role::Allow))
        .take(8)
        .map(|(start, end, _)| {
            // Patterns begin and end with a space; the last word is the one before it.
            let from = plain.original(start.saturating_add(1));
            let last = plain.original(end.saturating_sub(2).max(*start));
            let rest = text.get(last..).unwrap_or("");
            let word = rest
                .char_indices()
                .find(|(_, c)| !(c.is_alphanumeric() || *c == '\''))
                .map_or(rest.len(), |(place, _)| place);
            from..last.saturating_add(word)
        })
        .collect();
    found.sort_by_key(|span| (span.start, span.end));
    found.dedup();
    found
}
