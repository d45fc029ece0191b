//! Files that are compressed as a whole, as joblib writes them.

use super::error::Error;
use super::place;
use stance_models::magic::{Magic, recognise};
use stance_read::limits::Limits;
use stance_read::source::Source;
use stance_read::unpack::{Bounds, Compression, Ending, unpack};

/// What is inside a compressed file; `None` when it is not compressed.
///
/// It is unpacked into memory, as far as `limits` allow for all members of a file together.
///
/// # Errors
/// When it is broken or too large.
pub fn unpacked(source: &dyn Source, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
    let head = place::read(source, 0, 4096)?;
    let compression = match recognise(&head) {
        Some(Magic::Gzip) => Compression::Gzip,
        Some(Magic::Bzip2) => Compression::Bzip2,
        Some(Magic::Xz) => Compression::Xz,
        Some(Magic::Lz4) => Compression::Lz4,
        Some(Magic::Zstd) => Compression::Zstd,
        Some(_) => return Ok(None),
        None => match head.as_slice() {
            [0x5d, 0, 0, ..] => Compression::Lzma,
            [0x78, second, ..] if u16::from_be_bytes([0x78, *second]).is_multiple_of(31) => {
                Compression::Zlib
            }
            _ => return Ok(None),
        },
    };
    if source.len() > limits.unpacked {
        return Err(Error::Limit(format!(
            "it is compressed as a whole and larger than {} bytes; unpack it first",
            limits.unpacked
        )));
    }
    let packed = place::read(source, 0, source.len())?;
    let bounds = Bounds {
        bytes: limits.unpacked,
        ratio: limits.ratio,
    };
    let unpacked = unpack(compression, &packed, bounds);
    match unpacked.ending {
        Ending::Complete => Ok(Some(unpacked.bytes)),
        Ending::Limit | Ending::Bomb => Err(Error::Limit(format!(
            "it is compressed as a whole and holds more than {} bytes, or far more than it is \
             large; unpack it first",
            limits.unpacked
        ))),
        Ending::Broken(what) => Err(Error::Broken(format!(
            "its {} data breaks off: {what}",
            compression.name()
        ))),
    }
}
