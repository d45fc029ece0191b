//! The unpickling machine: stack, marks and memo over abstract values.

use std::collections::HashMap;

use super::array;
use super::cursor::{Break, Cursor};
use super::opcode::*;
use super::operand;
use super::recorder::Site;
use super::tape::Tape;
use super::value::{CONSTANT, Heap, KEEP, Object, Value};
use super::world::World;

/// Most values on the stack.
const STACK: usize = 1 << 20;
/// Most memo entries.
const MEMO: usize = 1 << 20;
/// Streams inside a stream, as joblib writes arrays of objects.
const INNER: usize = 16;

/// Stack, marks and memo of one stream.
#[derive(Default)]
pub(super) struct Frame {
    stack: Vec<Value>,
    marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Value>,
}

/// One run over one stream.
pub(super) struct Machine<'t, 'w, T> {
    pub(super) cursor: Cursor<'t, T>,
    pub(super) world: &'w mut World,
    pub(super) frame: Frame,
    outer: Vec<Frame>,
    site: Site,
    pub(super) base: u64,
    pub(super) protocol: u8,
    pub(super) opcodes: u64,
    /// What STOP gave.
    pub(super) result: Value,
}

impl<'t, 'w, T: Tape> Machine<'t, 'w, T> {
    /// `base` is added to positions on the tape for evidence.
    pub(super) fn new(cursor: Cursor<'t, T>, world: &'w mut World, base: u64) -> Self {
        Self {
            cursor,
            world,
            frame: Frame::default(),
            outer: Vec::new(),
            site: Site {
                opcode: "",
                offset: 0,
                length: 1,
            },
            base,
            protocol: 0,
            opcodes: 0,
            result: Value::Unknown,
        }
    }

    /// Runs to STOP or to what ends it.
    pub(super) fn run(&mut self) -> Break {
        loop {
            if let Err(end) = self.step() {
                return end;
            }
        }
    }

