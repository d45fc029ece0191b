//! What objects say by themselves: messages to models, guardrails, servers that get a name.

use super::known::Known;
use super::syntax::{Expr, ExprKind, Property, Span};
use super::walk::{Given, Sink, Site, Walk};

/// A message to a model, as an object with a role.
pub(super) struct Message<'a> {
    pub role: &'a str,
    pub said: Said<'a>,
    /// What it belongs to: the tool or agent around, else the function.
    pub owner: Option<&'a str>,
    /// The variable that gets the messages.
    pub variable: Option<&'a str>,
}

/// What a message says.
pub(super) enum Said<'a> {
    Text(&'a str),
    /// A text with holes, by how much of it is written.
    Template(usize),
    /// A constant.
    Named(&'a str, Known),
}

/// Entries under which the function of a tool or guardrail stands.
const HANDLERS: [&str; 8] = [
    "execute", "handler", "handle", "run", "callback", "invoke", "validate", "check",
];

/// Properties of elements whose value becomes markup.
pub(super) const MARKUP: [&str; 4] = [
    "innerHTML",
    "outerHTML",
    "srcdoc",
    "dangerouslySetInnerHTML",
];

impl<'t, S: Sink> Walk<'t, '_, S> {
    /// What an object says by itself: a message to a model, a guardrail.
    pub(super) fn object(&mut self, properties: &'t [Property<'t>], scope: usize) {
        let value = |wanted: &str| {
            properties.iter().find_map(|property| match property {
                Property::Named { name, value, .. } if name == wanted => Some(value),
                _ => None,
            })
        };
        let text = |wanted: &str| match value(wanted).map(|it| (&it.kind, it.span)) {
            Some((ExprKind::Text(text), span)) => Some((*text, span)),
            _ => None,
        };
        // `{ type: "function", name, description, parameters }`; in lists that are called tools they are told anyway.
        let listed = self
            .variable
            .is_some_and(|name| name.to_ascii_lowercase().contains("tool"));
        if let (Some(("function", _)), Some((name, span)), Some(_), Some(_), false) = (
            text("type"),
            text("name"),
            value("description"),
            value("parameters"),
            listed,
        ) {
            self.sink.function(name, span);
            return;
        }
        // `{ type: "mcp", server_label, server_url }`
        let label = text("server_label").or_else(|| text("serverLabel"));
        if let (Some(("mcp", _)), Some((label, span))) = (text("type"), label) {
            self.sink.hosted_server(label, span);
            return;
        }
        // LangChain calls the role a type.
        let role = text("role").or_else(|| text("type"));
        if let (Some((role, _)), Some(content)) = (role, value("content")) {
            let said = match &content.kind {
                ExprKind::Text(text) => Some(Said::Text(text)),
                ExprKind::Template(texts, _) => {
                    Some(Said::Template(texts.iter().map(|text| text.len()).sum()))
                }
                // Texts that are put together line by line.
                ExprKind::Add(parts) => Some(Said::Template(
                    parts
                        .iter()
                        .map(|part| match &part.kind {
                            ExprKind::Text(text) => text.len(),
                            ExprKind::Template(texts, _) => texts.iter().map(|it| it.len()).sum(),
                            _ => 0,
                        })
                        .sum(),
                )),
                ExprKind::Name(name) => {
                    Some(Said::Named(name, self.evaluator.evaluate(content, scope)))
                }
                _ => None,
            };
            if let Some(said) = said {
                // What a handler is called says nothing.
                let function = self.owner.filter(|name| !HANDLERS.contains(name));
                let message = Message {
                    role,
                    said,
                    owner: self.within.as_deref().or(function),
                    variable: self.variable,
                };
                self.sink.message(&message, content.span);
            }
        } else if value("model").is_some() && value("name").is_none() {
            // The call of a model, with what it is told put together in place; agents are told by their names.
            for (option, role) in [("system", "system"), ("prompt", "prompt")] {
                if let Some(told) = value(option)
                    && let ExprKind::Template(texts, _) = &told.kind
                {
                    let function = self.owner.filter(|name| !HANDLERS.contains(name));
                    let message = Message {
                        role,
                        said: Said::Template(texts.iter().map(|text| text.len()).sum()),
                        owner: self.within.as_deref().or(function),
                        variable: self.variable,
                    };
                    self.sink.message(&message, told.span);
                }
            }
        } else if let Some((name, span)) = text("name")
            && [Some(name), self.variable]
                .into_iter()
                .flatten()
                .any(|name| name.to_ascii_lowercase().contains("guardrail"))
            && HANDLERS.iter().any(|wanted| value(wanted).is_some())
        {
            self.sink.guardrail(name, self.owner, span);
        }
    }

    /// `config.mcpServers["docs"] = { command: … }`
    pub(super) fn assigned_server(
        &mut self,
        target: &'t Expr<'t>,
        value: &'t Expr<'t>,
        scope: usize,
    ) {
        let (object, name) = match &target.kind {
            ExprKind::Member(object, name) => (object, Some(*name)),
            ExprKind::Index(object, index) => match index.kind {
                ExprKind::Text(text) => (object, Some(text)),
                _ => return,
            },
            _ => return,
        };
        let of_servers = match &object.kind {
            ExprKind::Name(name) | ExprKind::Member(_, name) => *name == "mcpServers",
            _ => false,
        };
        if let (true, Some(name)) = (of_servers, name) {
            let known = self.evaluator.evaluate(value, scope);
            self.sink.server(name, &known, target.span);
        }
    }

    /// A text becomes markup of a page: told like a call of what it is assigned to.
    pub(super) fn markup(&mut self, name: &str, value: &'t Expr<'t>, span: Span, scope: usize) {
        let known = self.evaluator.evaluate(value, scope);
        let known = known.entry("__html").cloned().unwrap_or(known);
        let callee = format!("?.{name}");
        let arguments = [Given {
            value: known,
            span: value.span,
            name: None,
        }];
        self.sink.call(&Site {
            callee: &callee,
            callee_span: span,
            known: &Known::Unknown,
            arguments: &arguments,
            open_ended: false,
            assigned: None,
            results: &[],
        });
    }
}
