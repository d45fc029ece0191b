//! The items of a serialised object, one after the other, with an own stack in place of recursion.
//!
//! See "Serialization Formats" in <https://cran.r-project.org/doc/manuals/r-release/R-ints.html>.

use std::rc::Rc;

use super::context::Context;
use super::stream::{Encoding, Stream};
use super::value::{Call, KEPT, Value};
use crate::window::Stop;

/// Deepest nesting that is followed; R itself gives up before.
const DEPTH: usize = 32_768;

/// References that are kept; an object of a model has a few thousand.
const REFERENCES: usize = 400_000;

/// Elements of a list of texts whose content is kept.
const TEXTS: usize = 8;

/// Bytes of one vector that an object of a model may have.
const BELIEVABLE: u64 = 8 << 30;

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

/// Numbers of the types, as R gives them.
mod kind {
    pub(super) const SYMBOL: u32 = 1;
    pub(super) const LIST: u32 = 2;
    pub(super) const CLOSURE: u32 = 3;
    pub(super) const ENVIRONMENT: u32 = 4;
    pub(super) const PROMISE: u32 = 5;
    pub(super) const CALL: u32 = 6;
    pub(super) const SPECIAL: u32 = 7;
    pub(super) const BUILTIN: u32 = 8;
    pub(super) const CHARACTERS: u32 = 9;
    pub(super) const DOTS: u32 = 17;
    pub(super) const BYTE_CODE: u32 = 21;
    pub(super) const NIL: u32 = 254;
    pub(super) const CODE_DEFINITION: u32 = 244;
    pub(super) const CODE_REFERENCE: u32 = 243;
    pub(super) const CALL_WITH_ATTRIBUTES: u32 = 240;
    pub(super) const LIST_WITH_ATTRIBUTES: u32 = 239;
}

/// The first number of an item.
#[derive(Clone, Copy, Debug)]
struct Flags(u32);

