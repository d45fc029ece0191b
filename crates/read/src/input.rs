//! One file as a parser sees it.

use std::any::Any;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::GapReason;

use crate::limits::Options;
use crate::report::Facts;
use crate::source::Source;
use crate::text::Text;

/// How many bytes of each file are read to recognise it.
pub const HEAD: usize = 64 * 1024;

/// One file, or one member of a container.
pub struct Input<'a> {
    path: Arc<str>,
    source: &'a dyn Source,
    options: &'a Options<'a>,
    head: Vec<u8>,
    depth: u8,
    readable: bool,
    whole: OnceCell<Option<Vec<u8>>>,
    /// See [`Input::remembered`].
    remembered: OnceCell<Box<dyn Any>>,
    /// Where the file name begins in the path; asked for by every parser.
    name_start: usize,
    extension: String,
}

impl<'a> Input<'a> {
    /// Reads the head of a file. Failing to leaves a gap.
    pub fn new(
        path: Arc<str>,
        source: &'a dyn Source,
        options: &'a Options<'a>,
        facts: &mut Facts<'_>,
    ) -> Self {
        let name_start = path
            .as_bytes()
            .iter()
            .rposition(|byte| matches!(byte, b'/' | b'!'))
            .map_or(0, |at| at.saturating_add(1));
        let name = path.get(name_start..).unwrap_or_default();
        let extension = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
            _ => String::new(),
        };
        let mut input = Self {
            name_start,
            extension,
            path,
            source,
            options,
            head: Vec::new(),
            depth: 0,
            readable: true,
            whole: OnceCell::new(),
            remembered: OnceCell::new(),
        };
        match input.read(0, HEAD as u64, facts) {
            Some(head) => input.head = head,
            None => input.readable = false,
        }
        input
    }

    /// A member of the container `outer`, one level deeper.
    pub fn member<'m>(
        outer: &Input<'m>,
        path: Arc<str>,
        source: &'m dyn Source,
        facts: &mut Facts<'_>,
    ) -> Input<'m> {
        let mut input = Input::new(path, source, outer.options, facts);
        input.depth = outer.depth.saturating_add(1);
        input
    }

    /// The path that evidence carries.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The last part of the path, of the innermost member.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.get(self.name_start..).unwrap_or_default()
    }

    /// The extension in lower case, without the dot; empty when there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// Whether the path ends with `suffix` at a border between its parts:
    /// `.vscode/mcp.json`, `mcp.json`.
    #[must_use]
    pub fn ends_with(&self, suffix: &str) -> bool {
        self.path.strip_suffix(suffix).is_some_and(|before| {
            before.is_empty() || before.ends_with('/') || before.ends_with('!')
        })
    }

    /// The bytes at random access.
    #[must_use]
    pub fn source(&self) -> &'a dyn Source {
        self.source
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.source.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// What the scan asks for, and the limits.
    #[must_use]
    pub fn options(&self) -> &'a Options<'a> {
        self.options
    }

    /// The first [`HEAD`] bytes, or all when there are fewer.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// What is remembered of this file, for answers that are dear and that several parsers ask for.
    /// There is room for one type; `None` is for any other.
    pub fn remembered<T: Any + Default>(&self) -> Option<&T> {
        self.remembered
            .get_or_init(|| Box::new(T::default()))
            .downcast_ref()
    }

    /// How many containers it is inside of.
    #[must_use]
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// Whether it looks like text: no NUL in its head, unless a byte-order
    /// mark says UTF-16.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.readable
            && (self.head.starts_with(&[0xff, 0xfe])
                || self.head.starts_with(&[0xfe, 0xff])
                || memchr::memchr(0, self.head.get(..8192).unwrap_or(&self.head)).is_none())
    }

    /// Reads `length` bytes from `offset`, fewer at the end of the file, and
    /// counts them. `None` and a gap when the storage fails. The caller keeps
    /// `length` within its limits; nothing beyond the file is allocated.
    pub fn read(&self, offset: u64, length: u64, facts: &mut Facts<'_>) -> Option<Vec<u8>> {
        let mut buffer = Vec::new();
        self.read_onto(offset, length, &mut buffer, facts)?;
        Some(buffer)
    }

    /// As [`Input::read`], behind what is in `buffer`.
    pub fn read_onto(
        &self,
        offset: u64,
        length: u64,
        buffer: &mut Vec<u8>,
        facts: &mut Facts<'_>,
    ) -> Option<()> {
        let rest = self.source.len().saturating_sub(offset);
        let wanted = usize::try_from(length.min(rest)).unwrap_or(usize::MAX);
        let kept = buffer.len();
        buffer.reserve_exact(wanted);
        buffer.resize(kept.saturating_add(wanted), 0);
        let mut filled = 0_usize;
        while let Some(free) = buffer
            .get_mut(kept.saturating_add(filled)..)
            .filter(|free| !free.is_empty())
        {
            match self
                .source
                .read_at(offset.saturating_add(filled as u64), free)
            {
                Ok(0) => break,
                Ok(count) => filled = filled.saturating_add(count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    facts.gap(
                        GapReason::Unreadable,
                        format!("cannot read at byte {offset}: {error}"),
                        Evidence::file(Arc::clone(&self.path)),
                    );
                    buffer.truncate(kept);
                    return None;
                }
            }
        }
        facts.count_bytes(filled as u64);
        if filled < wanted {
            buffer.truncate(kept.saturating_add(filled));
            facts.gap(
                GapReason::Changed,
                format!(
                    "it became shorter while it was read: {} bytes were announced, byte {} is the end",
                    self.source.len(),
                    offset.saturating_add(filled as u64)
                ),
                Evidence::file(Arc::clone(&self.path)),
            );
        }
        Some(())
    }

    /// All bytes, read once. `None` when it is larger than `limit`, which leaves
    /// a gap, or cannot be read, which left one.
    pub fn whole(&self, limit: u64, facts: &mut Facts<'_>) -> Option<&[u8]> {
        if self.head.len() as u64 == self.source.len() {
            return Some(&self.head);
        }
        self.whole
            .get_or_init(|| {
                if self.source.len() > limit {
                    facts.gap(
                        GapReason::TooLarge,
                        format!(
                            "{} bytes are more than the {limit} that are read of such a file",
                            self.source.len()
                        ),
                        Evidence::file(Arc::clone(&self.path)),
                    );
                    return None;
                }
                let known = self.head.len() as u64;
                let rest = self.source.len().saturating_sub(known);
                let mut whole = Vec::new();
                whole.reserve_exact(usize::try_from(self.source.len()).unwrap_or_default());
                whole.extend_from_slice(&self.head);
                self.read_onto(known, rest, &mut whole, facts)?;
                Some(whole)
            })
            .as_deref()
    }

    /// The whole file as text, when it is text and within the limit for texts.
    pub fn text(&self, facts: &mut Facts<'_>) -> Option<Text<'_>> {
        if !self.is_text() {
            return None;
        }
        let limit = self.options.limits.text;
        self.whole(limit, facts).map(Text::decode)
    }

    /// Evidence that is this file as a whole.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::file(Arc::clone(&self.path))
    }

    /// Evidence at a range of bytes of this file, with what stands there in words.
    #[must_use]
    pub fn evidence_at(&self, range: Range<u64>, seen: impl AsRef<str>) -> Evidence {
        Evidence::bytes(
            Arc::clone(&self.path),
            range.start,
            range.end.saturating_sub(range.start),
            crate::redact::redact(seen.as_ref()),
        )
    }
}

