//! Long runs of letters, digits, `_` and `-`: every key holds one, most text does not.

use std::ops::Range;

/// Shortest run of interest: the body of an AWS access key id.
pub(super) const LEAST: usize = 16;

/// Calls `found` with every run of at least [`LEAST`] bytes, in order. Works on 64 bytes at a
/// time as a mask of bits, without a branch that depends on the single byte.
pub(super) fn each(bytes: &[u8], mut found: impl FnMut(Range<usize>)) {
    let mut open: Option<usize> = None;
    let mut base = 0_usize;
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut last = [0_u8; 64];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    for block in blocks.iter().chain(std::iter::once(&last)) {
        let mask = word_mask(block);
        let lead = mask.trailing_ones();
        if lead == 64 {
            open.get_or_insert(base);
        } else {
            let end = base.saturating_add(lead as usize);
            let start = open.take().unwrap_or(base);
            if end.saturating_sub(start) >= LEAST {
                found(start..end);
            }
            let tail = mask.leading_ones();
            within(mask, lead, tail, base, &mut found);
            if tail > 0 {
                open = Some(base.saturating_add(64).saturating_sub(tail as usize));
            }
        }
        base = base.saturating_add(64);
    }
}

/// The runs that neither begin nor end at the border of the block.
fn within(mask: u64, lead: u32, tail: u32, base: usize, found: &mut impl FnMut(Range<usize>)) {
    let low = u64::MAX.checked_shl(lead).unwrap_or(0);
    let high = u64::MAX.checked_shr(tail).unwrap_or(0);
    let inner = mask & low & high;
    // A bit stays when it and the next fifteen are set.
    let mut starts = inner & (inner >> 1);
    starts &= starts >> 2;
    starts &= starts >> 4;
    starts &= starts >> 8;
    while starts != 0 {
        let first = starts.trailing_zeros();
        let length = (inner >> first).trailing_ones();
        let start = base.saturating_add(first as usize);
        found(start..start.saturating_add(length as usize));
        starts &= u64::MAX
            .checked_shl(first.saturating_add(length))
            .unwrap_or(0);
    }
}

/// One bit for each byte, the first byte in the lowest: whether it is a letter, a digit, `_` or `-`.
fn word_mask(block: &[u8; 64]) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, byte) in flags.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *flag = u8::from(letter | digit | (*byte == b'_') | (*byte == b'-'));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let mut mask = 0_u64;
    for eight in eights.iter().rev() {
        // Multiplying moves the lowest bit of byte i to bit 56 + i.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask = (mask << 8) | bits;
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_slow_search_finds() {
        let mut state = 7_u64;
        for round in 0..600_usize {
            let text: Vec<u8> = (0..150 + round)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    match state >> 60 {
                        0 => b' ',
                        1 => b'_',
                        2 => b'-',
                        3 => b'9',
                        4 => b'Z',
                        _ => b'a',
                    }
                })
                .collect();
            let mut expected = Vec::new();
            let mut start = 0;
            for (index, byte) in text.iter().chain(b" ").enumerate() {
                if *byte == b' ' {
                    if index - start >= LEAST {
                        expected.push(start..index);
                    }
                    start = index + 1;
                }
            }
            let mut found = Vec::new();
            each(&text, |run| found.push(run));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_byte_is_told_rightly() {
        for byte in 0..=u8::MAX {
            let word = super::super::alphabet::is_word(byte);
            assert_eq!(word_mask(&[byte; 64]), if word { u64::MAX } else { 0 });
        }
    }
}
