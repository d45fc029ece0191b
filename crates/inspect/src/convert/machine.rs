//! The unpickling machine once more, this time to keep everything: opcodes in, a [`Tree`] out.

use std::collections::HashMap;

use super::error::Error;
use super::joblib;
use super::tape::SourceTape;
use super::tree::{Call, Constant, How, KEPT, Kind, Object, Step, Tampering, Tree, Value};
use crate::pickle::cursor::{Break, Cursor, Reading};
use crate::pickle::opcode::*;
use crate::pickle::operand;
use crate::pickle::tape::{PIECE, Tape as _};
use crate::source::Source;

/// Most values on the stack, marks, and memo entries.
const STACK: usize = 1 << 20;
/// Most streams inside each other, as joblib writes arrays of objects.
const INNER: usize = 16;
/// Most opcodes of one stream.
const OPCODES: u64 = 16_000_000;
/// Most places noted where an opcode acts on what is not its own.
const TAMPERING: usize = 1000;

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
        offset: position,
        opcode: "",
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
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    /// Joblib: the object and state whose array of objects this stream is.
    array: Option<(Value, Value)>,
}

struct Machine<'t, 'w, 's> {
    cursor: Cursor<'t, SourceTape<'s>>,
    tree: &'w mut Tree,
    frame: Frame,
    outer: Vec<Frame>,
    offset: u64,
    opcode: &'static str,
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
        self.offset = self.cursor.position;
        let opcode = self.cursor.byte()?;
        self.opcode = name(opcode).unwrap_or_default();
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
            MARK => {
                if self.frame.marks.len() >= STACK {
                    return Err(Break::Limit("marks".to_owned()));
                }
                self.frame.marks.push(self.frame.stack.len());
                Ok(())
            }
            POP => {
                if self.frame.marks.last() == Some(&self.frame.stack.len()) {
                    self.frame.marks.pop();
                    return Ok(());
                }
                self.pop().map(drop)
            }
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
                if self.frame.memo.len() >= STACK {
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
                self.offset
            ))),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), Break> {
        if self.frame.stack.len() >= STACK {
            return Err(Break::Limit("values on the stack".to_owned()));
        }
        self.frame.stack.push(value);
        Ok(())
    }

    fn underflow(&self) -> Break {
        malformed(format!(
            "{} at byte {:#x} needs more values than the stack holds",
            self.opcode, self.offset
        ))
    }

    fn is_bare(&self) -> bool {
        self.frame.stack.len() <= self.frame.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Value, Break> {
        if self.is_bare() {
            return Err(self.underflow());
        }
        self.frame.stack.pop().ok_or_else(|| self.underflow())
    }

    fn top(&self) -> Result<Value, Break> {
        if self.is_bare() {
            return Err(self.underflow());
        }
        self.frame
            .stack
            .last()
            .copied()
            .ok_or_else(|| self.underflow())
    }

    fn pop_mark(&mut self) -> Result<Vec<Value>, Break> {
        let mark = self.frame.marks.pop().ok_or_else(|| {
            malformed(format!(
                "{} at byte {:#x} finds no MARK",
                self.opcode, self.offset
            ))
        })?;
        let mark = mark.min(self.frame.stack.len());
        Ok(self.frame.stack.split_off(mark))
    }

    fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.tree.charge(items.len());
        self.tree.add(Object::Tuple(items))
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

    fn line(&mut self, opcode: u8) -> Result<(), Break> {
        let line = self.cursor.line()?;
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

    fn integer(&mut self, number: i128) -> Value {
        match i64::try_from(number) {
            Ok(number) => Value::Int(number),
            Err(_) => {
                let constant = self.tree.keep(&number.to_le_bytes());
                self.tree.add(Object::Long(constant))
            }
        }
    }

    fn number(&mut self, opcode: u8) -> Result<(), Break> {
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
                if bytes.len() > 8 {
                    let constant = self.tree.keep(&bytes);
                    self.tree.add(Object::Long(constant))
                } else {
                    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
                    let mut raw = [if negative { 0xff } else { 0 }; 8];
                    for (to, from) in raw.iter_mut().zip(&bytes) {
                        *to = *from;
                    }
                    Value::Int(i64::from_le_bytes(raw))
                }
            }
        };
        self.push(value)
    }

    fn counted(&mut self, opcode: u8) -> Result<(), Break> {
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

    fn memo_key(&mut self, opcode: u8) -> Result<u64, Break> {
        match opcode {
            GET | PUT => {
                let line = self.cursor.line()?;
                operand::integer(&line)
                    .and_then(|key| u64::try_from(key).ok())
                    .ok_or_else(|| malformed("a memo line holds no index"))
            }
            BINGET | BINPUT => self.cursor.unsigned(1),
            LONG_BINGET | LONG_BINPUT => self.cursor.unsigned(4),
            _ => Ok(self.frame.memo.len() as u64),
        }
    }

    fn container(&mut self, opcode: u8) -> Result<(), Break> {
        let items = match opcode {
            TUPLE | LIST | DICT | FROZENSET => self.pop_mark()?,
            TUPLE1 | TUPLE2 | TUPLE3 => {
                let count = usize::from(opcode.saturating_sub(TUPLE1)).saturating_add(1);
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.pop()?);
                }
                items.reverse();
                items
            }
            _ => Vec::new(),
        };
        self.tree.charge(items.len());
        let object = match opcode {
            EMPTY_LIST | LIST => Object::List(items),
            EMPTY_DICT | DICT => Object::Dict(pairs(&items)?),
            EMPTY_SET => Object::Set(items),
            FROZENSET => Object::FrozenSet(items),
            _ => Object::Tuple(items),
        };
        let value = self.tree.add(object);
        self.push(value)
    }

    fn fill(&mut self, opcode: u8) -> Result<(), Break> {
        let items = match opcode {
            APPEND => vec![self.pop()?],
            SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                vec![key, value]
            }
            _ => self.pop_mark()?,
        };
        let target = self.top()?;
        self.tree.charge(items.len());
        let sets = matches!(opcode, SETITEM | SETITEMS);
        let adds = opcode == ADDITEMS;
        match self.tree.get_mut(target) {
            Some(Object::List(held)) if !sets && !adds => held.extend(items),
            Some(Object::Set(held)) if adds => held.extend(items),
            Some(Object::Dict(held)) if sets => held.extend(pairs(&items)?),
            Some(Object::Call(call)) => call.steps.push(if sets {
                Step::Set(pairs(&items)?)
            } else if adds {
                Step::Add(items)
            } else {
                Step::Append(items)
            }),
            _ => self.tamper(target),
        }
        Ok(())
    }

    /// Notes that an opcode acts on what no pickler would let it act on.
    fn tamper(&mut self, target: Value) {
        let on = match (self.tree.name(target), self.tree.get(target)) {
            (Some(name), _) => format!("`{name}`, which the whole process shares"),
            (None, Some(Object::Outside(what))) => (*what).to_owned(),
            _ => "a value that has no state".to_owned(),
        };
        if self.tree.tampering.len() < TAMPERING {
            self.tree.tampering.push(Tampering {
                what: format!("{} changes {on}", self.opcode),
                offset: self.offset,
            });
        }
    }

    /// The import that the two lines of GLOBAL and INST name.
    fn named(&mut self) -> Result<Value, Break> {
        let mut parts = [String::new(), String::new()];
        for part in &mut parts {
            let line = self.cursor.line()?;
            let text =
                String::from_utf8(line).map_err(|_| malformed("an import name is not UTF-8"))?;
            *part = text.trim_end_matches('\r').to_owned();
        }
        let [module, name] = parts;
        Ok(self.tree.import(&module, &name, self.offset))
    }

    fn import(&mut self, module: Value, attribute: Value) -> Value {
        match (self.tree.as_str(module), self.tree.as_str(attribute)) {
            (Some(module), Some(name)) => {
                let (module, name) = (module.to_owned(), name.to_owned());
                self.tree.import(&module, &name, self.offset)
            }
            _ => self
                .tree
                .add(Object::Outside("a name put together while it loads")),
        }
    }

    fn call(
        &mut self,
        function: Value,
        arguments: Value,
        keywords: Option<Value>,
        how: How,
    ) -> Result<(), Break> {
        let value = self.tree.add(Object::Call(Box::new(Call {
            function,
            arguments,
            keywords,
            how,
            offset: self.offset,
            steps: Vec::new(),
        })));
        // A call is several times as large as other objects.
        self.tree.charge(4);
        self.push(value)
    }

    fn build(&mut self) -> Result<(), Break> {
        let state = self.pop()?;
        let target = self.top()?;
        self.tree.charge(2);
        let array = match self.tree.call(target) {
            Some(call) if self.tree.name(call.function) == Some(joblib::WRAPPER) => {
                Some(joblib::extent(self.tree, state))
            }
            Some(_) => None,
            None => {
                self.tamper(target);
                return Ok(());
            }
        };
        let step = match array {
            None => Step::Build(state),
            Some(None) => {
                return Err(malformed("the size of an array of joblib cannot be told"));
            }
            Some(Some(extent)) => {
                if extent.aligned {
                    let padding = self.cursor.byte()?;
                    self.cursor.jump(u64::from(padding));
                }
                let Some(length) = extent.bytes else {
                    if self.outer.len() >= INNER {
                        return Err(Break::Limit("arrays of objects inside each other".into()));
                    }
                    let inner = Frame {
                        array: Some((target, state)),
                        ..Frame::default()
                    };
                    let outer = std::mem::replace(&mut self.frame, inner);
                    self.outer.push(outer);
                    return Ok(());
                };
                let start = self.cursor.position;
                let end = start.saturating_add(length);
                if end > self.cursor.tape.len() {
                    return Err(Break::Truncated);
                }
                self.cursor.jump(length);
                Step::BuildArray {
                    state,
                    start,
                    length,
                }
            }
        };
        if let Some(Object::Call(call)) = self.tree.get_mut(target) {
            call.steps.push(step);
        }
        Ok(())
    }
}

fn pairs(items: &[Value]) -> Result<Vec<(Value, Value)>, Break> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(malformed("a dict with a key that has no value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}
