//! Patterns, parameters, functions and classes.

use std::borrow::Cow;

use oxc_ast::ast as js;

use super::{Convert, key, span, type_name};
use crate::script::syntax::{Class, Field, Function, Parameter, Pattern, Stmt};

impl Convert {
    pub(super) fn pattern<'a>(
        &mut self,
        one: &js::BindingPattern<'a>,
        depth: u32,
    ) -> Option<Pattern<'a>> {
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

    pub(super) fn parameters<'a>(
        &mut self,
        all: &js::FormalParameters<'a>,
        depth: u32,
    ) -> Vec<Parameter<'a>> {
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

    pub(super) fn function<'a>(&mut self, one: &js::Function<'a>, depth: u32) -> Function<'a> {
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

    pub(super) fn arrow<'a>(
        &mut self,
        one: &js::ArrowFunctionExpression<'a>,
        depth: u32,
    ) -> Function<'a> {
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

    pub(super) fn class<'a>(&mut self, one: &js::Class<'a>, depth: u32) -> Class<'a> {
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
}
