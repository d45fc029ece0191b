//! LZMA in its three wrappings: xz files, bare LZMA2 chunks, the old `.lzma` files.
//!
//! The decoder holds all of its output in memory, so the chunks are counted
//! before it sees them: each says how much it unpacks to.

use std::io::{self, Write};

use lzma_rs::decompress::{Options, UnpackedSize};

use crate::unpack::{Bounds, Ending, Unpacked, broken, is_bomb};

/// Largest dictionary of an old `.lzma` file that is kept in memory, in bytes.
const DICTIONARY: usize = 64 << 20;

/// The blocks of an xz file, one after the other.
pub(super) fn unpack(packed: &[u8], bounds: Bounds) -> Unpacked {
    const STREAM_HEADER: usize = 12;
    let check = match packed.get(7).map(|flags| flags & 0x0f) {
        Some(0) => 0,
        Some(1..=3) => 4,
        Some(4..=6) => 8,
        Some(7..=9) => 16,
        Some(10..=12) => 32,
        Some(_) => 64,
        None => return broken("the xz header is cut".to_owned()),
    };
    let mut bytes = Vec::new();
    let mut at = STREAM_HEADER;
    loop {
        let block = packed.get(at..).unwrap_or_default();
        let header = match block.first() {
            // The index: all blocks are done.
            Some(0) => {
                return Unpacked {
                    bytes,
                    ending: Ending::Complete,
                };
            }
            Some(size) => usize::from(*size).saturating_add(1).saturating_mul(4),
            None => {
                return Unpacked {
                    bytes,
                    ending: Ending::Broken("the xz file is cut".to_owned()),
                };
            }
        };
        if !is_plain_lzma2(block.get(..header).unwrap_or_default()) {
            let ending = Ending::Broken("an xz block uses a filter that is not read".to_owned());
            return Unpacked { bytes, ending };
        }
        let chunks = block.get(header..).unwrap_or_default();
        let room = Bounds {
            bytes: bounds.bytes.saturating_sub(bytes.len() as u64),
            ..bounds
        };
        let (unpacked, length) = chunks_of(chunks, room);
        bytes.extend(unpacked.bytes);
        if unpacked.ending != Ending::Complete {
            return Unpacked {
                bytes,
                ending: unpacked.ending,
            };
        }
        let padded = length.next_multiple_of(4);
        at = at
            .saturating_add(header)
            .saturating_add(padded)
            .saturating_add(check);
    }
}

/// LZMA2 chunks without any wrapping, as 7z holds them.
pub(super) fn unpack_chunks(packed: &[u8], bounds: Bounds) -> Unpacked {
    chunks_of(packed, bounds).0
}

/// An old `.lzma` file.
pub(super) fn unpack_alone(packed: &[u8], bounds: Bounds) -> Unpacked {
    let options = Options {
        unpacked_size: UnpackedSize::ReadFromHeader,
        memlimit: Some(DICTIONARY),
        allow_incomplete: true,
    };
    let mut sink = Sink {
        bytes: Vec::new(),
        packed: packed.len() as u64,
        bounds,
        stop: None,
    };
    let result = lzma_rs::lzma_decompress_with_options(&mut { packed }, &mut sink, &options);
    let ending = match (sink.stop, result) {
        (Some(stop), _) => stop,
        (None, Ok(())) => Ending::Complete,
        (None, Err(error)) => Ending::Broken(format!("{error:?}")),
    };
    Unpacked {
        bytes: sink.bytes,
        ending,
    }
}

/// Whether the only filter of a block is LZMA2.
fn is_plain_lzma2(header: &[u8]) -> bool {
    let Some(flags) = header.get(1) else {
        return false;
    };
    let mut at = 2_usize;
    for present in [0x40, 0x80] {
        if flags & present != 0 {
            // A size of variable length: its last byte has no top bit.
            let rest = header.get(at..).unwrap_or_default();
            let Some(end) = rest.iter().take(9).position(|byte| byte & 0x80 == 0) else {
                return false;
            };
            at = at.saturating_add(end).saturating_add(1);
        }
    }
    flags & 0x03 == 0 && header.get(at) == Some(&0x21)
}

