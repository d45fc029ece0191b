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

    /// What tells the line of a place from other lines.
    fn line(&self, at: usize) -> usize {
        line_start(self.source(), at)
    }

    /// The whole of the file, also where only a part of it is looked at.
    fn whole(&self) -> &str {
        self.source()
    }

    /// What the source says at a range.
    fn written(&self, range: Range<usize>) -> &str {
        self.source().get(range).unwrap_or_default()
    }
}

fn line_start(source: &str, at: usize) -> usize {
    // On a line without end, its beginning is not looked for: what is near counts as the line.
    const NEAR: usize = 4096;
    let near = at.saturating_sub(NEAR);
    source
        .as_bytes()
        .get(near..at)
        .and_then(|before| memchr::memrchr(b'\n', before))
        .map_or(near, |newline| {
            near.saturating_add(newline).saturating_add(1)
        })
}
