//! Expressions of Terraform, ARM and Bicep: one tree for all of them.

use std::sync::Arc;

use crate::value::Span;

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1.5`
    Number(f64),
    /// A string without anything in it that is worked out.
    Text(Arc<str>),
    /// A string with parts that are.
    Template(Vec<Part>),
    /// A name.
    Name(Arc<str>),
    /// What is reached from a value: `.name`, `[0]`, `[*]`.
    Path(Box<Expression>, Vec<Step>),
    /// A call of a function.
    Call(Box<Call>),
    /// `[a, b]`
    Array(Vec<Expression>),
    /// `{ a = b }`; a bare key is a text.
    Object(Vec<(Expression, Expression)>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `a ? b : c`
    Conditional(Box<[Expression; 3]>),
    /// `!a`
    Not(Box<Expression>),
    /// `-a`
    Negative(Box<Expression>),
    /// Operators of one rank, from left to right.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    /// `(a, b) => c`
    Lambda(Vec<Arc<str>>, Box<Expression>),
    /// What could not be read.
    Unreadable,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Text(Arc<str>),
    /// `${a}`
    Value(Expression),
    /// `%{ if a }b%{ else }c%{ endif }`
    If(Expression, Vec<Part>, Vec<Part>),
    /// `%{ for k, v in a }b%{ endfor }`
    For(Option<Arc<str>>, Arc<str>, Expression, Vec<Part>),
}

/// A step from a value to a part of it.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`
    Attribute(Arc<str>, Span),
    /// `[a]`
    Index(Expression),
    /// `[*]` and `.*`: what follows is done to each element.
    Splat,
    /// `.?name`, `[?a]`: nothing where it is not.
    Safe(Box<Step>),
}

/// A call of a function.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its name, with its namespace.
    pub name: Arc<str>,
    /// What it is given.
    pub arguments: Vec<Expression>,
    /// Whether the last argument holds the remaining ones.
    pub spread: bool,
}

/// A comprehension.
#[derive(Clone, Debug)]
pub struct For {
    /// The name of key or index, if it has one.
    pub key: Option<Arc<str>>,
    /// The name of the element.
    pub value: Arc<str>,
    /// What is gone through.
    pub collection: Expression,
    /// The key of what is made: present for objects.
    pub result_key: Option<Expression>,
    /// What is made of each element.
    pub result: Expression,
    /// Which elements count.
    pub condition: Option<Expression>,
    /// Whether values of the same key are gathered.
    pub grouped: bool,
    /// Whether the first name is the element and the second the index, as in Bicep.
    pub index_second: bool,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own name")]
pub enum Operator {
    Coalesce,
    Or,
    And,
    Equal,
    NotEqual,
    EqualAnyCase,
    NotEqualAnyCase,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// How tightly it binds.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::Coalesce => 1,
            Self::Or => 2,
            Self::And => 3,
            Self::Equal | Self::NotEqual | Self::EqualAnyCase | Self::NotEqualAnyCase => 4,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 5,
            Self::Add | Self::Subtract => 6,
            Self::Multiply | Self::Divide | Self::Remainder => 7,
        }
    }
}

impl Expression {
    /// An expression at a place.
    #[must_use]
    pub const fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    /// The text, if it is nothing but one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name, if it is nothing but one.
    #[must_use]
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }
}
