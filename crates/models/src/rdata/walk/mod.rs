//! The items of a serialised object, one after the other, with an own stack in place of recursion.
//!
//! See "Serialization Formats" in <https://cran.r-project.org/doc/manuals/r-release/R-ints.html>.

mod cells;
mod code;
mod flags;
mod item;
mod leaves;

use std::rc::Rc;

use super::context::Context;
use super::stream::Stream;
use super::value::{Call, Value};
use cells::Cells;
use code::Code;
use flags::Flags;
use stance_read::window::Stop;

/// Deepest nesting that is followed; R itself gives up before.
const DEPTH: usize = 32_768;

/// References that are kept; an object of a model has a few thousand.
const REFERENCES: usize = 400_000;

/// Why walking ended early.
#[derive(Debug)]
pub(super) enum Error {
    Stop(Stop),
    /// What stands there cannot be, from this place on.
    Lie(String, u64),
    /// A type that nobody has described.
    Unknown(String),
    Limit(&'static str),
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// What is told on the way.
pub(super) trait Sink {
    /// A call of a function that reaches outside, or byte code that holds one.
    fn call(&mut self, call: Call, context: Context, at: u64) -> Value;
    /// A promise; `root` when it stands where no function would have left it.
    fn promise(&mut self, evaluated: bool, root: bool, at: u64);
    /// An entry of an attribute list of the object itself.
    fn attribute(&mut self, name: &str, value: &Value);
    /// A named object of a workspace.
    fn object(&mut self, name: &str, value: &Value, at: u64);
    /// A package that is loaded when the object is read.
    fn package(&mut self, name: &str, at: u64);
    /// Raw bytes.
    fn raw(&mut self, start: u64, length: u64);
    /// The constants of byte code, when it ends.
    fn constants(&mut self, symbols: Vec<Rc<str>>, texts: Vec<Rc<str>>, context: Context, at: u64);
}

/// What a chain of cells is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The object itself, as in a workspace.
    Root,
    /// The attributes of the object itself.
    Attributes,
    /// What an environment holds, or arguments that were not evaluated yet.
    Frame,
    Plain,
}

/// An item that is open.
#[derive(Debug)]
enum Frame {
    /// A chain of cells, a closure or a promise.
    Cells(Box<Cells>),
    Items(Items),
    /// Byte code: what it is made of, then its constants.
    Code(Box<Code>),
}

/// Items of a list, or the fixed parts of something; then its attributes.
#[derive(Debug)]
struct Items {
    left: u64,
    attributes: bool,
    role: Role,
    context: Context,
    value: Value,
}

/// Walks one object.
pub(super) struct Walk<'s, 'a> {
    stream: &'s mut Stream<'a>,
    frames: Vec<Frame>,
    references: Vec<Value>,
}

impl<'s, 'a> Walk<'s, 'a> {
    pub(super) const fn new(stream: &'s mut Stream<'a>) -> Self {
        Self {
            stream,
            frames: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Reads an object to its end and tells what it is.
    pub(super) fn run(&mut self, workspace: bool, sink: &mut dyn Sink) -> Result<Value, Error> {
        let role = if workspace { Role::Root } else { Role::Plain };
        let mut last = self.item(Context::Expression, role, sink)?;
        while !self.frames.is_empty() {
            last = self.step(last, sink)?;
        }
        Ok(last.unwrap_or(Value::Other))
    }

    /// Gives the value of the item that just ended, if one did, to the innermost open one, and goes on
    /// with that.
    fn step(&mut self, last: Option<Value>, sink: &mut dyn Sink) -> Result<Option<Value>, Error> {
        let Some(frame) = self.frames.pop() else {
            return Ok(last);
        };
        match frame {
            Frame::Cells(cells) => self.cells(cells, last, sink),
            Frame::Items(items) => self.items(items, sink),
            Frame::Code(code) => self.code(code, last, sink),
        }
    }

    fn push(&mut self, frame: Frame) -> Result<(), Error> {
        if self.frames.len() >= DEPTH {
            return Err(Error::Limit("items are nested deeper than R goes"));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn refer(&mut self, value: Value) -> Result<(), Error> {
        if self.references.len() >= REFERENCES {
            return Err(Error::Limit(
                "it has more names and environments than are kept",
            ));
        }
        self.references.push(value);
        Ok(())
    }

    fn flags(&mut self) -> Result<Flags, Error> {
        Ok(Flags(self.stream.int()?.cast_unsigned()))
    }

    /// A vector ends, or goes on with its attributes.
    fn vector(
        &mut self,
        value: Value,
        attributes: bool,
        context: Context,
    ) -> Result<Option<Value>, Error> {
        if attributes {
            self.then_attributes(value, context, Role::Plain)
        } else {
            Ok(Some(value))
        }
    }

    fn then_attributes(
        &mut self,
        value: Value,
        context: Context,
        role: Role,
    ) -> Result<Option<Value>, Error> {
        self.push(Frame::Items(Items {
            left: 0,
            attributes: true,
            role,
            context,
            value,
        }))?;
        Ok(None)
    }

    fn parts(&mut self, left: u64, attributes: bool, role: Role) -> Result<Option<Value>, Error> {
        self.push(Frame::Items(Items {
            left,
            attributes,
            role,
            context: Context::Expression,
            value: Value::Other,
        }))?;
        Ok(None)
    }

    /// Goes on with the next item of a list, then with its attributes.
    fn items(&mut self, mut items: Items, sink: &mut dyn Sink) -> Result<Option<Value>, Error> {
        let (context, mut role) = (items.context, items.role);
        if let Some(left) = items.left.checked_sub(1) {
            items.left = left;
        } else if items.attributes {
            items.attributes = false;
            role = self.role_of_attributes();
        } else {
            return Ok(Some(items.value));
        }
        self.frames.push(Frame::Items(items));
        self.item(context, role, sink)
    }

    /// What the attributes of the item that has just been popped are part of.
    fn role_of_attributes(&self) -> Role {
        if self.frames.is_empty() {
            Role::Attributes
        } else {
            Role::Plain
        }
    }
}
