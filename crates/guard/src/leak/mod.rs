//! What must not leave: the operator's own words, canaries, what was read into an address, markup that acts, another
//! tenant's documents, and the organisation's source code.
//!
//! Every detector gives [`Signal`]s: which rule, where, how sure. Those that compare an answer with something known take
//! it in pieces, of any size, with the same result.

mod canary;
mod exfiltration;
mod fingerprint;
mod markup;
mod overlap;
mod shingle;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use canary::{Canaries, CanaryScan, Marker};
pub use exfiltration::{Context, exfiltration};
pub use fingerprint::{Fingerprints, SourceScan};
pub use markup::markup;
pub use overlap::{Overlap, OverlapScan};

/// What a detector found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The rule: `leak/system-prompt`.
    pub rule: &'static str,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// How sure it is, of 100.
    pub score: u8,
    /// Which of several known things it is about: the name of a canary or of a document.
    pub about: Option<String>,
}

impl Signal {
    pub(crate) const fn new(rule: &'static str, range: Range<usize>, score: u8) -> Self {
        Self {
            rule,
            range,
            score,
            about: None,
        }
    }
}
