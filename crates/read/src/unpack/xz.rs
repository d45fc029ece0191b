//! LZMA in its wrappings: xz files, LZMA2 chunks, old `.lzma` files.

use super::filter::Filter;
use super::lzma::{Decoder, Stop};
use super::packed::Packed;
use super::{Bounds, Ending, is_bomb};

/// Bytes decoded between two looks at the bounds.
const STEP: usize = 64 * 1024;

fn cut() -> Ending {
    Ending::Broken("the LZMA data ends too early".to_owned())
}

fn corrupt(what: &str) -> Ending {
    Ending::Broken(what.to_owned())
}

/// One stream of an xz file.
pub(super) fn unpack(packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
    let Some(header) = packed.array::<12>() else {
        return corrupt("the xz header is cut");
    };
    let check: u64 = match header.get(7).map_or(0, |flags| flags & 0x0f) {
        0 => 0,
        1..=3 => 4,
        4..=6 => 8,
        7..=9 => 16,
        10..=12 => 32,
        _ => 64,
    };
    let mut blocks = 0_u64;
    loop {
        let header = match packed.ahead(1).first() {
            // The index: all blocks are done.
            Some(0) => return skip_index(packed, blocks),
            Some(size) => usize::from(*size).saturating_add(1).saturating_mul(4),
            None => return corrupt("the xz file is cut"),
        };
        let filters = match filters(packed.ahead(header)) {
            Ok(filters) => filters,
            Err(ending) => return ending,
        };
        packed.skip(header as u64);
        let (start, before) = (out.len(), packed.used());
        let ending = chunks(packed, out, bounds);
        for filter in filters.iter().rev() {
            filter.undo(out.get_mut(start..).unwrap_or_default());
        }
        if ending != Ending::Complete {
            return ending;
        }
        let length = packed.used().saturating_sub(before);
        let padding = length.next_multiple_of(4).saturating_sub(length);
        packed.skip(padding.saturating_add(check));
        blocks = blocks.saturating_add(1);
    }
}

/// The filters of a block but LZMA2, which has to be the last.
fn filters(header: &[u8]) -> Result<Vec<Filter>, Ending> {
    let broken = || corrupt("an xz block has a broken header");
    let flags = *header.get(1).ok_or_else(broken)?;
    let mut rest = header.get(2..).ok_or_else(broken)?;
    for present in [0x40, 0x80] {
        if flags & present != 0 {
            number(&mut rest).ok_or_else(broken)?;
        }
    }
    let mut filters = Vec::new();
    for place in 0..=flags & 0x03 {
        let kind = number(&mut rest).ok_or_else(broken)?;
        let size = number(&mut rest).ok_or_else(broken)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let properties = rest.get(..size).ok_or_else(broken)?;
        rest = rest.get(size..).unwrap_or_default();
        let last = place == flags & 0x03;
        match (kind, properties) {
            (0x21, _) if last => {}
            (0x03, [distance]) if !last => {
                filters.push(Filter::Delta(usize::from(*distance).saturating_add(1)));
            }
            (0x04, []) if !last => filters.push(Filter::X86),
            _ => return Err(corrupt("an xz block uses a filter that is not read")),
        }
    }
    Ok(filters)
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
pub(super) fn chunks(packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
    let mut start = out.len();
    let mut decoder: Option<Decoder> = None;
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
                    start = out.len();
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
                let Some([first, second, third, fourth]) = packed.array::<4>() else {
                    return cut();
                };
                let high = usize::from(control & 0x1f) << 16;
                let unpacked = high | usize::from(u16::from_be_bytes([first, second]));
                let size = u64::from(u16::from_be_bytes([third, fourth])).saturating_add(1);
                if control >= 0xe0 {
                    start = out.len();
                }
                if control >= 0xc0 {
                    decoder = packed.byte().and_then(Decoder::new);
                } else if control >= 0xa0
                    && let Some(decoder) = &mut decoder
                {
                    decoder.reset();
                }
                let Some(decoder) = &mut decoder else {
                    return corrupt("an LZMA2 chunk has no parameters");
                };
                let end = packed.used().saturating_add(size);
                if !decoder.start(packed) {
                    return cut();
                }
                let until = out.len().saturating_add(unpacked).saturating_add(1);
                match decoder.run(packed, out, start, until) {
                    Stop::Enough if packed.used() <= end && out.len() == until => {}
                    Stop::Cut => return cut(),
                    _ => return corrupt("an LZMA2 chunk is corrupt"),
                }
                packed.skip(end.saturating_sub(packed.used()));
            }
            3..0x80 => return corrupt("LZMA2 has no such chunk"),
        }
    }
}

/// An old `.lzma` file: parameters, dictionary, size, data.
pub(super) fn alone(packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
    let (Some([properties, ..]), Some(size)) = (packed.array::<5>(), packed.array::<8>()) else {
        return cut();
    };
    let size = Some(u64::from_le_bytes(size)).filter(|size| *size != u64::MAX);
    bare(packed, properties, size, out, bounds)
}

/// LZMA data without a header.
pub(super) fn bare(
    packed: &mut Packed<'_>,
    properties: u8,
    size: Option<u64>,
    out: &mut Vec<u8>,
    bounds: Bounds,
) -> Ending {
    let start = out.len();
    let Some(mut decoder) = Decoder::new(properties) else {
        return corrupt("LZMA has no such parameters");
    };
    if !decoder.start(packed) {
        return cut();
    }
    let end = size
        .and_then(|size| usize::try_from(size).ok())
        .map_or(usize::MAX, |size| start.saturating_add(size));
    loop {
        if out.len() >= end {
            out.truncate(end);
            skip_end_mark(&mut decoder, packed, out, start);
            return Ending::Complete;
        }
        if let Some(ending) = met(packed, out, bounds) {
            return ending;
        }
        let until = out.len().saturating_add(STEP).min(end);
        match decoder.run(packed, out, start, until) {
            Stop::Enough => {}
            Stop::End => return Ending::Complete,
            Stop::Cut => return cut(),
            Stop::Corrupt => return corrupt("the LZMA data is corrupt"),
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
