//! How deeply a source nests, before a parser that recurses meets it.

use super::oxc::Dialect;

/// What a look at the brackets tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    Shallow,
    /// Where it gets too deep, or cannot be told.
    Deep(usize),
}

pub(super) fn measure(_: &str, _: Dialect) -> Nesting {
    Nesting::Shallow
}
