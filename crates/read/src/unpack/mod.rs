//! Compressed bytes to bytes, within bounds.
//!
//! What came out before an error or a limit is kept: a loader that reads a
//! stream acts on it before it meets the error.

mod filter;
mod gzip;
mod lzma;
mod packed;
mod reread;
mod stream;
mod xz;
mod zstd;

use std::io::{self, Read};

use crate::source::Bytes;

pub use filter::Filter;
pub use packed::Packed;
pub use reread::Reread;
pub use stream::Stream;

/// A way to compress a stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1951.
    Deflate,
    /// RFC 1950.
    Zlib,
    /// RFC 1952.
    Gzip,
    /// bzip2.
    Bzip2,
    /// The .xz container.
    Xz,
    /// LZMA with its header of 13 bytes.
    Lzma,
    /// LZMA without a header: the byte of its parameters, the unpacked size where it is known.
    LzmaBare(u8, Option<u64>),
    /// LZMA2 chunks.
    Lzma2,
    /// LZ4 frames.
    Lz4,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// The name people know.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma | Self::LzmaBare(..) => "lzma",
            Self::Lzma2 => "LZMA2",
            Self::Lz4 => "LZ4",
            Self::Zstd => "Zstandard",
        }
    }

    /// Whether what came out before is the dictionary of what follows, without a bound of its own.
    pub const fn is_lzma(self) -> bool {
        matches!(
            self,
            Self::Xz | Self::Lzma | Self::LzmaBare(..) | Self::Lzma2
        )
    }

    /// How the stream is compressed that follows where one has ended: readers of
    /// these formats go on with it, as if both were one.
    fn next(self, packed: &mut Packed<'_>) -> Option<Self> {
        if matches!(self, Self::Xz) {
            // Padding between streams comes in fours.
            while packed.ahead(4) == [0; 4] {
                packed.skip(4);
            }
        }
        let ahead = packed.ahead(6);
        match (self, ahead) {
            (Self::Gzip, [0x1f, 0x8b, ..])
            | (Self::Bzip2, [b'B', b'Z', b'h', ..])
            | (Self::Lz4, [0x04, 0x22, 0x4d, 0x18, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
            | (Self::Zstd, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) => {
                Some(self)
            }
            (Self::Zlib, [first, second, ..]) if is_zlib_header(*first, *second) => Some(self),
            (Self::Xz | Self::Lzma, [0xfd, b'7', b'z', b'X', b'Z', 0]) => Some(Self::Xz),
            (Self::Xz | Self::Lzma, [0x5d, 0, 0, ..]) => Some(Self::Lzma),
            _ => None,
        }
    }
}

/// Whether two bytes start zlib data: deflate, a window of at most 32 KiB, no
/// dictionary, and a multiple of 31.
pub const fn is_zlib_header(first: u8, second: u8) -> bool {
    first & 0x0f == 8
        && first >> 4 <= 7
        && second & 0x20 == 0
        && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// How far unpacking may go.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes that come out.
    pub bytes: u64,
    /// Most bytes out per byte in, of what goes past the bound on bytes.
    pub ratio: u64,
}

/// How unpacking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the end of the stream.
    Complete,
    /// At the bound on bytes.
    Limit,
    /// At the bound on bytes, and past the one on the ratio.
    Bomb,
    /// With an error, in words.
    Broken(String),
}

/// What came out.
#[derive(Debug)]
pub struct Unpacked {
    /// What came out.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub ending: Ending,
    /// How many packed bytes were taken.
    pub used: u64,
}

impl Unpacked {
    /// Whether there is more than what came out, and only a bound kept it back.
    pub fn is_cut(&self) -> bool {
        matches!(self.ending, Ending::Limit | Ending::Bomb)
    }
}

/// Most streams that follow each other in one file.
const STREAMS: u32 = 16_384;

/// Unpacks bytes at hand as far as `bounds` allow.
pub fn unpack(compression: Compression, packed: &[u8], bounds: Bounds) -> Unpacked {
    let source = Bytes(packed);
    let packed = Packed::new(&source, 0, packed.len() as u64);
    unpack_stream(compression, packed, bounds)
}

