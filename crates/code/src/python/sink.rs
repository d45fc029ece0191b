//! What the walk through a file reports, and to whom.

use std::rc::Rc;

use stance_read::link::Term;

use super::known::{Known, Object};
use super::syntax::{Class, Function, Module, Span};

/// Hears what happens in a file.
pub(super) trait Sink {
    /// A part of the module begins, most often all of it.
    fn begins(&mut self, _module: &Module) {}
    /// A module is imported; relative ones begin with dots.
    fn import(&mut self, module: &str, span: &Span);
    /// Something is called.
    fn call(&mut self, site: &CallSite<'_>);
    /// A function is decorated; a decorator without parentheses has no arguments.
    fn decorated(&mut self, site: &CallSite<'_>, function: &Function);
    /// A text stands where a value may stand.
    fn text(&mut self, text: &str, role: TextRole<'_>, span: &Span);
    /// An environment variable is read.
    fn environment(&mut self, variable: &str, span: &Span);
    /// A name of a module or class gets a value that stands there as a literal or display.
    fn constant(&mut self, name: &str, value: &Known, name_span: &Span, in_class: bool);
    /// A name gets a text with holes in it, or, when it is `local`, one inside of a function; `text` is what stands
    /// there.
    fn written(&mut self, _name: &str, _text: &str, _span: &Span, _local: bool) {}
    /// A message to a model's system that is put together: what stands there.
    fn system_message(&mut self, _text: &str, _span: &Span) {}
    /// A text with holes begins like this.
    fn begins_with(&mut self, _text: &str, _span: &Span) {}
    /// What follows happens in the body of this function; before the first one it happens when
    /// the module is imported.
    fn enters(&mut self, _function: &Function) {}
    /// What follows stands in a block that only runs when the file is started, until [`Sink::leaves_main`].
    fn enters_main(&mut self) {}
    /// The end of such a block.
    fn leaves_main(&mut self) {}
    /// A name of the module gets a value.
    fn binds(&mut self, _name: &str) {}
    /// A variable has a default.
    fn variable_default(&mut self, _variable: &str, _default: &str, _span: &Span) {}
    /// A class is decorated.
    fn decorated_class(&mut self, _callee: &str, _class: &Class) {}
    /// A class declares a field without giving it a value.
    fn declares(&mut self, _name: &str, _span: &Span) {}
    /// A class was defined, with what it inherits from and its members by name.
    fn class(&mut self, _class: &Class, _bases: &[Known], _member: &dyn Fn(&str) -> Option<Known>) {
    }
    /// A file is read: its path, and the name that gets what it says.
    fn reads(&mut self, _file: &Known, _assigned: Option<&str>, _span: &Span) {}
    /// Whether nothing more is wanted of the file.
    fn has_enough(&self) -> bool {
        false
    }
    /// What a call is known to give, where the listener knows more than the walk.
    fn result(&mut self, _site: &CallSite<'_>) -> Option<Known> {
        None
    }
}

/// The stage of an aggregation of MongoDB that searches by vectors.
pub(super) const VECTOR_SEARCH: &str = "$vectorSearch";

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextRole<'a> {
    /// As an argument of a call, with its keyword.
    Argument(Option<&'a str>),
    /// As a value of a dictionary, with its key.
    Entry(Option<&'a str>),
    /// As a key of a dictionary.
    Key,
    /// As an element of a list, tuple or set.
    Element,
    /// As what a name gets.
    Assigned,
    /// As the default of a parameter.
    Default,
}

/// A call with everything that is known about it.
pub(super) struct CallSite<'a> {
    /// The dotted callee; `?` when nothing is known.
    pub callee: &'a str,
    pub callee_span: Span,
    pub arguments: &'a [Given<'a>],
    /// Whether it has `*args` or `**kwargs`.
    pub open_ended: bool,
    /// The name that gets the result.
    pub assigned: Option<&'a str>,
    /// The object whose method it is.
    pub origin: Option<Rc<Object>>,
    /// What is called, where the dotted name alone does not tell.
    pub open: Option<Rc<Term>>,
    /// The function whose `**kwargs` it hands on.
    pub forwards: Option<&'a str>,
}

/// An argument.
pub(super) struct Given<'a> {
    pub name: Option<&'a str>,
    pub value: Known,
    pub span: Span,
    /// The parameter that it hands on, where `value` is what that is by default.
    pub parameter: Option<Rc<Term>>,
}

impl<'a> CallSite<'a> {
    /// The argument that Python binds to `name`, which is also at `position`.
    pub(super) fn argument(&self, position: Option<usize>, name: &str) -> Option<&'a Given<'a>> {
        self.keyword(name).or_else(|| {
            self.arguments
                .iter()
                .filter(|argument| argument.name.is_none())
                .nth(position?)
        })
    }

    pub(super) fn keyword(&self, name: &str) -> Option<&'a Given<'a>> {
        self.arguments
            .iter()
            .find(|argument| argument.name == Some(name))
    }
}
