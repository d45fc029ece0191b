//! LZMA in its wrappings: xz files, LZMA2 chunks, old `.lzma` files.

use super::filter::Filter;
use super::lzma::{Decoder, Stop};
use super::packed::Packed;
use super::{Bounds, Compression, Ending, is_bomb};

/// Bytes decoded between two looks at the bounds.
const STEP: usize = 64 * 1024;

/// How far the coder looks at the place of a byte, which is why output is only forgotten in such steps.
pub(super) const ALIGNMENT: usize = 16;

/// Where the dictionary begins when `count` bytes before its end are gone.
fn moved(start: usize, count: usize) -> usize {
    start
        .checked_sub(count)
        .unwrap_or(start.checked_rem(ALIGNMENT).unwrap_or_default())
}

fn cut() -> Ending {
    Ending::Broken("the LZMA data ends too early".to_owned())
}

fn corrupt(what: &str) -> Ending {
    Ending::Broken(what.to_owned())
}

/// What reads one LZMA stream, and can stop at a bound on bytes and go on.
pub(super) enum Reader {
    Xz(Xz),
    Lzma2(Chunks),
    Bare(Bare),
}

impl Reader {
    /// Reads what stands before the data.
    pub(super) fn open(compression: Compression, packed: &mut Packed<'_>) -> Result<Self, Ending> {
        match compression {
            Compression::Xz => Xz::open(packed).map(Self::Xz),
            Compression::Lzma2 => Ok(Self::Lzma2(Chunks::new(0))),
            Compression::LzmaBare(properties, size) => {
                Bare::open(packed, properties, size).map(Self::Bare)
            }
            _ => alone(packed).map(Self::Bare),
        }
    }

    /// Unpacks behind `out`, which holds what came out before, until the end or until `out` meets the
    /// bound. At a bound it may be called once more.
    pub(super) fn run(
        &mut self,
        packed: &mut Packed<'_>,
        out: &mut Vec<u8>,
        bounds: Bounds,
    ) -> Ending {
        match self {
            Self::Xz(xz) => xz.run(packed, out, bounds),
            Self::Lzma2(chunks) => chunks.run(packed, out, bounds),
            Self::Bare(bare) => bare.run(packed, out, bounds),
        }
    }

    /// Says that the first `count` bytes of `out`, a multiple of [`ALIGNMENT`], were taken away.
    pub(super) fn forget(&mut self, count: usize) {
        match self {
            Self::Xz(xz) => xz.chunks.forget(count),
            Self::Lzma2(chunks) => chunks.forget(count),
            Self::Bare(bare) => {
                bare.start = moved(bare.start, count);
                bare.end = bare.end.map(|end| end.saturating_sub(count));
            }
        }
    }

    /// How far back what follows may refer, as far as that is told.
    pub(super) fn dictionary(&self) -> Option<u64> {
        match self {
            Self::Xz(xz) => xz.dictionary,
            Self::Lzma2(_) => None,
            Self::Bare(bare) => bare.dictionary,
        }
    }

    /// Whether what came out is not yet what was packed: filters are taken back at the end of a block.
    pub(super) fn is_filtered(&self) -> bool {
        matches!(self, Self::Xz(xz) if !xz.filters.is_empty())
    }
}

/// One stream of an xz file.
pub(super) struct Xz {
    /// Bytes of the check behind each block.
    check: u64,
    blocks: u64,
    inside: bool,
    filters: Vec<Filter>,
    dictionary: Option<u64>,
    chunks: Chunks,
    /// How many packed bytes were taken where the block at work starts.
    before: u64,
}

impl Xz {
    fn open(packed: &mut Packed<'_>) -> Result<Self, Ending> {
        let Some(header) = packed.array::<12>() else {
            return Err(corrupt("the xz header is cut"));
        };
        let check: u64 = match header.get(7).map_or(0, |flags| flags & 0x0f) {
            0 => 0,
            1..=3 => 4,
            4..=6 => 8,
            7..=9 => 16,
            10..=12 => 32,
            _ => 64,
        };
        Ok(Self {
            check,
            blocks: 0,
            inside: false,
            filters: Vec::new(),
            dictionary: None,
            chunks: Chunks::new(0),
            before: 0,
        })
    }

