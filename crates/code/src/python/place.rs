//! Where Python source comes from: a file, or the cells of a notebook.

use std::ops::Range;

use stance_core::Evidence;

/// Turns a range of the parsed text into evidence of the file it came from.
pub(crate) trait Place {
    /// The path that evidence carries.
    fn path(&self) -> &std::sync::Arc<str>;

    /// The source as it was parsed.
    fn source(&self) -> &str;

    /// Evidence for a range of bytes of the source.
    fn evidence(&self, range: Range<usize>) -> Evidence;
}
