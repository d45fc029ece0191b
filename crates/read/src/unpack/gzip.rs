//! The wrapping of gzip, read as tolerantly as possible: flags and checksums of
//! the header keep nobody from the data.

use super::packed::Packed;
use super::{Bounds, Ending, drain};

/// Longest name or comment in a header that is passed over.
const TEXT: usize = 64 * 1024;

/// One member of a gzip file.
pub(super) fn unpack(packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
    if let Err(ending) = open(packed) {
        return ending;
    }
    let start = out.len();
    let mut decoder = flate2::bufread::DeflateDecoder::new(&mut *packed);
    let ending = drain(&mut decoder, |it| it.get_ref().used(), out, bounds);
    if ending != Ending::Complete {
        return ending;
    }
    let mut crc = flate2::Crc::new();
    crc.update(out.get(start..).unwrap_or_default());
    check(packed, &crc)
}

/// Reads what stands behind the data: its checksum and length.
pub(super) fn check(packed: &mut Packed<'_>, crc: &flate2::Crc) -> Ending {
    let Some(trailer) = packed.array::<8>() else {
        return Ending::Broken("the gzip trailer is cut".to_owned());
    };
    let [sum @ .., _, _, _, _] = trailer;
    if u32::from_le_bytes(sum) == crc.sum() {
        Ending::Complete
    } else {
        Ending::Broken("the gzip checksum is wrong".to_owned())
    }
}

/// Passes over the header.
pub(super) fn open(packed: &mut Packed<'_>) -> Result<(), Ending> {
    skip_header(packed).ok_or_else(|| Ending::Broken("the gzip header is cut".to_owned()))
}

fn skip_header(packed: &mut Packed<'_>) -> Option<()> {
    let [_, _, _, flags, ..] = packed.array::<10>()?;
    if flags & 0x04 != 0 {
        let length = packed.array::<2>()?;
        packed.skip(u64::from(u16::from_le_bytes(length)));
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let end = memchr::memchr(0, packed.ahead(TEXT))?;
            packed.skip((end as u64).saturating_add(1));
        }
    }
    if flags & 0x02 != 0 {
        packed.array::<2>()?;
    }
    Some(())
}
