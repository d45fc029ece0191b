//! What the least significant bits of floating-point numbers spell.

use std::ops::Range;

use super::Element;
use super::streams::{self, Stream};
use crate::payload::{self, Found, Place};

/// Elements at the start of a tensor whose single bits may be a text.
const FIRST: usize = 1024;
/// Fewer elements in a row than this say nothing.
const LEAST: u64 = 256;

/// A payload in the low bits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Which bits, in words.
    pub(super) place: String,
    pub(super) what: &'static str,
}

/// Buffers that are filled anew from each block.
#[derive(Default)]
pub(super) struct Buffers {
    lows: Stream,
    base: Stream,
    stream: Stream,
    found: Vec<Found>,
}

/// The low bits of a tensor while it is read.
pub(super) struct LowBits {
    element: Element,
    /// The lowest bytes of the first elements.
    first: Vec<u8>,
    hidden: Option<Hidden>,
    seen: u64,
    /// Elements whose low half is not zero: how many, the first and the last of them.
    filled: u64,
    from: Option<u64>,
    to: u64,
}

impl LowBits {
    pub(super) const fn new(element: Element) -> Self {
        Self {
            element,
            first: Vec::new(),
            hidden: None,
            seen: 0,
            filled: 0,
            from: None,
            to: 0,
        }
    }

    /// Looks at a block, of which `fresh` is new, for what starts within `at`. Both start at whole
    /// elements.
    pub(super) fn add(
        &mut self,
        block: &[u8],
        fresh: Range<usize>,
        at: Range<usize>,
        buffers: &mut Buffers,
    ) {
        match self.element {
            Element::F64 => self.of::<8>(block, fresh, at, buffers),
            Element::F32 => self.of::<4>(block, fresh, at, buffers),
            Element::F16 | Element::Bf16 => self.of::<2>(block, fresh, at, buffers),
            Element::Other => {}
        }
    }

