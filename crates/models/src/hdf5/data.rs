//! The data of datasets: where it lies, in one piece or in chunks, and what it went through.

use super::{Error, File, plus};
use crate::weights::{Element, Examination, Tensor};
use stance_read::report::Facts;
use stance_read::unpack::{Bounds, Compression, unpack};
use stance_read::window::LARGEST;

/// Datasets of which the data may be looked at.
const DATASETS: usize = 16_384;
/// Chunks of one dataset that are looked at.
const CHUNKS: usize = 65_536;
/// Largest chunk that is unpacked, and bytes of chunks that are looked at together.
const CHUNK: u64 = 8 << 20;
/// Dimensions that a chunk can have, with the one of its elements.
const DIMENSIONS: u8 = 33;

const DEFLATE: u16 = 1;
const SHUFFLE: u16 = 2;
const FLETCHER32: u16 = 3;

/// The data of one dataset.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) element: Element,
    /// Bytes of an element.
    pub(super) size: u64,
    pub(super) layout: Layout,
    /// What the data went through, in order.
    pub(super) filters: Vec<u16>,
}

/// How data lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// In one piece.
    Piece { at: u64, bytes: u64 },
    /// In chunks of so many bytes, which an index lists.
    Chunks { index: Index, bytes: u64 },
}

/// What lists the chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// A tree of the first version, whose keys have so many dimensions.
    Tree { address: u64, dimensions: u8 },
    /// One chunk only, and its bytes in the file where they are told.
    Single { address: u64, packed: Option<u64> },
    /// A list of addresses.
    Array { address: u64 },
}

/// A chunk in the file.
struct Chunk {
    at: u64,
    packed: u64,
    /// Filters that were left out, one bit each.
    mask: u32,
}

impl File<'_, '_> {
    /// Where the data of a dataset lies; `None` when it lies elsewhere, or in a form that is not read.
    pub(super) fn data_layout(&mut self, at: u64) -> Result<Option<Layout>, Error> {
        let version = self.window.u8(at)?;
        match version {
            1 | 2 => self.old_layout(at),
            3 | 4 => self.new_layout(at, version),
            _ => Ok(None),
        }
    }

    fn old_layout(&mut self, at: u64) -> Result<Option<Layout>, Error> {
        let dimensions = self.window.u8(plus(at, 1_u64))?;
        let class = self.window.u8(plus(at, 2_u64))?;
        let mut place = plus(at, 8_u64);
        let mut address = 0;
        if class != 0 {
            address = self.offset(place)?;
            place = plus(place, self.offsets);
        }
        let sizes = self.product(place, dimensions, 4)?;
        let behind = plus(place, u64::from(dimensions).saturating_mul(4));
        match class {
            0 => {
                let bytes = u64::from(self.window.u32(behind)?);
                Ok(Some(Layout::Piece {
                    at: plus(behind, 4_u64),
                    bytes,
                }))
            }
            1 => Ok(self
                .place(address)
                .map(|at| Layout::Piece { at, bytes: sizes })),
            2 => Ok(Some(Layout::Chunks {
                index: Index::Tree {
                    address,
                    dimensions,
                },
                bytes: sizes,
            })),
            _ => Ok(None),
        }
    }

    fn new_layout(&mut self, at: u64, version: u8) -> Result<Option<Layout>, Error> {
        let class = self.window.u8(plus(at, 1_u64))?;
        let place = plus(at, 2_u64);
        match class {
            0 => {
                let bytes = u64::from(self.window.u16(place)?);
                Ok(Some(Layout::Piece {
                    at: plus(place, 2_u64),
                    bytes,
                }))
            }
            1 => {
                let address = self.offset(place)?;
                let bytes = self.length(plus(place, self.offsets))?;
                Ok(self.place(address).map(|at| Layout::Piece { at, bytes }))
            }
            2 if version == 3 => {
                let dimensions = self.window.u8(place)?;
                let address = self.offset(plus(place, 1_u64))?;
                let sizes = plus(plus(place, 1_u64), self.offsets);
                let bytes = self.product(sizes, dimensions, 4)?;
                Ok(Some(Layout::Chunks {
                    index: Index::Tree {
                        address,
                        dimensions,
                    },
                    bytes,
                }))
            }
            2 => self.indexed_layout(place),
            _ => Ok(None),
        }
    }

    /// Chunks as the fourth version of the layout lists them.
    fn indexed_layout(&mut self, place: u64) -> Result<Option<Layout>, Error> {
        let flags = self.window.u8(place)?;
        let dimensions = self.window.u8(plus(place, 1_u64))?;
        let width = self.window.u8(plus(place, 2_u64))?;
        let sizes = plus(place, 3_u64);
        let bytes = self.product(sizes, dimensions, width)?;
        let kind_at = plus(
            sizes,
            u64::from(dimensions).saturating_mul(u64::from(width)),
        );
        let kind = self.window.u8(kind_at)?;
        let mut at = plus(kind_at, 1_u64);
        let index = match kind {
            1 => {
                let mut packed = None;
                if flags & 2 != 0 {
                    packed = Some(self.length(at)?);
                    at = plus(plus(at, self.lengths), 4_u64);
                }
                let address = self.offset(at)?;
                Index::Single { address, packed }
            }
            3 => Index::Array {
                address: self.offset(plus(at, 1_u64))?,
            },
            _ => return Ok(None),
        };
        Ok(Some(Layout::Chunks { index, bytes }))
    }

