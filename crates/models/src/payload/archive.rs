//! Archives and compressed data: what has to follow their marks.

use super::OVERLAP;
use stance_read::little_endian::u16_at;
use stance_read::unpack::{Bounds, Compression, Ending, unpack};

/// Bytes that have to come out of compressed data, so that it is some.
const TRIED: usize = 64;
/// The same for what is there to its end.
const LITTLE: usize = 16;
/// Bytes that are unpacked to see what they are.
pub(super) const PEEK: u64 = 64 * 1024;

pub(super) fn is_zip(rest: &[u8]) -> bool {
    let (Some(version), Some(method), Some(length)) =
        (u16_at(rest, 4), u16_at(rest, 8), u16_at(rest, 26))
    else {
        return false;
    };
    let end = 30_usize.saturating_add(usize::from(length));
    (version & 0xff) <= 63
        && (method <= 14 || (93..=99).contains(&method))
        && (1..=512).contains(&length)
        && rest
            .get(30..end.min(rest.len()))
            .is_some_and(|name| name.iter().all(|byte| *byte >= b' '))
}

pub(super) fn is_gzip(rest: &[u8]) -> bool {
    let plausible = matches!(rest.get(3), Some(0..=0x1f))
        && matches!(rest.get(8), Some(0 | 2 | 4))
        && matches!(rest.get(9), Some(0..=13 | 255));
    plausible && unpacks(Compression::Gzip, rest)
}

pub(super) fn is_zstd(rest: &[u8]) -> bool {
    unpacks(Compression::Zstd, rest)
}

/// Whether a stream of zlib begins here: its two bytes are a multiple of 31.
pub(super) fn is_zlib(rest: &[u8]) -> bool {
    matches!(rest, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// Whether more comes out than numbers give before they break off.
fn unpacks(compression: Compression, rest: &[u8]) -> bool {
    let bounds = Bounds {
        bytes: TRIED as u64,
        ratio: u64::MAX,
    };
    let head = rest.get(..OVERLAP.min(rest.len())).unwrap_or_default();
    let unpacked = unpack(compression, head, bounds);
    // Little that comes to its end is as telling as much.
    let whole = unpacked.ending == Ending::Complete;
    unpacked.bytes.len() >= if whole { LITTLE } else { TRIED }
}

/// The first bytes of what is packed.
pub(super) fn peek(compression: Compression, packed: &[u8]) -> Vec<u8> {
    let bounds = Bounds {
        bytes: PEEK,
        ratio: u64::MAX,
    };
    let near = packed.get(..256 * 1024).unwrap_or(packed);
    unpack(compression, near, bounds).bytes
}