    fn of<const N: usize>(
        &mut self,
        block: &[u8],
        fresh: Range<usize>,
        at: Range<usize>,
        buffers: &mut Buffers,
    ) {
        let elements = |bytes: usize| bytes.checked_div(N).unwrap_or_default();
        streams::lowest::<N>(block, &mut buffers.lows);
        let news = elements(fresh.start)..elements(fresh.end);
        let lows = buffers.lows.get(news).unwrap_or_default();
        let room = FIRST.saturating_sub(self.first.len()).min(lows.len());
        self.first
            .extend_from_slice(lows.get(..room).unwrap_or_default());
        if N == 4 {
            self.count(lows.iter().map(|low| *low != 0));
        } else if N == 8 {
            let (fresh, _) = block.get(fresh).unwrap_or_default().as_chunks::<8>();
            let low = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) & 0x00ff_ffff != 0;
            self.count(fresh.iter().map(low));
        }
        if self.hidden.is_none() {
            let at = elements(at.start)..elements(at.end);
            self.hidden =
                bytes_spell::<N>(block, &at, buffers).or_else(|| bits_spell(&at, buffers));
        }
    }

    /// Which elements use the low half of their bytes: none do in numbers that were widened.
    fn count(&mut self, used: impl DoubleEndedIterator<Item = bool> + ExactSizeIterator + Clone) {
        let seen = self.seen;
        let filled = used
            .clone()
            .fold(0_u32, |count, used| count.wrapping_add(u32::from(used)));
        self.seen = seen.saturating_add(used.len() as u64);
        if filled == 0 {
            return;
        }
        self.filled = self.filled.saturating_add(u64::from(filled));
        if self.from.is_none() {
            let first = used.clone().position(|used| used);
            self.from = first.map(|first| seen.saturating_add(first as u64));
        }
        if let Some(last) = { used }.rposition(|used| used) {
            self.to = seen.saturating_add(last as u64);
        }
    }

    /// A file or a script in the low bits.
    pub(super) fn payload(&self) -> Option<Hidden> {
        if let Some(hidden) = &self.hidden {
            return Some(Hidden {
                place: hidden.place.clone(),
                what: hidden.what,
            });
        }
        let mut stream = Vec::new();
        let orders = [1_u32, 2, 4]
            .into_iter()
            .flat_map(|bits| [(bits, true), (bits, false)]);
        for (bits, first_is_high) in orders {
            streams::low_bits(&self.first, bits, first_is_high, &mut stream);
            if is_text(&stream) {
                return Some(Hidden {
                    place: bits_in_words(bits),
                    what: "text",
                });
            }
        }
        None
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

/// Fills a stream with low bytes, see [`streams::low_bytes`].
type Fill = fn(&[u8], bool, &mut Stream);

/// What the low bytes of a block spell from the elements `at` on.
fn bytes_spell<const N: usize>(
    block: &[u8],
    at: &Range<usize>,
    buffers: &mut Buffers,
) -> Option<Hidden> {
    let Buffers {
        lows,
        stream,
        found,
        ..
    } = buffers;
    let mut spell = |stream: &[u8], width: usize| {
        let what = search(
            stream,
            at.start.saturating_mul(width)..at.end.saturating_mul(width),
            found,
        )?;
        let place = match width {
            1 => "the lowest bytes of its values".to_owned(),
            width => format!("the {width} lowest bytes of its values"),
        };
        Some(Hidden { place, what })
    };
    if let Some(hidden) = spell(lows, 1) {
        return Some(hidden);
    }
    // As many as can be replaced without changing the size of a value.
    let fillers: &[(usize, Fill)] = match N {
        4 => &[
            (2, streams::low_bytes::<4, 2>),
            (3, streams::low_bytes::<4, 3>),
        ],
        8 => &[
            (2, streams::low_bytes::<8, 2>),
            (3, streams::low_bytes::<8, 3>),
            (4, streams::low_bytes::<8, 4>),
            (5, streams::low_bytes::<8, 5>),
            (6, streams::low_bytes::<8, 6>),
        ],
        _ => &[],
    };
    for (width, fill) in fillers {
        for backwards in [false, true] {
            fill(block, backwards, stream);
            if let Some(hidden) = spell(stream, *width) {
                return Some(hidden);
            }
        }
    }
    None
}

/// What the low bits of the lowest bytes spell, wherever among the elements `at` they start to.
fn bits_spell(at: &Range<usize>, buffers: &mut Buffers) -> Option<Hidden> {
    let Buffers {
        lows,
        base,
        stream,
        found,
    } = buffers;
    for bits in [1_u32, 2, 4] {
        let per_byte = 8_u32.checked_div(bits)?;
        let bytes = |elements: usize| elements.checked_div(per_byte as usize).unwrap_or_default();
        // One more at the end: what starts there with other elements skipped is in no block.
        let at = bytes(at.start)..bytes(at.end).saturating_add(1);
        for first_is_high in [true, false] {
            streams::low_bits(lows, bits, first_is_high, base);
            for skipped in 0..per_byte {
                let stream = if skipped == 0 {
                    &*base
                } else {
                    streams::later(base, skipped.saturating_mul(bits), first_is_high, stream);
                    &*stream
                };
                if let Some(what) = search(stream, at.clone(), found) {
                    return Some(Hidden {
                        place: bits_in_words(bits),
                        what,
                    });
                }
            }
        }
    }
    None
}

/// The title of the first file that starts within `at` of a stream.
fn search(stream: &[u8], at: Range<usize>, found: &mut Vec<Found>) -> Option<&'static str> {
    found.clear();
    payload::find(stream, at, 0, Place::Numbers, found);
    found.first().map(|found| found.kind.title())
}

fn bits_in_words(bits: u32) -> String {
    if bits == 1 {
        "the lowest bits of its values".to_owned()
    } else {
        format!("the {bits} lowest bits of its values")
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
