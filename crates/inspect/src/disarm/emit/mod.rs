//! Writes a tree as a pickle again, with nothing in it but what was judged safe.
//!
//! The opcodes are those of the binary forms that every protocol since 1 knows, plus the few newer
//! ones that a value needs. What two places share stays shared: an object that is referred to more
//! than once goes into the memo, as a pickler would have put it there.

mod calls;
mod choice;
mod containers;
mod leaves;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::counted::Counted;
use super::{Judge, Use};
use crate::convert::Error;
use crate::convert::tree::{Kind, Object, Tree, Value};
use choice::Instead;
pub(super) use choice::{is_kept, makes_kept};
use stance_pickle::opcode::*;
use stance_read::source::Source;

/// Deepest nesting that is written.
const DEPTH: usize = 200;

/// What one stream is written from, and where it goes.
pub(super) struct Emitter<'a, 'o> {
    tree: &'a Tree,
    source: &'a dyn Source,
    judge: &'a Judge<'a>,
    out: &'a mut Counted<'o>,
    /// Objects that are referred to more than once.
    shared: HashSet<u32>,
    memo: HashMap<u32, u32>,
    /// The ids that `persistent_load` will be asked for.
    pub(super) persistent: BTreeSet<u32>,
    /// How deep constants with checkpoints in them are.
    nesting: u8,
}

impl<'a, 'o> Emitter<'a, 'o> {
    pub(super) fn new(
        tree: &'a Tree,
        source: &'a dyn Source,
        judge: &'a Judge<'a>,
        out: &'a mut Counted<'o>,
        nesting: u8,
    ) -> Self {
        Self {
            tree,
            source,
            judge,
            out,
            shared: HashSet::new(),
            memo: HashMap::new(),
            persistent: BTreeSet::new(),
            nesting,
        }
    }

    /// Writes one stream, from PROTO to STOP.
    pub(super) fn stream(&mut self, value: Value, protocol: u8) -> Result<(), Error> {
        self.count(value);
        self.op(&[PROTO, protocol.max(2)])?;
        self.value(value, 0)?;
        self.op(&[STOP])
    }

    fn op(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write(bytes)
    }

    fn value(&mut self, value: Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::None => self.op(&[NONE]),
            Value::Bool(true) => self.op(&[NEWTRUE]),
            Value::Bool(false) => self.op(&[NEWFALSE]),
            Value::Int(number) => self.integer(number),
            Value::Float(number) => {
                self.op(&[BINFLOAT])?;
                self.op(&number.to_be_bytes())
            }
            Value::Object(index) => self.object(index, depth),
        }
    }

    fn object(&mut self, index: u32, depth: usize) -> Result<(), Error> {
        if let Some(at) = self.memo.get(&index) {
            return self.recall(*at);
        }
        if depth > DEPTH {
            return Err(Error::Limit(format!(
                "values nested more than {DEPTH} deep"
            )));
        }
        let depth = depth.saturating_add(1);
        let tree = self.tree;
        match tree.get(Value::Object(index)) {
            None | Some(Object::Outside(_)) => self.op(&[NONE]),
            Some(Object::Text(constant)) => {
                self.constant(*constant, None, BINUNICODE, BINUNICODE8)?;
                self.remember(index)
            }
            Some(Object::Bytes(constant, kind)) => {
                match kind {
                    Kind::Old => {
                        self.constant(*constant, Some(SHORT_BINSTRING), BINSTRING, BINSTRING)?;
                    }
                    Kind::Bytes => {
                        self.constant(*constant, Some(SHORT_BINBYTES), BINBYTES, BINBYTES8)?;
                    }
                    Kind::ByteArray => {
                        let length = constant.length();
                        self.op(&[BYTEARRAY8])?;
                        self.op(&length.to_le_bytes())?;
                        self.content(*constant)?;
                    }
                }
                self.remember(index)
            }
            Some(Object::Long(constant)) => self.constant(*constant, Some(LONG1), LONG4, LONG4),
            Some(Object::Tuple(items)) => self.tuple(index, items, depth),
            Some(Object::List(items)) => {
                self.op(&[EMPTY_LIST])?;
                self.remember(index)?;
                self.batches(items, APPENDS, depth)
            }
            Some(Object::Set(items)) => {
                self.op(&[EMPTY_SET])?;
                self.remember(index)?;
                self.batches(items, ADDITEMS, depth)
            }
            Some(Object::FrozenSet(items)) => {
                self.op(&[MARK])?;
                self.all(items, depth)?;
                if let Some(at) = self.memo.get(&index).copied() {
                    self.op(&[POP_MARK])?;
                    return self.recall(at);
                }
                self.op(&[FROZENSET])?;
                self.remember(index)
            }
            Some(Object::Dict(entries)) => {
                self.op(&[EMPTY_DICT])?;
                self.remember(index)?;
                self.pairs(entries, depth)
            }
            Some(Object::Global(which)) => {
                let value = Value::Object(index);
                match tree.globals.get(*which as usize) {
                    Some(global) if is_kept(tree, value, Use::Reference, self.judge) => {
                        let line = format!("c{}\n{}\n", global.module, global.name);
                        self.op(line.as_bytes())?;
                    }
                    _ => self.op(&[NONE])?,
                }
                self.remember(index)
            }
            Some(Object::Persistent(_)) if self.is_foreign(index) => self.op(&[NONE]),
            Some(Object::Persistent(id)) => {
                self.value(*id, depth)?;
                self.op(&[BINPERSID])?;
                if let Value::Object(id) = id {
                    self.persistent.insert(*id);
                }
                self.remember(index)
            }
            Some(Object::Call(call)) => match self.instead(call) {
                Instead::Kept => self.call(index, call, depth),
                Instead::Dict(entries) => {
                    self.op(&[EMPTY_DICT])?;
                    self.remember(index)?;
                    self.pairs(&entries, depth)
                }
                Instead::List(items) => {
                    self.op(&[EMPTY_LIST])?;
                    self.remember(index)?;
                    self.batches(&items, APPENDS, depth)
                }
                Instead::Nothing => self.op(&[NONE]),
            },
        }
    }
}
