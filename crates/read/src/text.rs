//! A file that is text, with its lines.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use stance_core::evidence::{Evidence, Locus, shorten};

use crate::credential::mask;
use crate::redact::redact;

/// A whole text in UTF-8, decoded from whatever it was, with an index of its lines.
#[derive(Debug)]
pub struct Text<'a> {
    content: Cow<'a, str>,
    /// Lines that end before every [`Text::BLOCK`]th byte.
    lines: OnceCell<Vec<u32>>,
    /// Characters before every [`Text::BLOCK`]th byte.
    characters: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    /// Decodes UTF-8, or UTF-16 with a byte-order mark; what does not decode
    /// becomes U+FFFD, so that the rest is still looked at.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Self {
        let content = match bytes {
            [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
            [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
            [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
            _ => utf8(bytes),
        };
        Self::new(content)
    }

    /// A text that is already UTF-8.
    #[must_use]
    pub fn new(content: impl Into<Cow<'a, str>>) -> Self {
        Self {
            content: content.into(),
            lines: OnceCell::new(),
            characters: OnceCell::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// What stands before a place so near the start that counting there is cheaper than an index.
    fn near_start(&self, offset: usize) -> Option<&[u8]> {
        let near = offset <= 2 * Self::BLOCK && self.lines.get().is_none();
        near.then(|| self.content.as_bytes().get(..offset))?
    }

    /// Little beside the text, whatever it is: one number for many bytes.
    fn lines_before(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut total = 0_u32;
            let blocks = self.content.as_bytes().chunks(Self::BLOCK);
            let counted = blocks.map(|block| {
                let before = total;
                total = total.saturating_add(newlines(block));
                before
            });
            counted.collect()
        })
    }

    /// The number of the line that holds byte `offset`, from 1.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> u32 {
        if let Some(before) = self.near_start(offset) {
            return newlines(before).saturating_add(1);
        }
        let offset = offset.min(self.content.len());
        let blocks = self.lines_before();
        let block = offset
            .checked_div(Self::BLOCK)
            .unwrap_or_default()
            .min(blocks.len().saturating_sub(1));
        let first = block.saturating_mul(Self::BLOCK);
        let rest = self.content.as_bytes().get(first..offset);
        blocks
            .get(block)
            .copied()
            .unwrap_or_default()
            .saturating_add(newlines(rest.unwrap_or_default()))
            .saturating_add(1)
    }

    /// Where a line starts, counted from 1.
    fn start_of(&self, number: u32) -> Option<usize> {
        let ended = number.checked_sub(1)?;
        if ended == 0 {
            return Some(0);
        }
        let blocks = self.lines_before();
        let block = blocks
            .partition_point(|before| *before < ended)
            .checked_sub(1)?;
        let first = block.saturating_mul(Self::BLOCK);
        let nth = ended.saturating_sub(*blocks.get(block)?).checked_sub(1)?;
        let bytes = self.content.as_bytes().get(first..)?;
        let bytes = bytes.get(..Self::BLOCK).unwrap_or(bytes);
        let newline = memchr::memchr_iter(b'\n', bytes).nth(nth as usize)?;
        Some(first.saturating_add(newline).saturating_add(1))
    }

    const BLOCK: usize = 4096;

    /// Bytes on both sides of a place that an excerpt is made of.
    const AROUND: usize = 4096;

    /// How many characters start before byte `offset`; the time it takes does not grow with the
    /// text, so that many places on one long line stay cheap.
    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.content.as_bytes();
        let blocks = self.characters.get_or_init(|| {
            let mut total = 0_usize;
            let counted = bytes.chunks(Self::BLOCK).map(|block| {
                let before = total;
                total = total.saturating_add(starting(block));
                before
            });
            counted.collect()
        });
        let offset = offset.min(bytes.len());
        let block = offset.checked_div(Self::BLOCK).unwrap_or_default();
        let first = block.saturating_mul(Self::BLOCK);
        let before = blocks.get(block).or(blocks.last()).copied();
        let rest = starting(bytes.get(first..offset).unwrap_or_default());
        match blocks.get(block) {
            Some(before) => before.saturating_add(rest),
            // The offset is the end of a last block that is full.
            None => before
                .unwrap_or_default()
                .saturating_add(bytes.rchunks(Self::BLOCK).next().map_or(0, starting)),
        }
    }

    /// The content of a line, counted from 1, without its end; empty past the last one.
    #[must_use]
    pub fn line(&self, number: u32) -> &str {
        let Some(start) = self.start_of(number) else {
            return "";
        };
        let end = self
            .start_of(number.saturating_add(1))
            .map_or(self.content.len(), |next| next.saturating_sub(1));
        self.content
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches('\r')
    }

    /// Evidence for a range of bytes of the text: line, column, the line as
    /// redacted excerpt, the caret under the range.
    #[must_use]
    pub fn evidence(&self, path: &Arc<str>, range: Range<usize>) -> Evidence {
        self.evidence_masked(path, range, &[])
    }

    /// The same, with the ranges `secrets` of the text masked in the excerpt: values that no
    /// pattern tells as credentials but their names do. They are in order and do not overlap.
    #[must_use]
    pub fn evidence_masked(
        &self,
        path: &Arc<str>,
        range: Range<usize>,
        secrets: &[Range<usize>],
    ) -> Evidence {
        let line = self.line_of(range.start);
        let (start, content) = match self.near_start(range.start) {
            Some(before) => {
                let start =
                    memchr::memrchr(b'\n', before).map_or(0, |newline| newline.saturating_add(1));
                let rest = self.content.get(start..).unwrap_or_default();
                let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
                let content = rest.get(..end).unwrap_or_default();
                (start, content.trim_end_matches('\r'))
            }
            None => (self.start_of(line).unwrap_or_default(), self.line(line)),
        };
        let within = range.start.saturating_sub(start).min(content.len());
        let end = range.end.saturating_sub(start).clamp(within, content.len());
        let (first, before, behind) = if end <= Self::BLOCK {
            let characters = |to: usize| starting(content.as_bytes().get(..to).unwrap_or_default());
            (0, characters(within), characters(end))
        } else {
            let at = |within: usize| self.characters_before(start.saturating_add(within));
            (at(0), at(within), at(end))
        };
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let locus = Locus::Line {
            line,
            column: number(before.saturating_sub(first)).saturating_add(1),
            width: number(behind.saturating_sub(before)).max(1),
        };
        // Of a line without end only the neighbourhood is looked at.
        let from = content.floor_char_boundary(within.saturating_sub(Self::AROUND));
        let to = content.ceil_char_boundary(end.min(within.saturating_add(Self::AROUND)));
        let to = content.ceil_char_boundary(to.saturating_add(Self::AROUND).min(content.len()));
        let near = content.get(from..to).unwrap_or_default();
        let (within, end) = (
            within.saturating_sub(from),
            end.min(to).saturating_sub(from),
        );
        let offset = start.saturating_add(from);
        let secrets = with_known(near, offset, secrets);
        let (shown, within, end) = masked(near, offset, within, end, &secrets);
        let marked = shown.get(within..end).unwrap_or_default();
        let width = number(marked.chars().count()).max(1);
        let (excerpt, mark) = excerpt(&shown, within, width);
        Evidence {
            path: Arc::clone(path),
            locus,
            excerpt: excerpt.into(),
            mark,
        }
    }
}

