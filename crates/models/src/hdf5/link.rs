//! Links: to an object of this file, to a path in it, to another file.

use super::{Error, File, plus};

impl File<'_, '_> {
    pub(super) fn read_link(&mut self, at: u64) -> Result<(), Error> {
        if self.window.u8(at)? != 1 {
            return Err(Error::Missing("link"));
        }
        let flags = self.window.u8(plus(at, 1_u64))?;
        let mut place = plus(at, 2_u64);
        let mut kind = 0;
        if flags & 8 != 0 {
            kind = self.window.u8(place)?;
            place = plus(place, 1_u64);
        }
        if flags & 4 != 0 {
            place = plus(place, 8_u64);
        }
        if flags & 0x10 != 0 {
            place = plus(place, 1_u64);
        }
        let width = 1_u8 << (flags & 3);
        let name = self.number(place, width)?;
        place = plus(plus(place, width), name);
        match kind {
            0 => {
                let address = self.offset(place)?;
                self.visit(address);
            }
            64 => {
                // Its length, a byte of flags, the file, the path in it.
                let start = plus(place, 3_u64);
                let location = self.c_string(start, 1024)?;
                self.add_external(location, "external link", start);
            }
            _ => {}
        }
        Ok(())
    }
}
