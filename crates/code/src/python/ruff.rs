//! Ruff's parser behind our own tree. The only place that knows its types.

use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::nesting;
use super::syntax::{
    Alias, Call, CallArgument, Class, Clause, Dialect, Expr, ExprKind, FormatPart, Function,
    Module, Parameter, Parser, Span, Stmt,
};

/// Ruff's parser.
pub(crate) struct Ruff;

impl Parser for Ruff {
    fn parse(&self, source: &str, dialect: Dialect) -> Module {
        let mode = match dialect {
            Dialect::Plain => Mode::Module,
            Dialect::Notebook => Mode::Ipython,
        };
        if u32::try_from(source.len()).is_err() {
            return Module {
                error: Some(("it is larger than 4 GiB".to_owned(), 0)),
                ..Module::default()
            };
        }
        if nesting::is_shallow(source, mode) {
            return parse(source, mode, None);
        }
        match nesting::without_deep_parts(source, mode) {
            Some((rest, at)) => parse(&rest, mode, Some(at)),
            None => Module {
                too_deep: Some(0),
                ..Module::default()
            },
        }
    }
}

fn parse(source: &str, mode: Mode, too_deep: Option<usize>) -> Module {
    let parsed = parse_unchecked(source, ParseOptions::from(mode));
    let error = parsed
        .errors()
        .first()
        .map(|error| (error.error.to_string(), span(error.location).start));
    let body = match parsed.syntax() {
        ast::Mod::Module(module) => block(&module.body),
        ast::Mod::Expression(_) => Vec::new(),
    };
    Module {
        body,
        error,
        too_deep,
    }
}

fn span(range: TextRange) -> Span {
    range.start().to_usize()..range.end().to_usize()
}

fn block(body: &[ast::Stmt]) -> Vec<Stmt> {
    body.iter().filter_map(statement).collect()
}

fn statement(stmt: &ast::Stmt) -> Option<Stmt> {
    Some(match stmt {
        ast::Stmt::FunctionDef(function) => Stmt::Function(Box::new(self::function(function))),
        ast::Stmt::ClassDef(class) => Stmt::Class(Box::new(self::class(class))),
        ast::Stmt::Return(it) => Stmt::Return(expression(it.value.as_deref()?)),
        ast::Stmt::Assign(it) => Stmt::Assign {
            targets: expressions(&it.targets),
            annotated: false,
            value: expression(&it.value),
        },
        ast::Stmt::AnnAssign(it) if it.value.is_none() => match &*it.target {
            ast::Expr::Name(name) => Stmt::Declare {
                name: name.id.as_str().to_owned(),
                span: span(name.range),
            },
            _ => return None,
        },
        ast::Stmt::AnnAssign(it) => Stmt::Assign {
            targets: vec![expression(&it.target)],
            annotated: true,
            value: expression(it.value.as_deref()?),
        },
        ast::Stmt::AugAssign(it) => augmented(it),
        ast::Stmt::For(it) => Stmt::Blocks {
            conditions: Vec::new(),
            blocks: vec![
                vec![Stmt::For {
                    target: expression(&it.target),
                    iterable: expression(&it.iter),
                    body: block(&it.body),
                }],
                block(&it.orelse),
            ],
        },
        ast::Stmt::While(it) => Stmt::Blocks {
            conditions: vec![expression(&it.test)],
            blocks: vec![block(&it.body), block(&it.orelse)],
        },
        ast::Stmt::If(it) => conditional(it),
        ast::Stmt::With(it) => Stmt::With {
            items: it
                .items
                .iter()
                .map(|item| {
                    (
                        expression(&item.context_expr),
                        item.optional_vars.as_deref().map(expression),
                    )
                })
                .collect(),
            body: block(&it.body),
        },
        ast::Stmt::Match(it) => Stmt::Blocks {
            conditions: vec![expression(&it.subject)],
            blocks: it.cases.iter().map(|case| block(&case.body)).collect(),
        },
        ast::Stmt::Try(it) => attempt(it),
        ast::Stmt::Import(it) => Stmt::Import(it.names.iter().map(alias).collect()),
        ast::Stmt::ImportFrom(it) => {
            let mut module = ".".repeat(usize::try_from(it.level.min(64)).unwrap_or_default());
            if let Some(name) = &it.module {
                module.push_str(name.as_str());
            }
            Stmt::ImportFrom {
                module,
                names: it.names.iter().map(alias).collect(),
            }
        }
        ast::Stmt::Expr(it) => Stmt::Effects(vec![expression(&it.value)]),
        ast::Stmt::Delete(it) => Stmt::Effects(expressions(&it.targets)),
        ast::Stmt::Raise(it) => Stmt::Effects(optional([it.exc.as_deref(), it.cause.as_deref()])),
        ast::Stmt::Assert(it) => Stmt::Effects(optional([Some(&*it.test), it.msg.as_deref()])),
        ast::Stmt::TypeAlias(_)
        | ast::Stmt::Global(_)
        | ast::Stmt::Nonlocal(_)
        | ast::Stmt::Pass(_)
        | ast::Stmt::Break(_)
        | ast::Stmt::Continue(_)
        | ast::Stmt::IpyEscapeCommand(_) => return None,
    })
}

