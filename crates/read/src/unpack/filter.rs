//! Filters that stand before a compression and are taken back after it.

/// A filter of xz and 7z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Each byte is the difference from the one so many bytes before it.
    Delta(usize),
    /// Addresses of calls and jumps of x86 programs are absolute.
    X86,
}

impl Filter {
    /// Gives back what was filtered; `bytes` are the data from their start.
    pub fn undo(self, bytes: &mut [u8]) {
        match self {
            Self::Delta(distance) => undo_delta(bytes, distance),
            Self::X86 => undo_x86(bytes),
        }
    }
}

fn undo_delta(bytes: &mut [u8], distance: usize) {
    for at in distance..bytes.len() {
        let before = at
            .checked_sub(distance)
            .and_then(|before| bytes.get(before).copied())
            .unwrap_or_default();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = byte.wrapping_add(before);
        }
    }
}

/// Makes the operands of E8 and E9 relative again. What counts as an operand
/// depends on where such bytes stood among the three before, kept in `mask`.
fn undo_x86(bytes: &mut [u8]) {
    const ALLOWED: [bool; 8] = [true, true, true, false, true, false, false, false];
    const BIT: [u32; 8] = [0, 1, 2, 2, 3, 3, 3, 3];
    let extreme = |byte: u8| byte == 0 || byte == 0xff;
    let mut mask = 0_usize;
    // One before the start: nothing was seen yet.
    let mut seen: Option<usize> = None;
    let mut at = 0_usize;
    while let Some(window) = bytes.get(at..at.saturating_add(5)) {
        let [opcode, operand @ ..] = window else {
            return;
        };
        if opcode & 0xfe != 0xe8 {
            at = at.saturating_add(1);
            continue;
        }
        let distance = seen.map_or(usize::MAX, |seen| at.saturating_sub(seen));
        seen = Some(at);
        mask = match distance {
            1..=3 => mask.wrapping_shl(u32::try_from(distance).unwrap_or(0).wrapping_sub(1)) & 7,
            _ => 0,
        };
        let operand: [u8; 4] = operand.try_into().unwrap_or_default();
        let [.., top] = operand;
        if mask != 0 {
            let bit = BIT.get(mask).copied().unwrap_or_default();
            let place = 3_u32.saturating_sub(bit);
            let byte = operand
                .get(usize::try_from(place).unwrap_or_default())
                .copied()
                .unwrap_or_default();
            if !ALLOWED.get(mask).copied().unwrap_or_default() || extreme(byte) {
                mask = mask << 1 & 7 | 1;
                at = at.saturating_add(1);
                continue;
            }
        }
        if !extreme(top) {
            mask = mask << 1 & 7 | 1;
            at = at.saturating_add(1);
            continue;
        }
        let position = u32::try_from(at.wrapping_add(5) & 0xffff_ffff).unwrap_or_default();
        let mut source = u32::from_le_bytes(operand);
        let value = loop {
            let value = source.wrapping_sub(position);
            if mask == 0 {
                break value;
            }
            let shift = BIT.get(mask).copied().unwrap_or_default().wrapping_mul(8);
            let checked = value.wrapping_shr(24_u32.wrapping_sub(shift)).to_le_bytes();
            let [checked, ..] = checked;
            if !extreme(checked) {
                break value;
            }
            let bits = 1_u32
                .wrapping_shl(32_u32.wrapping_sub(shift))
                .wrapping_sub(1);
            source = value ^ bits;
        };
        let sign = if value >> 24 & 1 == 1 { 0xff00_0000 } else { 0 };
        let value = value & 0x00ff_ffff | sign;
        if let Some(place) = bytes.get_mut(at.saturating_add(1)..at.saturating_add(5)) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        at = at.saturating_add(5);
        mask = 0;
        seen = at.checked_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_add_up_again() {
        let mut bytes = *b"\x01\x0a\x01\x01\xff\x00";
        Filter::Delta(2).undo(&mut bytes);
        assert_eq!(bytes, *b"\x01\x0a\x02\x0b\x01\x0b");
    }

    #[test]
    fn calls_become_relative_again() {
        // A call of what is at 0x105, from a call that ends at 5.
        let mut bytes = *b"\xe8\x05\x01\x00\x00text";
        Filter::X86.undo(&mut bytes);
        assert_eq!(bytes, *b"\xe8\x00\x01\x00\x00text");
        let mut text = *b"no call \xe8\x12\x34\x56\x78 in here";
        Filter::X86.undo(&mut text);
        assert_eq!(text, *b"no call \xe8\x12\x34\x56\x78 in here");
    }
}
