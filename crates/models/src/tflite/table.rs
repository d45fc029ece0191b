//! Tables of a flat buffer: every offset is checked by the window that reads it.

use stance_read::window::{Stop, Window};

/// A table, and the list of where its fields lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    at: u64,
    fields: u64,
}

impl Table {
    /// The table that the file begins with.
    pub(crate) fn root(window: &mut Window<'_>) -> Result<Self, Stop> {
        Self::behind(window, 0)
    }

    /// The table that the offset at `at` leads to.
    fn behind(window: &mut Window<'_>, at: u64) -> Result<Self, Stop> {
        let at = at.saturating_add(u64::from(window.u32(at)?));
        let back = i64::from(window.u32(at)?.cast_signed());
        let fields = at
            .checked_add_signed(back.saturating_neg())
            .ok_or(Stop::End)?;
        Ok(Self { at, fields })
    }

    /// Where a field lies, counted from 0; `None` when it is absent.
    fn field(&self, window: &mut Window<'_>, index: u16) -> Result<Option<u64>, Stop> {
        let place = index.saturating_mul(2).saturating_add(4);
        if window.u16(self.fields)? <= place {
            return Ok(None);
        }
        let offset = window.u16(self.fields.saturating_add(u64::from(place)))?;
        Ok((offset > 0).then(|| self.at.saturating_add(u64::from(offset))))
    }

    /// A number, 0 when it is absent.
    pub(crate) fn u32(&self, window: &mut Window<'_>, index: u16) -> Result<u32, Stop> {
        match self.field(window, index)? {
            Some(at) => window.u32(at),
            None => Ok(0),
        }
    }

    /// A long number, 0 when it is absent.
    pub(crate) fn u64(&self, window: &mut Window<'_>, index: u16) -> Result<u64, Stop> {
        match self.field(window, index)? {
            Some(at) => window.u64(at),
            None => Ok(0),
        }
    }

    /// Where the table stands.
    pub(crate) fn place(&self) -> u64 {
        self.at
    }

    /// A small number, 0 when it is absent.
    pub(crate) fn u8(&self, window: &mut Window<'_>, index: u16) -> Result<u8, Stop> {
        match self.field(window, index)? {
            Some(at) => window.u8(at),
            None => Ok(0),
        }
    }

    /// A table that a field leads to.
    pub(crate) fn table(&self, window: &mut Window<'_>, index: u16) -> Result<Option<Self>, Stop> {
        match self.field(window, index)? {
            Some(at) => Self::behind(window, at).map(Some),
            None => Ok(None),
        }
    }

    /// How many entries a vector has, 0 when it is absent.
    pub(crate) fn count(&self, window: &mut Window<'_>, index: u16) -> Result<u32, Stop> {
        let Some(at) = self.field(window, index)? else {
            return Ok(0);
        };
        let at = at.saturating_add(u64::from(window.u32(at)?));
        window.u32(at)
    }

    /// A text, of which 200 bytes are kept.
    pub(crate) fn text(&self, window: &mut Window<'_>, index: u16) -> Result<Option<String>, Stop> {
        self.long_text(window, index, 200)
    }

    /// A text, of which `keep` bytes are kept.
    pub(crate) fn long_text(
        &self,
        window: &mut Window<'_>,
        index: u16,
        keep: usize,
    ) -> Result<Option<String>, Stop> {
        let Some(at) = self.field(window, index)? else {
            return Ok(None);
        };
        let at = at.saturating_add(u64::from(window.u32(at)?));
        let length = window.u32(at)?;
        window
            .text(at.saturating_add(4), u64::from(length), keep)
            .map(Some)
    }

    /// Where the bytes of a vector lie, and how many there are.
    pub(crate) fn bytes(
        &self,
        window: &mut Window<'_>,
        index: u16,
    ) -> Result<Option<(u64, u64)>, Stop> {
        let Some(at) = self.field(window, index)? else {
            return Ok(None);
        };
        let at = at.saturating_add(u64::from(window.u32(at)?));
        let length = window.u32(at)?;
        Ok(Some((at.saturating_add(4), u64::from(length))))
    }

    /// The numbers of a vector, at most `most`; negative ones as 0.
    pub(crate) fn sizes(
        &self,
        window: &mut Window<'_>,
        index: u16,
        most: usize,
    ) -> Result<Vec<u64>, Stop> {
        let Some(at) = self.field(window, index)? else {
            return Ok(Vec::new());
        };
        let at = at.saturating_add(u64::from(window.u32(at)?));
        let count = usize::try_from(window.u32(at)?).unwrap_or(most).min(most);
        let mut sizes = Vec::new();
        let mut place = at;
        for _ in 0..count {
            place = place.saturating_add(4);
            let size = window.u32(place)?.cast_signed();
            sizes.push(u64::try_from(size).unwrap_or_default());
        }
        Ok(sizes)
    }

    /// The tables of a vector, at most `most`.
    pub(crate) fn tables(
        &self,
        window: &mut Window<'_>,
        index: u16,
        most: u32,
    ) -> Result<Vec<Self>, Stop> {
        let mut tables = Vec::new();
        let Some(at) = self.field(window, index)? else {
            return Ok(tables);
        };
        let at = at.saturating_add(u64::from(window.u32(at)?));
        let count = window.u32(at)?;
        for index in 0..count.min(most) {
            let entry = at
                .saturating_add(4)
                .saturating_add(u64::from(index).saturating_mul(4));
            tables.push(Self::behind(window, entry)?);
        }
        Ok(tables)
    }
}
