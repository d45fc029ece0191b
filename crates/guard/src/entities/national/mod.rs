//! Numbers by which states know people and businesses: forms and check digits, as the authorities publish them.
//!
//! A number that passes a weak check alone (one in ten or eleven does by chance) is told with a low confidence; a word
//! before it, or its own way of writing, raises that.

mod americas;
mod asia;
mod checks;
mod europe_east;
mod europe_north;
mod europe_west;
mod oceania;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Kind;
use super::words::Hint;

/// One form of one number.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    /// How it is written: `0` for a digit, `A` for a letter.
    pub(crate) shapes: &'static [&'static str],
    /// Judges its letters, in capitals, and digits.
    pub(crate) check: fn(&[u8]) -> bool,
    /// Whether `check` computes a check digit.
    pub(crate) verified: bool,
    /// Words that speak of it.
    pub(crate) hints: &'static [Hint],
    /// How sure it is without such a word, of 100; zero: not told.
    pub(crate) alone: u8,
    /// How sure it is after such a word.
    pub(crate) hinted: u8,
}

/// Writes a rule in one line.
macro_rules! rule {
    ($kind:ident, [$($shape:literal),+], $check:expr, verified $verified:literal, [$($hint:ident),*], $alone:literal, $hinted:literal) => {
        crate::entities::national::Rule {
            kind: crate::entities::Kind::$kind,
            shapes: &[$($shape),+],
            check: $check,
            verified: $verified,
            hints: &[$(crate::entities::words::Hint::$hint),*],
            alone: $alone,
            hinted: $hinted,
        }
    };
}
use rule;

/// The rules by how a number is written.
static BY_SHAPE: LazyLock<HashMap<&'static [u8], Vec<&'static Rule>>> = LazyLock::new(|| {
    let mut shapes: HashMap<&'static [u8], Vec<&'static Rule>> = HashMap::new();
    let all = [
        americas::RULES,
        asia::RULES,
        europe_east::RULES,
        europe_north::RULES,
        europe_west::RULES,
        oceania::RULES,
    ];
    for rule in all.into_iter().flatten() {
        for shape in rule.shapes {
            shapes.entry(shape.as_bytes()).or_default().push(rule);
        }
    }
    shapes
});

/// The rules of numbers that are written like this.
pub(crate) fn of_shape(shape: &[u8]) -> impl Iterator<Item = &'static Rule> {
    BY_SHAPE.get(shape).into_iter().flatten().copied()
}
