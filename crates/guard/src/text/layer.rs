//! Texts that were made from a text, and the way back: which bytes of the original a byte range of a view stands for.

use std::ops::Range;

/// A view of a text: what it reads like after one way of looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// As it stands, in lower case, compatibility characters, look-alikes and what does not show folded away.
    Plain,
    /// What invisible characters spell: tag characters or variation selectors.
    Hidden,
    /// Digits and signs that stand for letters read as letters.
    Leet,
    /// Letters that stand apart put together.
    Spaced,
    /// Read from the end.
    Reversed,
    /// Each letter moved by thirteen.
    Rot13,
    /// Base64, in either alphabet.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Percent-encoding of addresses.
    Percent,
    /// Quoted-printable of e-mail.
    QuotedPrintable,
    /// Character references of HTML.
    Entities,
    /// Escapes of programming languages: `\u0069`, `\x69`.
    Escapes,
}

impl View {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hidden => "hidden",
            Self::Leet => "leet",
            Self::Spaced => "spaced",
            Self::Reversed => "reversed",
            Self::Rot13 => "rot13",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::QuotedPrintable => "quoted_printable",
            Self::Entities => "entities",
            Self::Escapes => "escapes",
        }
    }
}

/// The way from byte ranges of a derived text back to those of the text it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// Byte for byte.
    Same,
    /// Byte for byte, from the end; with the length of the text.
    Reversed(usize),
    /// Piece by piece, in order.
    Pieces(Vec<Piece>),
}

/// Where a piece of a derived text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins in the derived text; it ends where the next one begins.
    pub derived: usize,
    /// Where it begins in the text that it was made from.
    pub start: usize,
    /// Where it ends there.
    pub end: usize,
    /// Whether it was copied byte for byte; otherwise any part of it stands for the whole.
    pub copied: bool,
}

impl Map {
    /// Any part of the derived text stands for all of `range`.
    #[must_use]
    pub fn whole(range: Range<usize>) -> Self {
        Self::Pieces(vec![Piece {
            derived: 0,
            start: range.start,
            end: range.end,
            copied: false,
        }])
    }

    /// The range of the text it was made from that `range` of the derived text stands for: as wide as needed, with both
    /// ends on boundaries of characters where those of `range` are.
    #[must_use]
    pub fn back(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::Same => range,
            Self::Reversed(length) => {
                length.saturating_sub(range.end)..length.saturating_sub(range.start)
            }
            Self::Pieces(pieces) => {
                let first = piece_at(pieces, range.start);
                let last = piece_at(pieces, range.end.saturating_sub(1).max(range.start));
                match (first, last) {
                    (Some(first), Some(last)) => {
                        let start = first.point(range.start, false);
                        let end = last.point(range.end, true);
                        start..end.max(start)
                    }
                    _ => 0..0,
                }
            }
        }
    }
}

fn piece_at(pieces: &[Piece], at: usize) -> Option<&Piece> {
    let after = pieces.partition_point(|piece| piece.derived <= at);
    pieces.get(after.saturating_sub(1))
}

impl Piece {
    fn point(&self, at: usize, is_end: bool) -> usize {
        if self.copied {
            self.start
                .saturating_add(at.saturating_sub(self.derived))
                .min(self.end)
        } else if is_end {
            self.end
        } else {
            self.start
        }
    }
}

/// Collects a derived text with its map.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) text: String,
    pieces: Vec<Piece>,
}

impl Builder {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            pieces: Vec::new(),
        }
    }

    /// Appends `text`, which stands byte for byte at `start` of the original.
    pub(super) fn copy(&mut self, text: &str, start: usize) {
        if text.is_empty() {
            return;
        }
        let end = start.saturating_add(text.len());
        match self.pieces.last_mut() {
            Some(last) if last.copied && last.end == start => last.end = end,
            _ => self.pieces.push(Piece {
                derived: self.text.len(),
                start,
                end,
                copied: true,
            }),
        }
        self.text.push_str(text);
    }

    /// As [`Self::copy`], with the letters of ASCII in lower case.
    pub(super) fn copy_lower(&mut self, text: &str, start: usize) {
        let from = self.text.len();
        self.copy(text, start);
        if let Some(added) = self.text.get_mut(from..) {
            added.make_ascii_lowercase();
        }
    }

    /// Appends `text`, which stands for `original`.
    pub(super) fn put(&mut self, text: &str, original: Range<usize>) {
        if text.is_empty() {
            return;
        }
        self.pieces.push(Piece {
            derived: self.text.len(),
            start: original.start,
            end: original.end,
            copied: false,
        });
        self.text.push_str(text);
    }

    pub(super) fn put_char(&mut self, character: char, original: Range<usize>) {
        let mut room = [0; 4];
        self.put(character.encode_utf8(&mut room), original);
    }

    pub(super) fn finish(self) -> (String, Map) {
        (self.text, Map::Pieces(self.pieces))
    }
}
