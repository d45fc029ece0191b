//! The wire format of protocol buffers, walked without a schema and without
//! reading what is not asked for: a tensor of gigabytes is one jump.
//!
//! See <https://protobuf.dev/programming-guides/encoding/>.

#[doc(hidden)]
pub mod assemble;

use crate::window::{Stop, Window};

/// A range of the file that is one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The first byte.
    pub at: u64,
    /// The byte behind the last.
    pub end: u64,
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The number of the field.
    pub number: u32,
    /// Where its tag stands.
    pub at: u64,
    /// What it holds.
    pub value: Value,
}

/// The value of a field as the wire has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A varint.
    Number(u64),
    /// Four bytes.
    Fixed32(u32),
    /// Eight bytes.
    Fixed64(u64),
    /// Text, bytes, a message or packed numbers.
    Bytes(Message),
}

/// Why a message could not be walked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// What stands there is no field.
    Malformed(u64),
    /// Reading stopped.
    Stop(Stop),
}

impl From<Stop> for Broken {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl Message {
    /// The whole file.
    pub fn whole(window: &Window<'_>) -> Self {
        Self {
            at: 0,
            end: window.len(),
        }
    }

    /// How many bytes are left of it.
    pub fn length(self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    /// The next field, and the place moves behind it; `None` at the end.
    pub fn next(&mut self, window: &mut Window<'_>) -> Result<Option<Field>, Broken> {
        if self.at >= self.end {
            return Ok(None);
        }
        let at = self.at;
        let tag = self.varint(window)?;
        let number = u32::try_from(tag >> 3).map_err(|_| Broken::Malformed(at))?;
        if number == 0 || number > 0x1fff_ffff {
            return Err(Broken::Malformed(at));
        }
        let value = match tag & 7 {
            0 => Value::Number(self.varint(window)?),
            1 => {
                let value = window.u64(self.take(8)?)?;
                Value::Fixed64(value)
            }
            2 => {
                let length = self.varint(window)?;
                let start = self.take(length)?;
                Value::Bytes(Self {
                    at: start,
                    end: self.at,
                })
            }
            5 => {
                let value = window.u32(self.take(4)?)?;
                Value::Fixed32(value)
            }
            // Groups are gone since long before these formats.
            _ => return Err(Broken::Malformed(at)),
        };
        Ok(Some(Field { number, at, value }))
    }

    /// Moves past `length` bytes and gives where they start.
    fn take(&mut self, length: u64) -> Result<u64, Broken> {
        let start = self.at;
        let end = start
            .checked_add(length)
            .filter(|end| *end <= self.end)
            .ok_or(Broken::Malformed(start))?;
        self.at = end;
        Ok(start)
    }

    /// A number in groups of seven bits, the lowest first.
    pub fn varint(&mut self, window: &mut Window<'_>) -> Result<u64, Broken> {
        let at = self.at;
        let wanted = self.length().min(10);
        let bytes = window.get(at, usize::try_from(wanted).unwrap_or(10))?;
        let mut value = 0_u64;
        for (index, byte) in (0_u32..).zip(bytes) {
            value |= u64::from(byte & 0x7f).wrapping_shl(index.saturating_mul(7));
            if byte & 0x80 == 0 {
                self.at = at.saturating_add(u64::from(index)).saturating_add(1);
                return Ok(value);
            }
        }
        Err(Broken::Malformed(at))
    }

    /// The bytes as text, of which at most `keep` are kept.
    pub fn text(self, window: &mut Window<'_>, keep: usize) -> Result<String, Broken> {
        Ok(window.text(self.at, self.length(), keep)?)
    }

    /// Whether all of it is printable text in UTF-8 of at most `most` bytes.
    pub fn is_text(self, window: &mut Window<'_>, most: usize) -> bool {
        let Ok(length) = usize::try_from(self.length()) else {
            return false;
        };
        length <= most
            && window.get(self.at, length).is_ok_and(|bytes| {
                std::str::from_utf8(bytes).is_ok_and(|text| {
                    text.chars()
                        .all(|character| !character.is_control() || character == '\n')
                })
            })
    }
}

/// The numbers of a repeated field, packed or one at a time: calls `take` with each.
pub fn numbers(
    value: Value,
    window: &mut Window<'_>,
    take: &mut dyn FnMut(u64),
) -> Result<(), Broken> {
    match value {
        Value::Number(number) => take(number),
        Value::Bytes(mut packed) => {
            // No shape has more dimensions than this; more are a number nobody needs.
            for _ in 0..64 {
                if packed.at >= packed.end {
                    break;
                }
                take(packed.varint(window)?);
            }
        }
        Value::Fixed32(_) | Value::Fixed64(_) => {}
    }
    Ok(())
}
