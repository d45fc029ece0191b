//! How much of what others send is taken.

/// What one body may cost. Defaults are meant for a receiver that anybody in the organisation may send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body, after decompression.
    pub bytes: usize,
    /// Values inside values.
    pub depth: u32,
    /// Attributes, items of lists and fields of objects of one body, together.
    pub values: usize,
    /// Spans, records or points of one body.
    pub records: usize,
    /// Bytes that are kept of one text.
    pub text: usize,
    /// Parts of one interaction, and tools that it offers.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 64,
            values: 1_000_000,
            records: 50_000,
            text: 1 << 20,
            parts: 4096,
        }
    }
}

/// Why a body was not taken, or one record of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has more bytes than are taken.
    #[error("it has {length} bytes, at most {most} are taken")]
    TooLarge {
        /// How many it has.
        length: usize,
        /// How many are taken.
        most: usize,
    },
    /// It holds more values than are taken.
    #[error("it holds more than {0} values")]
    TooManyValues(usize),
    /// It holds more records than are taken.
    #[error("it holds more than {0} records")]
    TooManyRecords(usize),
    /// Values lie deeper than is followed.
    #[error("values are nested deeper than {0}")]
    TooDeep(u32),
    /// It is not what it should be.
    #[error("it is not well-formed {what} at byte {at}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// Where it is not.
        at: usize,
    },
}

/// What is left of the limits while one body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    limits: Limits,
    values: usize,
    records: usize,
    depth: u32,
}

impl Budget {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            values: limits.values,
            records: limits.records,
            depth: 0,
        }
    }

    /// Checks the size of the whole body.
    pub(crate) const fn admit(self, length: usize) -> Result<(), Refused> {
        if length > self.limits.bytes {
            return Err(Refused::TooLarge {
                length,
                most: self.limits.bytes,
            });
        }
        Ok(())
    }

    /// Pays for one value.
    pub(crate) fn value(&mut self) -> Result<(), Refused> {
        self.values = self
            .values
            .checked_sub(1)
            .ok_or(Refused::TooManyValues(self.limits.values))?;
        Ok(())
    }

    /// Pays for one record.
    pub(crate) fn record(&mut self) -> Result<(), Refused> {
        self.records = self
            .records
            .checked_sub(1)
            .ok_or(Refused::TooManyRecords(self.limits.records))?;
        Ok(())
    }

    /// Goes one deeper; [`Budget::leave`] comes back.
    pub(crate) fn enter(&mut self) -> Result<(), Refused> {
        if self.depth >= self.limits.depth {
            return Err(Refused::TooDeep(self.limits.depth));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Where it stands, to come back to after a record that was given up.
    pub(crate) const fn depth(self) -> u32 {
        self.depth
    }

    pub(crate) fn set_depth(&mut self, depth: u32) {
        self.depth = depth;
    }
}