#[cfg(test)]
mod tests {
    use stance_core::Fact;

    use super::*;
    use crate::{Interests, Limits};

    /// A file that says it is longer than what can be read of it, or that fails.
    struct Broken {
        fails: bool,
    }

    impl Source for Broken {
        fn len(&self) -> u64 {
            1 << 40
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.fails {
                return Err(std::io::Error::other("the disk is gone"));
            }
            let left = 100_usize.saturating_sub(usize::try_from(offset).unwrap());
            let count = left.min(buffer.len());
            buffer[..count].fill(b'x');
            Ok(count)
        }
    }

    fn gaps(fails: bool) -> Vec<(GapReason, String)> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let report = crate::scan("a.bin", &Broken { fails }, &options);
        let gap = |fact| match fact {
            Fact::Gap(gap) => Some((gap.reason, gap.detail)),
            _ => None,
        };
        report
            .facts
            .into_iter()
            .filter_map(|(_, fact)| gap(fact))
            .collect()
    }

    #[test]
    fn a_file_that_shrinks_or_fails_while_it_is_read_is_said() {
        assert!(
            gaps(false)
                .iter()
                .any(|(reason, _)| *reason == GapReason::Changed)
        );
        let failed = gaps(true);
        assert!(
            failed
                .iter()
                .any(|(reason, detail)| *reason == GapReason::Unreadable
                    && detail.contains("the disk is gone")),
            "{failed:?}"
        );
    }
}