    fn step(&mut self) -> Result<(), Break> {
        if self.world.budget == 0 {
            return Err(Break::Limit("opcodes".to_owned()));
        }
        if self.world.heap.is_full() {
            return Err(Break::Limit("objects and constants".to_owned()));
        }
        if let Some(what) = self.world.recorder.full {
            return Err(Break::Limit(what.to_owned()));
        }
        let start = self.cursor.position;
        let opcode = self.cursor.byte()?;
        let start = start.max(self.cursor.position.saturating_sub(1));
        self.world.budget = self.world.budget.saturating_sub(1);
        self.opcodes = self.opcodes.saturating_add(1);
        self.site = Site {
            opcode: name(opcode).unwrap_or_default(),
            offset: self.base.saturating_add(start),
            length: 1,
        };
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
            INT | LONG | FLOAT | STRING | UNICODE | PERSID => self.text_constant(opcode),
            BININT | BININT1 | BININT2 | LONG1 | LONG4 | BINFLOAT => self.number(opcode),
            BINSTRING | SHORT_BINSTRING | BINUNICODE | SHORT_BINUNICODE | BINUNICODE8
            | BINBYTES | SHORT_BINBYTES | BINBYTES8 | BYTEARRAY8 => self.counted(opcode),
            EMPTY_TUPLE | EMPTY_LIST | EMPTY_DICT | EMPTY_SET | TUPLE | TUPLE1 | TUPLE2
            | TUPLE3 | LIST | DICT | FROZENSET => self.container(opcode),
            APPEND | APPENDS | ADDITEMS => self.append(opcode),
            SETITEM | SETITEMS => self.set_items(opcode),
            GET | BINGET | LONG_BINGET => {
                let key = self.memo_key(opcode)?;
                match self.frame.memo.get(&key).copied() {
                    Some(value) => self.push(value),
                    None => Err(malformed(format!("memo has no entry {key}"))),
                }
            }
            PUT | BINPUT | LONG_BINPUT | MEMOIZE => {
                let key = self.memo_key(opcode)?;
                let top = self.top()?;
                if self.frame.memo.len() >= MEMO {
                    return Err(Break::Limit("memo".to_owned()));
                }
                self.frame.memo.insert(key, top);
                Ok(())
            }
            GLOBAL | STACK_GLOBAL => self.import(opcode),
            EXT1 | EXT2 | EXT4 => {
                let width = match opcode {
                    EXT1 => 1,
                    EXT2 => 2,
                    _ => 4,
                };
                let code = u32::try_from(self.cursor.unsigned(width)?).unwrap_or_default();
                self.measure();
                let site = self.site;
                let name = format!("extension_{code}");
                self.world.recorder.import(None, Some(&name), site);
                let value = self.world.heap.add(Object::Extension(code));
                self.push(value)
            }
            REDUCE => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                let arguments = self.spread(arguments);
                let result = self.world.call(function, arguments, self.site);
                self.push(result)
            }
            NEWOBJ | NEWOBJ_EX => self.new_object(opcode),
            INST | OBJ => self.instance(opcode),
            BUILD => self.build(),
            BINPERSID => {
                self.pop()?;
                let value = self.world.heap.add(Object::Persistent);
                self.push(value)
            }
            NEXT_BUFFER => self.push(Value::Unknown),
            READONLY_BUFFER => self.top().map(drop),
            unknown => Err(malformed(format!("no opcode has the byte {unknown:#04x}"))),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), Break> {
        if self.frame.stack.len() >= STACK {
            return Err(Break::Limit("stack".to_owned()));
        }
        self.frame.stack.push(value);
        Ok(())
    }

    fn fence(&self) -> usize {
        self.frame.marks.last().copied().unwrap_or(0)
    }

    fn underflow(&self) -> Break {
        malformed(format!(
            "{} at byte {:#x} needs more values than the stack holds",
            self.site.opcode, self.site.offset
        ))
    }

    fn pop(&mut self) -> Result<Value, Break> {
        if self.frame.stack.len() <= self.fence() {
            return Err(self.underflow());
        }
        self.frame.stack.pop().ok_or_else(|| self.underflow())
    }

    fn top(&self) -> Result<Value, Break> {
        if self.frame.stack.len() <= self.fence() {
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
                self.site.opcode, self.site.offset
            ))
        })?;
        Ok(self
            .frame
            .stack
            .drain(mark.min(self.frame.stack.len())..)
            .collect())
    }

    /// Lets the evidence span the whole opcode once its operand is read.
    fn measure(&mut self) {
        let end = self.base.saturating_add(self.cursor.position);
        self.site.length = end.saturating_sub(self.site.offset).max(1);
    }

    fn stop(&mut self) -> Result<(), Break> {
        self.result = self.pop()?;
        match self.outer.pop() {
            Some(outer) => {
                self.frame = outer;
                Ok(())
            }
            None => Err(Break::Stop),
        }
    }

    fn text_constant(&mut self, opcode: u8) -> Result<(), Break> {
        let line = self.cursor.line()?;
        self.measure();
        let heap = &mut self.world.heap;
        let value = match opcode {
            INT if line == b"00" => Value::Bool(false),
            INT if line == b"01" => Value::Bool(true),
            INT | LONG => match operand::integer(&line) {
                Some(number) => i64::try_from(number).map_or(Value::Unknown, Value::Int),
                None if operand::is_integer(&line) => Value::Unknown,
                None => return Err(malformed("an integer line holds no integer".to_owned())),
            },
            FLOAT => Value::Float(
                operand::float(&line)
                    .ok_or_else(|| malformed("a FLOAT line holds no number".to_owned()))?,
            ),
            STRING => {
                let bytes = operand::string(&line)
                    .ok_or_else(|| malformed("the operand of STRING is not quoted".to_owned()))?;
                Value::Text(heap.span(&bytes, true))
            }
            UNICODE => {
                let text = operand::unicode(&line);
                Value::Text(heap.span(text.as_bytes(), true))
            }
            _ => heap.add(Object::Persistent),
        };
        if matches!(value, Value::Text(_)) {
            self.world.look_inside(value, self.site);
        }
        self.push(value)
    }

    fn number(&mut self, opcode: u8) -> Result<(), Break> {
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

    fn counted(&mut self, opcode: u8) -> Result<(), Break> {
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
        let value = match opcode {
            BINBYTES | SHORT_BINBYTES | BINBYTES8 | BYTEARRAY8 => Value::Bytes(span),
            _ => Value::Text(span),
        };
        self.world.look_inside(value, self.site);
        self.push(value)
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
        let weight = self.weigh(&items).saturating_add(1);
        let object = match opcode {
            EMPTY_LIST | LIST => Object::List(kept(items)),
            EMPTY_DICT | DICT => Object::Dict(pairs(&items)),
            EMPTY_SET | FROZENSET => Object::Set(kept(items)),
            _ => Object::Tuple(kept(items)),
        };
        let value = self.world.heap.add_of(object, weight);
        self.push(value)
    }

    fn weigh(&self, items: &[Value]) -> u64 {
        items.iter().fold(0_u64, |total, item| {
            total.saturating_add(self.world.heap.weight(*item))
        })
    }

    fn append(&mut self, opcode: u8) -> Result<(), Break> {
        let items = if opcode == APPEND {
            vec![self.pop()?]
        } else {
            self.pop_mark()?
        };
        let target = self.top()?;
        let weight = self.weigh(&items);
        match self.world.heap.get_mut(target) {
            Some(Object::List(held) | Object::Set(held)) => {
                let room = KEEP.saturating_sub(held.len());
                held.extend(items.into_iter().take(room));
                self.world.heap.add_weight(target, weight);
            }
            _ => {
                let method = match opcode {
                    APPEND => "append",
                    APPENDS => "extend",
                    _ => "add",
                };
                self.method(target, method, &items);
            }
        }
        Ok(())
    }

    fn set_items(&mut self, opcode: u8) -> Result<(), Break> {
        let items = if opcode == SETITEM {
            let value = self.pop()?;
            let key = self.pop()?;
            vec![key, value]
        } else {
            self.pop_mark()?
        };
        let target = self.top()?;
        let weight = self.weigh(&items);
        match self.world.heap.get_mut(target) {
            Some(Object::Dict(held)) => {
                let room = KEEP.saturating_sub(held.len());
                held.extend(pairs(&items).into_iter().take(room));
                self.world.heap.add_weight(target, weight);
            }
            _ => self.method(target, "__setitem__", &items),
        }
        Ok(())
    }

    /// A method that an opcode calls on what is not a built-in container.
    fn method(&mut self, target: Value, method: &str, items: &[Value]) {
        let name = self.world.name(target);
        if COLLECTIONS.contains(&&*name) {
            return;
        }
        let callable = format!("{name}.{method}");
        let arguments = items.get(..KEEP).unwrap_or(items);
        self.world.record(&callable, arguments, self.site);
    }

    fn memo_key(&mut self, opcode: u8) -> Result<u64, Break> {
        match opcode {
            GET | PUT => {
                let line = self.cursor.line()?;
                operand::integer(&line)
                    .and_then(|key| u64::try_from(key).ok())
                    .ok_or_else(|| malformed("a memo line holds no index".to_owned()))
            }
            BINGET | BINPUT => self.cursor.unsigned(1),
            LONG_BINGET | LONG_BINPUT => self.cursor.unsigned(4),
            _ => Ok(self.frame.memo.len() as u64),
        }
    }

    fn import(&mut self, opcode: u8) -> Result<(), Break> {
        let (module, attribute) = if opcode == STACK_GLOBAL {
            let attribute = self.pop()?;
            let module = self.pop()?;
            (module, attribute)
        } else {
            self.named_import()?
        };
        for part in [module, attribute] {
            if matches!(
                part,
                Value::None | Value::Int(_) | Value::Bool(_) | Value::Float(_)
            ) {
                return Err(malformed("STACK_GLOBAL without two strings".to_owned()));
            }
        }
        self.measure();
        let value = self.world.import(module, attribute, self.site);
        self.push(value)
    }

    /// The two lines of GLOBAL and INST.
    fn named_import(&mut self) -> Result<(Value, Value), Break> {
        let mut parts = [Value::Unknown; 2];
        for part in &mut parts {
            let line = self.cursor.line()?;
            let text = std::str::from_utf8(&line)
                .map_err(|_| malformed("an import name is not UTF-8".to_owned()))?
                .trim_end_matches('\r');
            if text.is_empty() {
                return Err(malformed("an import name is empty".to_owned()));
            }
            *part = self.world.heap.text(text);
        }
        let [module, attribute] = parts;
        Ok((module, attribute))
    }

    /// The items of an argument tuple.
    fn spread(&self, arguments: Value) -> Vec<Value> {
        match self.world.heap.get(arguments) {
            Some(Object::Tuple(items) | Object::List(items)) => items.clone(),
            _ => vec![arguments],
        }
    }

    fn new_object(&mut self, opcode: u8) -> Result<(), Break> {
        let keywords = if opcode == NEWOBJ_EX {
            Some(self.pop()?)
        } else {
            None
        };
        let arguments = self.pop()?;
        let class = self.pop()?;
        let mut arguments = self.spread(arguments);
        if let Some(keywords) = keywords
            && let Some(Object::Dict(entries)) = self.world.heap.get(keywords)
            && !entries.is_empty()
        {
            arguments.push(keywords);
        }
        let result = self.world.call(class, arguments, self.site);
        self.push(result)
    }

    fn instance(&mut self, opcode: u8) -> Result<(), Break> {
        let (class, arguments) = if opcode == INST {
            let (module, attribute) = self.named_import()?;
            self.measure();
            let arguments = self.pop_mark()?;
            let class = self.world.import(module, attribute, self.site);
            (class, arguments)
        } else {
            let mut items = self.pop_mark()?;
            if items.is_empty() {
                return Err(self.underflow());
            }
            let class = items.remove(0);
            (class, items)
        };
        let result = self.world.call(class, kept(arguments), self.site);
        self.push(result)
    }

    fn build(&mut self) -> Result<(), Break> {
        let state = self.pop()?;
        let target = self.top()?;
        let site = self.site;
        let shared = self.world.is_shared(target);
        let name = self.world.name(target);
        if let Some(length) = array::of(&self.world.heap, &name, state) {
            return match length {
                Some(length) => self.skip_array(length),
                None => Err(Break::Limit("arrays of unknown size".to_owned())),
            };
        }
        let state_items = self.spread(state);
        let setter = self.set_state(target);
        match self.world.heap.get_mut(target) {
            Some(Object::Partial {
                function,
                arguments,
            }) => {
                // The state of a partial is (function, arguments, keywords, attributes).
                if let [to, with, ..] = state_items.as_slice() {
                    *function = *to;
                    let with = *with;
                    let items = self.spread(with);
                    if let Some(Object::Partial { arguments, .. }) = self.world.heap.get_mut(target)
                    {
                        *arguments = items;
                    }
                } else {
                    arguments.clear();
                }
            }
            Some(Object::Instance { state: held, .. }) => {
                if setter.is_none() {
                    *held = state;
                }
                match setter {
                    Some(setter) => {
                        self.world.call(setter, vec![state], site);
                    }
                    None => {
                        let callable = format!("{name}.__setstate__");
                        self.world.record(&callable, &[state], site);
                    }
                }
            }
            _ => {
                let callable = if shared {
                    format!("{name}.__dict__.update")
                } else {
                    format!("{name}.__setstate__")
                };
                self.world.record(&callable, &[state], site);
            }
        }
        Ok(())
    }

    /// The `__setstate__` that an earlier BUILD put on the instance.
    fn set_state(&self, target: Value) -> Option<Value> {
        let Some(Object::Instance { state, .. }) = self.world.heap.get(target) else {
            return None;
        };
        let mut dicts = vec![*state];
        dicts.extend(
            self.world
                .heap
                .items(*state)
                .unwrap_or_default()
                .iter()
                .take(2),
        );
        dicts.into_iter().find_map(|dict| {
            let Some(Object::Dict(entries)) = self.world.heap.get(dict) else {
                return None;
            };
            entries
                .iter()
                .find(|(key, _)| self.world.heap.as_str(*key) == Some("__setstate__"))
                .map(|(_, value)| *value)
        })
    }

    /// joblib writes the bytes of an array right behind the object that describes it.
    fn skip_array(&mut self, array: array::Length) -> Result<(), Break> {
        if array.aligned {
            let padding = self.cursor.byte()?;
            self.cursor.jump(u64::from(padding));
        }
        match array.bytes {
            Some(length) => {
                if self.cursor.position.saturating_add(length) > self.cursor.tape.len() {
                    return Err(Break::Truncated);
                }
                self.cursor.jump(length);
                Ok(())
            }
            None if self.outer.len() < INNER => {
                self.outer.push(std::mem::take(&mut self.frame));
                Ok(())
            }
            None => Err(Break::Limit("nested arrays of objects".to_owned())),
        }
    }
}

