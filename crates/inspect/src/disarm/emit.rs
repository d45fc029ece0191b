//! Writes a tree as a pickle again, with nothing in it but what was judged safe.
//!
//! The opcodes are those of the binary forms that every protocol since 1 knows, plus the few newer
//! ones that a value needs. What two places share stays shared: an object that is referred to more
//! than once goes into the memo, as a pickler would have put it there.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::counted::Counted;
use super::{Judge, Use};
use crate::convert::Error;
use crate::convert::joblib;
use crate::convert::ndarray;
use crate::convert::tree::{Call, Constant, How, Kind, Object, Step, Tree, Value};
use crate::pickle::opcode::*;
use crate::source::Source;

/// Deepest nesting that is written.
const DEPTH: usize = 200;
/// Items between MARK and the opcode that takes them, as picklers have it.
const BATCH: usize = 1000;
/// The call that loads a checkpoint inside a constant.
const NESTED: &str = "torch.storage._load_from_bytes";

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

/// What stands in the place of an object.
enum Instead {
    /// Itself.
    Kept,
    /// A dict of what it would have been filled with.
    Dict(Vec<(Value, Value)>),
    /// A list of what it would have been filled with.
    List(Vec<Value>),
    /// None.
    Nothing,
}

/// Whether an import is written as it is: safe, and of a name that its opcode can hold.
pub(super) fn is_kept(tree: &Tree, value: Value, purpose: Use, judge: &Judge<'_>) -> bool {
    let Some(Object::Global(index)) = tree.get(tree.class(value)) else {
        return false;
    };
    let Some(global) = tree.globals.get(*index as usize) else {
        return false;
    };
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '.'))
    };
    is_name(&global.module) && is_name(&global.name) && judge(&global.dotted, purpose)
}

