//! The unpickling machine: stack, marks and memo over abstract values.

use super::cursor::{Break, Cursor};
use super::joblib::{Arrays, Met};
use super::memo::Memo;
use super::opcode::*;
use super::recorder::Site;
use super::stack::Stack;
use super::tape::Tape;
use super::value::{Object, Value};
use super::world::World;

/// Most memo entries.
const MEMO: usize = 1 << 20;

/// Stack, marks and memo of one stream.
#[derive(Default)]
pub(super) struct Frame {
    stack: Stack<Value>,
    pub(super) memo: Memo,
}

/// One run over one stream.
pub(super) struct Machine<'t, 'w, T> {
    pub(super) cursor: Cursor<'t, T>,
    pub(super) world: &'w mut World,
    pub(super) frame: Frame,
    pub(super) outer: Vec<Frame>,
    pub(super) site: Site,
    pub(super) base: u64,
    pub(super) protocol: u8,
    pub(super) opcodes: u64,
    /// What STOP gave.
    pub(super) result: Value,
    /// The operand of the opcode at work, when it is a number of its own.
    pub(super) key: Option<u64>,
    /// An operand that this machine cannot read, though another may.
    pub(super) defect: Option<&'static str>,
    /// Which arrays of joblib are stepped over, and which were met.
    pub(super) arrays: Arrays,
    pub(super) met: Met,
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
            key: None,
            defect: None,
            arrays: Arrays::All,
            met: Met::default(),
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
        self.key = None;
        let done = self.execute(opcode);
        if self.world.trail.len() < self.world.limits.trail {
            let pushes = matches!(
                opcode,
                INT | LONG
                    | FLOAT
                    | STRING
                    | UNICODE
                    | BININT
                    | BININT1
                    | BININT2
                    | LONG1
                    | LONG4
                    | BINFLOAT
                    | BINSTRING
                    | SHORT_BINSTRING
                    | BINUNICODE
                    | SHORT_BINUNICODE
                    | BINUNICODE8
                    | BINBYTES
                    | SHORT_BINBYTES
                    | BINBYTES8
                    | BYTEARRAY8
                    | GLOBAL
                    | STACK_GLOBAL
                    | INST
                    | EXT1
                    | EXT2
                    | EXT4
            );
            let last = self.frame.stack.last();
            let operand = last.filter(|_| pushes && done.is_ok());
            self.world.step(self.site, operand, self.key);
        }
        done
    }

    fn execute(&mut self, opcode: u8) -> Result<(), Break> {
        match opcode {
            PROTO => {
                let version = self.cursor.byte()?;
                self.key = Some(u64::from(version));
                if version > 5 {
                    // Python refuses it; what the rest would do is told all the same.
                    self.defect.get_or_insert("its protocol does not exist");
                } else {
                    self.protocol = self.protocol.max(version);
                }
                Ok(())
            }
            FRAME => self.cursor.frame(),
            STOP => self.stop(),
            MARK => self.frame.stack.mark(),
            POP => self.frame.stack.discard(self.site.at()),
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
                self.key = Some(key);
                match self.frame.memo.get(key) {
                    Some(value) => self.push(value),
                    None => Err(malformed(format!("memo has no entry {key}"))),
                }
            }
            PUT | BINPUT | LONG_BINPUT | MEMOIZE => {
                let key = self.memo_key(opcode)?;
                self.key = Some(key);
                let top = self.top()?;
                if self.frame.memo.is_full(MEMO) {
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

    pub(super) fn push(&mut self, value: Value) -> Result<(), Break> {
        self.frame.stack.push(value)
    }

    pub(super) fn underflow(&self) -> Break {
        self.site.at().underflow()
    }

    pub(super) fn pop(&mut self) -> Result<Value, Break> {
        self.frame.stack.pop(self.site.at())
    }

    pub(super) fn top(&self) -> Result<Value, Break> {
        self.frame.stack.top(self.site.at())
    }

    pub(super) fn pop_mark(&mut self) -> Result<Vec<Value>, Break> {
        self.frame.stack.pop_mark(self.site.at())
    }

    /// Goes on behind an operand that makes no sense: its end is known, and unpicklers differ in
    /// what they accept. In a trial of what has no header it is the end.
    pub(super) fn endure(&mut self, what: &'static str) -> Result<Value, Break> {
        if self.world.depth == u8::MAX && self.protocol == 0 {
            return Err(malformed(what.to_owned()));
        }
        self.defect.get_or_insert(what);
        Ok(Value::Unknown)
    }

    /// Lets the evidence span the whole opcode once its operand is read.
    pub(super) fn measure(&mut self) {
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
}

pub(super) fn malformed(what: String) -> Break {
    Break::Malformed(what)
}
