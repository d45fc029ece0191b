//! Links and attributes of objects that have many: an index tree whose records
//! point into a heap of blocks that double in size.

use super::{Error, File, plus};

/// Records that are followed.
const RECORDS: usize = 100_000;
/// Rows of blocks in a heap that are counted through: each is twice the one before it, so that no
/// offset of 64 bits lies further.
const ROWS: u16 = 66;

/// What is needed to find an object in the heap.
struct Heap {
    offset_width: u8,
    length_width: u8,
    row_width: u64,
    first_block: u64,
    largest_direct: u64,
    root: u64,
    rows: u16,
}

impl File<'_, '_> {
    /// Where the objects of a heap lie that an index names; `skip` bytes of
    /// each record stand before the id of the object.
    pub(super) fn dense(&mut self, heap: u64, index: u64, skip: u64) -> Result<Vec<u64>, Error> {
        let (Some(heap), Some(index)) = (self.place(heap), self.place(index)) else {
            return Ok(Vec::new());
        };
        let heap = self.read_heap(heap)?;
        let mut found = Vec::new();
        for record in self.records(index)? {
            match self.object_at(&heap, plus(record, skip)) {
                Ok(place) => found.push(place),
                Err(error) => self.note(error),
            }
        }
        Ok(found)
    }

    fn read_heap(&mut self, at: u64) -> Result<Heap, Error> {
        self.expect(at, b"FRHP", "heap of a large object")?;
        let filters = self.window.u16(plus(at, 7_u64))?;
        if filters > 0 {
            return Err(Error::Unread("a compressed heap"));
        }
        let largest_object = u64::from(self.window.u32(plus(at, 10_u64))?);
        let (offsets, lengths) = (u64::from(self.offsets), u64::from(self.lengths));
        // Ten lengths and two addresses of bookkeeping stand in between.
        let mut place = plus(at, 14_u64)
            .saturating_add(lengths.saturating_mul(10))
            .saturating_add(offsets.saturating_mul(2));
        let row_width = u64::from(self.window.u16(place)?);
        place = plus(place, 2_u64);
        let first_block = self.length(place)?;
        let largest_direct = self.length(plus(place, lengths))?;
        place = place.saturating_add(lengths.saturating_mul(2));
        let bits = self.window.u16(place)?;
        let root = self.offset(plus(place, 4_u64))?;
        let rows = self.window.u16(plus(plus(place, 4_u64), offsets))?;
        if bits > 64 || row_width == 0 || first_block == 0 {
            return Err(Error::Missing("heap of a large object"));
        }
        Ok(Heap {
            offset_width: u8::try_from(bits.div_ceil(8)).unwrap_or(8),
            length_width: width_of(largest_direct.min(largest_object)),
            row_width,
            first_block,
            largest_direct,
            root,
            rows,
        })
    }

    /// The place of the object with the id at `id`.
    fn object_at(&mut self, heap: &Heap, id: u64) -> Result<u64, Error> {
        // Two bits of version, two of kind: 0 lies in a block of the heap.
        if self.window.u8(id)? & 0x30 != 0 {
            return Err(Error::Unread("a value outside the blocks of its heap"));
        }
        let offset = self.number(plus(id, 1_u64), heap.offset_width)?;
        let _length = self.number(plus(plus(id, 1_u64), heap.offset_width), heap.length_width)?;
        if heap.rows == 0 {
            let block = self.place(heap.root).ok_or(Error::Missing("heap block"))?;
            self.expect(block, b"FHDB", "heap block")?;
            return Ok(plus(block, offset));
        }
        let root = self.place(heap.root).ok_or(Error::Missing("heap block"))?;
        self.expect(root, b"FHIB", "heap block")?;
        let entries = plus(plus(plus(root, 5_u64), self.offsets), heap.offset_width);
        let mut start = 0_u64;
        let mut block = heap.first_block;
        for row in 0..u64::from(heap.rows.min(ROWS)) {
            if row > 1 {
                block = block.saturating_mul(2);
            }
            if block > heap.largest_direct {
                break;
            }
            let end = start.saturating_add(block.saturating_mul(heap.row_width));
            if offset < end {
                let within = offset.saturating_sub(start);
                let column = within.checked_div(block).unwrap_or(0);
                let entry = row.saturating_mul(heap.row_width).saturating_add(column);
                let address = entries.saturating_add(entry.saturating_mul(u64::from(self.offsets)));
                let address = self.offset(address)?;
                let place = self.place(address).ok_or(Error::Missing("heap block"))?;
                self.expect(place, b"FHDB", "heap block")?;
                return Ok(plus(place, within.checked_rem(block).unwrap_or(0)));
            }
            start = end;
        }
        Err(Error::Unread("a heap of blocks in blocks"))
    }

