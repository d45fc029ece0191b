//! How an item begins.

use std::rc::Rc;

use super::flags::{Flags, kind};
use super::{Error, Frame, Items, Role, Sink, Walk};
use crate::rdata::context::Context;
use crate::rdata::stream::Encoding;
use crate::rdata::value::{KEPT, Value};

impl Walk<'_, '_> {
    /// Begins the next item; one without parts ends at once and has a value.
    pub(super) fn item(
        &mut self,
        context: Context,
        role: Role,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let at = self.stream.at;
        let flags = self.flags()?;
        self.begin(flags, at, context, role, sink)
    }

    pub(super) fn begin(
        &mut self,
        flags: Flags,
        at: u64,
        context: Context,
        role: Role,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let attributes = flags.has_attributes();
        let value = match flags.kind() {
            kind::NIL => Value::Nil,
            252 => Value::Unbound,
            241 | 242 | 250 | 251 | 253 => Value::Other,
            // A reference to what came before.
            255 => {
                let index = match flags.0 >> 8 {
                    0 => self.stream.int()?.cast_unsigned(),
                    packed => packed,
                };
                let found = usize::try_from(index)
                    .ok()
                    .and_then(|index| self.references.get(index.checked_sub(1)?));
                match found {
                    Some(value) => value.clone(),
                    None => {
                        let detail =
                            format!("it refers to item {index} of {}", self.references.len());
                        return Err(Error::Lie(detail, at));
                    }
                }
            }
            247..=249 => {
                let name = self.names(at)?;
                if flags.kind() != 247 {
                    sink.package(&name, at);
                }
                self.refer(Value::Other)?;
                Value::Other
            }
            kind::SYMBOL => {
                let at = self.stream.at;
                let inner = self.flags()?;
                let name = match inner.kind() {
                    kind::CHARACTERS => self.characters(at)?.unwrap_or_else(|| "NA".into()),
                    _ => return Err(Error::Lie("a name is no text".to_owned(), at)),
                };
                self.refer(Value::Symbol(Rc::clone(&name)))?;
                Value::Symbol(name)
            }
            kind::SPECIAL | kind::BUILTIN => {
                let length = self.count(at)?;
                let name = self.stream.text(length, KEPT)?;
                Value::Symbol(name.into())
            }
            kind::CHARACTERS => {
                let text = self.characters(at)?;
                if attributes {
                    return self.then_attributes(Value::Other, context, Role::Plain);
                }
                text.map_or(Value::Other, Value::Text)
            }
            10 | 13 | 14 | 15 => {
                let size = match flags.kind() {
                    14 => 8,
                    15 => 16,
                    _ => 4,
                };
                let count = self.count(at)?;
                self.within(count, size, at)?;
                if self.stream.encoding == Encoding::Ascii && size == 16 {
                    self.stream.skip(count.saturating_mul(2), 8)?;
                } else {
                    self.stream.skip(count, size)?;
                }
                return self.vector(Value::Numbers, attributes, context);
            }
            24 => {
                let count = self.count(at)?;
                self.within(count, 1, at)?;
                if self.stream.encoding != Encoding::Ascii {
                    sink.raw(self.stream.at, count);
                }
                self.stream.skip(count, 1)?;
                return self.vector(Value::Numbers, attributes, context);
            }
            16 => {
                let value = self.texts(at)?;
                return self.vector(value, attributes, context);
            }
            19 | 20 => {
                let count = self.count(at)?;
                self.within(count, 4, at)?;
                self.push(Frame::Items(Items {
                    left: count,
                    attributes,
                    role: if role == Role::Frame {
                        Role::Frame
                    } else {
                        Role::Plain
                    },
                    context,
                    value: Value::Other,
                }))?;
                return Ok(None);
            }
            kind::ENVIRONMENT => {
                self.refer(Value::Other)?;
                self.stream.int()?;
                return self.parts(4, false, Role::Frame);
            }
            // External pointers, weak references, S4 objects, compact vectors.
            22 => {
                self.refer(Value::Other)?;
                return self.parts(2, attributes, Role::Plain);
            }
            23 => {
                self.refer(Value::Other)?;
                return self.parts(0, attributes, Role::Plain);
            }
            25 => return self.parts(0, attributes, Role::Plain),
            238 => return self.parts(3, false, Role::Plain),
            kind::LIST | kind::CLOSURE | kind::PROMISE | kind::CALL | kind::DOTS => {
                self.open_cells(flags, false, at, context, role)?;
                return Ok(None);
            }
            kind::BYTE_CODE => {
                self.stream.int()?;
                self.open_code(true, attributes, context, at)?;
                return Ok(None);
            }
            other => return Err(Error::Unknown(format!("type {other} at byte {at}"))),
        };
        Ok(Some(value))
    }
}
