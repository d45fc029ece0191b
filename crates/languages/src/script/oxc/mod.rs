//! From the tree of Oxc to ours; the only folder that knows that parser.

mod declarations;
mod expressions;
mod pages;
mod statements;

use std::borrow::Cow;

use oxc_allocator::Allocator;
use oxc_ast::ast as js;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType};

use super::syntax::{Span, Stmt};

/// Deepest nesting of the tree that is converted. Chains of calls and sums nest without brackets.
const DEPTH: u32 = 220;

/// Most elements of one array that are converted: more are data.
const ELEMENTS: usize = 4096;

/// Which of its dialects a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// With elements of JSX.
    JavaScript,
    TypeScript,
    /// TypeScript with elements of JSX.
    Tsx,
}

/// A parsed text.
pub(super) struct Parsed<'a> {
    pub body: Vec<Stmt<'a>>,
    /// What kept the parser from going on, and at which byte.
    pub error: Option<usize>,
    /// Whether parts were left out because they are nested too deeply.
    pub too_deep: bool,
}

/// Parses a source, which must not be nested deeply.
pub(super) fn parse<'a>(arena: &'a Allocator, source: &'a str, dialect: Dialect) -> Parsed<'a> {
    let kind = match dialect {
        Dialect::JavaScript => SourceType::unambiguous().with_jsx(true),
        Dialect::TypeScript => SourceType::ts(),
        Dialect::Tsx => SourceType::tsx(),
    };
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let parsed = Parser::new(arena, source, kind)
        .with_options(options)
        .parse();
    let mut convert = Convert { too_deep: false };
    let body = convert.statements(&parsed.program.body, DEPTH);
    let error = parsed.panicked.then(|| {
        let first = parsed.diagnostics.iter().next();
        let label = first.and_then(|one| one.labels.first());
        label.map_or(0, |label| label.offset() as usize)
    });
    Parsed {
        body,
        error,
        too_deep: convert.too_deep,
    }
}

struct Convert {
    too_deep: bool,
}

fn span(of: oxc_span::Span) -> Span {
    Span {
        start: of.start,
        end: of.end,
    }
}

fn text_of_name<'a>(name: &js::ModuleExportName<'a>) -> &'a str {
    match name {
        js::ModuleExportName::IdentifierName(name) => name.name.as_str(),
        js::ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        js::ModuleExportName::StringLiteral(text) => text.value.as_str(),
    }
}

/// The name of a type: `McpServer` of `McpServer`, `sdk.McpServer` and `McpServer[]`.
fn type_name<'a>(annotation: Option<&js::TSTypeAnnotation<'a>>) -> Option<&'a str> {
    let mut written = &annotation?.type_annotation;
    if let js::TSType::TSArrayType(array) = written {
        written = &array.element_type;
    }
    let js::TSType::TSTypeReference(reference) = written else {
        return None;
    };
    match &reference.type_name {
        js::TSTypeName::IdentifierReference(name) => Some(name.name.as_str()),
        js::TSTypeName::QualifiedName(name) => Some(name.right.name.as_str()),
        js::TSTypeName::ThisExpression(_) => None,
    }
}

fn key<'a>(key: &js::PropertyKey<'a>) -> Option<(Cow<'a, str>, Span)> {
    let at = span(key.span());
    match key {
        js::PropertyKey::StaticIdentifier(name) => Some((Cow::Borrowed(name.name.as_str()), at)),
        js::PropertyKey::PrivateIdentifier(name) => Some((Cow::Borrowed(name.name.as_str()), at)),
        js::PropertyKey::StringLiteral(text) => Some((Cow::Borrowed(text.value.as_str()), at)),
        js::PropertyKey::NumericLiteral(number) => Some((Cow::Owned(number.value.to_string()), at)),
        _ => None,
    }
}
impl Convert {
    fn deeper(&mut self, depth: u32) -> Option<u32> {
        let deeper = depth.checked_sub(1);
        self.too_deep |= deeper.is_none();
        deeper
    }
}
