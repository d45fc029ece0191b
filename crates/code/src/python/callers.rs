//! Functions that somebody outside the program calls: handlers of web requests, tools of models.

use stance_core::fact::Value;

use super::known::Known;
use super::syntax::{Expr, ExprKind, Function, Parameter};

/// Who fills in the parameters of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A web framework, from a request.
    Request,
    /// A model, when it calls a tool.
    Model,
}

/// Who calls a function, by its decorators: `@app.post("/chat")`, `@mcp.tool()`, `@function_tool`.
pub(super) fn of(function: &Function) -> Option<Caller> {
    function.decorators.iter().find_map(by_decorator)
}

fn by_decorator(decorator: &Expr) -> Option<Caller> {
    let (callee, called) = match &decorator.kind {
        ExprKind::Call(call) => (&call.function, Some(call)),
        _ => (decorator, None),
    };
    let (object, name) = match &callee.kind {
        ExprKind::Attribute(base, name) => (last_name(base), name.as_str()),
        ExprKind::Name(name) => ("", name.as_str()),
        _ => return None,
    };
    match name {
        "tool" | "function_tool" | "tool_plain" | "kernel_function" | "beta_tool"
        | "ai_callable" => Some(Caller::Model),
        "get" | "post" | "put" | "patch" | "delete" | "route" | "api_route" | "websocket" => {
            // An address is the first argument of a route, and of nothing else with these names.
            let first = called?.arguments.first()?;
            let address = matches!(&first.value.kind, ExprKind::Text(text) if text.starts_with('/') || text.is_empty());
            (address && !object.is_empty()).then_some(Caller::Request)
        }
        _ => None,
    }
}

fn last_name(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Attribute(_, name) => name,
        _ => "",
    }
}

impl Caller {
    /// What the caller puts into a parameter, where that can be any text: numbers, choices of a fixed set and
    /// what the framework itself hands over are left to others.
    pub(super) fn fills(self, parameter: &Parameter) -> Option<Known> {
        let handed = matches!(
            parameter.name.as_str(),
            "self"
                | "cls"
                | "ctx"
                | "context"
                | "run_context"
                | "tool_context"
                | "state"
                | "runtime"
                | "config"
                | "store"
                | "request"
                | "req"
                | "response"
                | "websocket"
                | "db"
                | "session"
                | "background_tasks"
                | "user"
                | "current_user"
                | "kwargs"
                | "args"
        );
        if parameter.keywords || handed {
            return None;
        }
        // `= Depends(get_user)`: not the caller's.
        if let Some(default) = &parameter.default
            && let ExprKind::Call(call) = &default.kind
            && matches!(
                last_name(&call.function),
                "Depends" | "Security" | "Inject" | "Provide"
            )
        {
            return None;
        }
        // A default says more of the program than its callers do.
        if parameter
            .default
            .as_ref()
            .is_some_and(|it| matches!(&it.kind, ExprKind::Text(text) if !text.is_empty()))
        {
            return None;
        }
        let text = match &parameter.annotation {
            None => true,
            Some(annotation) => holds_text(annotation, self == Self::Request),
        };
        let begin = match self {
            Self::Request => Value::REQUEST,
            Self::Model => Value::TOOL,
        };
        text.then(|| Known::path(format!("{begin}{}", parameter.name)))
    }
}

/// Whether an annotation lets any text through: `str`, `str | None`, `list[str]`, for requests also a class of one's own.
fn holds_text(annotation: &Expr, classes: bool) -> bool {
    match &annotation.kind {
        ExprKind::Name(name) => {
            matches!(
                name.as_str(),
                "str" | "dict" | "Any" | "Dict" | "list" | "List"
            ) || (classes
                && [
                    "Request", "Body", "Input", "Query", "Payload", "Message", "Prompt",
                ]
                .iter()
                .any(|end| name.len() > end.len() && name.ends_with(end)))
        }
        ExprKind::Subscript(base, index) => match last_name(base) {
            "Literal" => false,
            "Annotated" => match &index.kind {
                ExprKind::Sequence(parts) => {
                    let depends = |part: &Expr| matches!(&part.kind, ExprKind::Call(call) if last_name(&call.function) == "Depends");
                    !parts.iter().any(depends)
                        && parts
                            .first()
                            .is_some_and(|first| holds_text(first, classes))
                }
                _ => false,
            },
            "Optional" | "Union" | "list" | "List" | "Sequence" | "dict" | "Dict" => {
                holds_text(index, classes)
            }
            _ => false,
        },
        ExprKind::Sequence(parts) | ExprKind::Other(parts) => {
            parts.iter().any(|part| holds_text(part, classes))
        }
        // `"str"`
        ExprKind::Text(text) => text == "str",
        _ => false,
    }
}
