//! The opcodes that push constants, and memo indices.

use super::cursor::Break;
use super::machine::{Machine, malformed};
use super::opcode::*;
use super::operand;
use super::tape::Tape;
use super::value::{CONSTANT, Heap, Object, Value};

impl<T: Tape> Machine<'_, '_, T> {
    pub(super) fn text_constant(&mut self, opcode: u8) -> Result<(), Break> {
        let (line, whole) = self.cursor.line()?;
        self.measure();
        let heap = &mut self.world.heap;
        let value = match opcode {
            INT if line == b"00" => Ok(Value::Bool(false)),
            INT if line == b"01" => Ok(Value::Bool(true)),
            INT | LONG => match operand::integer(&line) {
                Some(number) => Ok(i64::try_from(number).map_or(Value::Unknown, Value::Int)),
                None if operand::is_integer(&line) => Ok(Value::Unknown),
                None => Err("an integer line holds no integer"),
            },
            FLOAT => operand::float(&line)
                .map(Value::Float)
                .ok_or("a FLOAT line holds no number"),
            STRING if whole => operand::string(&line)
                .map(|bytes| Value::Text(heap.span(&bytes, true)))
                .ok_or("the operand of STRING is not quoted"),
            STRING | UNICODE => {
                let text = operand::unicode(&line);
                Ok(Value::Text(heap.span(text.as_bytes(), whole)))
            }
            _ => Ok(heap.add(Object::Persistent)),
        };
        let value = value.or_else(|what| self.endure(what))?;
        if matches!(value, Value::Text(_)) {
            self.world.look_inside(value, self.site);
        }
        self.push(value)
    }

    pub(super) fn number(&mut self, opcode: u8) -> Result<(), Break> {
        let value = match opcode {
            BININT => {
                let raw = u32::try_from(self.cursor.unsigned(4)?).unwrap_or_default();
                Value::Int(i64::from(raw.cast_signed()))
            }
            BININT1 => Value::Int(i64::from(self.cursor.byte()?)),
            BININT2 => Value::Int(i64::try_from(self.cursor.unsigned(2)?).unwrap_or_default()),
            BINFLOAT => {
                let raw = self.cursor.unsigned(8)?;
                Value::Float(f64::from_bits(raw.swap_bytes()))
            }
            _ => {
                let width = if opcode == LONG1 { 1 } else { 4 };
                let length = self.cursor.unsigned(width)?;
                if length > i32::MAX as u64 {
                    return Err(malformed("LONG4 with a negative length".to_owned()));
                }
                let bytes = self.cursor.take(length)?.to_vec();
                long(&mut self.world.heap, &bytes, length)
            }
        };
        self.push(value)
    }

    pub(super) fn counted(&mut self, opcode: u8) -> Result<(), Break> {
        let width = match opcode {
            SHORT_BINSTRING | SHORT_BINUNICODE | SHORT_BINBYTES => 1,
            BINSTRING | BINUNICODE | BINBYTES => 4,
            _ => 8,
        };
        let length = self.cursor.unsigned(width)?;
        if opcode == BINSTRING && length > i32::MAX as u64 {
            return Err(malformed("BINSTRING with a negative length".to_owned()));
        }
        let start = self.cursor.skip(length)?;
        self.measure();
        let kept = usize::try_from(length).unwrap_or(usize::MAX).min(CONSTANT);
        let bytes = self.cursor.tape.at(start, kept);
        let span = self.world.heap.span(bytes, bytes.len() as u64 == length);
        self.world.note_archive(span, start, length);
        let value = match opcode {
            BINBYTES | SHORT_BINBYTES | BINBYTES8 | BYTEARRAY8 => Value::Bytes(span),
            _ => Value::Text(span),
        };
        self.world.look_inside(value, self.site);
        self.push(value)
    }

    pub(super) fn memo_key(&mut self, opcode: u8) -> Result<u64, Break> {
        match opcode {
            GET | PUT => {
                let (line, _) = self.cursor.line()?;
                operand::integer(&line)
                    .and_then(|key| u64::try_from(key).ok())
                    .ok_or_else(|| malformed("a memo line holds no index".to_owned()))
            }
            BINGET | BINPUT => self.cursor.unsigned(1),
            LONG_BINGET | LONG_BINPUT => self.cursor.unsigned(4),
            _ => Ok(self.frame.memo.len() as u64),
        }
    }
}

/// An integer from little-endian two's complement.
fn long(heap: &mut Heap, bytes: &[u8], length: u64) -> Value {
    let is_whole = bytes.len() as u64 == length;
    match operand::small(bytes).filter(|_| is_whole) {
        Some(number) => Value::Int(number),
        None => Value::Long(heap.span(bytes, is_whole)),
    }
}
