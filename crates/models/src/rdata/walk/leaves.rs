//! Counts, texts and names: what has no parts of its own.

use std::rc::Rc;

use super::flags::kind;
use super::{Error, Walk};
use crate::rdata::stream::Encoding;
use crate::rdata::value::{KEPT, Value};
use stance_read::window::Stop;

/// Elements of a list of texts whose content is kept.
const TEXTS: usize = 8;

/// Bytes of one vector that an object of a model may have.
const BELIEVABLE: u64 = 8 << 30;

impl Walk<'_, '_> {
    /// A count, which cannot be negative.
    pub(super) fn count(&mut self, at: u64) -> Result<u64, Error> {
        let length = self.stream.length()?;
        u64::try_from(length).map_err(|_| Error::Lie(format!("a length of {length}"), at))
    }

    /// Holds a count against what is left of the file.
    pub(super) fn within(&self, count: u64, size: u64, at: u64) -> Result<(), Error> {
        // In text an element takes a digit and an end of line.
        let size = if self.stream.encoding == Encoding::Ascii {
            1
        } else {
            size
        };
        let left = self.stream.left();
        let needed = count.saturating_mul(size);
        if needed <= left {
            return Ok(());
        }
        // A copy that breaks off claims no more than it was going to have.
        if needed < BELIEVABLE {
            return Err(Error::Stop(Stop::End));
        }
        let detail = format!("{count} elements are claimed, and {left} bytes follow");
        Err(Error::Lie(detail, at))
    }

    /// The content of a text whose flags were read; nothing for a missing one.
    pub(super) fn characters(&mut self, at: u64) -> Result<Option<Rc<str>>, Error> {
        let length = self.stream.int()?;
        if length == -1 {
            return Ok(None);
        }
        let Ok(length) = u64::try_from(length) else {
            return Err(Error::Lie(format!("a text of length {length}"), at));
        };
        self.within(length, 1, at)?;
        Ok(Some(self.stream.text(length, KEPT)?.into()))
    }

    /// The first text of several, which is all that a call or a class needs.
    pub(super) fn texts(&mut self, at: u64) -> Result<Value, Error> {
        let count = self.count(at)?;
        self.within(count, 8, at)?;
        let mut first: Option<String> = None;
        let mut taken = 0_usize;
        for _ in 0..count {
            let at = self.stream.at;
            let flags = self.flags()?;
            if flags.kind() != kind::CHARACTERS {
                return Err(Error::Lie(
                    "an element of a list of texts is none".to_owned(),
                    at,
                ));
            }
            let text = self.characters(at)?;
            // Commands may be spread over the elements of one constant.
            if taken < TEXTS
                && let Some(text) = text
            {
                let known = first.get_or_insert_default();
                if taken > 0 {
                    known.push(' ');
                }
                known.push_str(&text);
            }
            taken = taken.saturating_add(1);
        }
        Ok(first.map_or(Value::Other, |text| Value::Text(text.into())))
    }

    /// The texts that name a package or an environment of one.
    pub(super) fn names(&mut self, at: u64) -> Result<String, Error> {
        self.stream.int()?;
        let count = self.stream.int()?;
        if !(0..=64).contains(&count) {
            return Err(Error::Lie(format!("a name of {count} parts"), at));
        }
        let mut name = String::new();
        for index in 0..count {
            let at = self.stream.at;
            self.flags()?;
            let text = self.characters(at)?;
            if index == 0 {
                name = text.map_or_else(String::new, |text| text.to_string());
            }
        }
        Ok(name)
    }
}
