//! Sliding windows: sums over blocks of about eighty characters, so that no feature is counted twice.

use std::ops::Range;

use super::features::{Tally, count};
use super::model::Model;
use crate::text::concepts::Mention;

/// How many blocks the windows have: about 160, 320 and 1,280 characters.
pub const WIDTHS: [usize; 3] = [2, 4, 16];

/// The window that looks most like an attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Where it is, in bytes of the text that was scored.
    pub span: Range<usize>,
    /// Its margin.
    pub margin: f32,
}

#[derive(Default, Clone, Copy)]
struct Block {
    end: usize,
    sum: i64,
    squares: u64,
}

struct Sums<'a> {
    model: &'a Model,
    /// Running totals: block `i` is the difference of totals `i + 1` and `i`.
    totals: Vec<Block>,
    now: Block,
}

impl Tally for Sums<'_> {
    #[inline]
    fn add(&mut self, index: u32, value: i32) {
        let weight = self.model.weight(index).wrapping_mul(value);
        self.now.sum = self.now.sum.wrapping_add(i64::from(weight));
        let square = u64::from(value.wrapping_mul(value).unsigned_abs());
        self.now.squares = self.now.squares.wrapping_add(square);
    }

    #[inline]
    fn add_three(&mut self, indices: [u32; 3]) {
        // Summed up before, so that each waits only for the sum of the character before.
        let [three, four, five] = indices;
        let sum = self.model.weight(three);
        let sum = sum.wrapping_add(self.model.weight(four));
        let sum = sum.wrapping_add(self.model.weight(five));
        self.now.sum = self.now.sum.wrapping_add(i64::from(sum));
        self.now.squares = self.now.squares.wrapping_add(3);
    }

    fn close(&mut self, end: usize) {
        self.now.end = end;
        self.totals.push(self.now);
    }
}

/// The window of `text` (folded) with the highest margin; `None` for a text without features. `mentions` are the concepts in it.
#[must_use]
pub fn best(model: &Model, text: &str, mentions: &[Mention]) -> Option<Window> {
    let mut sums = Sums {
        model,
        totals: vec![Block::default()],
        now: Block::default(),
    };
    count(text, mentions, &mut sums);
    let totals = sums.totals;
    let blocks = totals.len().saturating_sub(1);
    let mut best: Option<Window> = None;
    for width in WIDTHS {
        let width = width.min(blocks);
        if width == 0 {
            break;
        }
        for (first, last) in totals.iter().zip(totals.iter().skip(width)) {
            let margin = model.margin(
                last.sum.wrapping_sub(first.sum),
                last.squares.wrapping_sub(first.squares),
            );
            if best.as_ref().is_none_or(|best| margin > best.margin) {
                best = Some(Window {
                    span: first.end..last.end,
                    margin,
                });
            }
        }
        if width == blocks {
            break;
        }
    }
    best
}
