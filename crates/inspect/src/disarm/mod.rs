//! Copies of files whose pickles hold nothing but what is known to be safe.
//!
//! A pickle is read into the tree of what it would build, and the tree is written as a pickle anew:
//! imports and calls that the judge does not know as safe become None, or the plain dict or list of
//! what the object would have been filled with. What is not part of the result of loading, such as a
//! call whose result is thrown away, is not written at all. Tensors are copied as they are.

mod archive;
mod counted;
mod emit;
mod file;
mod report;
#[cfg(test)]
mod tests;

use std::io::Write;

use crate::convert::Error;
use stance_read::source::Source;

pub use report::{Disarmed, Removed};

/// What a pickle does with an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is a value of its own.
    Reference,
    /// It is called.
    Call,
    /// An object of the class is made without calling it, as pickles do by themselves.
    New,
}

/// Says whether an import, `module.name`, is known to be safe in this use.
pub type Judge<'a> = dyn Fn(&str, Use) -> bool + 'a;

/// Writes a copy of `source` to `out`.
///
/// # Errors
/// When the file holds no pickle, is broken, goes beyond a limit, or cannot be rewritten faithfully;
/// what was written until then is to be thrown away.
pub fn disarm(
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut dyn Write,
) -> Result<Disarmed, Error> {
    file::disarm(source, judge, out, 0)
}
