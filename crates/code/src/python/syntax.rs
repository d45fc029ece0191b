//! The Python that the analysis reads: a small tree of our own, so that the
//! parser behind it can be changed without touching anything else.

use std::ops::Range;

/// Where something stands in the parsed text, in bytes.
pub(crate) type Span = Range<usize>;

/// A parser of Python source.
pub(crate) trait Parser {
    /// Parses as much of `source` as can be understood.
    fn parse(&self, source: &str, dialect: Dialect) -> Module;
}

/// Which Python is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As in a file.
    Plain,
    /// As in a notebook: lines may be `%magic` or `!command`.
    Notebook,
}

/// A parsed text.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// What was understood, in order.
    pub body: Vec<Stmt>,
    /// The first thing that was not understood: what, and at which byte.
    pub error: Option<(String, usize)>,
    /// Where statements were left out because they are nested too deeply.
    pub too_deep: Option<usize>,
}

/// A statement.
#[derive(Debug)]
pub(crate) enum Stmt {
    /// `import a.b as c, d`
    Import(Vec<Alias>),
    /// `from ..a import b as c`; one alias `*` for all.
    ImportFrom {
        /// The module with one leading dot for each level up.
        module: String,
        names: Vec<Alias>,
    },
    /// `a = b = value`, `a: T = value`
    Assign {
        targets: Vec<Expr>,
        annotated: bool,
        value: Expr,
    },
    /// `a: T` without a value
    Declare {
        name: String,
        span: Span,
    },
    Function(Box<Function>),
    Class(Box<Class>),
    /// `with value as target, …`
    With {
        items: Vec<(Expr, Option<Expr>)>,
        body: Vec<Stmt>,
    },
    /// `for target in iterable`
    For {
        target: Expr,
        iterable: Expr,
        body: Vec<Stmt>,
    },
    /// Anything with conditions and blocks: `if`, `while`, `try`, `match`.
    Blocks {
        conditions: Vec<Expr>,
        blocks: Vec<Vec<Stmt>>,
    },
    /// The block behind `if __name__ == "__main__":`, which an import does not run.
    Main(Vec<Stmt>),
    Return(Expr),
    /// Expressions that are only evaluated.
    Effects(Vec<Expr>),
}

/// One name of an import.
#[derive(Debug)]
pub(crate) struct Alias {
    pub name: String,
    pub alias: Option<String>,
    pub span: Span,
}

/// A function or method.
#[derive(Debug)]
pub(crate) struct Function {
    pub name: String,
    pub name_span: Span,
    pub decorators: Vec<Expr>,
    pub parameters: Vec<Parameter>,
    pub body: Vec<Stmt>,
    /// The text that says what it is for.
    pub documented: Option<String>,
}

/// A parameter of a function.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub name: String,
    pub annotation: Option<Expr>,
    pub default: Option<Expr>,
    /// Whether it takes all keywords that are left: `**kwargs`.
    pub keywords: bool,
}

/// A class.
#[derive(Debug)]
pub(crate) struct Class {
    pub name: String,
    pub decorators: Vec<Expr>,
    pub name_span: Span,
    pub bases: Vec<Expr>,
    pub body: Vec<Stmt>,
    /// The text that says what it is for, as the source writes it.
    pub documented: Option<String>,
}

/// An expression and where it stands.
#[derive(Debug)]
pub(crate) struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
pub(crate) enum ExprKind {
    Name(String),
    Attribute(Box<Expr>, String),
    Call(Box<Call>),
    Text(String),
    /// An f-string.
    Format(Vec<FormatPart>),
    Integer(i64),
    Boolean(bool),
    None,
    /// A list, tuple or set.
    Sequence(Vec<Expr>),
    /// A dictionary; `None` as key for `**other`.
    Mapping(Vec<(Option<Expr>, Expr)>),
    Subscript(Box<Expr>, Box<Expr>),
    /// `a + b`
    Add(Box<Expr>, Box<Expr>),
    /// `a / b`
    Divide(Box<Expr>, Box<Expr>),
    /// A text with `%` and what goes into it.
    Percent(Box<Expr>, Box<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `then if test else otherwise`
    Conditional {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `target := value`
    Named(Box<Expr>, Box<Expr>),
    /// `[element for target in iterable if condition]`
    Comprehension {
        clauses: Vec<Clause>,
        elements: Vec<Expr>,
    },
    /// Anything else, with the expressions inside it.
    Other(Vec<Expr>),
}

/// A `for … in … if …` of a comprehension.
#[derive(Debug)]
pub(crate) struct Clause {
    pub target: Expr,
    pub iterable: Expr,
    pub conditions: Vec<Expr>,
}

/// A part of an f-string.
#[derive(Debug)]
pub(crate) enum FormatPart {
    Text(String),
    Hole(Expr),
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub function: Expr,
    pub arguments: Vec<CallArgument>,
    /// Whether it has `*args` or `**kwargs`.
    pub open_ended: bool,
    /// The name behind `**`, when it is one.
    pub spread: Option<String>,
}

/// An argument of a call, in order; what stands behind `*` is left out.
#[derive(Debug)]
pub(crate) struct CallArgument {
    pub name: Option<String>,
    pub value: Expr,
}
