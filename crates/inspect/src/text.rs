//! A file that is text, with its lines.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use stance_core::evidence::{Evidence, Locus, shorten};

use crate::redact::redact;

/// A whole text in UTF-8, decoded from whatever it was, with an index of its lines.
#[derive(Debug)]
pub struct Text<'a> {
    content: Cow<'a, str>,
    lines: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    /// Decodes UTF-8, or UTF-16 with a byte-order mark; what does not decode
    /// becomes U+FFFD, so that the rest is still looked at.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Self {
        let content = match bytes {
            [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
            [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
            [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
            _ => String::from_utf8_lossy(bytes),
        };
        Self::new(content)
    }

    /// A text that is already UTF-8.
    #[must_use]
    pub fn new(content: impl Into<Cow<'a, str>>) -> Self {
        Self {
            content: content.into(),
            lines: OnceCell::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.content
    }

    fn starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.content.as_bytes());
            std::iter::once(0)
                .chain(ends.map(|end| end.saturating_add(1)))
                .collect()
        })
    }

    /// The number of the line that holds byte `offset`, from 1.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> u32 {
        let index = self.starts().partition_point(|start| *start <= offset);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The content of a line, counted from 1, without its end; empty past the last one.
    #[must_use]
    pub fn line(&self, number: u32) -> &str {
        let index = (number as usize).saturating_sub(1);
        let Some(start) = self.starts().get(index) else {
            return "";
        };
        let end = self
            .starts()
            .get(index.saturating_add(1))
            .map_or(self.content.len(), |next| next.saturating_sub(1));
        self.content
            .get(*start..end)
            .unwrap_or_default()
            .trim_end_matches('\r')
    }

    /// Evidence for a range of bytes of the text: line, column, the line as
    /// redacted excerpt, the caret under the range.
    #[must_use]
    pub fn evidence(&self, path: &Arc<str>, range: Range<usize>) -> Evidence {
        let line = self.line_of(range.start);
        let start = self
            .starts()
            .get((line as usize).saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let content = self.line(line);
        let within = range.start.saturating_sub(start).min(content.len());
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let before = content.get(..within).unwrap_or_default();
        let meant = content
            .get(within..range.end.saturating_sub(start).min(content.len()))
            .unwrap_or_default();
        let width = count(meant).max(1);
        let locus = Locus::Line {
            line,
            column: count(before).saturating_add(1),
            width,
        };
        let (excerpt, mark) = excerpt(content, within, width);
        Evidence {
            path: Arc::clone(path),
            locus,
            excerpt: excerpt.into(),
            mark,
        }
    }
}

/// The part of a line that is shown, and where the caret goes. White space at
/// both ends is left out; of a long line only the neighbourhood of the place stays.
fn excerpt(line: &str, within: usize, width: u32) -> (String, Option<(u32, u32)>) {
    const BEFORE: usize = 60;
    let indent = line.len().saturating_sub(line.trim_start().len());
    let mut first = indent.min(within);
    let before = line.get(first..within).unwrap_or_default();
    let long = line.chars().count() > Evidence::MAX_EXCERPT;
    if long && before.chars().count() > BEFORE {
        let skipped = before.chars().count().saturating_sub(BEFORE);
        first = first.saturating_add(
            before
                .char_indices()
                .nth(skipped)
                .map_or(0, |(index, _)| index),
        );
    }
    let head = redact(line.get(first..within).unwrap_or_default());
    let shown = redact(line.get(first..).unwrap_or_default().trim_end());
    // Redaction may have moved the place; then the excerpt stands without a caret.
    let unmoved = shown.starts_with(&*head);
    let excerpt = shorten(&shown);
    let column = u32::try_from(shorten(&head).chars().count()).unwrap_or(u32::MAX);
    let length = u32::try_from(excerpt.chars().count()).unwrap_or(u32::MAX);
    let mark = (unmoved && column < length)
        .then(|| (column, width.min(length.saturating_sub(column)).max(1)));
    (excerpt, mark)
}

fn utf16(bytes: &[u8], from: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| from(*pair)))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, range: Range<usize>) -> Evidence {
        Text::new(text).evidence(&"f".into(), range)
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let evidence = at("a\né = load(x)\n", 7..11);
        assert_eq!(
            evidence.locus,
            Locus::Line {
                line: 2,
                column: 5,
                width: 4
            }
        );
        assert_eq!(&*evidence.excerpt, "é = load(x)");
        assert_eq!(evidence.mark, Some((4, 4)));
    }

    #[test]
    fn a_range_past_the_end_is_evidence_of_the_last_line() {
        let evidence = at("ab", 9..12);
        assert_eq!(evidence.locus.line(), Some(1));
    }

    #[test]
    fn utf16_with_a_mark_is_decoded() {
        assert_eq!(Text::decode(b"\xff\xfeh\0i\0").as_str(), "hi");
        assert_eq!(Text::decode(b"\xfe\xff\0h\0i").as_str(), "hi");
    }

    #[test]
    fn a_minified_line_shows_the_neighbourhood_of_the_place() {
        let line = format!("{}NEEDLE{}", "x".repeat(5000), "y".repeat(5000));
        let evidence = at(&line, 5000..5006);
        let (column, width) = evidence.mark.unwrap();
        let shown: String = evidence
            .excerpt
            .chars()
            .skip(column as usize)
            .take(width as usize)
            .collect();
        assert_eq!(shown, "NEEDLE");
    }
}
