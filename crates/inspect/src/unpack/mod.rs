//! Compressed bytes to bytes, within bounds.
//!
//! What came out before an error or a limit is kept: a loader that reads a
//! stream acts on it before it meets the error.

mod xz;

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use crate::little_endian::u16_at;

/// A way to compress a stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Deflate,
    Zlib,
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Lzma2,
    Lz4,
    Zstd,
}

impl Compression {
    /// The name people know.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Lzma2 => "LZMA2",
            Self::Lz4 => "LZ4",
            Self::Zstd => "Zstandard",
        }
    }
}

/// How far unpacking may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Most bytes that come out.
    pub(crate) bytes: u64,
    /// Most bytes out per byte in, past the first mebibyte.
    pub(crate) ratio: u64,
}

/// How unpacking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With the end of the stream.
    Complete,
    /// At the bound on bytes.
    Limit,
    /// At the bound on the ratio.
    Bomb,
    /// With an error, in words.
    Broken(String),
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ending: Ending,
}

/// Unpacks `packed` as far as `bounds` allow.
pub(crate) fn unpack(compression: Compression, packed: &[u8], bounds: Bounds) -> Unpacked {
    let used = Cell::new(0);
    let input = || Counted {
        rest: packed,
        used: &used,
    };
    let drain = |decoder: &mut dyn Read| drain(decoder, packed.len(), &used, bounds);
    match compression {
        Compression::Deflate => drain(&mut flate2::bufread::DeflateDecoder::new(input())),
        Compression::Zlib => drain(&mut flate2::bufread::ZlibDecoder::new(input())),
        Compression::Gzip => {
            let unpacked = drain(&mut flate2::bufread::MultiGzDecoder::new(input()));
            if matches!(unpacked.ending, Ending::Broken(_)) && unpacked.bytes.is_empty() {
                // The checksum of the header or the flags may be wrong; the data need not be.
                return unpack(Compression::Deflate, gzip_body(packed), bounds);
            }
            unpacked
        }
        Compression::Bzip2 => drain(&mut bzip2::bufread::MultiBzDecoder::new(input())),
        Compression::Lz4 => drain(&mut lz4_flex::frame::FrameDecoder::new(input())),
        Compression::Zstd => match zstd(input(), bounds) {
            Ok(mut decoder) => drain(&mut decoder),
            Err(error) => broken(error.to_string()),
        },
        Compression::Xz => xz::unpack(packed, bounds),
        Compression::Lzma2 => xz::unpack_chunks(packed, bounds),
        Compression::Lzma => xz::unpack_alone(packed, bounds),
    }
}

/// Bytes that know how many of them were taken.
struct Counted<'p> {
    rest: &'p [u8],
    used: &'p Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.rest.read(buffer)?;
        self.used.update(|used| used.saturating_add(count));
        Ok(count)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.rest)
    }

    fn consume(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.used.update(|used| used.saturating_add(count));
    }
}

type ZstdDecoder<'p> =
    ruzstd::decoding::StreamingDecoder<Counted<'p>, ruzstd::decoding::FrameDecoder>;

fn zstd(
    packed: Counted<'_>,
    bounds: Bounds,
) -> Result<ZstdDecoder<'_>, ruzstd::decoding::errors::FrameDecoderError> {
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    decoder.set_max_window_size(bounds.bytes.clamp(8 << 20, 128 << 20));
    ruzstd::decoding::StreamingDecoder::new_with_decoder(packed, decoder)
}

fn broken(error: String) -> Unpacked {
    Unpacked {
        bytes: Vec::new(),
        ending: Ending::Broken(error),
    }
}

