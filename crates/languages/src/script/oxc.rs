//! From the tree of Oxc to ours; the only file that knows that parser.

use std::borrow::Cow;

use oxc_allocator::Allocator;
use oxc_ast::ast as js;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use super::syntax::{
    Call, Class, Expr, ExprKind, Field, Function, Imported, Parameter, Pattern, Property, Span,
    Stmt,
};

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

    fn statements<'a>(&mut self, all: &[js::Statement<'a>], depth: u32) -> Vec<Stmt<'a>> {
        let mut found = Vec::new();
        for one in all {
            self.statement(one, depth, &mut found);
        }
        found
    }

    fn nested<'a>(&mut self, one: &js::Statement<'a>, depth: u32) -> Stmt<'a> {
        let mut found = Vec::new();
        self.statement(one, depth, &mut found);
        Stmt::Block(found)
    }

    fn statement<'a>(&mut self, one: &js::Statement<'a>, depth: u32, found: &mut Vec<Stmt<'a>>) {
        let Some(depth) = self.deeper(depth) else {
            return;
        };
        match one {
            js::Statement::BlockStatement(block) => {
                found.push(Stmt::Block(self.statements(&block.body, depth)));
            }
            js::Statement::ExpressionStatement(effect) => {
                found.push(Stmt::Effect(self.expression(&effect.expression, depth)));
            }
            js::Statement::ReturnStatement(returned) => {
                if let Some(value) = &returned.argument {
                    found.push(Stmt::Return(self.expression(value, depth)));
                }
            }
            js::Statement::IfStatement(branch) => {
                found.push(Stmt::Effect(self.expression(&branch.test, depth)));
                found.push(self.nested(&branch.consequent, depth));
                if let Some(other) = &branch.alternate {
                    found.push(self.nested(other, depth));
                }
            }
            js::Statement::TryStatement(attempt) => {
                found.push(Stmt::Block(self.statements(&attempt.block.body, depth)));
                if let Some(handler) = &attempt.handler {
                    found.push(Stmt::Block(self.statements(&handler.body.body, depth)));
                }
                if let Some(last) = &attempt.finalizer {
                    found.push(Stmt::Block(self.statements(&last.body, depth)));
                }
            }
            js::Statement::SwitchStatement(switch) => {
                found.push(Stmt::Effect(self.expression(&switch.discriminant, depth)));
                for case in &switch.cases {
                    if let Some(test) = &case.test {
                        found.push(Stmt::Effect(self.expression(test, depth)));
                    }
                    found.push(Stmt::Block(self.statements(&case.consequent, depth)));
                }
            }
            js::Statement::ForOfStatement(repeat) => {
                let pattern = match &repeat.left {
                    js::ForStatementLeft::VariableDeclaration(names) => names
                        .declarations
                        .first()
                        .and_then(|first| self.pattern(&first.id, depth)),
                    _ => None,
                };
                let iterable = self.expression(&repeat.right, depth);
                let mut body = Vec::new();
                self.statement(&repeat.body, depth, &mut body);
                found.push(Stmt::ForOf {
                    pattern,
                    iterable,
                    body,
                });
            }
            js::Statement::ForInStatement(repeat) => {
                found.push(Stmt::Effect(self.expression(&repeat.right, depth)));
                found.push(self.nested(&repeat.body, depth));
            }
            js::Statement::ForStatement(repeat) => {
                let mut all = Vec::new();
                match &repeat.init {
                    Some(js::ForStatementInit::VariableDeclaration(names)) => {
                        self.declare(names, depth, &mut all);
                    }
                    Some(other) => {
                        if let Some(init) = other.as_expression() {
                            all.push(Stmt::Effect(self.expression(init, depth)));
                        }
                    }
                    None => {}
                }
                for part in repeat.test.iter().chain(&repeat.update) {
                    all.push(Stmt::Effect(self.expression(part, depth)));
                }
                self.statement(&repeat.body, depth, &mut all);
                found.push(Stmt::Block(all));
            }
            js::Statement::WhileStatement(repeat) => {
                found.push(Stmt::Effect(self.expression(&repeat.test, depth)));
                found.push(self.nested(&repeat.body, depth));
            }
            js::Statement::DoWhileStatement(repeat) => {
                found.push(self.nested(&repeat.body, depth));
                found.push(Stmt::Effect(self.expression(&repeat.test, depth)));
            }
            js::Statement::LabeledStatement(labeled) => {
                self.statement(&labeled.body, depth, found);
            }
            js::Statement::WithStatement(with) => self.statement(&with.body, depth, found),
            js::Statement::ThrowStatement(thrown) => {
                found.push(Stmt::Effect(self.expression(&thrown.argument, depth)));
            }
            js::Statement::ImportDeclaration(import) => found.push(imports(import)),
            js::Statement::ExportAllDeclaration(export) => found.push(Stmt::ExportFrom {
                module: export.source.value.as_str(),
                span: span(export.source.span),
                names: export
                    .exported
                    .iter()
                    .map(|name| ("*", text_of_name(name)))
                    .collect(),
            }),
            js::Statement::ExportFromDeclaration(export) => found.push(Stmt::ExportFrom {
                module: export.source.value.as_str(),
                span: span(export.source.span),
                names: pairs(&export.specifiers),
            }),
            js::Statement::ExportNamedDeclaration(export) => {
                found.push(Stmt::ExportNames(pairs(&export.specifiers)));
            }
            js::Statement::ExportDefaultDeclaration(export) => {
                self.export_default(export, depth, found);
            }
            js::Statement::ExportDeclaration(export) => {
                self.declaration(&export.declaration, depth, found);
            }
            js::Statement::TSExportAssignment(export) => {
                found.push(Stmt::ExportDefault(
                    self.expression(&export.expression, depth),
                ));
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, depth, found);
                }
            }
        }
    }

    fn export_default<'a>(
        &mut self,
        export: &js::ExportDefaultDeclaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        let at = span(export.span);
        let value = match &export.declaration {
            js::ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let function = self.function(function, depth);
                match function.name {
                    Some(name) => {
                        found.push(Stmt::Function { function });
                        ExprKind::Name(name)
                    }
                    None => ExprKind::Function(Box::new(function)),
                }
            }
            js::ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let class = self.class(class, depth);
                match class.name {
                    Some(name) => {
                        found.push(Stmt::Class { class });
                        ExprKind::Name(name)
                    }
                    None => ExprKind::Class(Box::new(class)),
                }
            }
            other => {
                if let Some(value) = other.as_expression() {
                    let value = self.expression(value, depth);
                    found.push(Stmt::ExportDefault(value));
                }
                return;
            }
        };
        found.push(Stmt::ExportDefault(Expr {
            span: at,
            kind: value,
        }));
    }

    fn declaration<'a>(
        &mut self,
        one: &js::Declaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        match one {
            js::Declaration::VariableDeclaration(names) => {
                self.declare(names, depth, found);
            }
            js::Declaration::FunctionDeclaration(function) => found.push(Stmt::Function {
                function: self.function(function, depth),
            }),
            js::Declaration::ClassDeclaration(class) => found.push(Stmt::Class {
                class: self.class(class, depth),
            }),
            js::Declaration::TSEnumDeclaration(one) => {
                let mut members = Vec::new();
                for member in &one.body.members {
                    let name = match &member.id {
                        js::TSEnumMemberName::Identifier(name) => name.name.as_str(),
                        js::TSEnumMemberName::String(text)
                        | js::TSEnumMemberName::ComputedString(text) => text.value.as_str(),
                        js::TSEnumMemberName::ComputedTemplateString(_) => continue,
                    };
                    let value = member.initializer.as_ref();
                    let value = value.map(|value| self.expression(value, depth));
                    members.push((Cow::Borrowed(name), value));
                }
                found.push(Stmt::Enum {
                    name: one.id.name.as_str(),
                    span: span(one.id.span),
                    members,
                });
            }
            js::Declaration::TSNamespaceDeclaration(_)
            | js::Declaration::TSTypeAliasDeclaration(_)
            | js::Declaration::TSInterfaceDeclaration(_)
            | js::Declaration::TSExternalModuleDeclaration(_)
            | js::Declaration::TSGlobalDeclaration(_) => {}
            js::Declaration::TSImportEqualsDeclaration(import) => {
                if let js::TSModuleReference::ExternalModuleReference(module) =
                    &import.module_reference
                {
                    found.push(Stmt::Import {
                        module: module.expression.value.as_str(),
                        span: span(module.expression.span),
                        names: vec![Imported {
                            name: "*",
                            local: import.id.name.as_str(),
                        }],
                    });
                }
            }
        }
    }

    fn declare<'a>(
        &mut self,
        names: &js::VariableDeclaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        for one in &names.declarations {
            let value = one.init.as_ref();
            let value = value.map(|value| self.expression(value, depth));
            match self.pattern(&one.id, depth) {
                Some(pattern) => found.push(Stmt::Declare {
                    pattern,
                    annotation: type_name(one.type_annotation.as_deref()),
                    value,
                }),
                None => found.extend(value.map(Stmt::Effect)),
            }
        }
    }

    fn pattern<'a>(&mut self, one: &js::BindingPattern<'a>, depth: u32) -> Option<Pattern<'a>> {
        let depth = self.deeper(depth)?;
        match one {
            js::BindingPattern::BindingIdentifier(name) => {
                Some(Pattern::Name(name.name.as_str(), span(name.span)))
            }
            js::BindingPattern::ObjectPattern(object) => {
                let mut entries = Vec::new();
                for property in &object.properties {
                    if let (Some((name, _)), Some(pattern)) =
                        (key(&property.key), self.pattern(&property.value, depth))
                    {
                        entries.push((name, pattern));
                    }
                }
                Some(Pattern::Object(entries))
            }
            js::BindingPattern::ArrayPattern(array) => Some(Pattern::Array(
                array
                    .elements
                    .iter()
                    .map(|element| element.as_ref().and_then(|it| self.pattern(it, depth)))
                    .collect(),
            )),
            js::BindingPattern::AssignmentPattern(assigned) => {
                let inner = self.pattern(&assigned.left, depth)?;
                let default = self.expression(&assigned.right, depth);
                Some(Pattern::Default(Box::new(inner), Box::new(default)))
            }
        }
    }

    fn parameters<'a>(&mut self, all: &js::FormalParameters<'a>, depth: u32) -> Vec<Parameter<'a>> {
        let mut found = Vec::new();
        for one in &all.items {
            let Some(pattern) = self.pattern(&one.pattern, depth) else {
                continue;
            };
            found.push(Parameter {
                pattern,
                annotation: type_name(one.type_annotation.as_deref()),
                default: one
                    .initializer
                    .as_deref()
                    .map(|it| self.expression(it, depth)),
                field: one.accessibility.is_some() || one.readonly,
            });
        }
        found
    }

    fn function<'a>(&mut self, one: &js::Function<'a>, depth: u32) -> Function<'a> {
        let Some(depth) = self.deeper(depth) else {
            return Function {
                name: None,
                name_span: span(one.span),
                parameters: Vec::new(),
                body: Vec::new(),
            };
        };
        let body = one.body.as_ref();
        Function {
            name: one.id.as_ref().map(|id| id.name.as_str()),
            name_span: span(one.id.as_ref().map_or(one.span, |id| id.span)),
            parameters: self.parameters(&one.params, depth),
            body: body.map_or_else(Vec::new, |body| self.statements(&body.statements, depth)),
        }
    }

    fn arrow<'a>(&mut self, one: &js::ArrowFunctionExpression<'a>, depth: u32) -> Function<'a> {
        let body = match &one.body {
            js::ArrowFunctionBody::FunctionBody(body) => self.statements(&body.statements, depth),
            other => match other.as_expression() {
                Some(value) => vec![Stmt::Return(self.expression(value, depth))],
                None => Vec::new(),
            },
        };
        Function {
            name: None,
            name_span: span(one.span),
            parameters: self.parameters(&one.params, depth),
            body,
        }
    }

    fn class<'a>(&mut self, one: &js::Class<'a>, depth: u32) -> Class<'a> {
        let mut class = Class {
            name: one.id.as_ref().map(|id| id.name.as_str()),
            base: None,
            effects: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
        };
        let Some(depth) = self.deeper(depth) else {
            return class;
        };
        let base = one.heritage.as_ref();
        class.base = base.map(|base| self.expression(&base.expression, depth));
        for decorator in &one.decorators {
            let effect = self.expression(&decorator.expression, depth);
            class.effects.push(effect);
        }
        for element in &one.body.body {
            match element {
                js::ClassElement::MethodDefinition(method) => {
                    for decorator in &method.decorators {
                        let effect = self.expression(&decorator.expression, depth);
                        class.effects.push(effect);
                    }
                    let mut function = self.function(&method.value, depth);
                    if let Some((Cow::Borrowed(name), at)) = key(&method.key) {
                        function.name = Some(name);
                        function.name_span = at;
                    }
                    class.methods.push(function);
                }
                js::ClassElement::PropertyDefinition(field) => {
                    let value = field.value.as_ref();
                    let value = value.map(|value| self.expression(value, depth));
                    match key(&field.key) {
                        Some((name, at)) => class.fields.push(Field {
                            name,
                            span: at,
                            annotation: type_name(field.type_annotation.as_deref()),
                            value,
                        }),
                        None => class.effects.extend(value),
                    }
                }
                js::ClassElement::StaticBlock(block) => {
                    let body = self.statements(&block.body, depth);
                    class.methods.push(Function {
                        name: None,
                        name_span: span(block.span),
                        parameters: Vec::new(),
                        body,
                    });
                }
                _ => {}
            }
        }
        class
    }

    fn arguments<'a>(&mut self, all: &[js::Argument<'a>], depth: u32) -> Vec<Expr<'a>> {
        let mut found = Vec::with_capacity(all.len());
        for one in all {
            match one {
                js::Argument::SpreadElement(spread) => {
                    let inner = self.expression(&spread.argument, depth);
                    found.push(Expr {
                        span: span(spread.span),
                        kind: ExprKind::Spread(Box::new(inner)),
                    });
                }
                other => {
                    found.extend(other.as_expression().map(|it| self.expression(it, depth)));
                }
            }
        }
        found
    }

    fn call<'a>(&mut self, one: &js::CallExpression<'a>, depth: u32) -> ExprKind<'a> {
        ExprKind::Call(Box::new(Call {
            callee: self.expression(&one.callee, depth),
            arguments: self.arguments(&one.arguments, depth),
        }))
    }

    fn member<'a>(&mut self, one: &js::MemberExpression<'a>, depth: u32) -> ExprKind<'a> {
        match one {
            js::MemberExpression::StaticMemberExpression(member) => ExprKind::Member(
                Box::new(self.expression(&member.object, depth)),
                member.property.name.as_str(),
            ),
            js::MemberExpression::PrivateFieldExpression(member) => ExprKind::Member(
                Box::new(self.expression(&member.object, depth)),
                member.field.name.as_str(),
            ),
            js::MemberExpression::ComputedMemberExpression(member) => {
                let object = Box::new(self.expression(&member.object, depth));
                match &member.expression {
                    js::Expression::StringLiteral(text) => {
                        ExprKind::Member(object, text.value.as_str())
                    }
                    other => ExprKind::Index(object, Box::new(self.expression(other, depth))),
                }
            }
        }
    }

    fn template<'a>(&mut self, one: &js::TemplateLiteral<'a>, depth: u32) -> ExprKind<'a> {
        let texts = one.quasis.iter().map(|quasi| {
            let cooked = quasi.value.cooked.as_ref();
            cooked.map_or(quasi.value.raw.as_str(), |cooked| cooked.as_str())
        });
        let texts: Vec<&str> = texts.collect();
        if let ([whole], true) = (texts.as_slice(), one.expressions.is_empty()) {
            return ExprKind::Text(whole);
        }
        let holes = one.expressions.iter();
        ExprKind::Template(texts, holes.map(|it| self.expression(it, depth)).collect())
    }

    /// `a + b + c` from left to right, without recursion on the left.
    fn sum<'a>(&mut self, one: &js::BinaryExpression<'a>, depth: u32) -> ExprKind<'a> {
        let mut parts = vec![self.expression(&one.right, depth)];
        let mut left = &one.left;
        while let js::Expression::BinaryExpression(inner) = left
            && inner.operator == BinaryOperator::Addition
        {
            parts.push(self.expression(&inner.right, depth));
            left = &inner.left;
        }
        parts.push(self.expression(left, depth));
        parts.reverse();
        ExprKind::Add(parts)
    }

    fn expression<'a>(&mut self, one: &js::Expression<'a>, depth: u32) -> Expr<'a> {
        let at = span(one.span());
        let Some(depth) = self.deeper(depth) else {
            return Expr {
                span: at,
                kind: ExprKind::Other(Vec::new()),
            };
        };
        let kind = match one {
            js::Expression::StringLiteral(text) => ExprKind::Text(text.value.as_str()),
            js::Expression::TemplateLiteral(template) => self.template(template, depth),
            js::Expression::NumericLiteral(number) => ExprKind::Number(number.value),
            js::Expression::BooleanLiteral(value) => ExprKind::Boolean(value.value),
            js::Expression::NullLiteral(_) => ExprKind::Null,
            js::Expression::Identifier(name) => match name.name.as_str() {
                "undefined" => ExprKind::Null,
                name => ExprKind::Name(name),
            },
            js::Expression::ThisExpression(_) | js::Expression::Super(_) => ExprKind::This,
            js::Expression::CallExpression(call) => self.call(call, depth),
            js::Expression::NewExpression(new) => ExprKind::Call(Box::new(Call {
                callee: self.expression(&new.callee, depth),
                arguments: self.arguments(&new.arguments, depth),
            })),
            js::Expression::ChainExpression(chain) => match &chain.expression {
                js::ChainElement::CallExpression(call) => self.call(call, depth),
                js::ChainElement::TSNonNullExpression(inner) => {
                    return self.expression(&inner.expression, depth);
                }
                other => match other.as_member_expression() {
                    Some(member) => self.member(member, depth),
                    None => ExprKind::Other(Vec::new()),
                },
            },
            js::Expression::ArrayExpression(array) => {
                let mut elements = Vec::with_capacity(array.elements.len().min(ELEMENTS));
                self.too_deep |= array.elements.len() > ELEMENTS;
                for element in array.elements.iter().take(ELEMENTS) {
                    match element {
                        js::ArrayExpressionElement::SpreadElement(spread) => elements.push(Expr {
                            span: span(spread.span),
                            kind: ExprKind::Spread(Box::new(
                                self.expression(&spread.argument, depth),
                            )),
                        }),
                        other => {
                            let element = other.as_expression();
                            elements.extend(element.map(|it| self.expression(it, depth)));
                        }
                    }
                }
                ExprKind::Array(elements)
            }
            js::Expression::ObjectExpression(object) => self.object(object, depth),
            js::Expression::ArrowFunctionExpression(arrow) => {
                ExprKind::Function(Box::new(self.arrow(arrow, depth)))
            }
            js::Expression::FunctionExpression(function) => {
                ExprKind::Function(Box::new(self.function(function, depth)))
            }
            js::Expression::ClassExpression(class) => {
                ExprKind::Class(Box::new(self.class(class, depth)))
            }
            js::Expression::AssignmentExpression(assignment) => {
                let value = self.expression(&assignment.right, depth);
                match assignment_target(&assignment.left) {
                    Target::Name(name, at) => ExprKind::Assign(
                        Box::new(Expr {
                            span: at,
                            kind: ExprKind::Name(name),
                        }),
                        Box::new(value),
                    ),
                    Target::Member(member) => {
                        let at = span(member.span());
                        let kind = self.member(member, depth);
                        ExprKind::Assign(Box::new(Expr { span: at, kind }), Box::new(value))
                    }
                    Target::Other => ExprKind::Other(vec![value]),
                }
            }
            js::Expression::BinaryExpression(binary)
                if binary.operator == BinaryOperator::Addition =>
            {
                self.sum(binary, depth)
            }
            js::Expression::BinaryExpression(binary) => ExprKind::Other(vec![
                self.expression(&binary.left, depth),
                self.expression(&binary.right, depth),
            ]),
            js::Expression::LogicalExpression(logical) => {
                let left = self.expression(&logical.left, depth);
                let right = self.expression(&logical.right, depth);
                match logical.operator {
                    LogicalOperator::Or | LogicalOperator::Coalesce => {
                        ExprKind::Or(Box::new(left), Box::new(right))
                    }
                    LogicalOperator::And => ExprKind::Other(vec![left, right]),
                }
            }
            js::Expression::ConditionalExpression(choice) => ExprKind::Conditional(Box::new([
                self.expression(&choice.test, depth),
                self.expression(&choice.consequent, depth),
                self.expression(&choice.alternate, depth),
            ])),
            js::Expression::AwaitExpression(inner) => {
                return self.expression(&inner.argument, depth);
            }
            js::Expression::ParenthesizedExpression(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::TSAsExpression(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::TSSatisfiesExpression(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::TSTypeAssertion(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::TSNonNullExpression(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::TSInstantiationExpression(inner) => {
                return self.expression(&inner.expression, depth);
            }
            js::Expression::SequenceExpression(sequence) => {
                let all = sequence.expressions.iter();
                ExprKind::Other(all.map(|it| self.expression(it, depth)).collect())
            }
            js::Expression::UnaryExpression(unary) => {
                if let (UnaryOperator::UnaryNegation, js::Expression::NumericLiteral(number)) =
                    (unary.operator, &unary.argument)
                {
                    return Expr {
                        span: at,
                        kind: ExprKind::Number(-number.value),
                    };
                }
                ExprKind::Other(vec![self.expression(&unary.argument, depth)])
            }
            js::Expression::YieldExpression(inner) => {
                let inner = inner.argument.iter();
                ExprKind::Other(inner.map(|it| self.expression(it, depth)).collect())
            }
            js::Expression::TaggedTemplateExpression(tagged) => match &tagged.tag {
                // Helpers such as `dedent` leave the text what it says.
                js::Expression::Identifier(tag)
                    if matches!(tag.name.as_str(), "dedent" | "outdent" | "stripIndent") =>
                {
                    self.template(&tagged.quasi, depth)
                }
                tag => {
                    let tag = self.expression(tag, depth);
                    let holes = tagged.quasi.expressions.iter();
                    let mut parts: Vec<Expr<'a>> =
                        holes.map(|it| self.expression(it, depth)).collect();
                    parts.push(tag);
                    ExprKind::Other(parts)
                }
            },
            js::Expression::ImportExpression(import) => match &import.source {
                js::Expression::StringLiteral(text) => ExprKind::Import(text.value.as_str()),
                other => ExprKind::Other(vec![self.expression(other, depth)]),
            },
            js::Expression::ImportMeta(_) => ExprKind::Name("import.meta"),
            js::Expression::JSXElement(element) => {
                let mut parts = Vec::new();
                self.element(element, depth, &mut parts);
                ExprKind::Other(parts)
            }
            js::Expression::JSXFragment(fragment) => {
                let mut parts = Vec::new();
                self.children(&fragment.children, depth, &mut parts);
                ExprKind::Other(parts)
            }
            other => match other.as_member_expression() {
                Some(member) => self.member(member, depth),
                None => ExprKind::Other(Vec::new()),
            },
        };
        Expr { span: at, kind }
    }

    fn object<'a>(&mut self, object: &js::ObjectExpression<'a>, depth: u32) -> ExprKind<'a> {
        let mut entries = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                js::ObjectPropertyKind::SpreadProperty(spread) => {
                    let inner = self.expression(&spread.argument, depth);
                    entries.push(Property::Spread(inner));
                }
                js::ObjectPropertyKind::ObjectProperty(property) => {
                    let value = self.expression(&property.value, depth);
                    let computed = property.computed.then(|| property.key.as_expression());
                    match (computed.flatten(), key(&property.key)) {
                        (None, Some((name, name_span)))
                        | (Some(js::Expression::StringLiteral(_)), Some((name, name_span))) => {
                            entries.push(Property::Named {
                                name,
                                name_span,
                                value,
                            });
                        }
                        (Some(computed), _) => {
                            let computed = self.expression(computed, depth);
                            entries.push(Property::Computed(computed, value));
                        }
                        (None, None) => {}
                    }
                }
            }
        }
        ExprKind::Object(entries)
    }

    fn element<'a>(&mut self, one: &js::JSXElement<'a>, depth: u32, found: &mut Vec<Expr<'a>>) {
        let Some(depth) = self.deeper(depth) else {
            return;
        };
        for attribute in &one.opening_element.attributes {
            match attribute {
                js::JSXAttributeItem::Attribute(attribute) => match &attribute.value {
                    Some(js::JSXAttributeValue::ExpressionContainer(inner)) => {
                        self.jsx(&inner.expression, depth, found);
                        if attribute.is_identifier("dangerouslySetInnerHTML") {
                            assigned(span(attribute.span), "dangerouslySetInnerHTML", found);
                        }
                    }
                    Some(js::JSXAttributeValue::Element(inner)) => {
                        self.element(inner, depth, found);
                    }
                    Some(js::JSXAttributeValue::StringLiteral(text)) => {
                        found.extend(choice(attribute, text));
                    }
                    _ => {}
                },
                js::JSXAttributeItem::SpreadAttribute(spread) => {
                    found.push(self.expression(&spread.argument, depth));
                }
            }
        }
        self.children(&one.children, depth, found);
    }

    fn children<'a>(&mut self, all: &[js::JSXChild<'a>], depth: u32, found: &mut Vec<Expr<'a>>) {
        let Some(depth) = self.deeper(depth) else {
            return;
        };
        for child in all {
            match child {
                js::JSXChild::Element(inner) => self.element(inner, depth, found),
                js::JSXChild::Fragment(inner) => self.children(&inner.children, depth, found),
                js::JSXChild::ExpressionContainer(inner) => {
                    self.jsx(&inner.expression, depth, found);
                }
                js::JSXChild::Text(_) | js::JSXChild::Spread(_) => {}
            }
        }
    }

    fn jsx<'a>(&mut self, one: &js::JSXExpression<'a>, depth: u32, found: &mut Vec<Expr<'a>>) {
        if let Some(inner) = one.as_expression() {
            found.push(self.expression(inner, depth));
        }
    }
}