    /// The product of the sizes of dimensions.
    fn product(&mut self, at: u64, dimensions: u8, width: u8) -> Result<u64, Error> {
        let mut product = 1_u64;
        let mut at = at;
        for _ in 0..dimensions.min(DIMENSIONS) {
            product = product.saturating_mul(self.number(at, width)?);
            at = plus(at, width);
        }
        Ok(product)
    }

    /// Remembers the data of a dataset.
    pub(super) fn store(&mut self, stored: Stored) {
        if self.stored.len() < DATASETS {
            self.stored.push(stored);
        }
    }

    /// Looks at the data of all datasets, as far as limits allow.
    pub(super) fn examine(&mut self, facts: &mut Facts<'_>) {
        let mut examination = Examination::new(self.input);
        for stored in std::mem::take(&mut self.stored) {
            if let Err(error) = self.examine_one(&stored, &mut examination, facts) {
                self.note(error);
            }
        }
        examination.finish(facts);
    }

    fn examine_one(
        &mut self,
        stored: &Stored,
        examination: &mut Examination<'_, '_>,
        facts: &mut Facts<'_>,
    ) -> Result<(), Error> {
        match &stored.layout {
            Layout::Piece { at, bytes } => {
                let name = format!("dataset at {at:#x}");
                let tensor = Tensor {
                    name: &name,
                    element: stored.element,
                    at: *at,
                    bytes: *bytes,
                    row: None,
                };
                examination.tensor(tensor, &mut self.artifact, facts);
                Ok(())
            }
            Layout::Chunks { index, bytes } => {
                let readable = |filter: &u16| matches!(*filter, DEFLATE | SHUFFLE | FLETCHER32);
                if *bytes > CHUNK || !stored.filters.iter().all(readable) {
                    return Ok(());
                }
                let mut chunks = Vec::new();
                if examination.wants(*bytes) > 0 {
                    self.list_chunks(index, *bytes, &mut chunks)?;
                }
                let mut together = Vec::new();
                let mut first = None;
                for chunk in chunks {
                    if examination.wants((together.len() as u64).saturating_add(*bytes)) == 0 {
                        break;
                    }
                    let Some(data) = self.unpacked(&chunk, stored, *bytes, facts)? else {
                        continue;
                    };
                    let from = *first.get_or_insert(chunk.at);
                    together.extend(data);
                    if together.len() as u64 >= CHUNK {
                        self.examine_chunks(from, &together, stored, examination, facts);
                        together.clear();
                        first = None;
                    }
                }
                if let Some(from) = first {
                    self.examine_chunks(from, &together, stored, examination, facts);
                }
                Ok(())
            }
        }
    }

    fn examine_chunks(
        &mut self,
        from: u64,
        data: &[u8],
        stored: &Stored,
        examination: &mut Examination<'_, '_>,
        facts: &mut Facts<'_>,
    ) {
        let name = format!("dataset in chunks at {from:#x}");
        examination.bytes(&name, stored.element, data, &mut self.artifact, facts);
    }

