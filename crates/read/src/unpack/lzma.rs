//! The LZMA decoder: a range coder over adaptive bits, and a dictionary that is
//! what was unpacked so far.
//!
//! Written after the description of the format by its author (LZMA
//! specification, in the public domain). Memory is the output and the table of
//! probabilities, at most 6 MiB of it, whatever dictionary a header claims.

use super::packed::Packed;

/// Where each group of probabilities starts in the table.
const IS_MATCH: usize = 0;
const IS_REPEAT: usize = 192;
const IS_REPEAT_0: usize = 204;
const IS_REPEAT_1: usize = 216;
const IS_REPEAT_2: usize = 228;
const IS_REPEAT_0_LONG: usize = 240;
const SLOT: usize = 432;
const DISTANCE: usize = 688;
const ALIGN: usize = 803;
const LENGTH: usize = 819;
const REPEAT_LENGTH: usize = 1333;
const LITERAL: usize = 1847;

/// An even chance.
const HALF: u16 = 1024;
/// The distance that marks the end.
const END_MARK: u32 = u32::MAX;
/// Shortest match.
const SHORTEST: usize = 2;

/// Why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Enough came out.
    Enough,
    /// The mark of the end.
    End,
    /// The packed bytes end first.
    Cut,
    /// A distance before the start of the data, or numbers that cannot be.
    Corrupt,
}

/// The state between symbols.
pub(super) struct Decoder {
    literal_context: u32,
    literal_position: u32,
    position_bits: u32,
    probabilities: Vec<u16>,
    state: usize,
    repeats: [u32; 4],
    range: u32,
    code: u32,
    starved: bool,
}

impl Decoder {
    /// A decoder with the byte that holds its three parameters.
    pub(super) fn new(properties: u8) -> Option<Self> {
        if properties >= 225 {
            return None;
        }
        let rest = properties / 9;
        let mut decoder = Self {
            literal_context: u32::from(properties % 9),
            literal_position: u32::from(rest % 5),
            position_bits: u32::from(rest / 5),
            probabilities: Vec::new(),
            state: 0,
            repeats: [0; 4],
            range: u32::MAX,
            code: 0,
            starved: false,
        };
        decoder.reset();
        Some(decoder)
    }

    /// Back to even chances.
    pub(super) fn reset(&mut self) {
        let contexts = self.literal_context.saturating_add(self.literal_position);
        let literals = 0x300_usize.wrapping_shl(contexts);
        self.probabilities.clear();
        self.probabilities
            .resize(LITERAL.saturating_add(literals), HALF);
        self.state = 0;
        self.repeats = [0; 4];
    }

    /// Reads the five bytes with which coded data starts.
    pub(super) fn start(&mut self, input: &mut Packed<'_>) -> bool {
        let Some([_, first, second, third, fourth]) = input.array::<5>() else {
            return false;
        };
        self.range = u32::MAX;
        self.code = u32::from_be_bytes([first, second, third, fourth]);
        self.starved = false;
        true
    }

    /// Decodes until `out` has `until` bytes or a little more; its dictionary begins at `start` of `out`.
    pub(super) fn run(
        &mut self,
        input: &mut Packed<'_>,
        out: &mut Vec<u8>,
        start: usize,
        until: usize,
    ) -> Stop {
        while out.len() < until {
            if self.starved {
                return Stop::Cut;
            }
            match self.symbol(input, out, start) {
                Some(Stop::Enough) => {}
                Some(stop) => return stop,
                None => return Stop::Corrupt,
            }
        }
        Stop::Enough
    }

