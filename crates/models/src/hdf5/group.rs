//! Groups as the first versions of the format have them: a tree of nodes with symbols.

use super::{Error, File, plus};

/// A symbol whose entry is a path and no address.
const SYMBOLIC: u32 = 2;

impl File<'_, '_> {
    /// A message with the addresses of a tree and of the heap with its names.
    pub(super) fn read_group(&mut self, at: u64) -> Result<(), Error> {
        let tree = self.offset(at)?;
        let mut open = vec![tree];
        while let Some(address) = open.pop() {
            if let Some(place) = self.place(address)
                && let Err(error) = self.read_tree(place, &mut open)
            {
                self.note(error);
            }
        }
        Ok(())
    }

    fn read_tree(&mut self, at: u64, open: &mut Vec<u64>) -> Result<(), Error> {
        self.expect(at, b"TREE", "tree of a group")?;
        if self.window.u8(plus(at, 4_u64))? != 0 {
            return Err(Error::Missing("tree of a group"));
        }
        let level = self.window.u8(plus(at, 5_u64))?;
        let used = self.window.u16(plus(at, 6_u64))?;
        let pair = u64::from(self.lengths).saturating_add(u64::from(self.offsets));
        // Past the two siblings and the first key.
        let mut child = plus(at, 8_u64)
            .saturating_add(u64::from(self.offsets).saturating_mul(2))
            .saturating_add(u64::from(self.lengths));
        for _ in 0..used {
            self.spend()?;
            let address = self.offset(child)?;
            child = plus(child, pair);
            // One set for objects and nodes: an address is one of them only.
            if !self.first_time(address) {
                continue;
            }
            if level > 0 {
                open.push(address);
            } else if let Some(place) = self.place(address) {
                self.read_symbols(place)?;
            }
        }
        Ok(())
    }

    /// Whether a node has not been met; too many end the walk.
    fn first_time(&mut self, address: u64) -> bool {
        self.seen.len() < super::OBJECTS && self.seen.insert(address)
    }

    fn read_symbols(&mut self, at: u64) -> Result<(), Error> {
        self.expect(at, b"SNOD", "node of symbols")?;
        let count = self.window.u16(plus(at, 6_u64))?;
        let width = u64::from(self.offsets);
        let size = width.saturating_mul(2).saturating_add(24);
        let mut entry = plus(at, 8_u64);
        for _ in 0..count {
            self.spend()?;
            let address = self.offset(plus(entry, width))?;
            let kind = self
                .window
                .u32(entry.saturating_add(width.saturating_mul(2)))?;
            if kind != SYMBOLIC {
                self.visit(address);
            }
            entry = plus(entry, size);
        }
        Ok(())
    }
}