/// Reads a decoder of `packed` bytes, of which it has taken `used`, until it ends or a bound is met.
fn drain(decoder: &mut dyn Read, packed: usize, used: &Cell<usize>, bounds: Bounds) -> Unpacked {
    const STEP: usize = 64 * 1024;
    let mut bytes = Vec::new();
    let mut step = vec![0; STEP.min(usize::try_from(bounds.bytes).unwrap_or(STEP).max(1))];
    let ending = loop {
        let left = bounds.bytes.saturating_sub(bytes.len() as u64);
        if left == 0 {
            // Full: whether there is more decides between an end and a limit.
            let mut one = [0];
            break match decoder.read(&mut one) {
                Ok(0) => Ending::Complete,
                // What filled the bound so far is known; what the rest does is not.
                Ok(_) if is_bomb(bytes.len() as u64, used.get() as u64, bounds) => Ending::Bomb,
                Ok(_) => Ending::Limit,
                Err(error) => Ending::Broken(error.to_string()),
            };
        }
        if is_bomb(bytes.len() as u64, packed as u64, bounds) {
            break Ending::Bomb;
        }
        let room = usize::try_from(left).unwrap_or(STEP).min(step.len());
        let Some(free) = step.get_mut(..room) else {
            break Ending::Complete;
        };
        match decoder.read(free) {
            Ok(0) => break Ending::Complete,
            Ok(count) => bytes.extend_from_slice(step.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Ending::Broken(error.to_string()),
        }
    };
    Unpacked { bytes, ending }
}

fn is_bomb(unpacked: u64, packed: u64, bounds: Bounds) -> bool {
    const FREE: u64 = 1 << 20;
    unpacked > FREE && unpacked > packed.saturating_mul(bounds.ratio)
}

/// What follows the header of a gzip member.
fn gzip_body(packed: &[u8]) -> &[u8] {
    let flags = packed.get(3).copied().unwrap_or_default();
    let mut rest = packed.get(10..).unwrap_or_default();
    if flags & 0x04 != 0 {
        let length = usize::from(u16_at(rest, 0).unwrap_or_default());
        rest = rest.get(length.saturating_add(2)..).unwrap_or_default();
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let end = memchr::memchr(0, rest).map_or(rest.len(), |end| end.saturating_add(1));
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    if flags & 0x02 != 0 {
        rest = rest.get(2..).unwrap_or_default();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const BOUNDS: Bounds = Bounds {
        bytes: 32 << 20,
        ratio: 200,
    };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn samples(bytes: &[u8]) -> Vec<(Compression, Vec<u8>)> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(bytes).unwrap();
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(bytes).unwrap();
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(bytes).unwrap();
        let mut xz = Vec::new();
        lzma_rs::xz_compress(&mut { bytes }, &mut xz).unwrap();
        let mut lzma = Vec::new();
        lzma_rs::lzma_compress(&mut { bytes }, &mut lzma).unwrap();
        vec![
            (Compression::Gzip, gzip(bytes)),
            (Compression::Zlib, zlib.finish().unwrap()),
            (Compression::Bzip2, bzip2.finish().unwrap()),
            (Compression::Lz4, lz4.finish().unwrap()),
            (Compression::Xz, xz),
            (Compression::Lzma, lzma),
            (
                Compression::Zstd,
                ruzstd::encoding::compress_to_vec(
                    bytes,
                    ruzstd::encoding::CompressionLevel::Fastest,
                ),
            ),
        ]
    }

    #[test]
    fn every_compression_gives_back_what_went_in() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        for (compression, packed) in samples(&bytes) {
            let unpacked = unpack(compression, &packed, BOUNDS);
            assert_eq!(unpacked.ending, Ending::Complete, "{compression:?}");
            assert!(unpacked.bytes == bytes, "{compression:?}");
        }
    }

    #[test]
    fn every_compression_survives_truncation_and_flipped_bytes() {
        let bytes: Vec<u8> = (0..2_000_u16).flat_map(u16::to_le_bytes).collect();
        for (compression, packed) in samples(&bytes) {
            let step = (packed.len() / 200).max(1);
            for at in (0..packed.len()).step_by(step) {
                let cut = unpack(compression, &packed[..at], BOUNDS);
                assert!(
                    cut.bytes.len() <= bytes.len(),
                    "{compression:?} cut at {at}"
                );
                let mut flipped = packed.clone();
                flipped[at] ^= 0xff;
                let unpacked = unpack(compression, &flipped, BOUNDS);
                assert!(unpacked.bytes.len() as u64 <= BOUNDS.bytes);
            }
        }
    }

    #[test]
    fn output_stays_within_the_bounds() {
        let zeros = vec![0; 64 << 20];
        let tight = Bounds {
            bytes: 1000,
            ratio: 200,
        };
        for (compression, packed) in samples(&zeros[..200_000]) {
            let unpacked = unpack(compression, &packed, tight);
            assert!(unpacked.bytes.len() <= 1000, "{compression:?}");
            assert_ne!(unpacked.ending, Ending::Complete, "{compression:?}");
        }
        let bomb = gzip(&zeros);
        assert_eq!(
            unpack(Compression::Gzip, &bomb, BOUNDS).ending,
            Ending::Bomb
        );
        // Nor does it help to append bytes that do not compress.
        let padded = [&bomb[..], &vec![0x55; 4 << 20]].concat();
        assert_eq!(
            unpack(Compression::Gzip, &padded, BOUNDS).ending,
            Ending::Bomb
        );
    }
}
