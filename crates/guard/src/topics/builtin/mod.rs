//! The categories that come with Stance: small lexicons of ours, one file each. The module above says what they cannot know.

mod advice;
mod hate;
mod minors;
mod persuasion;
mod self_harm;
mod sexual;
mod weapons;

use super::category::Category;

/// Words as they stand in the source: lists separated by `|`.
struct Words {
    name: &'static str,
    phrases: &'static str,
    subjects: &'static str,
    purposes: &'static str,
    unless: &'static str,
    examples: &'static [&'static str],
    others: &'static [&'static str],
}

const ALL: [&Words; 9] = [
    &self_harm::WORDS,
    &weapons::WORDS,
    &hate::WORDS,
    &sexual::WORDS,
    &minors::WORDS,
    &advice::LEGAL,
    &advice::MEDICAL,
    &advice::FINANCIAL,
    &persuasion::WORDS,
];

fn list(words: &str) -> Vec<String> {
    words
        .split('|')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The categories `self_harm`, `weapons`, `hate`, `sexual`, `minors`, `legal_advice`, `medical_advice`, `financial_advice` and
/// `political_persuasion`. Names of competitors come by configuration: a category with the names as phrases.
#[must_use]
pub fn builtin() -> Vec<Category> {
    ALL.iter()
        .map(|words| Category {
            name: words.name.to_owned(),
            phrases: list(words.phrases),
            subjects: list(words.subjects),
            purposes: list(words.purposes),
            unless: list(words.unless),
            allow: Vec::new(),
            examples: words
                .examples
                .iter()
                .map(|text| (*text).to_owned())
                .collect(),
            others: words.others.iter().map(|text| (*text).to_owned()).collect(),
            mark: 0.0,
        })
        .collect()
}