/// `a += b` as `a = a + b`, other operators as an assignment of something unknown.
fn augmented(it: &ast::StmtAugAssign) -> Stmt {
    let before = Box::new(expression(&it.target));
    let more = expression(&it.value);
    let kind = match it.op {
        ast::Operator::Add => ExprKind::Add(before, Box::new(more)),
        _ => ExprKind::Other(vec![*before, more]),
    };
    Stmt::Assign {
        targets: vec![expression(&it.target)],
        annotated: false,
        value: Expr {
            span: span(it.range),
            kind,
        },
    }
}

fn conditional(it: &ast::StmtIf) -> Stmt {
    let mut conditions = vec![expression(&it.test)];
    let body = block(&it.body);
    let mut blocks = vec![if asks_for_main(&it.test) {
        vec![Stmt::Main(body)]
    } else {
        body
    }];
    for clause in &it.elif_else_clauses {
        conditions.extend(clause.test.as_ref().map(expression));
        blocks.push(block(&clause.body));
    }
    Stmt::Blocks { conditions, blocks }
}

/// Whether a condition only holds in a file that was started: `__name__ == "__main__"`, alone or with more.
fn asks_for_main(test: &ast::Expr) -> bool {
    let name =
        |side: &ast::Expr| matches!(side, ast::Expr::Name(it) if it.id.as_str() == "__name__");
    let main = |side: &ast::Expr| matches!(side, ast::Expr::StringLiteral(it) if it.value.to_str() == "__main__");
    match test {
        ast::Expr::Compare(it) => match (&*it.ops, &*it.comparators) {
            ([ast::CmpOp::Eq], [right]) => {
                name(&it.left) && main(right) || main(&it.left) && name(right)
            }
            _ => false,
        },
        ast::Expr::BoolOp(it) if it.op == ast::BoolOp::And => it.values.iter().any(|side| {
            // One level: what is nested deeper is an ordinary condition.
            matches!(side, ast::Expr::Compare(_)) && asks_for_main(side)
        }),
        _ => false,
    }
}

fn attempt(it: &ast::StmtTry) -> Stmt {
    let mut blocks = vec![block(&it.body)];
    for ast::ExceptHandler::ExceptHandler(handler) in &it.handlers {
        blocks.push(block(&handler.body));
    }
    blocks.push(block(&it.orelse));
    blocks.push(block(&it.finalbody));
    Stmt::Blocks {
        conditions: Vec::new(),
        blocks,
    }
}

fn alias(it: &ast::Alias) -> Alias {
    Alias {
        name: it.name.as_str().to_owned(),
        alias: it.asname.as_ref().map(|name| name.as_str().to_owned()),
        span: span(it.range),
    }
}

fn function(it: &ast::StmtFunctionDef) -> Function {
    let all = &it.parameters;
    let parameter = |it: &ast::Parameter, default: Option<&ast::Expr>| Parameter {
        name: it.name.as_str().to_owned(),
        annotation: it.annotation.as_deref().map(expression),
        default: default.map(expression),
        keywords: false,
    };
    let mut parameters: Vec<Parameter> = Vec::new();
    for it in all.posonlyargs.iter().chain(&all.args) {
        parameters.push(parameter(&it.parameter, it.default.as_deref()));
    }
    for it in &all.kwonlyargs {
        parameters.push(parameter(&it.parameter, it.default.as_deref()));
    }
    for it in [&all.vararg, &all.kwarg].into_iter().flatten() {
        // They are a tuple and a dictionary, whatever the annotation says of their elements.
        parameters.push(Parameter {
            annotation: None,
            keywords: all
                .kwarg
                .as_deref()
                .is_some_and(|all| std::ptr::eq(all, &**it)),
            ..parameter(it, None)
        });
    }
    Function {
        name: it.name.as_str().to_owned(),
        name_span: span(it.name.range),
        decorators: it
            .decorator_list
            .iter()
            .map(|decorator| expression(&decorator.expression))
            .collect(),
        parameters,
        body: block(&it.body),
        documented: documented(&it.body),
    }
}