    /// One literal or match.
    fn symbol(&mut self, input: &mut Packed<'_>, out: &mut Vec<u8>, start: usize) -> Option<Stop> {
        let position = out.len().saturating_sub(start);
        let position_state = low_bits(position, self.position_bits);
        let place = self.state.wrapping_mul(16).wrapping_add(position_state);
        if self.bit(input, IS_MATCH.wrapping_add(place))? == 0 {
            let byte = self.literal(input, out, start)?;
            out.push(byte);
            self.state = match self.state {
                0..4 => 0,
                4..10 => self.state.saturating_sub(3),
                _ => self.state.saturating_sub(6),
            };
            return Some(Stop::Enough);
        }
        let early = self.state < 7;
        let length = if self.bit(input, IS_REPEAT.wrapping_add(self.state))? == 0 {
            let length = self.length(input, LENGTH, position_state)?;
            self.state = if early { 7 } else { 10 };
            let distance = self.distance(input, length)?;
            if distance == END_MARK {
                return Some(Stop::End);
            }
            let [first, second, third, _] = self.repeats;
            self.repeats = [distance, first, second, third];
            length
        } else {
            if self.bit(input, IS_REPEAT_0.wrapping_add(self.state))? != 0 {
                self.choose_repeat(input)?;
            } else if self.bit(input, IS_REPEAT_0_LONG.wrapping_add(place))? == 0 {
                self.state = if early { 9 } else { 11 };
                return self.copy(out, start, 1);
            }
            let length = self.length(input, REPEAT_LENGTH, position_state)?;
            self.state = if early { 8 } else { 11 };
            length
        };
        self.copy(out, start, length.saturating_add(SHORTEST))
    }

    /// Moves an older distance to the front.
    fn choose_repeat(&mut self, input: &mut Packed<'_>) -> Option<()> {
        let [first, second, third, fourth] = self.repeats;
        self.repeats = if self.bit(input, IS_REPEAT_1.wrapping_add(self.state))? == 0 {
            [second, first, third, fourth]
        } else if self.bit(input, IS_REPEAT_2.wrapping_add(self.state))? == 0 {
            [third, first, second, fourth]
        } else {
            [fourth, first, second, third]
        };
        Some(())
    }