/// Unpacks a run of chunks up to its end mark, and says how long the run is.
fn chunks_of(packed: &[u8], bounds: Bounds) -> (Unpacked, usize) {
    let mut ends = Vec::new();
    let mut total = 0_u64;
    let mut at = 0_usize;
    let ending = loop {
        let big = |index: usize| {
            let pair = packed.get(at.saturating_add(index)..)?.first_chunk::<2>()?;
            Some(usize::from(u16::from_be_bytes(*pair)))
        };
        let (unpacked, length) = match packed.get(at) {
            Some(0) => {
                at = at.saturating_add(1);
                break Ending::Complete;
            }
            Some(1 | 2) => match big(1) {
                Some(size) => (size.saturating_add(1), size.saturating_add(4)),
                None => break Ending::Broken("an LZMA2 chunk is cut".to_owned()),
            },
            Some(control @ 0x80..) => match (big(1), big(3)) {
                (Some(low), Some(size)) => (
                    (usize::from(control & 0x1f) << 16 | low).saturating_add(1),
                    size.saturating_add(if *control >= 0xc0 { 7 } else { 6 }),
                ),
                _ => break Ending::Broken("an LZMA2 chunk is cut".to_owned()),
            },
            Some(control) => break Ending::Broken(format!("LZMA2 has no chunk {control:#x}")),
            None => break Ending::Broken("LZMA2 data ends without an end".to_owned()),
        };
        let next = at.saturating_add(length);
        let sum = total.saturating_add(unpacked as u64);
        if next > packed.len() {
            break Ending::Broken("an LZMA2 chunk is cut".to_owned());
        }
        if sum > bounds.bytes {
            break if is_bomb(sum, next as u64, bounds) {
                Ending::Bomb
            } else {
                Ending::Limit
            };
        }
        if is_bomb(sum, packed.len() as u64, bounds) {
            break Ending::Bomb;
        }
        total = sum;
        at = next;
        ends.push(next);
    };
    let (bytes, broken_at) = decode(packed, &ends);
    let ending = match broken_at {
        Some(error) => Ending::Broken(error),
        None => ending,
    };
    (Unpacked { bytes, ending }, at)
}

/// Decodes chunks that end at `ends`; of a run with a broken chunk, those before it.
fn decode(packed: &[u8], ends: &[usize]) -> (Vec<u8>, Option<String>) {
    let run = |count: usize| {
        let end = count.checked_sub(1).and_then(|last| ends.get(last));
        let mut chunks = packed
            .get(..end.copied().unwrap_or_default())
            .unwrap_or_default()
            .to_vec();
        chunks.push(0);
        let mut bytes = Vec::new();
        lzma_rs::lzma2_decompress(&mut chunks.as_slice(), &mut bytes)
            .map(|()| bytes)
            .map_err(|error| format!("{error:?}"))
    };
    let error = match run(ends.len()) {
        Ok(bytes) => return (bytes, None),
        Err(error) => error,
    };
    // The longest run that decodes, by halving.
    let (mut good, mut bad) = (0, ends.len());
    let mut bytes = Vec::new();
    while bad.saturating_sub(good) > 1 {
        let middle = good.midpoint(bad);
        match run(middle) {
            Ok(decoded) => {
                bytes = decoded;
                good = middle;
            }
            Err(_) => bad = middle,
        }
    }
    (bytes, Some(error))
}

/// Takes output until a bound is met.
struct Sink {
    bytes: Vec<u8>,
    packed: u64,
    bounds: Bounds,
    stop: Option<Ending>,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let left = self.bounds.bytes.saturating_sub(self.bytes.len() as u64);
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(data.len());
        self.bytes
            .extend_from_slice(data.get(..room).unwrap_or_default());
        if room < data.len() {
            self.stop = Some(Ending::Limit);
        } else if is_bomb(self.bytes.len() as u64, self.packed, self.bounds) {
            self.stop = Some(Ending::Bomb);
        }
        match self.stop {
            Some(_) => Err(io::Error::other("the limit of what is unpacked")),
            None => Ok(data.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
