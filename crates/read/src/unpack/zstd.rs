//! Zstandard frames. The decoder keeps a window of its own before it gives
//! anything out, so a frame that claims a large one is given a smaller one: its
//! start can then be read in little memory.

use std::io::{self, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::packed::Packed;
use super::{Bounds, Ending, drain};

/// Largest window, in bytes.
const WINDOW: u64 = 16 << 20;
/// That window in the byte that describes it: 2 to the power of 10 + 14.
const DESCRIPTOR: u8 = 14 << 3;

/// What unpacks one frame: its header, then the packed bytes.
pub(super) type Frame<P> = StreamingDecoder<io::Chain<io::Cursor<Vec<u8>>, P>, FrameDecoder>;

/// One frame.
pub(super) fn unpack(packed: &mut Packed<'_>, out: &mut Vec<u8>, bounds: Bounds) -> Ending {
    let header = smaller(packed);
    match open(header, packed) {
        Ok(mut decoder) => drain(
            &mut decoder,
            |it| it.get_ref().get_ref().1.used(),
            out,
            bounds,
        ),
        Err(ending) => ending,
    }
}

/// A decoder of the frame that starts with `header`, as [`smaller`] gives it, and goes on in `packed`.
pub(super) fn open<P: Read>(header: Vec<u8>, packed: P) -> Result<Frame<P>, Ending> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW);
    StreamingDecoder::new_with_decoder(io::Cursor::new(header).chain(packed), decoder)
        .map_err(|error| Ending::Broken(error.to_string()))
}

/// Takes the header of a frame with too large a window, and gives one with a
/// smaller window in its place; otherwise nothing is taken.
pub(super) fn smaller(packed: &mut Packed<'_>) -> Vec<u8> {
    let head = packed.ahead(18);
    let Some([magic @ .., flags, window]) = head.first_chunk::<6>().copied() else {
        return Vec::new();
    };
    let single = flags & 0x20 != 0;
    // Frames that need a dictionary cannot be read anyway.
    if flags & 0x03 != 0 {
        return Vec::new();
    }
    let (size, at) = match (flags >> 6, single) {
        (0, false) => (0_usize, 6_usize),
        (0, true) => (1, 5),
        (code, _) => (
            1_usize.wrapping_shl(u32::from(code)),
            if single { 5 } else { 6 },
        ),
    };
    let claimed = if single {
        let mut number = [0; 8];
        let field = head.get(at..at.saturating_add(size)).unwrap_or_default();
        for (to, from) in number.iter_mut().zip(field) {
            *to = *from;
        }
        u64::from_le_bytes(number)
    } else {
        let base = 1024_u64.wrapping_shl(u32::from(window >> 3));
        base.saturating_add((base / 8).saturating_mul(u64::from(window & 7)))
    };
    if claimed <= WINDOW {
        return Vec::new();
    }
    packed.skip(at.saturating_add(size) as u64);
    let [first, second, third, fourth] = magic;
    vec![first, second, third, fourth, flags & 0x04, DESCRIPTOR]
}

#[cfg(test)]
mod tests {
    use crate::unpack::{Bounds, Compression, Ending, unpack};

    #[test]
    fn a_frame_that_claims_a_large_window_is_read() {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let mut frame = ruzstd::encoding::compress_to_vec(&b"some text"[..], level);
        assert_eq!(frame[4] & 0x20, 0, "a window, not a size");
        frame[5] = 20 << 3;
        let bounds = Bounds {
            bytes: 1 << 20,
            ratio: 200,
        };
        let unpacked = unpack(Compression::Zstd, &frame, bounds);
        assert_eq!(unpacked.ending, Ending::Complete);
        assert_eq!(unpacked.bytes, b"some text");
    }
}
