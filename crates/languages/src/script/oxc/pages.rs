//! Pages: what elements are given, and what people may choose in them.

use std::borrow::Cow;

use oxc_ast::ast as js;
use oxc_span::GetSpan;

use super::{Convert, span};
use crate::script::syntax::{Expr, ExprKind, Property, Span};

impl Convert {
    pub(super) fn element<'a>(
        &mut self,
        one: &js::JSXElement<'a>,
        depth: u32,
        found: &mut Vec<Expr<'a>>,
    ) {
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

    pub(super) fn children<'a>(
        &mut self,
        all: &[js::JSXChild<'a>],
        depth: u32,
        found: &mut Vec<Expr<'a>>,
    ) {
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

    pub(super) fn jsx<'a>(
        &mut self,
        one: &js::JSXExpression<'a>,
        depth: u32,
        found: &mut Vec<Expr<'a>>,
    ) {
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
