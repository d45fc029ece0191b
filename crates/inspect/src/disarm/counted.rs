//! Where a copy goes.

use std::io::Write;

use crate::convert::Error;
use crate::convert::place;
use stance_read::source::Source;

/// A writer that knows how far it is.
pub(super) struct Counted<'a> {
    out: &'a mut dyn Write,
    pub(super) at: u64,
}

impl<'a> Counted<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, at: 0 }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes)?;
        self.at = self.at.saturating_add(bytes.len() as u64);
        Ok(())
    }

    pub(super) fn copy(
        &mut self,
        source: &dyn Source,
        start: u64,
        length: u64,
    ) -> Result<(), Error> {
        let mut stretch = place::Stretch::new(source, start, length);
        let copied = std::io::copy(&mut stretch, self.out)?;
        self.at = self.at.saturating_add(copied);
        if copied < length {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        Ok(())
    }
}
