//! The bytes that the low parts of numbers make when they are put together.

/// A stream is filled anew from each block.
pub(super) type Stream = Vec<u8>;

/// The lowest byte of each number of `N` bytes.
pub(super) fn lowest<const N: usize>(bytes: &[u8], into: &mut Stream) {
    into.clear();
    let lowest = |element: &[u8; N]| element.first().copied().unwrap_or_default();
    into.extend(bytes.as_chunks::<N>().0.iter().map(lowest));
}

/// The lowest `W` bytes of each number of `N`, the highest of them first when `backwards`.
pub(super) fn low_bytes<const N: usize, const W: usize>(
    bytes: &[u8],
    backwards: bool,
    into: &mut Stream,
) {
    let (elements, _) = bytes.as_chunks::<N>();
    into.clear();
    into.resize(elements.len().saturating_mul(W), 0);
    for (low, element) in into.as_chunks_mut::<W>().0.iter_mut().zip(elements) {
        if let Some(bytes) = element.first_chunk::<W>() {
            *low = *bytes;
            if backwards {
                low.reverse();
            }
        }
    }
}

/// The low `bits` (1, 2 or 4) of each of `lows`, put together to bytes; the first of them is the
/// highest of its byte or the lowest.
pub(super) fn low_bits(lows: &[u8], bits: u32, first_is_high: bool, into: &mut Stream) {
    let (eights, rest) = lows.as_chunks::<8>();
    into.clear();
    let word = |eight: &[u8; 8]| {
        if first_is_high {
            u64::from_be_bytes(*eight)
        } else {
            u64::from_le_bytes(*eight)
        }
    };
    into.resize(eights.len().saturating_mul(bits as usize), 0);
    match bits {
        1 => {
            for (byte, eight) in into.iter_mut().zip(eights) {
                *byte = ones(word(eight));
            }
        }
        2 => {
            for (bytes, eight) in into.as_chunks_mut::<2>().0.iter_mut().zip(eights) {
                let [first, .., second, _, _, _] = twos(word(eight));
                *bytes = if first_is_high {
                    [second, first]
                } else {
                    [first, second]
                };
            }
        }
        _ => {
            for (bytes, eight) in into.as_chunks_mut::<4>().0.iter_mut().zip(eights) {
                let [first, _, second, _, third, _, fourth, _] = fours(word(eight));
                *bytes = if first_is_high {
                    [fourth, third, second, first]
                } else {
                    [first, second, third, fourth]
                };
            }
        }
    }
    // Less than eight are left; of single bits they make no byte.
    let per_byte = 8_u32.checked_div(bits).unwrap_or(8) as usize;
    for parts in rest.chunks_exact(per_byte) {
        let mask = u8::MAX >> 8_u32.saturating_sub(bits);
        let fold = |byte: u8, part: &u8| byte.wrapping_shl(bits) | part & mask;
        into.push(if first_is_high {
            parts.iter().fold(0, fold)
        } else {
            parts.iter().rev().fold(0, fold)
        });
    }
}

/// The stream that [`low_bits`] makes when it starts `bits` bits later, fewer than a byte, from
/// `base`, which it makes from the start.
pub(super) fn later(base: &[u8], bits: u32, first_is_high: bool, into: &mut Stream) {
    let rest = 8_u32.saturating_sub(bits);
    let pairs = base.iter().zip(base.get(1..).unwrap_or_default());
    into.clear();
    if first_is_high {
        into.extend(
            pairs.map(|(first, second)| first.wrapping_shl(bits) | second.wrapping_shr(rest)),
        );
    } else {
        into.extend(
            pairs.map(|(first, second)| first.wrapping_shr(bits) | second.wrapping_shl(rest)),
        );
    }
}

/// The lowest bits of eight bytes; that of the first is the lowest.
fn ones(word: u64) -> u8 {
    // Each byte is moved to where its bit belongs in the highest byte; no two meet elsewhere.
    let [.., highest] = (word & 0x0101_0101_0101_0101)
        .wrapping_mul(0x0102_0408_1020_4080)
        .to_le_bytes();
    highest
}

/// The lowest two bits of eight bytes, in the first and the fifth byte.
fn twos(word: u64) -> [u8; 8] {
    let word = word & 0x0303_0303_0303_0303;
    let pairs = (word | word >> 6) & 0x000f_000f_000f_000f;
    (pairs | pairs >> 12).to_le_bytes()
}

/// The lowest four bits of eight bytes, in every second byte.
fn fours(word: u64) -> [u8; 8] {
    let word = word & 0x0f0f_0f0f_0f0f_0f0f;
    (word | word >> 4).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, as one would say it.
    fn slowly(lows: &[u8], bits: u32, first_is_high: bool) -> Vec<u8> {
        lows.chunks_exact(8 / bits as usize)
            .map(|parts| {
                let mut byte = 0_u32;
                for (index, part) in parts.iter().enumerate() {
                    let index = u32::try_from(index).unwrap();
                    let place = if first_is_high {
                        8 - bits * (index + 1)
                    } else {
                        bits * index
                    };
                    byte |= (u32::from(*part) & ((1 << bits) - 1)) << place;
                }
                u8::try_from(byte).unwrap()
            })
            .collect()
    }

    #[test]
    fn bits_are_put_together_in_both_orders() {
        let lows: Vec<u8> = (0..1003_u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
            .collect();
        let mut stream = Vec::new();
        for bits in [1, 2, 4] {
            for first_is_high in [true, false] {
                for length in [0, 5, 8, 31, 1003] {
                    low_bits(&lows[..length], bits, first_is_high, &mut stream);
                    assert_eq!(
                        stream,
                        slowly(&lows[..length], bits, first_is_high),
                        "{bits} {first_is_high} {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_stream_that_starts_later_is_the_one_of_what_is_left() {
        let lows: Vec<u8> = (0..800_u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
            .collect();
        let (mut base, mut stream) = (Vec::new(), Vec::new());
        for bits in [1, 2, 4] {
            for first_is_high in [true, false] {
                low_bits(&lows, bits, first_is_high, &mut base);
                for skipped in 1..8 / bits {
                    later(&base, skipped * bits, first_is_high, &mut stream);
                    let slow = slowly(&lows[skipped as usize..], bits, first_is_high);
                    assert_eq!(stream, slow, "{bits} {first_is_high} {skipped}");
                }
            }
        }
    }

    #[test]
    fn bytes_are_put_together_in_both_orders() {
        let mut stream = Vec::new();
        low_bytes::<4, 3>(b"abcdefghij", false, &mut stream);
        assert_eq!(stream, b"abcefg");
        low_bytes::<4, 2>(b"abcdefgh", true, &mut stream);
        assert_eq!(stream, b"bafe");
        lowest::<2>(b"abcde", &mut stream);
        assert_eq!(stream, b"ac");
    }
}
