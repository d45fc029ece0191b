//! Items of containers, in batches as picklers write them.

use super::Emitter;
use crate::convert::Error;
use crate::convert::tree::Value;
use stance_pickle::opcode::*;

/// Items between MARK and the opcode that takes them, as picklers have it.
const BATCH: usize = 1000;

impl Emitter<'_, '_> {
    pub(super) fn all(&mut self, items: &[Value], depth: usize) -> Result<(), Error> {
        items.iter().try_for_each(|item| self.value(*item, depth))
    }

    pub(super) fn batches(
        &mut self,
        items: &[Value],
        opcode: u8,
        depth: usize,
    ) -> Result<(), Error> {
        for batch in items.chunks(BATCH) {
            self.op(&[MARK])?;
            self.all(batch, depth)?;
            self.op(&[opcode])?;
        }
        Ok(())
    }

    pub(super) fn pairs(&mut self, entries: &[(Value, Value)], depth: usize) -> Result<(), Error> {
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
    pub(super) fn tuple(&mut self, index: u32, items: &[Value], depth: usize) -> Result<(), Error> {
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
}
