//! Lists in slices: by the place where the last one ended, never by counting from the front.

use serde::{Deserialize, Serialize};

/// Where a slice ended: the value that the list is sorted by, and the number that tells equal ones apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The value of the last row in the column that sorts.
    pub value: Key,
    /// Its number.
    pub number: i64,
}

/// A value that lists are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// A count, a time or a sum.
    Number(i64),
    /// A name.
    Text(String),
}

/// Which slice of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What comes behind this; from the front when there is none.
    pub after: Option<Position>,
    /// How many at most; 1 to [`Window::MOST`].
    pub limit: usize,
}

impl Window {
    /// Most rows of one slice.
    pub const MOST: usize = 1_000;

    /// The first `limit` rows.
    #[must_use]
    pub fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The limit within its bounds.
    #[must_use]
    pub fn bounded(&self) -> usize {
        self.limit.clamp(1, Self::MOST)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::first(50)
    }
}

/// Some rows of a list, and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next slice begins; nothing when this was the last.
    pub next: Option<Position>,
}

impl<T> Slice<T> {
    /// How many rows the whole list has: `count` is asked only where this slice is not all of it, and is not believed
    /// where it gave up before it met as many as are here.
    ///
    /// # Errors
    ///
    /// Those of `count`.
    pub fn counted<E>(
        &self,
        window: &Window,
        count: impl FnOnce() -> Result<Counted, E>,
    ) -> Result<Counted, E> {
        let here = self.rows.len() as u64;
        if window.after.is_none() && self.next.is_none() {
            return Ok(Counted {
                count: here,
                more: false,
            });
        }
        let counted = count()?;
        Ok(Counted {
            count: counted.count.max(here),
            more: counted.more,
        })
    }
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// As many there are at least.
    pub count: u64,
    /// Whether there may be more.
    pub more: bool,
}