    fn literal(&mut self, input: &mut Packed<'_>, out: &[u8], start: usize) -> Option<u8> {
        let position = out.len().saturating_sub(start);
        let previous = if position == 0 {
            0
        } else {
            usize::from(out.last().copied().unwrap_or_default())
        };
        let shift = 8_u32.saturating_sub(self.literal_context);
        let context = low_bits(position, self.literal_position)
            .wrapping_shl(self.literal_context)
            .wrapping_add(previous.wrapping_shr(shift));
        let base = LITERAL.wrapping_add(context.wrapping_mul(0x300));
        let mut symbol = 1_usize;
        if self.state >= 7 {
            // After a match, the byte that would have gone on with it is a hint.
            let mut hint = usize::from(self.back(out, start)?);
            while symbol < 0x100 {
                let expected = (hint >> 7) & 1;
                hint <<= 1;
                let place = expected.wrapping_add(1).wrapping_mul(0x100);
                let bit = self.bit(input, base.wrapping_add(place).wrapping_add(symbol))?;
                symbol = symbol << 1 | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = symbol << 1 | self.bit(input, base.wrapping_add(symbol))?;
        }
        u8::try_from(symbol & 0xff).ok()
    }

    /// The byte at the first distance.
    fn back(&self, out: &[u8], start: usize) -> Option<u8> {
        let [distance, ..] = self.repeats;
        let back = usize::try_from(distance).ok()?.checked_add(1)?;
        let at = out.len().checked_sub(back).filter(|at| *at >= start)?;
        out.get(at).copied()
    }

    /// A length, less the shortest.
    fn length(&mut self, input: &mut Packed<'_>, base: usize, state: usize) -> Option<usize> {
        let place = base.wrapping_add(state.wrapping_mul(8));
        if self.bit(input, base)? == 0 {
            self.tree(input, place.wrapping_add(2), 3)
        } else if self.bit(input, base.wrapping_add(1))? == 0 {
            self.tree(input, place.wrapping_add(130), 3)
                .map(|length| length.saturating_add(8))
        } else {
            self.tree(input, base.wrapping_add(258), 8)
                .map(|length| length.saturating_add(16))
        }
    }

    /// A distance, less one.
    fn distance(&mut self, input: &mut Packed<'_>, length: usize) -> Option<u32> {
        let group = SLOT.wrapping_add(length.min(3).wrapping_mul(64));
        let slot = self.tree(input, group, 6)?;
        if slot < 4 {
            return u32::try_from(slot).ok();
        }
        let bits = u32::try_from((slot >> 1).saturating_sub(1)).ok()?;
        let top = u32::try_from(2 | slot & 1).ok()?.wrapping_shl(bits);
        if slot < 14 {
            let base = DISTANCE
                .wrapping_add(usize::try_from(top).ok()?)
                .wrapping_sub(slot);
            return Some(top.wrapping_add(self.reversed(input, base, bits)?));
        }
        let direct = self.direct(input, bits.saturating_sub(4));
        let low = self.reversed(input, ALIGN, 4)?;
        Some(top.wrapping_add(direct << 4).wrapping_add(low))
    }

    /// Repeats `length` bytes from the first distance back.
    fn copy(&self, out: &mut Vec<u8>, start: usize, length: usize) -> Option<Stop> {
        let [distance, ..] = self.repeats;
        let back = usize::try_from(distance).ok()?.checked_add(1)?;
        let from = out.len().checked_sub(back).filter(|from| *from >= start)?;
        if back >= length {
            out.extend_from_within(from..from.saturating_add(length));
        } else {
            for at in from..from.saturating_add(length) {
                let byte = out.get(at).copied()?;
                out.push(byte);
            }
        }
        Some(Stop::Enough)
    }

    /// One bit, whose chance is at `index`.
    fn bit(&mut self, input: &mut Packed<'_>, index: usize) -> Option<usize> {
        let chance = self.probabilities.get_mut(index)?;
        let bound = (self.range >> 11).wrapping_mul(u32::from(*chance));
        let bit = if self.code < bound {
            self.range = bound;
            *chance = chance.wrapping_add(2048_u16.wrapping_sub(*chance) >> 5);
            0
        } else {
            self.range = self.range.wrapping_sub(bound);
            self.code = self.code.wrapping_sub(bound);
            *chance = chance.wrapping_sub(*chance >> 5);
            1
        };
        self.normalise(input);
        Some(bit)
    }

    /// Bits of even chance.
    fn direct(&mut self, input: &mut Packed<'_>, count: u32) -> u32 {
        let mut value = 0_u32;
        for _ in 0..count {
            self.range >>= 1;
            let bit = u32::from(self.code >= self.range);
            if bit == 1 {
                self.code = self.code.wrapping_sub(self.range);
            }
            value = value << 1 | bit;
            self.normalise(input);
        }
        value
    }

    fn normalise(&mut self, input: &mut Packed<'_>) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            let byte = input.byte();
            self.starved |= byte.is_none();
            self.code = self.code << 8 | u32::from(byte.unwrap_or_default());
        }
    }

    /// A number of `bits` bits, highest first.
    fn tree(&mut self, input: &mut Packed<'_>, base: usize, bits: u32) -> Option<usize> {
        let end = 1_usize.wrapping_shl(bits);
        let mut symbol = 1_usize;
        while symbol < end {
            symbol = symbol << 1 | self.bit(input, base.wrapping_add(symbol))?;
        }
        Some(symbol.wrapping_sub(end))
    }

    /// A number of `bits` bits, lowest first.
    fn reversed(&mut self, input: &mut Packed<'_>, base: usize, bits: u32) -> Option<u32> {
        let mut symbol = 1_usize;
        let mut value = 0_u32;
        for place in 0..bits {
            let bit = self.bit(input, base.wrapping_add(symbol))?;
            symbol = symbol << 1 | bit;
            value |= u32::try_from(bit).ok()?.wrapping_shl(place);
        }
        Some(value)
    }
}

fn low_bits(value: usize, bits: u32) -> usize {
    value & 1_usize.wrapping_shl(bits).wrapping_sub(1)
}
