//! Windows over the tokens of a text that is longer than a model takes.

use std::ops::Range;

/// How much of a window the next one has again: what stands on a border is seen whole by one of them.
const AGAIN: usize = 8;

/// The windows, as ranges of tokens: each of at most `size`, an eighth of it shared with the next, and the last one as long as
/// the others. One that is empty for a text without tokens.
#[derive(Clone, Debug)]
pub struct Windows {
    tokens: usize,
    size: usize,
    next: Option<usize>,
}

impl Windows {
    /// Over so many tokens.
    #[must_use]
    pub fn over(tokens: usize, size: usize) -> Self {
        Self {
            tokens,
            size: size.max(1),
            next: Some(0),
        }
    }
}

impl Iterator for Windows {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        let end = start.saturating_add(self.size);
        if end >= self.tokens {
            return Some(self.tokens.saturating_sub(self.size).min(start)..self.tokens);
        }
        let again = self.size.checked_div(AGAIN).unwrap_or(0);
        self.next = Some(end.saturating_sub(again).max(start.saturating_add(1)));
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_in_a_window_and_borders_are_in_two() {
        for tokens in [0, 1, 7, 8, 9, 100, 1_000] {
            let all: Vec<Range<usize>> = Windows::over(tokens, 8).collect();
            assert_eq!(all.first().map(|it| it.start), Some(0));
            assert_eq!(all.last().map(|it| it.end), Some(tokens));
            for pair in all.windows(2) {
                assert!(pair[1].start < pair[0].end, "{tokens}: {pair:?}");
                assert!(pair.iter().all(|it| it.len() == 8));
            }
        }
    }
}
