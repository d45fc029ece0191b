//! Byte code: what it is made of, and its constants.

use std::rc::Rc;

use super::flags::{Flags, kind};
use super::{Error, Frame, Role, Sink, Walk};
use crate::rdata::context::Context;
use crate::rdata::value::Value;

/// Names and texts among the constants of one function that are kept.
const SYMBOLS: usize = 64;
const TEXTS: usize = 16;

/// Byte code that is open.
#[derive(Debug)]
pub(super) struct Code {
    /// Constants to come; nothing as long as the instructions were not read.
    left: Option<u64>,
    outermost: bool,
    attributes: bool,
    symbols: Vec<Rc<str>>,
    texts: Vec<Rc<str>>,
    context: Context,
    at: u64,
}

impl Walk<'_, '_> {
    pub(super) fn open_code(
        &mut self,
        outermost: bool,
        attributes: bool,
        context: Context,
        at: u64,
    ) -> Result<(), Error> {
        self.push(Frame::Code(Box::new(Code {
            left: None,
            outermost,
            attributes,
            symbols: Vec::new(),
            texts: Vec::new(),
            context,
            at,
        })))
    }

    /// An item of byte code, whose type came as a number of its own.
    pub(super) fn code_item(
        &mut self,
        number: u32,
        at: u64,
        context: Context,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let number = if number == kind::CODE_DEFINITION {
            self.stream.int()?;
            self.stream.int()?.cast_unsigned()
        } else {
            number
        };
        match number {
            kind::CODE_REFERENCE => {
                self.stream.int()?;
                Ok(Some(Value::Other))
            }
            kind::CALL | kind::LIST => {
                self.open_cells(Flags(number), true, at, context, Role::Plain)?;
                Ok(Some(Value::Nil))
            }
            kind::CALL_WITH_ATTRIBUTES | kind::LIST_WITH_ATTRIBUTES => {
                let kind = if number == kind::CALL_WITH_ATTRIBUTES {
                    kind::CALL
                } else {
                    kind::LIST
                };
                self.open_cells(Flags(kind | 0x200), true, at, context, Role::Plain)?;
                Ok(Some(Value::Nil))
            }
            _ => self.item(context, Role::Plain, sink),
        }
    }

    /// Byte code: first what it is made of, then each constant.
    pub(super) fn code(
        &mut self,
        mut open: Box<Code>,
        last: Option<Value>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let context = open.context;
        let left = match open.left {
            // Its instructions were not read yet, or have just been.
            None if last.is_none() => {
                self.frames.push(Frame::Code(open));
                return self.instructions(context, sink);
            }
            None => {
                let count = self.stream.int()?;
                let count = u64::try_from(count)
                    .map_err(|_| Error::Lie(format!("{count} constants"), self.stream.at))?;
                self.within(count, 4, open.at)?;
                count
            }
            Some(left) => {
                match last {
                    Some(Value::Symbol(name)) if open.symbols.len() < SYMBOLS => {
                        open.symbols.push(name);
                    }
                    Some(Value::Text(text)) if open.texts.len() < TEXTS => open.texts.push(text),
                    _ => {}
                }
                left
            }
        };
        let Some(rest) = left.checked_sub(1) else {
            sink.constants(open.symbols, open.texts, context, open.at);
            if open.outermost && open.attributes {
                return self.then_attributes(Value::Other, context, Role::Plain);
            }
            return Ok(Some(Value::Other));
        };
        open.left = Some(rest);
        self.frames.push(Frame::Code(open));
        let at = self.stream.at;
        let number = self.stream.int()?.cast_unsigned();
        if number == kind::BYTE_CODE {
            self.open_code(false, false, context, at)?;
            return Ok(None);
        }
        self.code_item(number, at, context, sink)
    }

    /// The numbers that byte code is made of.
    fn instructions(
        &mut self,
        context: Context,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let value = self.item(context, Role::Plain, sink)?;
        // Anything but nothing tells that they are behind.
        Ok(value.map(|_| Value::Numbers))
    }
}