fn class(it: &ast::StmtClassDef) -> Class {
    let bases = it.arguments.as_deref().map(|arguments| {
        let keywords = arguments.keywords.iter().map(|keyword| &keyword.value);
        arguments
            .args
            .iter()
            .chain(keywords)
            .map(expression)
            .collect()
    });
    Class {
        name: it.name.as_str().to_owned(),
        name_span: span(it.name.range),
        decorators: it
            .decorator_list
            .iter()
            .map(|decorator| expression(&decorator.expression))
            .collect(),
        bases: bases.unwrap_or_default(),
        body: block(&it.body),
        documented: documented(&it.body),
    }
}

/// The text that a body begins with; of a long one, its beginning.
fn documented(body: &[ast::Stmt]) -> Option<String> {
    const MOST: usize = 4000;
    match body.first()? {
        ast::Stmt::Expr(it) => match &*it.value {
            ast::Expr::StringLiteral(text) => {
                let text = text.value.to_str().trim();
                Some(text.get(..text.floor_char_boundary(MOST))?.to_owned())
            }
            _ => None,
        },
        _ => None,
    }
}

fn optional<const N: usize>(all: [Option<&ast::Expr>; N]) -> Vec<Expr> {
    all.into_iter().flatten().map(expression).collect()
}

fn boxed(expr: &ast::Expr) -> Box<Expr> {
    Box::new(expression(expr))
}

fn expressions<'a>(all: impl IntoIterator<Item = &'a ast::Expr>) -> Vec<Expr> {
    all.into_iter().map(expression).collect()
}

fn expression(expr: &ast::Expr) -> Expr {
    Expr {
        span: span(expr.range()),
        kind: kind(expr),
    }
}