    /// The places of all records of an index tree.
    fn records(&mut self, at: u64) -> Result<Vec<u64>, Error> {
        self.expect(at, b"BTHD", "index tree")?;
        let node_size = u64::from(self.window.u32(plus(at, 6_u64))?);
        let record = u64::from(self.window.u16(plus(at, 10_u64))?);
        let depth = self.window.u16(plus(at, 12_u64))?;
        let root = self.offset(plus(at, 16_u64))?;
        let count = self.window.u16(plus(plus(at, 16_u64), self.offsets))?;
        if depth > 8 || record == 0 {
            return Err(Error::Missing("index tree"));
        }
        let widths = self.pointer_widths(node_size, record, depth)?;
        let mut found = Vec::new();
        let mut open = vec![(root, u64::from(count), depth)];
        while let Some((address, count, depth)) = open.pop() {
            let Some(at) = self.place(address) else {
                continue;
            };
            if found.len() >= RECORDS || open.len() >= RECORDS {
                return Err(Error::Unread("an object with more than 100000 entries"));
            }
            let mark = if depth == 0 { b"BTLF" } else { b"BTIN" };
            self.expect(at, mark, "node of an index tree")?;
            self.spend_many(count)?;
            let records = plus(at, 6_u64);
            if count.saturating_mul(record) > node_size {
                return Err(Error::Missing("node of an index tree"));
            }
            found.extend((0..count).map(|index| plus(records, index.saturating_mul(record))));
            let Some(&(count_width, total_width)) = usize::from(depth)
                .checked_sub(1)
                .and_then(|below| widths.get(below))
            else {
                continue;
            };
            let mut pointer = plus(records, count.saturating_mul(record));
            for _ in 0..=count {
                let child = self.offset(pointer)?;
                pointer = plus(pointer, self.offsets);
                let count = self.number(pointer, count_width)?;
                pointer = plus(plus(pointer, count_width), total_width);
                if self.seen.len() < super::OBJECTS && self.seen.insert(child) {
                    open.push((child, count, depth.saturating_sub(1)));
                }
            }
        }
        Ok(found)
    }

    /// For each level above the leaves: bytes of the count and of the total in a pointer.
    fn pointer_widths(
        &self,
        node_size: u64,
        record: u64,
        depth: u16,
    ) -> Result<Vec<(u8, u8)>, Error> {
        let broken = Error::Missing("index tree");
        let leaf = node_size.saturating_sub(10).checked_div(record);
        let leaf = leaf.ok_or_else(|| broken.clone())?;
        let count_width = width_of(leaf);
        let mut total = leaf;
        let mut widths = Vec::new();
        for level in 1..=depth {
            let total_width = if level > 1 { width_of(total) } else { 0 };
            widths.push((count_width, total_width));
            let pointer = u64::from(self.offsets)
                .saturating_add(u64::from(count_width))
                .saturating_add(u64::from(total_width));
            let most = node_size
                .saturating_sub(pointer.saturating_add(10))
                .checked_div(record.saturating_add(pointer))
                .ok_or_else(|| broken.clone())?;
            total = most
                .saturating_add(1)
                .saturating_mul(total)
                .saturating_add(most);
        }
        Ok(widths)
    }
}

/// Bytes that a number up to `most` takes.
fn width_of(most: u64) -> u8 {
    let bits = u64::BITS.saturating_sub(most.leading_zeros());
    u8::try_from(bits.div_ceil(8)).unwrap_or(8).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_offset_lies_behind_the_rows_that_are_counted_through() {
        let (mut start, mut block) = (0_u64, 1_u64);
        for row in 0..ROWS {
            if row > 1 {
                block = block.saturating_mul(2);
            }
            start = start.saturating_add(block);
        }
        assert_eq!(start, u64::MAX);
    }
}
