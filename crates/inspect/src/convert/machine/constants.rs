//! The opcodes that push constants, and memo indices.

use super::{Machine, malformed};
use crate::convert::tree::{Constant, KEPT, Kind, Object, Value};
use stance_pickle::cursor::Break;
use stance_pickle::opcode::*;
use stance_pickle::operand;
use stance_pickle::tape::{PIECE, Tape as _};

impl Machine<'_, '_, '_> {
    pub(super) fn line(&mut self, opcode: u8) -> Result<(), Break> {
        let line = self.cursor.whole_line()?;
        let value = match opcode {
            INT if line == b"00" => Value::Bool(false),
            INT if line == b"01" => Value::Bool(true),
            INT | LONG => match operand::integer(&line) {
                Some(number) => self.integer(number),
                None => return Err(malformed("an integer line holds no integer")),
            },
            FLOAT => Value::Float(
                operand::float(&line).ok_or_else(|| malformed("a FLOAT line holds no number"))?,
            ),
            STRING => {
                let bytes = operand::string(&line)
                    .ok_or_else(|| malformed("the operand of STRING is not quoted"))?;
                let constant = self.tree.keep(&bytes);
                self.tree.add(Object::Bytes(constant, Kind::Old))
            }
            UNICODE => {
                let text = operand::unicode(&line);
                self.tree.text(&text)
            }
            _ => {
                let id = self.tree.text(&String::from_utf8_lossy(&line));
                self.tree.add(Object::Persistent(id))
            }
        };
        self.push(value)
    }

    pub(super) fn integer(&mut self, number: i128) -> Value {
        match i64::try_from(number) {
            Ok(number) => Value::Int(number),
            Err(_) => {
                let constant = self.tree.keep(&number.to_le_bytes());
                self.tree.add(Object::Long(constant))
            }
        }
    }

    pub(super) fn number(&mut self, opcode: u8) -> Result<(), Break> {
        let value = match opcode {
            BININT => {
                let raw = u32::try_from(self.cursor.unsigned(4)?).unwrap_or_default();
                Value::Int(i64::from(raw.cast_signed()))
            }
            BININT1 => Value::Int(i64::from(self.cursor.byte()?)),
            BININT2 => Value::Int(i64::try_from(self.cursor.unsigned(2)?).unwrap_or_default()),
            BINFLOAT => Value::Float(f64::from_bits(self.cursor.unsigned(8)?.swap_bytes())),
            _ => {
                let width = if opcode == LONG1 { 1 } else { 4 };
                let length = self.cursor.unsigned(width)?;
                if length > KEPT {
                    return Err(Break::Limit("digits in one integer".to_owned()));
                }
                let bytes = self.cursor.take(length)?.to_vec();
                if (bytes.len() as u64) < length {
                    return Err(Break::Truncated);
                }
                match operand::small(&bytes) {
                    Some(number) => Value::Int(number),
                    None => {
                        let constant = self.tree.keep(&bytes);
                        self.tree.add(Object::Long(constant))
                    }
                }
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
            return Err(malformed("BINSTRING with a negative length"));
        }
        let start = self.cursor.skip(length)?;
        // Arrays lie in the file: there they stay.
        let constant = if length <= KEPT {
            let bytes = self
                .cursor
                .tape
                .at(start, usize::try_from(length).unwrap_or(PIECE));
            if (bytes.len() as u64) < length {
                return Err(Break::Truncated);
            }
            let bytes = bytes.to_vec();
            self.tree.keep(&bytes)
        } else {
            Constant::There { start, length }
        };
        let object = match opcode {
            BINBYTES | SHORT_BINBYTES | BINBYTES8 => Object::Bytes(constant, Kind::Bytes),
            BYTEARRAY8 => Object::Bytes(constant, Kind::ByteArray),
            BINSTRING | SHORT_BINSTRING => Object::Bytes(constant, Kind::Old),
            _ => Object::Text(constant),
        };
        let value = self.tree.add(object);
        self.push(value)
    }

    pub(super) fn memo_key(&mut self, opcode: u8) -> Result<u64, Break> {
        match opcode {
            GET | PUT => {
                let line = self.cursor.whole_line()?;
                operand::integer(&line)
                    .and_then(|key| u64::try_from(key).ok())
                    .ok_or_else(|| malformed("a memo line holds no index"))
            }
            BINGET | BINPUT => self.cursor.unsigned(1),
            LONG_BINGET | LONG_BINPUT => self.cursor.unsigned(4),
            _ => Ok(self.frame.memo.len() as u64),
        }
    }
}
