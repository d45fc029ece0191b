//! Chains of cells: lists of pairs, calls, closures and promises.

use std::rc::Rc;

use super::flags::{Flags, kind};
use super::{Error, Frame, Role, Sink, Walk};
use crate::rdata::context::Context;
use crate::rdata::value::{Call, Value};

/// The part of a cell that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Attributes,
    Tag,
    Head,
    Tail,
    Done,
}

/// A chain of which one cell is open.
#[derive(Debug)]
pub(super) struct Cells {
    flags: Flags,
    stage: Stage,
    /// Whether it is written as part of byte code.
    code: bool,
    role: Role,
    context: Context,
    call: Option<Box<Call>>,
    tag: Option<Rc<str>>,
    at: u64,
}

impl Walk<'_, '_> {
    pub(super) fn open_cells(
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
        self.push(Frame::Cells(Box::new(Cells {
            flags,
            stage: Stage::Attributes,
            code,
            role,
            context,
            call: (kind == kind::CALL).then(Box::default),
            tag: None,
            at,
        })))
    }

    /// Goes on with an open cell.
    pub(super) fn cells(
        &mut self,
        mut open: Box<Cells>,
        last: Option<Value>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Cells {
            flags,
            code,
            role,
            context,
            ..
        } = *open;
        let kind = flags.kind();
        match open.stage {
            Stage::Attributes => {
                let role = self.role_of_attributes();
                self.put_back(open, Stage::Tag);
                if flags.has_attributes() {
                    return self.item(context, role, sink);
                }
                Ok(Some(Value::Nil))
            }
            Stage::Tag => {
                self.put_back(open, Stage::Head);
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
                open.tag = match last {
                    Some(Value::Symbol(name)) => Some(name),
                    _ => None,
                };
                let inner = match kind {
                    kind::CLOSURE => context.inside_function(),
                    kind::PROMISE => Context::Expression,
                    kind::LIST if flags.is_active() && role == Role::Frame => Context::Active,
                    kind::LIST if role == Role::Root => Context::of_object(open.tag.as_deref()),
                    _ => context,
                };
                self.put_back(open, Stage::Tail);
                self.part(code, inner, role == Role::Frame || kind == kind::DOTS, sink)
            }
            Stage::Tail => self.tail(open, last.unwrap_or(Value::Other), sink),
            Stage::Done => match kind {
                kind::CLOSURE => Ok(Some(Value::Function)),
                kind::PROMISE => Ok(Some(Value::Other)),
                _ => Ok(Some(open.finished(sink))),
            },
        }
    }

    /// Goes on behind the head of a cell, which has a value.
    fn tail(
        &mut self,
        mut open: Box<Cells>,
        value: Value,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Cells {
            flags,
            code,
            role,
            context,
            at,
            ..
        } = *open;
        match flags.kind() {
            kind::CLOSURE => {
                self.put_back(open, Stage::Done);
                self.part(code, context.inside_function(), false, sink)
            }
            kind::PROMISE => {
                let evaluated = value != Value::Unbound;
                sink.promise(evaluated, self.is_bare(role), at);
                self.put_back(open, Stage::Done);
                let context = if evaluated {
                    Context::Evaluated
                } else {
                    Context::Promise
                };
                self.part(code, context, false, sink)
            }
            kind => {
                let name = open.tag.as_deref().unwrap_or_default();
                match role {
                    Role::Attributes => sink.attribute(name, &value),
                    Role::Root if kind == kind::LIST => sink.object(name, &value, at),
                    _ => {}
                }
                let tag = open.tag.take();
                if let Some(call) = &mut open.call {
                    call.push(tag, value);
                }
                self.next_cell(open, sink)
            }
        }
    }

    fn put_back(&mut self, mut open: Box<Cells>, next: Stage) {
        open.stage = next;
        self.frames.push(Frame::Cells(open));
    }

    /// Whether a promise that has just been popped stands where no function leaves one: functions
    /// leave them in their environments and among their arguments.
    fn is_bare(&self, role: Role) -> bool {
        match self.frames.last() {
            None => true,
            Some(Frame::Cells(cells)) if matches!(cells.role, Role::Root | Role::Attributes) => {
                true
            }
            Some(Frame::Items(_)) => role != Role::Frame,
            _ => role == Role::Root,
        }
    }

    /// The head or the tail of a cell: an item, in byte code one with a number of its own in front.
    fn part(
        &mut self,
        code: bool,
        context: Context,
        frame: bool,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        if code {
            let at = self.stream.at;
            let number = self.stream.int()?.cast_unsigned();
            return self.code_item(number, at, context, sink);
        }
        let role = if frame { Role::Frame } else { Role::Plain };
        self.item(context, role, sink)
    }

    /// Goes on with the next cell of a chain, or ends it.
    fn next_cell(
        &mut self,
        mut open: Box<Cells>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Value>, Error> {
        let Cells {
            flags,
            code,
            role,
            context,
            ..
        } = *open;
        let at = self.stream.at;
        let number = self.flags()?;
        let chained = match number.kind() {
            kind::LIST => !code || number.0 == kind::LIST,
            kind::LIST_WITH_ATTRIBUTES => code,
            kind::NIL if !code => return Ok(Some(open.finished(sink))),
            _ => false,
        };
        if chained {
            // The cell after it takes the place of this one: a long chain is not a deep one.
            let rest = match number.kind() {
                kind::LIST_WITH_ATTRIBUTES if code => 0x200,
                _ if code => 0,
                _ => number.0 & !0xff,
            };
            open.flags = Flags(rest | flags.kind());
            self.put_back(open, Stage::Attributes);
            return Ok(Some(Value::Nil));
        }
        self.put_back(open, Stage::Done);
        if code {
            self.code_item(number.0, at, context, sink)
        } else {
            self.begin(number, at, context, role, sink)
        }
    }
}

impl Cells {
    /// What a chain of cells comes to.
    fn finished(self, sink: &mut dyn Sink) -> Value {
        match self.call {
            Some(call) => sink.call(*call, self.context, self.at),
            None => Value::Other,
        }
    }
}