/// Unpacks a range of a source as far as `bounds` allow, and the streams that
/// follow the first one as their readers do.
pub fn unpack_stream(
    mut compression: Compression,
    mut packed: Packed<'_>,
    bounds: Bounds,
) -> Unpacked {
    let mut bytes = Vec::new();
    let mut ending = one(compression, &mut packed, &mut bytes, bounds);
    let mut streams = 1_u32;
    while ending == Ending::Complete
        && let Some(next) = compression.next(&mut packed)
    {
        streams = streams.saturating_add(1);
        if streams > STREAMS {
            ending = Ending::Bomb;
            break;
        }
        compression = next;
        ending = one(compression, &mut packed, &mut bytes, bounds);
    }
    bytes.truncate(usize::try_from(bounds.bytes).unwrap_or(usize::MAX));
    Unpacked {
        bytes,
        ending,
        used: packed.used(),
    }
}

/// Unpacks one stream.
fn one(
    compression: Compression,
    packed: &mut Packed<'_>,
    out: &mut Vec<u8>,
    bounds: Bounds,
) -> Ending {
    match compression {
        Compression::Deflate => {
            let mut decoder = flate2::bufread::DeflateDecoder::new(packed);
            drain(&mut decoder, |it| it.get_ref().used(), out, bounds)
        }
        Compression::Zlib => {
            let mut decoder = flate2::bufread::ZlibDecoder::new(packed);
            drain(&mut decoder, |it| it.get_ref().used(), out, bounds)
        }
        Compression::Gzip => gzip::unpack(packed, out, bounds),
        Compression::Bzip2 => {
            let mut decoder = bzip2::bufread::BzDecoder::new(packed);
            drain(&mut decoder, |it| it.get_ref().used(), out, bounds)
        }
        Compression::Lz4 => {
            if skip_frame(packed) {
                return Ending::Complete;
            }
            let mut decoder = lz4_flex::frame::FrameDecoder::new(packed);
            drain(&mut decoder, |it| it.get_ref().used(), out, bounds)
        }
        Compression::Zstd => {
            if skip_frame(packed) {
                return Ending::Complete;
            }
            zstd::unpack(packed, out, bounds)
        }
        Compression::Xz | Compression::Lzma2 | Compression::Lzma | Compression::LzmaBare(..) => {
            match xz::Reader::open(compression, packed) {
                Ok(mut reader) => reader.run(packed, out, bounds),
                Err(ending) => ending,
            }
        }
    }
}

/// Passes over a frame that readers of LZ4 and Zstandard skip.
fn skip_frame(packed: &mut Packed<'_>) -> bool {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, size @ ..] = packed.ahead(8) else {
        return false;
    };
    let Some(size) = size.first_chunk::<4>() else {
        return false;
    };
    let length = u64::from(u32::from_le_bytes(*size)).saturating_add(8);
    packed.skip(length);
    true
}

