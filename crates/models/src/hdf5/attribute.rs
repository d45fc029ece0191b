//! Attributes: those that Keras writes are read.

use super::{Error, File, plus};
use stance_read::window::LARGEST;

/// Longest text of an attribute that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

impl File<'_, '_> {
    pub(super) fn read_attribute(&mut self, at: u64, size: u64) -> Result<(), Error> {
        let version = self.window.u8(at)?;
        let flags = self.window.u8(plus(at, 1_u64))?;
        let name_size = u64::from(self.window.u16(plus(at, 2_u64))?);
        let type_size = u64::from(self.window.u16(plus(at, 4_u64))?);
        let space_size = u64::from(self.window.u16(plus(at, 6_u64))?);
        // The first version pads each part to eight bytes; the third has a byte for the encoding.
        let (head, pad) = match version {
            1 => (8_u64, 8),
            2 => (8, 1),
            3 => (9, 1),
            _ => return Err(Error::Missing("attribute")),
        };
        let name_at = plus(at, head);
        let name = self.c_string(name_at, usize::try_from(name_size).unwrap_or(0).min(256))?;
        if !super::keras::is_of_interest(&name) {
            return Ok(());
        }
        let type_at = plus(name_at, name_size.next_multiple_of(pad));
        let space_at = plus(type_at, type_size.next_multiple_of(pad));
        let data = plus(space_at, space_size.next_multiple_of(pad));
        if version > 1 && flags & 1 != 0 {
            return Err(Error::Unread("an attribute with a named type"));
        }
        if data.saturating_sub(at) > size {
            return Err(Error::Missing("value of an attribute"));
        }
        let Some((place, length)) = self.text_value(type_at, data)? else {
            return Ok(());
        };
        if length > LONGEST {
            return Err(Error::Unread("an attribute of more than 16 MiB"));
        }
        self.text_left = self
            .text_left
            .checked_sub(length)
            .ok_or(Error::Unread("more than 32 MiB of configuration"))?;
        let text = self.long_text(place, length)?;
        self.take_attribute(&name, text.trim_end_matches('\0'), place);
        Ok(())
    }

    /// Where the text of a value lies: in place, or in the global heap.
    fn text_value(&mut self, type_at: u64, data: u64) -> Result<Option<(u64, u64)>, Error> {
        let class = self.window.u8(type_at)? & 0x0f;
        let variable_text = self.window.u8(plus(type_at, 1_u64))? & 0x0f == 1;
        let size = u64::from(self.window.u32(plus(type_at, 4_u64))?);
        match class {
            3 => Ok(Some((data, size))),
            9 if variable_text => {
                let length = u64::from(self.window.u32(data)?);
                let address = self.offset(plus(data, 4_u64))?;
                let index = self.window.u32(plus(plus(data, 4_u64), self.offsets))?;
                let object = self.global_heap_object(address, index)?;
                Ok(object.map(|(place, size)| (place, size.min(length))))
            }
            _ => Ok(None),
        }
    }

    fn long_text(&mut self, at: u64, length: u64) -> Result<String, Error> {
        let mut bytes = Vec::new();
        let mut done = 0;
        while done < length {
            let part = length.saturating_sub(done).min(LARGEST as u64);
            let part = usize::try_from(part).unwrap_or(LARGEST);
            bytes.extend_from_slice(self.window.get(plus(at, done), part)?);
            done = done.saturating_add(part as u64);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
