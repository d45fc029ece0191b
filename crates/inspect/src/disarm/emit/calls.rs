//! Calls that are kept, and what is done to their results.

use super::Emitter;
use super::choice::{NESTED, is_kept};
use crate::convert::tree::{Call, How, Object, Step, Value};
use crate::convert::{Error, joblib, ndarray};
use crate::disarm::Use;
use stance_pickle::opcode::*;

impl Emitter<'_, '_> {
    /// What is called. Where only this use of it is safe, it does not go into the memo, from which any
    /// other use could take it.
    pub(super) fn function(&mut self, value: Value, depth: usize) -> Result<(), Error> {
        if let Some(Object::Global(which)) = self.tree.get(value)
            && !is_kept(self.tree, value, Use::Reference, self.judge)
            && let Some(global) = self.tree.globals.get(*which as usize)
        {
            let line = format!("c{}\n{}\n", global.module, global.name);
            return self.op(line.as_bytes());
        }
        self.value(value, depth)
    }

    pub(super) fn call(&mut self, index: u32, call: &Call, depth: usize) -> Result<(), Error> {
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

    pub(super) fn step(&mut self, step: &Step, depth: usize) -> Result<(), Error> {
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
    pub(super) fn nested(&mut self, index: u32, call: &Call) -> Result<(), Error> {
        let first = self.tree.items(call.arguments).and_then(<[Value]>::first);
        let Some(place) = first.and_then(|first| ndarray::place(self.tree, *first)) else {
            return self.op(&[NONE]);
        };
        let bytes = place.held_bytes(self.source)?;
        let mut clean = Vec::new();
        crate::disarm::file::disarm(
            &stance_read::source::Bytes(&bytes),
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
