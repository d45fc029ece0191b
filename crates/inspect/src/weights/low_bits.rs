//! What the least significant bits of floating-point numbers spell.

use super::Element;
use crate::payload::{self, Found, Place};

/// Elements at the start of a tensor whose single bits are put together.
const FIRST: usize = 8192;
/// Bytes of a stream of low bytes that are searched: the head of each block that is read.
const STREAM: usize = 256 * 1024;
/// Fewer elements in a row than this say nothing.
const LEAST: u64 = 256;

/// A payload in the low bits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Which bits, in words.
    pub(super) place: String,
    pub(super) what: String,
}

/// The low bits of a tensor while it is read.
pub(super) struct LowBits {
    element: Element,
    /// The first elements, whole.
    first: Vec<u8>,
    /// Found in streams of low bytes, with the number of bytes of each element.
    found: Vec<(usize, Found)>,
    seen: u64,
    /// Elements whose low half is not zero: how many, the first and the last of them.
    filled: u64,
    from: Option<u64>,
    to: u64,
}

impl LowBits {
    pub(super) fn new(element: Element) -> Self {
        Self {
            element,
            first: Vec::new(),
            found: Vec::new(),
            seen: 0,
            filled: 0,
            from: None,
            to: 0,
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        if self.element == Element::Other {
            return;
        }
        let size = self.element.size();
        let room = FIRST.saturating_mul(size).saturating_sub(self.first.len());
        self.first
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.count(bytes);
        if self.found.is_empty() {
            for (width, backwards) in self.widths() {
                let low = |element: &'_ [u8]| {
                    let mut low: [u8; 8] = [0; 8];
                    let places = low.iter_mut().zip(element.iter().take(*width));
                    places.for_each(|(place, byte)| *place = *byte);
                    if *backwards {
                        low.get_mut(..*width).unwrap_or_default().reverse();
                    }
                    low.into_iter().take(*width)
                };
                let stream: Vec<u8> = bytes
                    .chunks_exact(size)
                    .flat_map(low)
                    .take(STREAM)
                    .collect();
                let mut found = Vec::new();
                payload::find(&stream, stream.len(), 0, Place::Numbers, &mut found);
                self.found
                    .extend(found.into_iter().take(1).map(|found| (*width, found)));
            }
        }
    }

    /// How many low bytes of an element can be replaced without changing its size, and whether the
    /// payload has the highest of them first.
    const fn widths(&self) -> &'static [(usize, bool)] {
        match self.element {
            Element::F64 => &[
                (1, false),
                (2, false),
                (2, true),
                (4, false),
                (4, true),
                (6, false),
                (6, true),
            ],
            Element::F32 => &[(1, false), (2, false), (2, true), (3, false), (3, true)],
            Element::F16 | Element::Bf16 => &[(1, false)],
            Element::Other => &[],
        }
    }

    /// Which elements use the low half of their bytes: none do in numbers that were widened.
    fn count(&mut self, bytes: &[u8]) {
        let (size, half) = match self.element {
            Element::F64 => (8, 3),
            Element::F32 => (4, 1),
            _ => return,
        };
        for element in bytes.chunks_exact(size) {
            if element.iter().take(half).any(|byte| *byte != 0) {
                self.filled = self.filled.saturating_add(1);
                self.from.get_or_insert(self.seen);
                self.to = self.seen;
            }
            self.seen = self.seen.saturating_add(1);
        }
    }

    /// Files and scripts in the low bits.
    pub(super) fn payloads(&self) -> Vec<Hidden> {
        let mut all: Vec<Hidden> = self
            .found
            .iter()
            .map(|(width, found)| Hidden {
                place: match width {
                    1 => "the lowest bytes of its values".to_owned(),
                    width => format!("the {width} lowest bytes of its values"),
                },
                what: found.kind.title().to_owned(),
            })
            .collect();
        for bits in [1_u32, 2, 4] {
            for first_is_high in [true, false] {
                let stream = self.bits(bits, first_is_high);
                let mut found = Vec::new();
                payload::find(&stream, stream.len(), 0, Place::Numbers, &mut found);
                let what = match found.first() {
                    Some(found) => found.kind.title(),
                    None if is_text(&stream) => "text",
                    None => continue,
                };
                all.push(Hidden {
                    place: if bits == 1 {
                        "the lowest bits of its values".to_owned()
                    } else {
                        format!("the {bits} lowest bits of its values")
                    },
                    what: what.to_owned(),
                });
            }
        }
        all.truncate(1);
        all
    }

    /// The low `bits` of the first elements, put together to bytes.
    fn bits(&self, bits: u32, first_is_high: bool) -> Vec<u8> {
        let mask = u8::MAX >> 8_u32.saturating_sub(bits);
        let per_byte = (8_u32.checked_div(bits)).unwrap_or(8) as usize;
        let lowest: Vec<u8> = self
            .first
            .chunks_exact(self.element.size())
            .map(|element| element.first().copied().unwrap_or_default() & mask)
            .collect();
        lowest
            .chunks_exact(per_byte)
            .map(|parts| {
                let fold = |byte: u8, part: &u8| byte.wrapping_shl(bits) | part;
                if first_is_high {
                    parts.iter().fold(0, fold)
                } else {
                    parts.iter().rev().fold(0, fold)
                }
            })
            .collect()
    }

    /// What is odd about which elements use their low bits, in words.
    pub(super) fn odd(&self) -> Option<String> {
        let from = self.from?;
        let span = self.to.saturating_sub(from).saturating_add(1);
        let outside = self.seen.saturating_sub(span);
        let dense = self.filled.saturating_mul(10) >= span.saturating_mul(9);
        (self.filled >= LEAST && dense && outside >= span / 8 && outside >= 4096).then(|| {
            format!(
                "of its {} values only {span} in a row, from number {from}, use the low half of their bytes",
                self.seen
            )
        })
    }
}

/// Characters in a row at the start that make a text of bits.
const TEXT: usize = 64;

/// Whether a stream starts as text, behind a length at most.
fn is_text(stream: &[u8]) -> bool {
    [0_usize, 1, 2, 4, 8].iter().any(|skip| {
        let Some(text) = stream.get(*skip..skip.saturating_add(TEXT)) else {
            return false;
        };
        let letters = text.iter().filter(|byte| byte.is_ascii_lowercase()).count();
        let gaps = text
            .iter()
            .filter(|byte| byte.is_ascii_whitespace() || byte.is_ascii_punctuation())
            .count();
        text.iter()
            .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
            && letters >= TEXT / 3
            && gaps >= TEXT / 16
    })
}