/// Reads a decoder, which has `used` some of its packed bytes, until it ends or a bound is met.
fn drain<D: Read>(
    decoder: &mut D,
    used: impl Fn(&D) -> u64,
    out: &mut Vec<u8>,
    bounds: Bounds,
) -> Ending {
    const STEP: usize = 64 * 1024;
    let mut step = vec![0; STEP.min(usize::try_from(bounds.bytes).unwrap_or(STEP).max(1))];
    loop {
        let left = bounds.bytes.saturating_sub(out.len() as u64);
        if left == 0 {
            // Full: whether there is more decides between an end and a limit.
            let mut one = [0];
            return match decoder.read(&mut one) {
                Ok(0) => Ending::Complete,
                // What filled the bound so far is known; what the rest does is not.
                Ok(_) if is_bomb(out.len() as u64, used(decoder), bounds) => Ending::Bomb,
                Ok(_) => Ending::Limit,
                Err(error) => Ending::Broken(error.to_string()),
            };
        }
        let room = usize::try_from(left).unwrap_or(STEP).min(step.len());
        let Some(free) = step.get_mut(..room) else {
            return Ending::Complete;
        };
        match decoder.read(free) {
            Ok(0) => return Ending::Complete,
            Ok(count) => out.extend_from_slice(step.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ending::Broken(error.to_string()),
        }
    }
}

/// Whether what met the bound on bytes came out of next to nothing. Below that bound the ratio says little: a
/// mask, or the state of an optimiser that was never used, is zeros throughout.
pub fn is_bomb(unpacked: u64, packed: u64, bounds: Bounds) -> bool {
    const FREE: u64 = 1 << 20;
    unpacked > FREE && unpacked > packed.saturating_mul(bounds.ratio)
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

    /// Bytes with matches of all kinds, the same that [`CHUNKS`] were made of.
    fn structured() -> Vec<u8> {
        let mut out: Vec<u8> = Vec::new();
        let mut random = 12_345_u32;
        for _ in 0..200 {
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            let key = usize::try_from(random >> 16).unwrap();
            if key.is_multiple_of(3) && out.len() > 40 {
                for _ in 0..2 + (key >> 5) % 40 {
                    out.push(out[out.len() - 1 - (key >> 2) % 40]);
                }
            } else {
                out.push(u8::try_from((key >> 3) & 0x1f).unwrap());
            }
        }
        out
    }

    /// LZMA2 chunks as the reference encoder writes them, with `lc` 3, `lp` 1, `pb` 2.
    const CHUNKS: &[u8] = b"\xe0\x04\x80\x00\xe9\x66\x00\x0d\x7f\xfd\x99\x82\x1c\x9a\x84\x57\x78\x09\x3b\x15\x1f\x8b\xad\x53\x68\x31\x73\x5c\x0f\xc1\x40\x8e\x1b\x13\x87\x66\x57\x05\x58\x98\x7d\x6f\x55\xb0\xd4\x61\x7e\x16\x44\xdd\xa3\x42\x5f\x27\xc1\x20\x0e\x19\xd3\xbb\xf2\x3e\xdc\x56\xe0\x58\xc0\x38\xc4\x50\x8b\x0a\x13\x0d\x6f\x22\xfe\x88\xa1\x1e\xab\xad\x6e\x93\x92\x8e\x17\xde\x4b\xe5\x0d\x52\x4e\x69\x09\x16\xba\x69\xfd\x35\x0e\xb5\x56\xd4\x99\xe3\x78\x32\xf6\x9e\x60\xb7\xad\x8a\x15\xfd\x3b\xb3\x81\xf0\x8f\x7c\x2e\x61\xc4\x34\xbc\xbf\x78\xfc\x99\x4e\x86\xb4\xaf\x86\x1e\x57\xef\xd8\x37\xdc\xd4\xcd\x81\xf2\x35\xe4\x22\xd2\x31\x6e\xed\xa4\x8f\x7b\x2d\xd0\x82\x3b\x46\x00\x06\xf0\x13\x21\x78\x07\x3c\x85\x02\x16\xb2\x41\xab\x31\xdf\x56\x4f\x5a\x30\x1f\xce\xb8\xf1\x17\x7e\xa1\xee\xf7\xd7\x7d\x36\xab\xa5\x25\x8d\x9a\xb5\xdf\x4b\x71\xb5\x44\x9f\x62\xf9\xb6\xee\x42\xe8\xc9\xc8\xad\xf8\x1e\x20\xcd\xfb\x8a\x36\x51\x10\x02\xa3\x56\xc7\x69\x61\x40\x6e\x07\xa2\x3f\x72\x2f\x2e\x93\x5c\x00\x00";

    #[test]
    fn matches_and_repeats_of_the_reference_encoder_are_followed() {
        let unpacked = unpack(Compression::Lzma2, CHUNKS, BOUNDS);
        assert_eq!(unpacked.ending, Ending::Complete);
        assert_eq!(unpacked.bytes, structured());
        for at in 0..CHUNKS.len() {
            let mut broken = CHUNKS.to_vec();
            broken[at] ^= 0x55;
            unpack(Compression::Lzma2, &broken, BOUNDS);
            assert_ne!(
                unpack(Compression::Lzma2, &CHUNKS[..at], BOUNDS).ending,
                Ending::Complete
            );
        }
    }

    /// What a stream gives, read in odd steps, and how it ended.
    fn streamed(compression: Compression, packed: &[u8], room: u64) -> (Vec<u8>, Ending, u64) {
        let source = Bytes(packed);
        let packed = Packed::new(&source, 0, packed.len() as u64);
        let mut stream = Stream::new(compression, packed, room);
        let (mut bytes, mut step) = (Vec::new(), [0; 777]);
        loop {
            match stream.read(&mut step) {
                0 => break,
                count => bytes.extend(&step[..count]),
            }
        }
        let (ending, used) = stream.ending().unwrap();
        (bytes, ending.clone(), used)
    }

    #[test]
    fn a_stream_gives_piece_by_piece_what_comes_out_at_once() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut all = samples(&bytes);
        // Chunks that go on with the dictionary of the one before.
        let mut chunks = CHUNKS[..CHUNKS.len() - 1].to_vec();
        let mut onward = chunks.clone();
        onward[0] = 0xc0;
        chunks.extend(onward.repeat(400));
        chunks.push(0);
        all.push((Compression::Lzma2, chunks));
        for (compression, packed) in all {
            let twice = packed.repeat(2);
            let broken = &packed[..packed.len() * 2 / 3];
            for packed in [&packed, &*twice, broken] {
                let whole = unpack(compression, packed, BOUNDS);
                for room in [0, 32 << 20] {
                    let (bytes, ending, used) = streamed(compression, packed, room);
                    assert_eq!(bytes.len(), whole.bytes.len(), "{compression:?}");
                    assert!(bytes == whole.bytes, "{compression:?} {room}");
                    assert_eq!(used, whole.used, "{compression:?}");
                    let limited = room == 0 && ending == Ending::Limit;
                    assert!(ending == whole.ending || limited, "{compression:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_read_anew_is_the_same_at_any_place_and_does_not_go_on_for_ever() {
        let bytes: Vec<u8> = (0..1_500_000_u32).flat_map(u32::to_le_bytes).collect();
        let packed = gzip(&bytes);
        let source = Bytes(&packed);
        let length = bytes.len() as u64;
        let range = (0, packed.len() as u64);
        let start = bytes[..1000].to_vec();
        let again = Reread::new(Compression::Gzip, &source, range, start, length, 0);
        let mut buffer = vec![0; 100_000];
        for at in [
            0, 900, 3_000_000, 2_999_000, 5_950_000, 5_999_999, 0, 6_000_000,
        ] {
            let count = crate::Source::read_at(&again, at, &mut buffer).unwrap();
            let from = usize::try_from(at).unwrap();
            let end = (from + buffer.len()).min(bytes.len());
            assert!(buffer[..count] == bytes[from..end], "{at}");
        }
        let jumps = (0..20).map(|jump| 5_900_000 * (jump % 2));
        let mut failed = false;
        for at in jumps {
            failed |= crate::Source::read_at(&again, at + 1000, &mut buffer).is_err();
        }
        assert!(failed);
    }

    #[test]
    fn streams_that_follow_each_other_are_one_and_what_follows_them_is_left() {
        let bytes: Vec<u8> = (0..10_000_u16).flat_map(u16::to_le_bytes).collect();
        for ((compression, first), (_, second)) in
            samples(&bytes[..7]).into_iter().zip(samples(&bytes[7..]))
        {
            let file = [&first[..], &second, b"tail"].concat();
            let unpacked = unpack(compression, &file, BOUNDS);
            assert_eq!(unpacked.ending, Ending::Complete, "{compression:?}");
            assert!(unpacked.bytes == bytes, "{compression:?}");
            assert_eq!(unpacked.used, file.len() as u64 - 4, "{compression:?}");
        }
        let many = gzip(b"").repeat(20_000);
        assert_eq!(
            unpack(Compression::Gzip, &many, BOUNDS).ending,
            Ending::Bomb
        );
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
                for (packed, whole) in [(&packed[..at], cut), (&flipped, unpacked)] {
                    let (bytes, ending, _) = streamed(compression, packed, 32 << 20);
                    // Smaller steps come closer to where it breaks.
                    assert!(bytes.starts_with(&whole.bytes), "{compression:?} at {at}");
                    let ends = |ending: &Ending| *ending == Ending::Complete;
                    assert_eq!(ends(&ending), ends(&whole.ending), "{compression:?}");
                }
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
