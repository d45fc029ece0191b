//! Filters that people named.

use serde::Serialize;

use crate::Result;

/// A filter of a list that somebody named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedView {
    /// Its number.
    pub number: i64,
    /// What they called it.
    pub name: String,
    /// The query of the list, without `?`.
    pub query: String,
}

/// Filters that people named; each person sees their own.
pub trait SavedViews {
    /// Those of a person for a page, by name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn saved_views(&self, person: &str, page: &str) -> Result<Vec<SavedView>>;

    /// Keeps a filter under a name; one of the same name is replaced.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or the person has [`MOST_SAVED`] of the page already.
    fn save_view(&mut self, person: &str, page: &str, name: &str, query: &str)
    -> Result<SavedView>;

    /// Forgets a filter of a person, and gives the page that it was for.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or the person has no such filter.
    fn remove_view(&mut self, person: &str, number: i64) -> Result<String>;
}

/// Most filters of one person for one page.
pub const MOST_SAVED: usize = 100;
