//! The two sides of a comparison.

use super::Walk;
use crate::jinja::lexer::Token;

/// Where in a condition what was said is named, and where its description: the first and the last place.
/// Found once, as a condition may hold many comparisons.
pub(super) struct Sides {
    content: Option<(usize, usize)>,
    described: Option<(usize, usize)>,
}

impl Sides {
    pub(super) fn of(walk: &Walk, tokens: &[Token]) -> Self {
        let ends = |is: &dyn Fn(usize) -> bool| {
            let first = (0..tokens.len()).find(|at| is(*at))?;
            let last = (0..tokens.len()).rev().find(|at| is(*at))?;
            Some((first, last))
        };
        let described = |at: usize| match tokens.get(at) {
            Some(Token::Text(text)) => matches!(&**text, "role" | "type"),
            Some(Token::Name(name)) => matches!(&**name, "role" | "type" | "length"),
            _ => false,
        };
        Self {
            content: ends(&|at| walk.is_content(tokens, at)),
            described: ends(&described),
        }
    }

    /// Whether the side of a comparison that starts at a place is what was said, and no part of its
    /// description.
    pub(super) fn content_behind(&self, start: usize) -> bool {
        self.described.is_none_or(|(_, last)| last < start)
            && self.content.is_some_and(|(_, last)| last >= start)
    }

    /// The same of the side that ends before a place.
    pub(super) fn content_before(&self, end: usize) -> bool {
        self.described.is_none_or(|(first, _)| first >= end)
            && self.content.is_some_and(|(first, _)| first < end)
    }
}