fn newlines(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

/// How many characters begin in these bytes.
fn starting(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// The ranges `secrets` that touch a piece of a line, which starts at byte `start` of the text; with
/// those of known credentials when the piece is too long to be shown whole. What is cut off in
/// front could take the part of a credential along by which it is known.
fn with_known<'s>(
    piece: &str,
    start: usize,
    secrets: &'s [Range<usize>],
) -> Cow<'s, [Range<usize>]> {
    if piece.len() <= Evidence::MAX_EXCERPT {
        return Cow::Borrowed(secrets);
    }
    let known = crate::secrets::find(piece);
    if known.is_empty() {
        return Cow::Borrowed(secrets);
    }
    let stop = start.saturating_add(piece.len());
    let first = secrets.partition_point(|secret| secret.end <= start);
    let here = secrets.get(first..).unwrap_or_default();
    let here = here
        .iter()
        .take_while(|secret| secret.start < stop)
        .cloned();
    let shifted = known.into_iter().map(|found| {
        found.range.start.saturating_add(start)..found.range.end.saturating_add(start)
    });
    let mut all: Vec<Range<usize>> = here.chain(shifted).collect();
    all.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in all {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    Cow::Owned(apart)
}

/// A line, which starts at byte `start` of the text, with secrets masked; and where its bytes
/// `within..end` went.
fn masked<'l>(
    line: &'l str,
    start: usize,
    within: usize,
    end: usize,
    secrets: &[Range<usize>],
) -> (Cow<'l, str>, usize, usize) {
    let stop = start.saturating_add(line.len());
    let first = secrets.partition_point(|secret| secret.end <= start);
    let here = secrets.get(first..).unwrap_or_default();
    let mut here = here
        .iter()
        .take_while(|secret| secret.start < stop)
        .peekable();
    if here.peek().is_none() {
        return (Cow::Borrowed(line), within, end);
    }
    let mut out = String::new();
    let (mut new_within, mut new_end) = (None, None);
    let mut at = 0_usize;
    for secret in here {
        let from = secret.start.saturating_sub(start).max(at);
        let to = secret.end.saturating_sub(start).min(line.len());
        let moved = |place: usize| out.len().saturating_add(place.saturating_sub(at));
        let (plain_within, plain_end) = (moved(within), moved(end));
        out.push_str(line.get(at..from).unwrap_or_default());
        let begin = out.len();
        out.push_str(&mask(line.get(from..to).unwrap_or_default()));
        if new_within.is_none() && within < to {
            new_within = Some(if within < from { plain_within } else { begin });
        }
        if new_end.is_none() && end <= to {
            new_end = Some(if end <= from { plain_end } else { out.len() });
        }
        at = to;
    }
    let moved = |place: usize| out.len().saturating_add(place.saturating_sub(at));
    let (last_within, last_end) = (moved(within), moved(end));
    out.push_str(line.get(at..).unwrap_or_default());
    (
        Cow::Owned(out),
        new_within.unwrap_or(last_within),
        new_end.unwrap_or(last_end),
    )
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

/// Checking whether it is UTF-8 is much faster than looking for where it is not.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(replaced(bytes)),
    }
}