    fn run(&mut self, packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
        loop {
            if !self.inside {
                let header = match packed.ahead(1).first() {
                    // The index: all blocks are done.
                    Some(0) => return skip_index(packed, self.blocks),
                    Some(size) => usize::from(*size).saturating_add(1).saturating_mul(4),
                    None => return corrupt("the xz file is cut"),
                };
                (self.filters, self.dictionary) = match filters(packed.ahead(header)) {
                    Ok(filters) => filters,
                    Err(ending) => return ending,
                };
                packed.skip(header as u64);
                self.chunks = Chunks::new(out.len());
                self.before = packed.used();
                self.inside = true;
            }
            let start = self.chunks.first;
            let ending = self.chunks.run(packed, out, bounds);
            for filter in self.filters.iter().rev() {
                filter.undo(out.get_mut(start..).unwrap_or_default());
            }
            if ending != Ending::Complete {
                return ending;
            }
            let length = packed.used().saturating_sub(self.before);
            let padding = length.next_multiple_of(4).saturating_sub(length);
            packed.skip(padding.saturating_add(self.check));
            self.blocks = self.blocks.saturating_add(1);
            self.inside = false;
        }
    }
}

/// The filters of a block but LZMA2, which has to be the last, and how far back that may refer.
fn filters(header: &[u8]) -> Result<(Vec<Filter>, Option<u64>), Ending> {
    let broken = || corrupt("an xz block has a broken header");
    let flags = *header.get(1).ok_or_else(broken)?;
    let mut rest = header.get(2..).ok_or_else(broken)?;
    for present in [0x40, 0x80] {
        if flags & present != 0 {
            number(&mut rest).ok_or_else(broken)?;
        }
    }
    let (mut filters, mut dictionary) = (Vec::new(), None);
    for place in 0..=flags & 0x03 {
        let kind = number(&mut rest).ok_or_else(broken)?;
        let size = number(&mut rest).ok_or_else(broken)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let properties = rest.get(..size).ok_or_else(broken)?;
        rest = rest.get(size..).unwrap_or_default();
        let last = place == flags & 0x03;
        match (kind, properties) {
            (0x21, bits) if last => dictionary = bits.first().map(|bits| size_of_dictionary(*bits)),
            (0x03, [distance]) if !last => {
                filters.push(Filter::Delta(usize::from(*distance).saturating_add(1)));
            }
            (0x04, []) if !last => filters.push(Filter::X86),
            _ => return Err(corrupt("an xz block uses a filter that is not read")),
        }
    }
    Ok((filters, dictionary))
}

/// Bytes of the dictionary that LZMA2 announces: 2 or 3, shifted.
fn size_of_dictionary(bits: u8) -> u64 {
    let shift = u32::from(bits / 2).saturating_add(11);
    u64::from(2 | bits & 1)
        .checked_shl(shift)
        .unwrap_or(u64::MAX)
}

/// A number of variable length: the last byte has no top bit.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..9_u32 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).wrapping_shl(place.wrapping_mul(7));
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Passes over the index and the footer.
fn skip_index(packed: &mut Packed<'_>, blocks: u64) -> Ending {
    let start = packed.used();
    packed.skip(1);
    let mut next = || {
        let mut ahead = packed.ahead(9);
        let before = ahead.len();
        let value = number(&mut ahead)?;
        let length = before.saturating_sub(ahead.len());
        packed.skip(length as u64);
        Some(value)
    };
    let count = next();
    if count != Some(blocks) {
        return corrupt("the xz index does not count its blocks");
    }
    for _ in 0..blocks {
        if next().is_none() || next().is_none() {
            return corrupt("the xz index is cut");
        }
    }
    let length = packed.used().saturating_sub(start);
    let padding = length.next_multiple_of(4).saturating_sub(length);
    // The checksum of the index, and the footer.
    if packed.skip(padding.saturating_add(16)) {
        Ending::Complete
    } else {
        corrupt("the xz index is cut")
    }
}

/// LZMA2 chunks up to their end mark.
pub(super) struct Chunks {
    /// Where in the output the first of them began.
    first: usize,
    /// Where in the output the dictionary begins.
    start: usize,
    decoder: Option<Decoder>,
}

impl Chunks {
    fn new(start: usize) -> Self {
        Self {
            first: start,
            start,
            decoder: None,
        }
    }

    fn forget(&mut self, count: usize) {
        self.first = self.first.saturating_sub(count);
        self.start = moved(self.start, count);
    }

    fn run(&mut self, packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
        loop {
            if let Some(ending) = met(packed, out, bounds) {
                return ending;
            }
            let Some(control) = packed.byte() else {
                return cut();
            };
            match control {
                0 => return Ending::Complete,
                1 | 2 => {
                    if control == 1 {
                        self.start = out.len();
                    }
                    let Some(size) = packed.array::<2>() else {
                        return cut();
                    };
                    let size = usize::from(u16::from_be_bytes(size)).saturating_add(1);
                    let bytes = packed.ahead(size);
                    let short = bytes.len() < size;
                    out.extend_from_slice(bytes);
                    packed.skip(size as u64);
                    if short {
                        return cut();
                    }
                }
                0x80.. => {
                    if let Err(ending) = self.coded(control, packed, out) {
                        return ending;
                    }
                }
                3..0x80 => return corrupt("LZMA2 has no such chunk"),
            }
        }
    }

