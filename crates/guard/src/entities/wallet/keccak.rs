//! Keccak-256 with the padding that Ethereum took before SHA-3 was a standard, for one block.

/// Bytes of a block.
const RATE: usize = 136;

/// The hash of at most 135 bytes; what is longer is cut, which no caller does.
pub(super) fn hash_256(text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; RATE];
    let length = text.len().min(RATE.saturating_sub(1));
    for (to, from) in block.iter_mut().zip(text.iter().take(length)) {
        *to = *from;
    }
    if let Some(end) = block.get_mut(length) {
        *end ^= 0x01;
    }
    if let Some(last) = block.last_mut() {
        *last ^= 0x80;
    }
    let mut state = [0_u64; 25];
    let (words, _) = block.as_chunks::<8>();
    for (lane, word) in state.iter_mut().zip(words) {
        *lane = u64::from_le_bytes(*word);
    }
    permute(&mut state);
    let mut hash = [0_u8; 32];
    let (parts, _) = hash.as_chunks_mut::<8>();
    for (part, lane) in parts.iter_mut().zip(state) {
        *part = lane.to_le_bytes();
    }
    hash
}

/// Keccak-f[1600] (FIPS 202, section 3).
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "places of a state of 25 lanes, computed modulo five"
)]
fn permute(state: &mut [u64; 25]) {
    let mut shift = 1_u8;
    for _ in 0..24 {
        let mut columns = [0_u64; 5];
        for x in 0..5 {
            columns[x] = (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]);
        }
        for x in 0..5 {
            let mixed = columns[(x + 4) % 5] ^ columns[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                state[x + 5 * y] ^= mixed;
            }
        }
        let (mut x, mut y) = (1_usize, 0_usize);
        let mut moved = state[1];
        for step in 0_u32..24 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let place = x + 5 * y;
            let rotated = moved.rotate_left((step + 1) * (step + 2) / 2 % 64);
            moved = state[place];
            state[place] = rotated;
        }
        for y in 0..5 {
            let row: [u64; 5] = std::array::from_fn(|x| state[x + 5 * y]);
            for x in 0..5 {
                state[x + 5 * y] = row[x] ^ (!row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        // The constant of a round, out of a register that shifts.
        for bit in 0..7_u32 {
            if shift & 1 == 1 {
                state[0] ^= 1 << ((1_u32 << bit) - 1);
            }
            shift = if shift & 0x80 == 0 {
                shift << 1
            } else {
                (shift << 1) ^ 0x71
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hash_256;

    #[test]
    fn the_hash_of_nothing_is_known() {
        let hex: String = hash_256(b"")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
    }
}