/// What is no UTF-8 replaced; measured first, so that no room is taken that is not needed.
fn replaced(bytes: &[u8]) -> String {
    const MARK: char = char::REPLACEMENT_CHARACTER;
    let length = bytes.utf8_chunks().fold(0_usize, |length, chunk| {
        let mark = if chunk.invalid().is_empty() {
            0
        } else {
            MARK.len_utf8()
        };
        length
            .saturating_add(chunk.valid().len())
            .saturating_add(mark)
    });
    let mut text = String::with_capacity(length);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(MARK);
        }
    }
    text
}

fn utf16(bytes: &[u8], from: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let characters = || {
        char::decode_utf16(pairs.iter().map(|pair| from(*pair)))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    let length = characters().fold(0_usize, |length, character| {
        length.saturating_add(character.len_utf8())
    });
    let mut text = String::with_capacity(length);
    text.extend(characters());
    text
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
    fn lines_are_found_in_texts_of_many_blocks() {
        for lines in [1_usize, 2, 500, 40_000] {
            for width in [0, 7, 5000] {
                if lines * width > 10_000_000 {
                    continue;
                }
                let line = |number: usize| format!("{number}{}", "x".repeat(width));
                let all: Vec<String> = (1..=lines).map(line).collect();
                let joined = all.join("\n");
                let text = Text::new(joined.as_str());
                let mut at = 0;
                for (index, line) in all.iter().enumerate() {
                    let number = u32::try_from(index + 1).unwrap();
                    if index < 3 || index % 997 == 0 || index + 2 > lines {
                        assert_eq!(text.line(number), line, "{lines} {width}");
                        assert_eq!(text.line_of(at), number);
                        assert_eq!(text.line_of(at + line.len()), number);
                        let seen = text.evidence(&"a".into(), at..at + 1);
                        assert_eq!(seen.locus.line(), Some(number));
                    }
                    at += line.len() + 1;
                }
                assert_eq!(text.line(u32::try_from(lines + 1).unwrap()), "");
            }
        }
    }

    #[test]
    fn what_is_no_utf_8_is_replaced() {
        for bytes in [
            &b"a\xff\xfeb"[..],
            b"\xe2\x82",
            b"\xe2\x82\xac\xe2",
            b"\xf0\x9f\x98\x80\x80",
        ] {
            assert_eq!(Text::decode(&[b"x", bytes].concat()).as_str().len(), {
                String::from_utf8_lossy(bytes).len() + 1
            });
            assert_eq!(replaced(bytes), String::from_utf8_lossy(bytes));
        }
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
    fn masked_ranges_do_not_show_and_the_caret_moves_with_the_rest() {
        let line = r#"{"a": "hunter2hunter2", "name": 1, "b": "0123456789abcdef"}"#;
        let text = Text::new(line);
        let secret = |value: &str| {
            let start = line.find(value).unwrap();
            start..start + value.len()
        };
        let secrets = [secret("hunter2hunter2"), secret("0123456789abcdef")];
        let evidence = text.evidence_masked(&"f".into(), secret("\"name\""), &secrets);
        assert!(!evidence.excerpt.contains("hunter2") && !evidence.excerpt.contains("456789"));
        let (column, width) = evidence.mark.unwrap();
        let marked: String = evidence
            .excerpt
            .chars()
            .skip(column as usize)
            .take(width as usize)
            .collect();
        assert_eq!(marked, "\"name\"");
        assert_eq!(
            evidence.locus,
            text.evidence(&"f".into(), secret("\"name\"")).locus
        );
    }

    #[test]
    fn a_credential_that_the_cut_goes_through_does_not_show() {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut state = 1_u32;
        let tail: String = (0..93)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(letters[(state >> 16) as usize % letters.len()])
            })
            .collect();
        let line = format!(
            "{}, \"sk-ant-api03-{tail}AA\", NEEDLE{}",
            "x ".repeat(200),
            " y".repeat(200)
        );
        assert!(!crate::secrets::find(&line).is_empty());
        let start = line.find("NEEDLE").unwrap();
        let evidence = at(&line, start..start + 6);
        assert!(evidence.excerpt.contains("NEEDLE"));
        assert!(
            !evidence.excerpt.contains(&tail[80..]),
            "{}",
            evidence.excerpt
        );
    }

    #[test]
    fn columns_count_characters_on_lines_of_any_length() {
        for length in [0, 1, 4095, 4096, 4097, 8192, 10_000] {
            let line = format!("x\n{}NEEDLE", "é".repeat(length));
            let start = line.find('N').unwrap();
            let Locus::Line {
                line,
                column,
                width,
            } = at(&line, start..start + 6).locus
            else {
                panic!("not a line");
            };
            assert_eq!((line, column as usize, width), (2, length + 1, 6));
        }
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