    /// The data of a chunk before it went through its filters.
    fn unpacked(
        &mut self,
        chunk: &Chunk,
        stored: &Stored,
        bytes: u64,
        facts: &mut Facts<'_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut data = Vec::new();
        let length = chunk.packed.min(CHUNK);
        let mut done = 0;
        while done < length {
            let part = length.saturating_sub(done).min(LARGEST as u64);
            let part = usize::try_from(part).unwrap_or(LARGEST);
            data.extend_from_slice(self.window.get(plus(chunk.at, done), part)?);
            done = done.saturating_add(part as u64);
        }
        for (index, filter) in stored.filters.iter().enumerate().rev() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let left_out = chunk.mask.checked_shr(index).unwrap_or(0) & 1 != 0;
            if left_out {
                continue;
            }
            match *filter {
                DEFLATE => {
                    let bounds = Bounds {
                        bytes: bytes.saturating_add(8).min(facts.unpacked_left()),
                        ratio: self.input.options().limits.ratio,
                    };
                    data = unpack(Compression::Zlib, &data, bounds).bytes;
                    if !facts.take_unpacked(data.len() as u64) {
                        return Ok(None);
                    }
                }
                SHUFFLE => data = unshuffled(&data, usize::try_from(stored.size).unwrap_or(1)),
                FLETCHER32 => data.truncate(data.len().saturating_sub(4)),
                _ => return Ok(None),
            }
        }
        Ok(Some(data))
    }

    fn list_chunks(
        &mut self,
        index: &Index,
        bytes: u64,
        chunks: &mut Vec<Chunk>,
    ) -> Result<(), Error> {
        match *index {
            Index::Single { address, packed } => {
                chunks.extend(self.place(address).map(|at| Chunk {
                    at,
                    packed: packed.unwrap_or(bytes),
                    mask: 0,
                }));
                Ok(())
            }
            Index::Tree {
                address,
                dimensions,
            } => {
                let mut open = vec![address];
                while let Some(address) = open.pop() {
                    if let Some(at) = self.place(address) {
                        self.read_chunk_tree(at, dimensions, &mut open, chunks)?;
                    }
                }
                Ok(())
            }
            Index::Array { address } => self.read_chunk_array(address, bytes, chunks),
        }
    }

    fn read_chunk_tree(
        &mut self,
        at: u64,
        dimensions: u8,
        open: &mut Vec<u64>,
        chunks: &mut Vec<Chunk>,
    ) -> Result<(), Error> {
        self.expect(at, b"TREE", "tree of chunks")?;
        if self.window.u8(plus(at, 4_u64))? != 1 {
            return Err(Error::Missing("tree of chunks"));
        }
        let level = self.window.u8(plus(at, 5_u64))?;
        let used = self.window.u16(plus(at, 6_u64))?;
        let key = 8_u64.saturating_add(u64::from(dimensions).saturating_mul(8));
        let mut entry = plus(at, 8_u64).saturating_add(u64::from(self.offsets).saturating_mul(2));
        let mut deeper = Vec::new();
        for _ in 0..used {
            self.spend()?;
            let packed = u64::from(self.window.u32(entry)?);
            let mask = self.window.u32(plus(entry, 4_u64))?;
            let child = self.offset(plus(entry, key))?;
            entry = plus(plus(entry, key), self.offsets);
            if chunks.len().saturating_add(open.len()) >= CHUNKS {
                return Ok(());
            }
            if level > 0 {
                deeper.push(child);
            } else if let Some(at) = self.place(child) {
                chunks.push(Chunk { at, packed, mask });
            }
        }
        // The first of them is to be read first.
        open.extend(deeper.into_iter().rev());
        Ok(())
    }

    fn read_chunk_array(
        &mut self,
        address: u64,
        bytes: u64,
        chunks: &mut Vec<Chunk>,
    ) -> Result<(), Error> {
        let Some(at) = self.place(address) else {
            return Ok(());
        };
        self.expect(at, b"FAHD", "list of chunks")?;
        let filtered = self.window.u8(plus(at, 5_u64))? == 1;
        let width = self.window.u8(plus(at, 6_u64))?;
        let page_bits = self.window.u8(plus(at, 7_u64))?;
        let count = self.length(plus(at, 8_u64))?;
        let block = self.offset(plus(plus(at, 8_u64), self.lengths))?;
        let Some(block) = self.place(block) else {
            return Ok(());
        };
        // A list of several pages is left.
        if 1_u64
            .checked_shl(page_bits.into())
            .is_none_or(|page| count > page)
        {
            return Ok(());
        }
        self.expect(block, b"FADB", "block of a list of chunks")?;
        let size_width = width.saturating_sub(self.offsets).saturating_sub(4);
        let mut entry = plus(plus(block, 6_u64), self.offsets);
        for _ in 0..count.min(CHUNKS as u64) {
            self.spend()?;
            let address = self.offset(entry)?;
            let (mut packed, mut mask) = (bytes, 0);
            if filtered {
                let size = plus(entry, self.offsets);
                packed = self.number(size, size_width)?;
                mask = self.window.u32(plus(size, size_width))?;
            }
            entry = plus(entry, width.max(1));
            chunks.extend(self.place(address).map(|at| Chunk { at, packed, mask }));
        }
        Ok(())
    }
}

/// Elements whose bytes were laid side by side by their place in the element, put together again.
fn unshuffled(data: &[u8], size: usize) -> Vec<u8> {
    let Some(count) = data.len().checked_div(size).filter(|_| size > 1) else {
        return data.to_vec();
    };
    let mut out = Vec::with_capacity(data.len());
    for element in 0..count {
        for byte in 0..size {
            let at = byte.saturating_mul(count).saturating_add(element);
            out.extend(data.get(at));
        }
    }
    let rest = count.saturating_mul(size);
    out.extend_from_slice(data.get(rest..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::unshuffled;

    #[test]
    fn shuffled_bytes_are_put_back() {
        assert_eq!(unshuffled(b"ace_bdf_Z", 2), b"abcdef__Z");
        assert_eq!(unshuffled(b"abc", 1), b"abc");
        assert_eq!(unshuffled(b"abc", 0), b"abc");
    }
}
