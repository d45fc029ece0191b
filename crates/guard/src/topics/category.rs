//! What a category is made of, as it is configured.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One category. Words and phrases are compared without case (`ß` is `ss`; accents count), between the ends of words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Category {
    /// Its name, as policy uses it: lower case with underscores.
    pub name: String,
    /// Phrases that suffice by themselves.
    pub phrases: Vec<String>,
    /// Words of the subject. One alone is not enough.
    pub subjects: Vec<String>,
    /// Words of the purpose that make the subject one of this category ("how to make").
    pub purposes: Vec<String>,
    /// Words that make it unlikely ("history of", "prevention"): each takes as much as a subject gives.
    pub unless: Vec<String>,
    /// Phrases with which nothing of this category is told: the allow list. They win over everything else.
    pub allow: Vec<String>,
    /// Texts that belong to it, for the linear score; only with [`Category::others`].
    pub examples: Vec<String>,
    /// Texts that are like them and do not belong to it.
    pub others: Vec<String>,
    /// The score from which on it is told; 0 for the usual 0.5.
    pub mark: f32,
}

/// Why categories could not be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A category has no name.
    #[error("category number {0} has no name: give it one of lower case letters and underscores")]
    Unnamed(usize),
    /// Two have the same.
    #[error("two categories are called `{0}`: rename one")]
    Twice(String),
    /// A category could never be told.
    #[error(
        "category `{0}` has neither phrases, nor subjects with purposes, nor examples with others: nothing can belong to it"
    )]
    Empty(String),
    /// There is more than fits.
    #[error("category `{name}` has {count} words, phrases and examples; the most are {most}")]
    TooMany {
        /// Which.
        name: String,
        /// How many.
        count: usize,
        /// The most.
        most: usize,
    },
    /// A mark that no score reaches, or every score does.
    #[error("category `{0}` has a mark outside 0 to 1")]
    Mark(String),
    /// The words could not be put into an automaton.
    #[error("the words could not be compiled: {0}")]
    Automaton(String),
}