/// What people may choose in a page, `<option value="x">`, as an entry of an object.
fn choice<'a>(attribute: &js::JSXAttribute<'a>, text: &js::StringLiteral<'a>) -> Option<Expr<'a>> {
    let name = ["value", "defaultValue", "model", "modelId"]
        .into_iter()
        .find(|name| attribute.is_identifier(name))?;
    let value = Expr {
        span: span(text.span),
        kind: ExprKind::Text(text.value.as_str()),
    };
    let entry = Property::Named {
        name: Cow::Borrowed(name),
        name_span: span(attribute.name.span()),
        value,
    };
    Some(Expr {
        span: span(attribute.span),
        kind: ExprKind::Object(vec![entry]),
    })
}

/// An attribute that is set like a property.
fn assigned<'a>(at: Span, name: &'a str, found: &mut Vec<Expr<'a>>) {
    let Some(value) = found.pop() else { return };
    let make = |kind| Expr { span: at, kind };
    let element = make(ExprKind::Name("undefined"));
    let target = make(ExprKind::Member(Box::new(element), name));
    found.push(make(ExprKind::Assign(Box::new(target), Box::new(value))));
}

enum Target<'t, 'a> {
    Name(&'a str, Span),
    Member(&'t js::MemberExpression<'a>),
    Other,
}

fn assignment_target<'t, 'a>(target: &'t js::AssignmentTarget<'a>) -> Target<'t, 'a> {
    match target.as_simple_assignment_target() {
        Some(js::SimpleAssignmentTarget::AssignmentTargetIdentifier(name)) => {
            Target::Name(name.name.as_str(), span(name.span))
        }
        Some(other) => other
            .as_member_expression()
            .map_or(Target::Other, Target::Member),
        None => Target::Other,
    }
}

fn pairs<'a>(all: &[js::ExportSpecifier<'a>]) -> Vec<(&'a str, &'a str)> {
    all.iter()
        .filter(|one| !one.export_kind.is_type())
        .map(|one| (text_of_name(&one.local), text_of_name(&one.exported)))
        .collect()
}

fn imports<'a>(import: &js::ImportDeclaration<'a>) -> Stmt<'a> {
    let all = import.specifiers.iter().flatten();
    let names = all.map(|one| match one {
        js::ImportDeclarationSpecifier::ImportSpecifier(one) => Imported {
            name: text_of_name(&one.imported),
            local: one.local.name.as_str(),
        },
        js::ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => Imported {
            name: "default",
            local: one.local.name.as_str(),
        },
        js::ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => Imported {
            name: "*",
            local: one.local.name.as_str(),
        },
    });
    Stmt::Import {
        module: import.source.value.as_str(),
        span: span(import.source.span),
        names: names.collect(),
    }
}
