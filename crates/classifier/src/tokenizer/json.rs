//! Members of `tokenizer.json`, with errors that say which one is not what it should be.

use serde_json::{Map, Value};

use super::Fault;

/// An object, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Node<'v> {
    map: &'v Map<String, Value>,
    place: &'v str,
}

impl<'v> Node<'v> {
    pub(crate) fn of(value: &'v Value, place: &'v str) -> Result<Self, Fault> {
        let map = value
            .as_object()
            .ok_or_else(|| Fault::form(place, "is no object"))?;
        Ok(Self { map, place })
    }

    /// A member that is there and is not null.
    pub(crate) fn get(self, name: &str) -> Option<&'v Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn need(self, name: &str) -> Result<&'v Value, Fault> {
        self.get(name)
            .ok_or_else(|| self.fault(&format!("has no `{name}`")))
    }

    pub(crate) fn kind(self) -> Result<&'v str, Fault> {
        self.text("type")
    }

    pub(crate) fn text(self, name: &str) -> Result<&'v str, Fault> {
        self.need(name)?
            .as_str()
            .ok_or_else(|| self.fault(&format!("has a `{name}` that is no text")))
    }

    pub(crate) fn text_or(self, name: &str, default: &'v str) -> Result<&'v str, Fault> {
        match self.get(name) {
            None => Ok(default),
            Some(_) => self.text(name),
        }
    }

    pub(crate) fn flag(self, name: &str, default: bool) -> Result<bool, Fault> {
        match self.get(name) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| {
                self.fault(&format!("has a `{name}` that is neither true nor false"))
            }),
        }
    }

    pub(crate) fn number(self, name: &str) -> Result<u32, Fault> {
        number(self.need(name)?)
            .ok_or_else(|| self.fault(&format!("has a `{name}` that is no number of a token")))
    }

    pub(crate) fn list(self, name: &str) -> Result<&'v [Value], Fault> {
        self.need(name)?
            .as_array()
            .map(Vec::as_slice)
            .ok_or_else(|| self.fault(&format!("has a `{name}` that is no list")))
    }

    pub(crate) fn object(self, name: &str) -> Result<&'v Map<String, Value>, Fault> {
        self.need(name)?
            .as_object()
            .ok_or_else(|| self.fault(&format!("has a `{name}` that is no object")))
    }

    pub(crate) fn fault(self, what: &str) -> Fault {
        Fault::form(self.place, what)
    }
}

/// A whole number of 32 bits.
pub(crate) fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}
