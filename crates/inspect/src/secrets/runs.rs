//! Long runs of letters, digits, `_` and `-`: every key holds one, most text does not.

use std::ops::Range;

use super::alphabet::is_word;

/// Shortest run of interest: the body of an AWS access key id.
pub(super) const LEAST: usize = 16;

/// A look every half run cannot miss one.
const STRIDE: usize = LEAST / 2;

static WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        #[expect(
            clippy::indexing_slicing,
            reason = "a u8 is below 256; const evaluation would fail"
        )]
        {
            table[byte as usize] = is_word(byte);
        }
        if byte == u8::MAX {
            break;
        }
        byte = byte.saturating_add(1);
    }
    table
};

/// The runs of at least [`LEAST`] bytes, in order. Looks at every eighth byte
/// only until two in a row belong to a run.
pub(super) struct Runs<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Runs<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            at: STRIDE.saturating_sub(1),
        }
    }

    fn is_word(&self, at: usize) -> bool {
        self.bytes
            .get(at)
            .and_then(|byte| WORD.get(usize::from(*byte)))
            .copied()
            .unwrap_or(false)
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let second = self.at.saturating_add(STRIDE);
            if self.at >= self.bytes.len() {
                return None;
            }
            // The byte further on decides more often, so it is asked first.
            if !self.is_word(second) {
                self.at = second.saturating_add(STRIDE);
                if self.at >= self.bytes.len() && second < self.bytes.len() {
                    return None;
                }
                continue;
            }
            if !self.is_word(self.at) {
                self.at = second;
                continue;
            }
            let before = self.bytes.get(..self.at).unwrap_or_default();
            let after = self.bytes.get(self.at..).unwrap_or_default();
            let word = |byte: &&u8| WORD.get(usize::from(**byte)).copied().unwrap_or(false);
            let start = self
                .at
                .saturating_sub(before.iter().rev().take_while(word).count());
            let end = self
                .at
                .saturating_add(after.iter().take_while(word).count());
            // The byte at `end` is no word; the next look that can meet a new run is a stride behind it.
            self.at = end.saturating_add(STRIDE);
            if end.saturating_sub(start) >= LEAST {
                return Some(start..end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_slow_search_finds() {
        let mut state = 7_u64;
        for _ in 0..300 {
            let text: Vec<u8> = (0..200)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    if (state >> 60) == 0 { b' ' } else { b'a' }
                })
                .collect();
            let mut expected = Vec::new();
            let mut start = 0;
            for (index, byte) in text.iter().chain(b" ").enumerate() {
                if *byte == b' ' {
                    if index - start >= LEAST {
                        expected.push(start..index);
                    }
                    start = index + 1;
                }
            }
            assert_eq!(Runs::new(&text).collect::<Vec<_>>(), expected);
        }
    }
}
