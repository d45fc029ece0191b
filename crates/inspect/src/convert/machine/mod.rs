//! The unpickling machine once more, this time to keep everything: opcodes in, a [`Tree`] out.

mod calls;
mod constants;
mod containers;

use std::collections::HashMap;

use super::error::Error;
use super::tape::SourceTape;
use super::tree::{How, Object, Step, Tree, Value};
use stance_pickle::cursor::{Break, Cursor, Reading};
use stance_pickle::opcode::*;
use stance_pickle::stack::{At, Stack};
use stance_pickle::tape::PIECE;
use stance_read::source::Source;

/// Most memo entries.
const MEMO: usize = 1 << 20;
/// Most opcodes of one stream.
const OPCODES: u64 = 16_000_000;

/// What one stream gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) value: Value,
    /// Where the byte behind STOP is.
    pub(crate) end: u64,
    /// The highest protocol it announces.
    pub(crate) protocol: u8,
}

/// Reads the stream at `position` of `source` into `tree`.
pub(crate) fn read(tree: &mut Tree, source: &dyn Source, position: u64) -> Result<Stream, Error> {
    let mut tape = SourceTape::new(source);
    let mut machine = Machine {
        cursor: Cursor::new(&mut tape, position, Reading::Memory),
        tree,
        frame: Frame::default(),
        outer: Vec::new(),
        at: At {
            opcode: "",
            offset: position,
        },
        protocol: 0,
        result: Value::None,
    };
    let end = machine.run();
    let (value, protocol) = (machine.result, machine.protocol);
    let (stop, straddle) = (machine.cursor.position, machine.cursor.straddle);
    if let Some(error) = tape.failed {
        return Err(Error::Io(error));
    }
    match end {
        Break::Stop => {}
        Break::Truncated if source.len().saturating_sub(stop) > PIECE as u64 => {
            return Err(Error::Limit(format!(
                "a line of text of more than {PIECE} bytes at byte {stop:#x}, as protocol 0 writes \
                 large arrays; save it with protocol 4"
            )));
        }
        Break::Truncated => return Err(Error::Broken("its pickle breaks off".to_owned())),
        Break::Malformed(what) => return Err(Error::Broken(what)),
        Break::Limit(what) => return Err(Error::Limit(format!("too many {what}"))),
    }
    if let Some(at) = straddle {
        return Err(Error::Refused(format!(
            "an operand reaches past its frame at byte {at:#x}: loaders from memory and from a \
             file read different opcodes"
        )));
    }
    Ok(Stream {
        value,
        end: stop,
        protocol,
    })
}

#[derive(Default)]
struct Frame {
    stack: Stack<Value>,
    memo: HashMap<u64, Value>,
    /// Joblib: the object and state whose array of objects this stream is.
    array: Option<(Value, Value)>,
}

struct Machine<'t, 'w, 's> {
    cursor: Cursor<'t, SourceTape<'s>>,
    tree: &'w mut Tree,
    frame: Frame,
    outer: Vec<Frame>,
    at: At,
    protocol: u8,
    result: Value,
}

fn malformed(what: impl Into<String>) -> Break {
    Break::Malformed(what.into())
}