/// Whether a call is written as it is.
pub(super) fn makes_kept(tree: &Tree, call: &Call, judge: &Judge<'_>) -> bool {
    let purpose = match call.how {
        // An id is written with what it refers to, and that is a reference.
        _ if matches!(tree.get(call.function), Some(Object::Persistent(_))) => Use::Reference,
        How::New => Use::New,
        How::Call | How::Instance => Use::Call,
    };
    is_kept(tree, call.function, purpose, judge) && tree.name(call.function) != Some(NESTED)
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

    fn instead(&self, call: &Call) -> Instead {
        let nested = self.nesting == 0 && self.tree.name(call.function) == Some(NESTED);
        if nested || makes_kept(self.tree, call, self.judge) {
            return Instead::Kept;
        }
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        for step in &call.steps {
            match step {
                Step::Set(more) => pairs.extend(more),
                Step::Append(more) | Step::Add(more) => items.extend(more),
                Step::Build(state)
                | Step::BuildArray { state, .. }
                | Step::BuildObjects { state, .. } => {
                    if let Some(Object::Dict(entries)) = self.tree.get(*state) {
                        pairs.extend(entries);
                    }
                }
            }
        }
        if !pairs.is_empty() {
            Instead::Dict(pairs)
        } else if !items.is_empty() {
            Instead::List(items)
        } else {
            Instead::Nothing
        }
    }

    /// Finds what is referred to more than once among what will be written.
    fn count(&mut self, root: Value) {
        let mut seen = HashSet::new();
        let mut waiting = vec![root];
        while let Some(value) = waiting.pop() {
            let Value::Object(index) = value else {
                continue;
            };
            if !seen.insert(index) {
                self.shared.insert(index);
                continue;
            }
            match self.tree.get(value) {
                Some(
                    Object::Tuple(items)
                    | Object::List(items)
                    | Object::Set(items)
                    | Object::FrozenSet(items),
                ) => waiting.extend(items),
                Some(Object::Dict(entries)) => {
                    waiting.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
                }
                Some(Object::Persistent(id)) => waiting.push(*id),
                Some(Object::Call(call)) => match self.instead(call) {
                    Instead::Dict(entries) => {
                        waiting.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
                    }
                    Instead::List(items) => waiting.extend(items),
                    Instead::Nothing => {}
                    Instead::Kept => {
                        waiting.extend([call.function, call.arguments]);
                        waiting.extend(call.keywords);
                        for step in &call.steps {
                            match step {
                                Step::Build(state) | Step::BuildArray { state, .. } => {
                                    waiting.push(*state);
                                }
                                // The content is a stream with a memo of its own.
                                Step::BuildObjects { state, .. } => waiting.push(*state),
                                Step::Append(items) | Step::Add(items) => waiting.extend(items),
                                Step::Set(pairs) => waiting
                                    .extend(pairs.iter().flat_map(|(key, value)| [*key, *value])),
                            }
                        }
                    }
                },
                _ => {}
            }
        }
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

    fn integer(&mut self, number: i64) -> Result<(), Error> {
        if let Ok(one) = u8::try_from(number) {
            return self.op(&[BININT1, one]);
        }
        if let Ok(two) = u16::try_from(number) {
            self.op(&[BININT2])?;
            return self.op(&two.to_le_bytes());
        }
        if let Ok(four) = i32::try_from(number) {
            self.op(&[BININT])?;
            return self.op(&four.to_le_bytes());
        }
        self.op(&[LONG1, 8])?;
        self.op(&number.to_le_bytes())
    }

    fn recall(&mut self, at: u32) -> Result<(), Error> {
        match u8::try_from(at) {
            Ok(at) => self.op(&[BINGET, at]),
            Err(_) => {
                self.op(&[LONG_BINGET])?;
                self.op(&at.to_le_bytes())
            }
        }
    }

    /// Puts an object into the memo where it may be met again: those that are referred to more than
    /// once, and those that can be changed, which may hold themselves.
    fn remember(&mut self, index: u32) -> Result<(), Error> {
        let may_hold_itself = matches!(
            self.tree.get(Value::Object(index)),
            Some(Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Call(_))
        );
        if !may_hold_itself && !self.shared.contains(&index) {
            return Ok(());
        }
        let at = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
        self.memo.insert(index, at);
        match u8::try_from(at) {
            Ok(at) => self.op(&[BINPUT, at]),
            Err(_) => {
                self.op(&[LONG_BINPUT])?;
                self.op(&at.to_le_bytes())
            }
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
                        let length = constant_length(*constant);
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

    /// Whether an id stands for a class that is not known.
    fn is_foreign(&self, index: u32) -> bool {
        let value = Value::Object(index);
        let class = self.tree.class(value);
        class != value && !is_kept(self.tree, class, Use::Reference, self.judge)
    }

    /// What is called. Where only this use of it is safe, it does not go into the memo, from which any
    /// other use could take it.
    fn function(&mut self, value: Value, depth: usize) -> Result<(), Error> {
        if let Some(Object::Global(which)) = self.tree.get(value)
            && !is_kept(self.tree, value, Use::Reference, self.judge)
            && let Some(global) = self.tree.globals.get(*which as usize)
        {
            let line = format!("c{}\n{}\n", global.module, global.name);
            return self.op(line.as_bytes());
        }
        self.value(value, depth)
    }

    /// A constant behind the opcode that fits its length.
    fn constant(
        &mut self,
        constant: Constant,
        short: Option<u8>,
        middle: u8,
        long: u8,
    ) -> Result<(), Error> {
        let length = constant_length(constant);
        match (short, u8::try_from(length), u32::try_from(length)) {
            (Some(short), Ok(one), _) => self.op(&[short, one])?,
            (_, _, Ok(four)) => {
                self.op(&[middle])?;
                self.op(&four.to_le_bytes())?;
            }
            _ if long == middle => {
                return Err(Error::Refused(
                    "a constant is too long for its type".to_owned(),
                ));
            }
            _ => {
                self.op(&[long])?;
                self.op(&length.to_le_bytes())?;
            }
        }
        self.content(constant)
    }

    fn content(&mut self, constant: Constant) -> Result<(), Error> {
        match constant {
            Constant::There { start, length } => self.out.copy(self.source, start, length),
            Constant::Kept { .. } => {
                let bytes = self.tree.bytes(constant).unwrap_or_default();
                self.out.write(bytes)
            }
        }
    }

    fn all(&mut self, items: &[Value], depth: usize) -> Result<(), Error> {
        items.iter().try_for_each(|item| self.value(*item, depth))
    }

    fn batches(&mut self, items: &[Value], opcode: u8, depth: usize) -> Result<(), Error> {
        for batch in items.chunks(BATCH) {
            self.op(&[MARK])?;
            self.all(batch, depth)?;
            self.op(&[opcode])?;
        }
        Ok(())
    }

    fn pairs(&mut self, entries: &[(Value, Value)], depth: usize) -> Result<(), Error> {
        for batch in entries.chunks(BATCH) {
            self.op(&[MARK])?;
            for (key, value) in batch {
                self.value(*key, depth)?;
                self.value(*value, depth)?;
            }
            self.op(&[SETITEMS])?;
        }
        Ok(())
    }

    /// A tuple may be part of itself through a list or an object in it. That one is met again while
    /// the tuple is written, and writes it then; what was begun is dropped.
    fn tuple(&mut self, index: u32, items: &[Value], depth: usize) -> Result<(), Error> {
        if items.is_empty() {
            return self.op(&[EMPTY_TUPLE]);
        }
        let shared = self.shared.contains(&index);
        let short = items.len() <= 3 && !shared;
        if !short {
            self.op(&[MARK])?;
        }
        self.all(items, depth)?;
        if let Some(at) = self.memo.get(&index).copied() {
            self.op(&[POP_MARK])?;
            return self.recall(at);
        }
        if short {
            let count = u8::try_from(items.len()).unwrap_or_default();
            self.op(&[TUPLE1.saturating_add(count.saturating_sub(1))])?;
        } else {
            self.op(&[TUPLE])?;
        }
        self.remember(index)
    }

    fn call(&mut self, index: u32, call: &Call, depth: usize) -> Result<(), Error> {
        if self.tree.name(call.function) == Some(NESTED) {
            return self.nested(index, call);
        }
        if call.how == How::Instance {
            self.op(&[MARK])?;
            self.function(call.function, depth)?;
            let items = self.tree.items(call.arguments).unwrap_or_default();
            self.all(items, depth)?;
            if let Some(at) = self.memo.get(&index).copied() {
                self.op(&[POP_MARK])?;
                return self.recall(at);
            }
            self.op(&[OBJ])?;
        } else {
            self.function(call.function, depth)?;
            self.value(call.arguments, depth)?;
            if let Some(keywords) = call.keywords {
                self.value(keywords, depth)?;
            }
            if let Some(at) = self.memo.get(&index).copied() {
                self.op(&[POP, POP])?;
                if call.keywords.is_some() {
                    self.op(&[POP])?;
                }
                return self.recall(at);
            }
            self.op(&[match (call.how, call.keywords) {
                (How::Call, _) => REDUCE,
                (_, Some(_)) => NEWOBJ_EX,
                _ => NEWOBJ,
            }])?;
        }
        self.remember(index)?;
        for step in &call.steps {
            self.step(step, depth)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, depth: usize) -> Result<(), Error> {
        match step {
            Step::Build(state) => {
                self.value(*state, depth)?;
                self.op(&[BUILD])
            }
            Step::Append(items) => self.batches(items, APPENDS, depth),
            Step::Add(items) => self.batches(items, ADDITEMS, depth),
            Step::Set(pairs) => self.pairs(pairs, depth),
            Step::BuildArray {
                state,
                start,
                length,
            } => {
                self.value(*state, depth)?;
                self.op(&[BUILD])?;
                if let Some(alignment) = joblib::alignment(self.tree, *state) {
                    // As joblib does: one byte that says how many follow, so that the array starts at
                    // a multiple of the alignment.
                    let behind = self.out.at.saturating_add(1);
                    let next = behind.checked_next_multiple_of(alignment.max(1));
                    let padding = next.unwrap_or(behind).saturating_sub(behind);
                    let padding = u8::try_from(padding).unwrap_or_default();
                    self.op(&[padding])?;
                    self.op(&vec![0xff; usize::from(padding)])?;
                }
                self.out.copy(self.source, *start, *length)
            }
            Step::BuildObjects { state, content } => {
                self.value(*state, depth)?;
                self.op(&[BUILD])?;
                // A stream of its own, with its own memo.
                let memo = std::mem::take(&mut self.memo);
                let shared = std::mem::take(&mut self.shared);
                self.count(*content);
                self.op(&[PROTO, 4])?;
                self.value(*content, depth)?;
                self.op(&[STOP])?;
                self.memo = memo;
                self.shared = shared;
                Ok(())
            }
        }
    }

    /// A checkpoint inside a constant is disarmed as one of its own.
    fn nested(&mut self, index: u32, call: &Call) -> Result<(), Error> {
        let first = self.tree.items(call.arguments).and_then(<[Value]>::first);
        let Some(place) = first.and_then(|first| ndarray::place(self.tree, *first)) else {
            return self.op(&[NONE]);
        };
        let bytes = place.held_bytes(self.source)?;
        let mut clean = Vec::new();
        super::file::disarm(
            &crate::source::Bytes(&bytes),
            self.judge,
            &mut clean,
            self.nesting.saturating_add(1),
        )?;
        self.op(b"ctorch.storage\n_load_from_bytes\n")?;
        self.op(&[BINBYTES])?;
        let length = u32::try_from(clean.len())
            .map_err(|_| Error::Limit("a checkpoint inside a constant".to_owned()))?;
        self.op(&length.to_le_bytes())?;
        self.op(&clean)?;
        self.op(&[TUPLE1, REDUCE])?;
        self.remember(index)
    }
}

fn constant_length(constant: Constant) -> u64 {
    match constant {
        Constant::Kept { length, .. } => length as u64,
        Constant::There { length, .. } => length,
    }
}
