//! The heaps in which names and values of variable length lie.

use super::{Error, File, plus};

/// Objects of a global heap that are passed on the way to one of them.
const OBJECTS: u32 = 65_536;

impl File<'_, '_> {
    /// Where the data of a local heap begins.
    pub(super) fn local_heap(&mut self, address: u64) -> Result<u64, Error> {
        let at = self.place(address).ok_or(Error::Missing("local heap"))?;
        self.expect(at, b"HEAP", "local heap")?;
        let data = plus(at, 8_u64).saturating_add(u64::from(self.lengths).saturating_mul(2));
        let data = self.offset(data)?;
        self.place(data).ok_or(Error::Missing("local heap"))
    }

    /// Where an object of a global heap lies, and its size.
    pub(super) fn global_heap_object(
        &mut self,
        address: u64,
        wanted: u32,
    ) -> Result<Option<(u64, u64)>, Error> {
        let Some(at) = self.place(address) else {
            return Ok(None);
        };
        self.expect(at, b"GCOL", "global heap")?;
        let size = self.length(plus(at, 8_u64))?;
        let end = plus(at, size);
        let mut object = plus(plus(at, 8_u64), self.lengths);
        let head = 8_u64.saturating_add(u64::from(self.lengths));
        for _ in 0..OBJECTS {
            self.spend()?;
            if plus(object, head) > end {
                break;
            }
            let index = u32::from(self.window.u16(object)?);
            let size = self.length(plus(object, 8_u64))?;
            if index == wanted && index != 0 {
                return Ok(Some((plus(object, head), size)));
            }
            // Free space comes last.
            if index == 0 {
                break;
            }
            object = plus(plus(object, head), size.min(1 << 48).next_multiple_of(8));
        }
        Err(Error::Missing("value in the global heap"))
    }
}