    /// One chunk of coded data.
    fn coded(
        &mut self,
        control: u8,
        packed: &mut Packed<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Ending> {
        let Some([first, second, third, fourth]) = packed.array::<4>() else {
            return Err(cut());
        };
        let high = usize::from(control & 0x1f) << 16;
        let unpacked = high | usize::from(u16::from_be_bytes([first, second]));
        let size = u64::from(u16::from_be_bytes([third, fourth])).saturating_add(1);
        if control >= 0xe0 {
            self.start = out.len();
        }
        if control >= 0xc0 {
            self.decoder = packed.byte().and_then(Decoder::new);
        } else if control >= 0xa0
            && let Some(decoder) = &mut self.decoder
        {
            decoder.reset();
        }
        let Some(decoder) = &mut self.decoder else {
            return Err(corrupt("an LZMA2 chunk has no parameters"));
        };
        let end = packed.used().saturating_add(size);
        if !decoder.start(packed) {
            return Err(cut());
        }
        let until = out.len().saturating_add(unpacked).saturating_add(1);
        match decoder.run(packed, out, self.start, until) {
            Stop::Enough if packed.used() <= end && out.len() == until => {}
            Stop::Cut => return Err(cut()),
            _ => return Err(corrupt("an LZMA2 chunk is corrupt")),
        }
        packed.skip(end.saturating_sub(packed.used()));
        Ok(())
    }
}

/// An old `.lzma` file: parameters, dictionary, size, data.
fn alone(packed: &mut Packed<'_>) -> Result<Bare, Ending> {
    let (Some([properties, dictionary @ ..]), Some(size)) =
        (packed.array::<5>(), packed.array::<8>())
    else {
        return Err(cut());
    };
    let size = Some(u64::from_le_bytes(size)).filter(|size| *size != u64::MAX);
    let mut bare = Bare::open(packed, properties, size)?;
    bare.dictionary = Some(u64::from(u32::from_le_bytes(dictionary)));
    Ok(bare)
}

/// LZMA data without a header.
pub(super) struct Bare {
    decoder: Decoder,
    /// Where in the output it begins.
    start: usize,
    /// Where in the output it ends, from its start, where that is known.
    end: Option<usize>,
    dictionary: Option<u64>,
}

impl Bare {
    fn open(packed: &mut Packed<'_>, properties: u8, size: Option<u64>) -> Result<Self, Ending> {
        let Some(mut decoder) = Decoder::new(properties) else {
            return Err(corrupt("LZMA has no such parameters"));
        };
        if !decoder.start(packed) {
            return Err(cut());
        }
        Ok(Self {
            decoder,
            start: usize::MAX,
            end: size.and_then(|size| usize::try_from(size).ok()),
            dictionary: None,
        })
    }

    fn run(&mut self, packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
        if self.start == usize::MAX {
            self.start = out.len();
            self.end = self.end.map(|size| size.saturating_add(self.start));
        }
        let end = self.end.unwrap_or(usize::MAX);
        loop {
            if out.len() >= end {
                out.truncate(end);
                skip_end_mark(&mut self.decoder, packed, out, self.start);
                return Ending::Complete;
            }
            if let Some(ending) = met(packed, out, bounds) {
                return ending;
            }
            let until = out.len().saturating_add(STEP).min(end);
            match self.decoder.run(packed, out, self.start, until) {
                Stop::Enough => {}
                Stop::End => return Ending::Complete,
                Stop::Cut => return cut(),
                Stop::Corrupt => return corrupt("the LZMA data is corrupt"),
            }
        }
    }
}

/// Takes the mark of an end that follows although the size is known.
fn skip_end_mark(decoder: &mut Decoder, packed: &mut Packed<'_>, out: &mut Vec<u8>, start: usize) {
    const LONGEST: u64 = 16;
    let end = out.len();
    if (1..=LONGEST).contains(&packed.left()) {
        decoder.run(packed, out, start, end.saturating_add(1));
        out.truncate(end);
    }
}

/// Whether a bound is met.
fn met(packed: &Packed<'_>, out: &[u8], bounds: Bounds) -> Option<Ending> {
    let bytes = out.len() as u64;
    (bytes > bounds.bytes).then(|| {
        if is_bomb(bytes, packed.used(), bounds) {
            Ending::Bomb
        } else {
            Ending::Limit
        }
    })
}
