//! What a walk through a file tells, and to whom.

use super::known::Known;
use super::objects::Message;
use super::syntax::Span;

/// Hears what happens in a file.
pub(super) trait Sink {
    /// A module is imported.
    fn import(&mut self, module: &str, span: Span);
    /// Something is called.
    fn call(&mut self, site: &Site<'_>);
    /// A text stands where a value may stand.
    fn text(&mut self, text: &str, role: Role<'_>, span: Span);
    /// A text stands where a value may stand, and goes on with what is put into it.
    fn beginning(&mut self, text: &str, role: Role<'_>, span: Span);
    /// An environment variable is read.
    fn environment(&mut self, variable: &str, span: Span);
    /// A name of the module or a field of a class gets a value; `annotation` is the name of its type.
    fn constant(&mut self, name: &str, value: &Known, annotation: Option<&str>, span: Span);
    /// A message to a model is written down.
    fn message(&mut self, message: &Message<'_>, span: Span);
    /// An object that by its name guards something, and runs; `owner` is the function that makes it.
    fn guardrail(&mut self, name: &str, owner: Option<&str>, span: Span);
    /// An object describes a function that a model may call, with a name and what it takes.
    fn function(&mut self, name: &str, span: Span);
    /// Something is put into a list that is called one of tools: `tools.push({ type: "code_interpreter" })`.
    fn pushed_tool(&mut self, value: &Known, span: Span);
    /// An object names a server that the vendor of the model connects to.
    fn hosted_server(&mut self, label: &str, span: Span);
    /// Servers of the Model Context Protocol get a name: `mcpServers["docs"] = { … }`.
    fn server(&mut self, name: &str, value: &Known, span: Span);
    /// A class extends another.
    fn class(&mut self, name: &str, base: &Known, fields: &[(&str, Known, Span)], span: Span);
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role<'a> {
    /// As an argument of a call, by the last part of its callee.
    Argument(&'a str),
    /// As an entry of an object, with its name.
    Entry(&'a str),
    Element,
    /// As what a name gets.
    Assigned(&'a str),
    Default(&'a str),
}

/// A call with everything that is known about it.
pub(super) struct Site<'s> {
    /// The dotted callee; `?` when nothing is known.
    pub callee: &'s str,
    pub callee_span: Span,
    /// The callee as a value.
    pub known: &'s Known,
    pub arguments: &'s [Given],
    /// Whether some arguments are spread from elsewhere.
    pub open_ended: bool,
    /// The name that gets the result.
    pub assigned: Option<&'s str>,
    /// What functions among the arguments give back, by position; only for calls that need it.
    pub results: &'s [(usize, Known)],
}

/// An argument.
#[derive(Clone)]
pub(super) struct Given {
    pub value: Known,
    pub span: Span,
    /// The name that stands there, where it is nothing else.
    pub name: Option<std::rc::Rc<str>>,
}