impl Flags {
    const fn kind(self) -> u32 {
        self.0 & 0xff
    }
    const fn has_attributes(self) -> bool {
        self.0 & 0x200 != 0
    }
    const fn has_tag(self) -> bool {
        self.0 & 0x400 != 0
    }
    /// The bit by which a cell of an environment says that its value is a function to be called.
    const fn is_active(self) -> bool {
        (self.0 >> 12) & 0x8000 != 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Attributes,
    Tag,
    Head,
    Tail,
    Done,
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
    Cells {
        flags: Flags,
        stage: Stage,
        /// Whether it is written as part of byte code.
        code: bool,
        role: Role,
        context: Context,
        call: Option<Box<Call>>,
        tag: Option<Rc<str>>,
        evaluated: bool,
        at: u64,
    },
    /// Items of a list, or the fixed parts of something; then its attributes.
    Items {
        left: u64,
        attributes: bool,
        role: Role,
        context: Context,
        value: Value,
    },
    /// Byte code: what it is made of, then its constants.
    Code {
        left: Option<u64>,
        outermost: bool,
        attributes: bool,
        symbols: Vec<Rc<str>>,
        texts: Vec<Rc<str>>,
        context: Context,
        at: u64,
    },
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
            Frame::Cells { .. } => self.cells(frame, last, sink),
            Frame::Items { .. } => self.items(frame, last, sink),
            Frame::Code { .. } => self.code(frame, last, sink),
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

    /// Begins the next item; one without parts ends at once and has a value.
    fn item(
        &mut self,
        context: Context,
        role: Role,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let at = self.stream.at;
        let flags = self.flags()?;
        self.begin(flags, at, context, role, sink)
    }

    fn begin(
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
                self.push(Frame::Items {
                    left: count,
                    attributes,
                    role: if role == Role::Frame {
                        Role::Frame
                    } else {
                        Role::Plain
                    },
                    context,
                    value: Value::Other,
                })?;
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

    fn open_cells(
        &mut self,
        flags: Flags,
        code: bool,
        at: u64,
        context: Context,
        role: Role,
    ) -> Result<(), Error> {
        let kind = flags.kind();
        let root = self.frames.is_empty();
        let role = match role {
            Role::Plain if root && kind != kind::LIST => Role::Root,
            role => role,
        };
        self.push(Frame::Cells {
            flags,
            stage: Stage::Attributes,
            code,
            role,
            context,
            call: (kind == kind::CALL).then(Box::default),
            tag: None,
            evaluated: false,
            at,
        })
    }

    fn open_code(
        &mut self,
        outermost: bool,
        attributes: bool,
        context: Context,
        at: u64,
    ) -> Result<(), Error> {
        self.push(Frame::Code {
            left: None,
            outermost,
            attributes,
            symbols: Vec::new(),
            texts: Vec::new(),
            context,
            at,
        })
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
        self.push(Frame::Items {
            left: 0,
            attributes: true,
            role,
            context,
            value,
        })?;
        Ok(None)
    }

    fn parts(&mut self, left: u64, attributes: bool, role: Role) -> Result<Option<Value>, Error> {
        self.push(Frame::Items {
            left,
            attributes,
            role,
            context: Context::Expression,
            value: Value::Other,
        })?;
        Ok(None)
    }

    /// A count, which cannot be negative.
    fn count(&mut self, at: u64) -> Result<u64, Error> {
        let length = self.stream.length()?;
        u64::try_from(length).map_err(|_| Error::Lie(format!("a length of {length}"), at))
    }

    /// Holds a count against what is left of the file.
    fn within(&self, count: u64, size: u64, at: u64) -> Result<(), Error> {
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
    fn characters(&mut self, at: u64) -> Result<Option<Rc<str>>, Error> {
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
    fn texts(&mut self, at: u64) -> Result<Value, Error> {
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
    fn names(&mut self, at: u64) -> Result<String, Error> {
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

    fn items(
        &mut self,
        frame: Frame,
        _last: Option<Value>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Frame::Items {
            left,
            attributes,
            role,
            context,
            value,
        } = frame
        else {
            return Ok(None);
        };
        let root = self.frames.is_empty();
        if let Some(left) = left.checked_sub(1) {
            self.frames.push(Frame::Items {
                left,
                attributes,
                role,
                context,
                value,
            });
            return self.item(context, role, sink);
        }
        if attributes {
            self.frames.push(Frame::Items {
                left: 0,
                attributes: false,
                role,
                context,
                value,
            });
            let role = if root { Role::Attributes } else { Role::Plain };
            return self.item(context, role, sink);
        }
        Ok(Some(value))
    }

    fn cells(
        &mut self,
        frame: Frame,
        last: Option<Value>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Frame::Cells {
            flags,
            stage,
            code,
            role,
            context,
            call,
            tag,
            evaluated,
            at,
        } = frame
        else {
            return Ok(None);
        };
        let kind = flags.kind();
        let mut open = Frame::Cells {
            flags,
            stage,
            code,
            role,
            context,
            call,
            tag,
            evaluated,
            at,
        };
        let Frame::Cells {
            stage: next,
            tag: name,
            call: building,
            evaluated: known,
            ..
        } = &mut open
        else {
            return Ok(None);
        };
        match stage {
            Stage::Attributes => {
                *next = Stage::Tag;
                let root = self.frames.is_empty();
                self.frames.push(open);
                if flags.has_attributes() {
                    let role = if root { Role::Attributes } else { Role::Plain };
                    return self.item(context, role, sink);
                }
                Ok(Some(Value::Nil))
            }
            Stage::Tag => {
                *next = Stage::Head;
                self.frames.push(open);
                if flags.has_tag() || code {
                    // The environment of a closure or of a promise is data, whatever surrounds it.
                    let context = if matches!(kind, kind::CLOSURE | kind::PROMISE) {
                        Context::Expression
                    } else {
                        context
                    };
                    return self.item(context, Role::Plain, sink);
                }
                Ok(Some(Value::Nil))
            }
            Stage::Head => {
                *name = match last {
                    Some(Value::Symbol(name)) => Some(name),
                    _ => None,
                };
                let inner = match kind {
                    kind::CLOSURE => context.inside_function(),
                    kind::PROMISE => Context::Expression,
                    kind::LIST if flags.is_active() && role == Role::Frame => Context::Active,
                    kind::LIST if role == Role::Root => Context::of_object(name.as_deref()),
                    _ => context,
                };
                *next = Stage::Tail;
                self.frames.push(open);
                self.part(
                    code,
                    inner,
                    Role::Plain,
                    role == Role::Frame || kind == kind::DOTS,
                    sink,
                )
            }
            Stage::Tail => {
                let value = last.unwrap_or(Value::Other);
                match kind {
                    kind::CLOSURE => {
                        *next = Stage::Done;
                        self.frames.push(open);
                        self.part(code, context.inside_function(), Role::Plain, false, sink)
                    }
                    kind::PROMISE => {
                        let evaluated = value != Value::Unbound;
                        *known = evaluated;
                        *next = Stage::Done;
                        sink.promise(evaluated, self.is_bare(role), at);
                        self.frames.push(open);
                        let context = if evaluated {
                            Context::Evaluated
                        } else {
                            Context::Promise
                        };
                        self.part(code, context, Role::Plain, false, sink)
                    }
                    _ => {
                        match role {
                            Role::Attributes => {
                                sink.attribute(name.as_deref().unwrap_or_default(), &value);
                            }
                            Role::Root if kind == kind::LIST => {
                                sink.object(name.as_deref().unwrap_or_default(), &value, at);
                            }
                            _ => {}
                        }
                        if let Some(call) = building {
                            call.push(name.take(), value);
                        }
                        self.next_cell(open, sink)
                    }
                }
            }
            Stage::Done => match kind {
                kind::CLOSURE => Ok(Some(Value::Function)),
                kind::PROMISE => Ok(Some(Value::Other)),
                _ => Ok(Some(self.finished(open, sink))),
            },
        }
    }

    /// Whether a promise that has just been popped stands where no function leaves one: functions
    /// leave them in their environments and among their arguments.
    fn is_bare(&self, role: Role) -> bool {
        match self.frames.last() {
            Some(Frame::Cells {
                role: Role::Root | Role::Attributes,
                ..
            })
            | None => true,
            Some(Frame::Items { .. }) => role != Role::Frame,
            _ => role == Role::Root,
        }
    }

    /// The head or the tail of a cell: an item, in byte code one with a number of its own in front.
    fn part(
        &mut self,
        code: bool,
        context: Context,
        role: Role,
        frame: bool,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        if code {
            let at = self.stream.at;
            let number = self.stream.int()?.cast_unsigned();
            return self.code_item(number, at, context, sink);
        }
        let role = if frame { Role::Frame } else { role };
        self.item(context, role, sink)
    }

    /// Goes on with the next cell of a chain, or ends it.
    fn next_cell(&mut self, mut open: Frame, sink: &mut dyn Sink) -> Result<Option<Value>, Error> {
        let Frame::Cells {
            flags,
            stage,
            code,
            role,
            context,
            ..
        } = &mut open
        else {
            return Ok(None);
        };
        let at = self.stream.at;
        let number = Flags(self.stream.int()?.cast_unsigned());
        let (code_now, role_now, context_now) = (*code, *role, *context);
        let chained = match number.kind() {
            kind::LIST => !code_now || number.0 == kind::LIST,
            kind::LIST_WITH_ATTRIBUTES => code_now,
            kind::NIL if !code_now => return Ok(Some(self.finished(open, sink))),
            _ => false,
        };
        if chained {
            // The cell after it takes the place of this one: a long chain is not a deep one.
            let attributes = number.kind() == kind::LIST_WITH_ATTRIBUTES;
            let kept = flags.kind();
            let rest = if code_now {
                if attributes { 0x200 } else { 0 }
            } else {
                number.0 & !0xff
            };
            *flags = Flags(rest | kept);
            *stage = Stage::Attributes;
            self.frames.push(open);
            return Ok(Some(Value::Nil));
        }
        *stage = Stage::Done;
        self.frames.push(open);
        if code_now {
            self.code_item(number.0, at, context_now, sink)
        } else {
            self.begin(number, at, context_now, role_now, sink)
        }
    }

    /// What a chain of cells comes to.
    fn finished(&self, open: Frame, sink: &mut dyn Sink) -> Value {
        match open {
            Frame::Cells {
                call: Some(call),
                context,
                at,
                ..
            } => sink.call(*call, context, at),
            _ => Value::Other,
        }
    }

    /// An item of byte code, whose type came as a number of its own.
    fn code_item(
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
    fn code(
        &mut self,
        frame: Frame,
        last: Option<Value>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Frame::Code {
            left,
            outermost,
            attributes,
            mut symbols,
            mut texts,
            context,
            at,
        } = frame
        else {
            return Ok(None);
        };
        let left = match left {
            // Its instructions were not read yet, or have just been.
            None if last.is_none() => {
                self.frames.push(Frame::Code {
                    left: None,
                    outermost,
                    attributes,
                    symbols,
                    texts,
                    context,
                    at,
                });
                return self.instructions(context, sink);
            }
            None => {
                let count = self.stream.int()?;
                let count = u64::try_from(count)
                    .map_err(|_| Error::Lie(format!("{count} constants"), self.stream.at))?;
                self.within(count, 4, at)?;
                count
            }
            Some(left) => {
                match last {
                    Some(Value::Symbol(name)) if symbols.len() < 64 => symbols.push(name),
                    Some(Value::Text(text)) if texts.len() < 16 => texts.push(text),
                    _ => {}
                }
                left
            }
        };
        let Some(rest) = left.checked_sub(1) else {
            sink.constants(symbols, texts, context, at);
            if outermost && attributes {
                return self.then_attributes(Value::Other, context, Role::Plain);
            }
            return Ok(Some(Value::Other));
        };
        self.frames.push(Frame::Code {
            left: Some(rest),
            outermost,
            attributes,
            symbols,
            texts,
            context,
            at,
        });
        let at = self.stream.at;
        let number = self.stream.int()?.cast_unsigned();
        if number == kind::BYTE_CODE {
            self.open_code(false, false, context, at)?;
            return Ok(None);
        }
        match number {
            kind::CALL
            | kind::LIST
            | kind::CODE_DEFINITION
            | kind::CODE_REFERENCE
            | kind::CALL_WITH_ATTRIBUTES
            | kind::LIST_WITH_ATTRIBUTES => self.code_item(number, at, context, sink),
            _ => self.item(context, Role::Plain, sink),
        }
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
