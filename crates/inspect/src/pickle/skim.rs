//! Past a limit of the machine: imports only, without following the stack, so that padding in
//! front of a payload does not hide it.

use super::cursor::Break;
use super::machine::Machine;
use super::opcode::*;
use super::operand;
use super::recorder::Site;
use super::tape::Tape;
use super::value::Value;

/// Most opcodes that are skimmed.
const OPCODES: u64 = 32_000_000;

impl<T: Tape> Machine<'_, '_, T> {
    /// Goes on from where the machine gave up, to STOP or the first thing that does not fit.
    pub(super) fn skim(&mut self) {
        let mut recent = [Value::Unknown; 2];
        for _ in 0..OPCODES {
            if self.world.recorder.full == Some("imports") || self.world.heap.is_text_full() {
                return;
            }
            if self.skim_one(&mut recent).is_err() {
                return;
            }
        }
    }

    fn skim_one(&mut self, recent: &mut [Value; 2]) -> Result<(), Break> {
        let offset = self.base.saturating_add(self.cursor.position);
        let opcode = self.cursor.byte()?;
        let Some(name) = name(opcode) else {
            return Err(Break::Truncated);
        };
        let site = Site {
            opcode: name,
            offset,
            length: 1,
        };
        let mut push = |value: Value| *recent = [recent[1], value];
        match opcode {
            STOP => return Err(Break::Stop),
            GLOBAL | INST => {
                let module = self.cursor.line()?;
                let attribute = self.cursor.line()?;
                if let (Ok(module), Ok(attribute)) = (
                    std::str::from_utf8(&module),
                    std::str::from_utf8(&attribute),
                ) {
                    self.world
                        .recorder
                        .import(Some(module), Some(attribute), site);
                }
            }
            STACK_GLOBAL => {
                let [module, attribute] = recent;
                let module = self.world.heap.as_name(*module);
                let attribute = self.world.heap.as_name(*attribute);
                if module.is_some() && attribute.is_some() {
                    self.world.recorder.import(module, attribute, site);
                }
            }
            INT | LONG | FLOAT | PERSID | PUT => drop(self.cursor.line()?),
            STRING | UNICODE => {
                let line = self.cursor.line()?;
                let text = match opcode {
                    STRING => operand::string(&line).unwrap_or_default(),
                    _ => operand::unicode(&line).into_bytes(),
                };
                push(self.name_part(&text));
            }
            GET => {
                let line = self.cursor.line()?;
                let key = operand::integer(&line).and_then(|key| u64::try_from(key).ok());
                push(self.remembered(key.unwrap_or(u64::MAX)));
            }
            BINGET => {
                let key = self.cursor.unsigned(1)?;
                push(self.remembered(key));
            }
            LONG_BINGET => {
                let key = self.cursor.unsigned(4)?;
                push(self.remembered(key));
            }
            PROTO | BININT1 | BINPUT | EXT1 => drop(self.cursor.skip(1)?),
            BININT2 | EXT2 => drop(self.cursor.skip(2)?),
            BININT | LONG_BINPUT | EXT4 => drop(self.cursor.skip(4)?),
            BINFLOAT | FRAME => drop(self.cursor.skip(8)?),
            LONG1 | SHORT_BINSTRING | SHORT_BINBYTES | SHORT_BINUNICODE => {
                let length = self.cursor.unsigned(1)?;
                let text = self.cursor.take(length)?.to_vec();
                if opcode == SHORT_BINUNICODE || opcode == SHORT_BINSTRING {
                    push(self.name_part(&text));
                }
            }
            LONG4 | BINSTRING | BINBYTES | BINUNICODE => {
                let length = self.cursor.unsigned(4)?;
                self.skim_counted(opcode == BINUNICODE, length, recent)?;
            }
            BINUNICODE8 | BINBYTES8 | BYTEARRAY8 => {
                let length = self.cursor.unsigned(8)?;
                self.skim_counted(opcode == BINUNICODE8, length, recent)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn skim_counted(
        &mut self,
        text: bool,
        length: u64,
        recent: &mut [Value; 2],
    ) -> Result<(), Break> {
        if text && length < 256 {
            let bytes = self.cursor.take(length)?.to_vec();
            *recent = [recent[1], self.name_part(&bytes)];
        } else {
            self.cursor.skip(length)?;
        }
        Ok(())
    }

    /// A text that may be part of an import; anything else is not kept.
    fn name_part(&mut self, text: &[u8]) -> Value {
        let fits = text.len() < 128
            && text
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        if !fits {
            return Value::Unknown;
        }
        Value::Text(self.world.heap.span(text, true))
    }

    fn remembered(&self, key: u64) -> Value {
        self.frame.memo.get(&key).copied().unwrap_or(Value::Unknown)
    }
}