/// Collections of the standard library whose filling means nothing.
const COLLECTIONS: &[&str] = &[
    "collections.OrderedDict()",
    "collections.defaultdict()",
    "collections.deque()",
    "collections.Counter()",
    "builtins.set()",
    "__builtin__.set()",
    "builtins.list()",
    "builtins.dict()",
    "builtins.bytearray()",
];

fn malformed(what: String) -> Break {
    Break::Malformed(what)
}

fn kept(mut items: Vec<Value>) -> Vec<Value> {
    items.truncate(KEEP);
    items
}

fn pairs(items: &[Value]) -> Vec<(Value, Value)> {
    let (pairs, _) = items.as_chunks::<2>();
    pairs
        .iter()
        .take(KEEP)
        .map(|[key, value]| (*key, *value))
        .collect()
}

/// An integer from little-endian two's complement.
fn long(heap: &mut Heap, bytes: &[u8], length: u64) -> Value {
    if bytes.len() > 8 || (bytes.len() as u64) < length {
        return Value::Long(heap.span(bytes, bytes.len() as u64 == length));
    }
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut raw = [if negative { 0xff } else { 0 }; 8];
    for (to, from) in raw.iter_mut().zip(bytes) {
        *to = *from;
    }
    Value::Int(i64::from_le_bytes(raw))
}