fn kind(expr: &ast::Expr) -> ExprKind {
    use ast::Expr as E;
    match expr {
        E::Name(it) => ExprKind::Name(it.id.as_str().to_owned()),
        E::Attribute(it) => ExprKind::Attribute(boxed(&it.value), it.attr.as_str().to_owned()),
        E::Call(it) => call(it),
        E::StringLiteral(it) => ExprKind::Text(it.value.to_str().to_owned()),
        E::FString(it) => format_string(it),
        E::NumberLiteral(it) => match &it.value {
            ast::Number::Int(int) => int
                .as_i64()
                .map_or(ExprKind::Other(Vec::new()), ExprKind::Integer),
            _ => ExprKind::Other(Vec::new()),
        },
        E::BooleanLiteral(it) => ExprKind::Boolean(it.value),
        E::NoneLiteral(_) => ExprKind::None,
        E::List(it) => ExprKind::Sequence(expressions(&it.elts)),
        E::Tuple(it) => ExprKind::Sequence(expressions(&it.elts)),
        E::Set(it) => ExprKind::Sequence(expressions(&it.elts)),
        E::Dict(it) => ExprKind::Mapping(
            it.items
                .iter()
                .map(|item| (item.key.as_ref().map(expression), expression(&item.value)))
                .collect(),
        ),
        E::Subscript(it) => ExprKind::Subscript(boxed(&it.value), boxed(&it.slice)),
        E::BinOp(it) if it.op == ast::Operator::Add => {
            ExprKind::Add(boxed(&it.left), boxed(&it.right))
        }
        E::BinOp(it) if it.op == ast::Operator::Div => {
            ExprKind::Divide(boxed(&it.left), boxed(&it.right))
        }
        E::BinOp(it) if it.op == ast::Operator::Mod && matches!(&*it.left, E::StringLiteral(_)) => {
            ExprKind::Percent(boxed(&it.left), boxed(&it.right))
        }
        E::BoolOp(it) if it.op == ast::BoolOp::Or => ExprKind::Or(expressions(&it.values)),
        E::If(it) => ExprKind::Conditional {
            test: boxed(&it.test),
            then: boxed(&it.body),
            otherwise: boxed(&it.orelse),
        },
        E::Named(it) => ExprKind::Named(boxed(&it.target), boxed(&it.value)),
        // What is awaited is what one works with.
        E::Await(it) => kind(&it.value),
        E::ListComp(it) => comprehension(&it.generators, [Some(&*it.elt), None]),
        E::SetComp(it) => comprehension(&it.generators, [Some(&*it.elt), None]),
        E::Generator(it) => comprehension(&it.generators, [Some(&*it.elt), None]),
        E::DictComp(it) => comprehension(&it.generators, [it.key.as_deref(), Some(&*it.value)]),
        E::BoolOp(it) => ExprKind::Other(expressions(&it.values)),
        E::BinOp(it) => ExprKind::Other(optional([Some(&*it.left), Some(&*it.right)])),
        E::UnaryOp(it) => match (it.op, &*it.operand) {
            (ast::UnaryOp::USub, E::NumberLiteral(number)) => match &number.value {
                ast::Number::Int(value) => value
                    .as_i64()
                    .and_then(i64::checked_neg)
                    .map_or(ExprKind::Other(Vec::new()), ExprKind::Integer),
                _ => ExprKind::Other(Vec::new()),
            },
            _ => ExprKind::Other(optional([Some(&*it.operand)])),
        },
        E::Lambda(it) => ExprKind::Other(optional([Some(&*it.body)])),
        E::Yield(it) => ExprKind::Other(optional([it.value.as_deref()])),
        E::YieldFrom(it) => ExprKind::Other(optional([Some(&*it.value)])),
        E::Starred(it) => ExprKind::Other(optional([Some(&*it.value)])),
        E::Compare(it) => ExprKind::Other(expressions(
            std::iter::once(&*it.left).chain(it.comparators.iter()),
        )),
        E::Slice(it) => ExprKind::Other(optional([
            it.lower.as_deref(),
            it.upper.as_deref(),
            it.step.as_deref(),
        ])),
        E::BytesLiteral(_) | E::TString(_) | E::EllipsisLiteral(_) | E::IpyEscapeCommand(_) => {
            ExprKind::Other(Vec::new())
        }
    }
}

fn call(it: &ast::ExprCall) -> ExprKind {
    let mut open_ended = false;
    let mut spread = None;
    let mut arguments = Vec::with_capacity(it.arguments.len());
    for value in &it.arguments.args {
        if value.is_starred_expr() {
            open_ended = true;
        } else {
            arguments.push(CallArgument {
                name: None,
                value: expression(value),
            });
        }
    }
    for keyword in &it.arguments.keywords {
        match &keyword.arg {
            Some(name) => arguments.push(CallArgument {
                name: Some(name.as_str().to_owned()),
                value: expression(&keyword.value),
            }),
            None => {
                open_ended = true;
                if let ast::Expr::Name(name) = &keyword.value {
                    spread = Some(name.id.as_str().to_owned());
                }
            }
        }
    }
    ExprKind::Call(Box::new(Call {
        function: expression(&it.func),
        arguments,
        open_ended,
        spread,
    }))
}

fn format_string(it: &ast::ExprFString) -> ExprKind {
    let mut parts = Vec::new();
    for part in &it.value {
        match part {
            ast::FStringPart::Literal(literal) => {
                parts.push(FormatPart::Text(literal.as_str().to_owned()));
            }
            ast::FStringPart::FString(format) => {
                for element in &format.elements {
                    parts.push(match element {
                        ast::InterpolatedStringElement::Literal(literal) => {
                            FormatPart::Text((**literal).to_owned())
                        }
                        ast::InterpolatedStringElement::Interpolation(hole) => {
                            FormatPart::Hole(expression(&hole.expression))
                        }
                    });
                }
            }
        }
    }
    ExprKind::Format(parts)
}

fn comprehension(generators: &[ast::Comprehension], elements: [Option<&ast::Expr>; 2]) -> ExprKind {
    ExprKind::Comprehension {
        clauses: generators
            .iter()
            .map(|it| Clause {
                target: expression(&it.target),
                iterable: expression(&it.iter),
                conditions: expressions(&it.ifs),
            })
            .collect(),
        elements: optional(elements),
    }
}
