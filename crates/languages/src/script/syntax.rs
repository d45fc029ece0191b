//! The JavaScript that the analysis reads: a small tree of our own, so that the parser behind it can be changed
//! without touching anything else. Names and texts are borrowed from the parser's arena.

use std::borrow::Cow;

/// Where something stands in the parsed text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A statement, or what of it matters.
#[derive(Debug)]
pub(super) enum Stmt<'a> {
    /// `import a, { b as c } from "module"`; also one without names.
    Import {
        module: &'a str,
        span: Span,
        names: Vec<Imported<'a>>,
    },
    /// `export { a as b } from "module"`; without names all of it.
    ExportFrom {
        module: &'a str,
        span: Span,
        names: Vec<(&'a str, &'a str)>,
    },
    /// `export { a as b }`, inner name first.
    ExportNames(Vec<(&'a str, &'a str)>),
    ExportDefault(Expr<'a>),
    /// `const pattern: type = value`
    Declare {
        pattern: Pattern<'a>,
        annotation: Option<&'a str>,
        value: Option<Expr<'a>>,
        exported: bool,
    },
    Function {
        function: Function<'a>,
        exported: bool,
    },
    Class {
        class: Class<'a>,
        exported: bool,
    },
    Enum {
        name: &'a str,
        span: Span,
        members: Vec<(Cow<'a, str>, Option<Expr<'a>>)>,
        exported: bool,
    },
    Return(Expr<'a>),
    Effect(Expr<'a>),
    /// A block, or the parts of a statement with conditions and blocks.
    Block(Vec<Self>),
    /// `for (const pattern of iterable)`
    ForOf {
        pattern: Option<Pattern<'a>>,
        iterable: Expr<'a>,
        body: Vec<Self>,
    },
}

/// One name of an import.
#[derive(Debug)]
pub(super) struct Imported<'a> {
    /// The name in the module; `default`, or `*` for all of it.
    pub name: &'a str,
    pub local: &'a str,
}

/// What a declaration, parameter or loop gives names to.
#[derive(Debug)]
pub(super) enum Pattern<'a> {
    Name(&'a str, Span),
    Object(Vec<(Cow<'a, str>, Self)>),
    Array(Vec<Option<Self>>),
    Default(Box<Self>, Box<Expr<'a>>),
}

/// A function, method or arrow.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub name: Option<&'a str>,
    pub name_span: Span,
    pub parameters: Vec<Parameter<'a>>,
    pub body: Vec<Stmt<'a>>,
}

#[derive(Debug)]
pub(super) struct Parameter<'a> {
    pub pattern: Pattern<'a>,
    /// The name of its type.
    pub annotation: Option<&'a str>,
    pub default: Option<Expr<'a>>,
    /// Whether it becomes a field of the object: `constructor(private server: Server)`.
    pub field: bool,
}

#[derive(Debug)]
pub(super) struct Class<'a> {
    pub name: Option<&'a str>,
    pub base: Option<Expr<'a>>,
    /// Arguments of decorators, and static blocks.
    pub effects: Vec<Expr<'a>>,
    pub fields: Vec<Field<'a>>,
    pub methods: Vec<Function<'a>>,
}

#[derive(Debug)]
pub(super) struct Field<'a> {
    pub name: Cow<'a, str>,
    pub span: Span,
    pub annotation: Option<&'a str>,
    pub value: Option<Expr<'a>>,
}

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Expr<'a> {
    pub span: Span,
    pub kind: ExprKind<'a>,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum ExprKind<'a> {
    Name(&'a str),
    This,
    Member(Box<Expr<'a>>, &'a str),
    Index(Box<Expr<'a>>, Box<Expr<'a>>),
    Call(Box<Call<'a>>),
    Text(&'a str),
    /// A template string: texts and what stands between them.
    Template(Vec<&'a str>, Vec<Expr<'a>>),
    Number(f64),
    Boolean(bool),
    Null,
    Array(Vec<Expr<'a>>),
    Object(Vec<Property<'a>>),
    /// `a + b + c`
    Add(Vec<Expr<'a>>),
    /// `a || b`, `a ?? b`
    Or(Box<Expr<'a>>, Box<Expr<'a>>),
    Conditional(Box<[Expr<'a>; 3]>),
    /// `target = value`
    Assign(Box<Expr<'a>>, Box<Expr<'a>>),
    Function(Box<Function<'a>>),
    Class(Box<Class<'a>>),
    /// `...all`
    Spread(Box<Expr<'a>>),
    /// `import("module")`
    Import(&'a str),
    /// Anything else, with the expressions inside it.
    Other(Vec<Expr<'a>>),
}

/// An entry of an object.
#[derive(Debug)]
pub(super) enum Property<'a> {
    Named {
        name: Cow<'a, str>,
        name_span: Span,
        value: Expr<'a>,
    },
    /// `[key]: value`
    Computed(Expr<'a>, Expr<'a>),
    Spread(Expr<'a>),
}

/// A call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub callee: Expr<'a>,
    pub arguments: Vec<Expr<'a>>,
    /// Whether it is `new callee(...)`.
    pub new: bool,
}
