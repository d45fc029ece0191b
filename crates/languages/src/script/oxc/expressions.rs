//! Expressions.

use oxc_ast::ast as js;
use oxc_span::GetSpan;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use super::{Convert, ELEMENTS, key, span};
use crate::script::syntax::{Call, Expr, ExprKind, Property, Span};

impl Convert {
    pub(super) fn arguments<'a>(&mut self, all: &[js::Argument<'a>], depth: u32) -> Vec<Expr<'a>> {
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

    pub(super) fn call<'a>(&mut self, one: &js::CallExpression<'a>, depth: u32) -> ExprKind<'a> {
        ExprKind::Call(Box::new(Call {
            callee: self.expression(&one.callee, depth),
            arguments: self.arguments(&one.arguments, depth),
        }))
    }

    pub(super) fn member<'a>(
        &mut self,
        one: &js::MemberExpression<'a>,
        depth: u32,
    ) -> ExprKind<'a> {
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

    pub(super) fn template<'a>(
        &mut self,
        one: &js::TemplateLiteral<'a>,
        depth: u32,
    ) -> ExprKind<'a> {
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
    pub(super) fn sum<'a>(&mut self, one: &js::BinaryExpression<'a>, depth: u32) -> ExprKind<'a> {
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

    pub(super) fn expression<'a>(&mut self, one: &js::Expression<'a>, depth: u32) -> Expr<'a> {
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

    pub(super) fn object<'a>(
        &mut self,
        object: &js::ObjectExpression<'a>,
        depth: u32,
    ) -> ExprKind<'a> {
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