impl Machine<'_, '_, '_> {
    fn run(&mut self) -> Break {
        for _ in 0..OPCODES {
            if let Err(end) = self.step() {
                return end;
            }
        }
        Break::Limit("opcodes".to_owned())
    }

    fn step(&mut self) -> Result<(), Break> {
        if self.tree.is_full() {
            return Err(Break::Limit("objects in one file".to_owned()));
        }
        self.at.offset = self.cursor.position;
        let opcode = self.cursor.byte()?;
        self.at.opcode = name(opcode).unwrap_or_default();
        self.execute(opcode)
    }

    fn execute(&mut self, opcode: u8) -> Result<(), Break> {
        match opcode {
            PROTO => {
                let version = self.cursor.byte()?;
                if version > 5 {
                    return Err(malformed(format!("protocol {version} does not exist")));
                }
                self.protocol = self.protocol.max(version);
                Ok(())
            }
            FRAME => self.cursor.frame(),
            STOP => self.stop(),
            MARK => self.frame.stack.mark(),
            POP => self.frame.stack.discard(self.at),
            POP_MARK => self.pop_mark().map(drop),
            DUP => {
                let top = self.top()?;
                self.push(top)
            }
            NONE => self.push(Value::None),
            NEWTRUE => self.push(Value::Bool(true)),
            NEWFALSE => self.push(Value::Bool(false)),
            INT | LONG | FLOAT | STRING | UNICODE | PERSID => self.line(opcode),
            BININT | BININT1 | BININT2 | LONG1 | LONG4 | BINFLOAT => self.number(opcode),
            BINSTRING | SHORT_BINSTRING | BINUNICODE | SHORT_BINUNICODE | BINUNICODE8
            | BINBYTES | SHORT_BINBYTES | BINBYTES8 | BYTEARRAY8 => self.counted(opcode),
            EMPTY_TUPLE | EMPTY_LIST | EMPTY_DICT | EMPTY_SET | TUPLE | TUPLE1 | TUPLE2
            | TUPLE3 | LIST | DICT | FROZENSET => self.container(opcode),
            APPEND | APPENDS | ADDITEMS | SETITEM | SETITEMS => self.fill(opcode),
            GET | BINGET | LONG_BINGET => {
                let key = self.memo_key(opcode)?;
                match self.frame.memo.get(&key).copied() {
                    Some(value) => self.push(value),
                    None => Err(malformed(format!("its memo has no entry {key}"))),
                }
            }
            PUT | BINPUT | LONG_BINPUT | MEMOIZE => {
                let key = self.memo_key(opcode)?;
                let top = self.top()?;
                if self.frame.memo.len() >= MEMO {
                    return Err(Break::Limit("memo entries".to_owned()));
                }
                self.frame.memo.insert(key, top);
                Ok(())
            }
            GLOBAL => {
                let global = self.named()?;
                self.push(global)
            }
            STACK_GLOBAL => {
                let attribute = self.pop()?;
                let module = self.pop()?;
                let global = self.import(module, attribute);
                self.push(global)
            }
            EXT1 | EXT2 | EXT4 => {
                let width = match opcode {
                    EXT1 => 1,
                    EXT2 => 2,
                    _ => 4,
                };
                self.cursor.skip(width)?;
                let value = self
                    .tree
                    .add(Object::Outside("an entry of the extension registry"));
                self.push(value)
            }
            NEXT_BUFFER => {
                let value = self.tree.add(Object::Outside("a buffer beside the stream"));
                self.push(value)
            }
            READONLY_BUFFER => self.top().map(drop),
            REDUCE => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                self.call(function, arguments, None, How::Call)
            }
            NEWOBJ => {
                let arguments = self.pop()?;
                let class = self.pop()?;
                self.call(class, arguments, None, How::New)
            }
            NEWOBJ_EX => {
                let keywords = self.pop()?;
                let arguments = self.pop()?;
                let class = self.pop()?;
                self.call(class, arguments, Some(keywords), How::New)
            }
            INST => {
                let class = self.named()?;
                let items = self.pop_mark()?;
                let arguments = self.tuple(items);
                self.call(class, arguments, None, How::Instance)
            }
            OBJ => {
                let mut items = self.pop_mark()?;
                if items.is_empty() {
                    return Err(malformed("OBJ without a class"));
                }
                let class = items.remove(0);
                let arguments = self.tuple(items);
                self.call(class, arguments, None, How::Instance)
            }
            BUILD => self.build(),
            BINPERSID => {
                let id = self.pop()?;
                let value = self.tree.add(Object::Persistent(id));
                self.push(value)
            }
            unknown => Err(malformed(format!(
                "no opcode has the byte {unknown:#04x}, which stands at {:#x}",
                self.at.offset
            ))),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), Break> {
        self.frame.stack.push(value)
    }

    fn pop(&mut self) -> Result<Value, Break> {
        self.frame.stack.pop(self.at)
    }

    fn top(&self) -> Result<Value, Break> {
        self.frame.stack.top(self.at)
    }

    fn pop_mark(&mut self) -> Result<Vec<Value>, Break> {
        self.frame.stack.pop_mark(self.at)
    }

    fn stop(&mut self) -> Result<(), Break> {
        let value = self.pop()?;
        let Some(outer) = self.outer.pop() else {
            self.result = value;
            return Err(Break::Stop);
        };
        let inner = std::mem::replace(&mut self.frame, outer);
        if let Some((target, state)) = inner.array
            && let Some(Object::Call(call)) = self.tree.get_mut(target)
        {
            call.steps.push(Step::BuildObjects {
                state,
                content: value,
            });
        }
        Ok(())
    }
}
