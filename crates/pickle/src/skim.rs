//! Past a limit of the machine: imports, and calls without following the stack, so that padding in
//! front of a payload does not hide it.

use super::cursor::Break;
use super::machine::Machine;
use super::opcode::*;
use super::operand;
use super::recorder::Site;
use super::tape::Tape;
use super::value::{Object, Value};

/// Most opcodes that are skimmed.
const OPCODES: u64 = 32_000_000;

impl<T: Tape> Machine<'_, '_, T> {
    /// Goes on from where the machine gave up, to STOP or the first thing that does not fit.
    pub(super) fn skim(&mut self) {
        let mut seen = Seen {
            recent: [Value::Unknown; 2],
            imports: Vec::new(),
            text: false,
        };
        for _ in 0..OPCODES {
            if self.world.recorder.full == Some("imports") || self.world.heap.is_text_full() {
                return;
            }
            if self.skim_one(&mut seen).is_err() {
                return;
            }
        }
    }

    /// A call: of one of the imports since the last call, there is no stack to tell which.
    fn skim_call(&mut self, seen: &mut Seen, mut site: Site) {
        let plain = seen.imports.iter().any(|index| {
            let name = self.world.recorder.name(*index);
            super::names::python3_name(name).starts_with("copyreg.")
        });
        if plain {
            // The class behind it is only created.
            site.opcode = "NEWOBJ";
        }
        for index in seen.imports.drain(..) {
            self.world.recorder.called_blindly(index, seen.text, site);
        }
        seen.text = false;
    }

    fn skim_one(&mut self, seen: &mut Seen) -> Result<(), Break> {
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
        match opcode {
            STOP => return Err(Break::Stop),
            GLOBAL | INST => {
                let (module, _) = self.cursor.line()?;
                let (attribute, _) = self.cursor.line()?;
                if let (Ok(module), Ok(attribute)) = (
                    std::str::from_utf8(&module),
                    std::str::from_utf8(&attribute),
                ) {
                    let index = self
                        .world
                        .recorder
                        .import(Some(module), Some(attribute), site);
                    seen.import(index);
                }
                if opcode == INST {
                    self.skim_call(seen, site);
                }
            }
            REDUCE | OBJ | NEWOBJ | NEWOBJ_EX => self.skim_call(seen, site),
            STACK_GLOBAL => {
                let [module, attribute] = seen.recent;
                let module = self.world.heap.as_name(module);
                let attribute = self.world.heap.as_name(attribute);
                if module.is_some() && attribute.is_some() {
                    let index = self.world.recorder.import(module, attribute, site);
                    seen.import(index);
                }
            }
            INT | LONG | FLOAT | PERSID | PUT => drop(self.cursor.line()?),
            STRING | UNICODE => {
                let (line, _) = self.cursor.line()?;
                let text = match opcode {
                    STRING => operand::string(&line).unwrap_or_default(),
                    _ => operand::unicode(&line).into_bytes(),
                };
                seen.text |= !text.is_empty();
                seen.push(self.name_part(&text));
            }
            GET => {
                let (line, _) = self.cursor.line()?;
                let key = operand::integer(&line).and_then(|key| u64::try_from(key).ok());
                self.skim_get(seen, key.unwrap_or(u64::MAX));
            }
            BINGET => {
                let key = self.cursor.unsigned(1)?;
                self.skim_get(seen, key);
            }
            LONG_BINGET => {
                let key = self.cursor.unsigned(4)?;
                self.skim_get(seen, key);
            }
            PROTO | BININT1 | BINPUT | EXT1 => drop(self.cursor.skip(1)?),
            BININT2 | EXT2 => drop(self.cursor.skip(2)?),
            BININT | LONG_BINPUT | EXT4 => drop(self.cursor.skip(4)?),
            BINFLOAT | FRAME => drop(self.cursor.skip(8)?),
            LONG1 | SHORT_BINSTRING | SHORT_BINBYTES | SHORT_BINUNICODE => {
                let length = self.cursor.unsigned(1)?;
                let text = self.cursor.take(length)?.to_vec();
                seen.text |= !text.is_empty();
                if opcode == SHORT_BINUNICODE || opcode == SHORT_BINSTRING {
                    seen.push(self.name_part(&text));
                }
            }
            LONG4 | BINSTRING | BINBYTES | BINUNICODE => {
                let length = self.cursor.unsigned(4)?;
                self.skim_counted(opcode == BINUNICODE, length, seen)?;
            }
            BINUNICODE8 | BINBYTES8 | BYTEARRAY8 => {
                let length = self.cursor.unsigned(8)?;
                self.skim_counted(opcode == BINUNICODE8, length, seen)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn skim_counted(&mut self, text: bool, length: u64, seen: &mut Seen) -> Result<(), Break> {
        seen.text |= length > 0;
        if text && length < 256 {
            let bytes = self.cursor.take(length)?.to_vec();
            seen.push(self.name_part(&bytes));
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

    /// A value of the memo, as far as the machine came.
    fn skim_get(&mut self, seen: &mut Seen, key: u64) {
        let value = self.frame.memo.get(key).unwrap_or(Value::Unknown);
        if let Some(Object::Global(index)) = self.world.heap.get(value) {
            seen.import(*index);
        }
        seen.push(value);
    }
}

/// What stands between two calls.
struct Seen {
    /// The last two texts or memo entries.
    recent: [Value; 2],
    /// Imports, by their index in the trace.
    imports: Vec<u32>,
    /// Whether the file supplies a text.
    text: bool,
}

impl Seen {
    fn push(&mut self, value: Value) {
        self.recent = [self.recent[1], value];
        self.text |= matches!(value, Value::Text(_));
    }

    fn import(&mut self, index: u32) {
        if self.imports.len() < 16 {
            self.imports.push(index);
        }
    }
}
