//! What somebody outside fills in: parameters of handlers of requests, and of tools that a model calls.

use stance_core::fact::Value;
use stance_read::link::{Term, dotted};

use super::evaluate::Evaluator;
use super::known::Known;
use super::scope::FunctionAt;
use super::syntax::{Function, Pattern};
use super::walk::Given;

/// What stands for the function whose parameter a request fills in, and for that of a tool.
const REQUEST: &str = "request-argument";
const TOOL: &str = "tool-argument";

/// Longest dotted path that is told.
const PATH: usize = 400;
/// Deepest nesting that is followed.
const DEPTH: u32 = 16;

/// What makes a tool of a function: the last part of the callee.
const MAKERS: [&str; 12] = [
    "tool",
    "registerTool",
    "addTool",
    "defineTool",
    "createTool",
    "DynamicTool",
    "DynamicStructuredTool",
    "dynamicTool",
    "betaTool",
    "betaZodTool",
    "FunctionTool",
    "setRequestHandler",
];
/// Entries that hold the function of a tool.
const RUNS: [&str; 6] = ["execute", "func", "handler", "run", "invoke", "callback"];
/// Parts of the only argument that the model does not fill in.
const BESIDE: [&str; 8] = [
    "runtimeContext",
    "requestContext",
    "mastra",
    "writer",
    "tracingContext",
    "abortSignal",
    "signal",
    "extra",
];
/// What begins the schema of a value that can be no free text.
const BOUNDED: [&str; 10] = [
    ".number()",
    ".int()",
    ".enum()",
    ".boolean()",
    ".literal()",
    ".nativeEnum()",
    ".uuid()",
    ".date()",
    ".bigint()",
    ".regex()",
];
/// Parts of a request that whoever sends it decides.
const SENT: [&str; 12] = [
    "body",
    "query",
    "params",
    "param",
    "json",
    "text",
    "formData",
    "nextUrl",
    "searchParams",
    "url",
    "args",
    "form",
];
/// Methods that leave a text, or a container, what it is.
const KEEPS: [&str; 14] = [
    "trim",
    "trimStart",
    "trimEnd",
    "toString",
    "get",
    "json",
    "text",
    "formData",
    "query",
    "param",
    "parseBody",
    "at",
    "toLowerCase",
    "slice",
];
/// Names of functions that answer requests of a method, where a framework finds them.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl<'t> Evaluator<'t> {
    /// Takes note of the functions among the arguments of a call that make a tool.
    pub(super) fn tools_of(&mut self, made_by: &str, arguments: &[Given]) {
        if !MAKERS.contains(&made_by) {
            return;
        }
        for given in arguments {
            match &given.value {
                Known::Function(number) => self.fill(*number, TOOL, arguments),
                Known::Map(map) => {
                    for entry in &map.content {
                        if let Known::Function(number) = entry.value
                            && RUNS.contains(&&*entry.name)
                        {
                            self.fill(number, TOOL, arguments);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes note of a function that answers requests, by its name or its parameters.
    pub(super) fn answers_requests(
        &mut self,
        function: &Function<'t>,
        called: Option<&str>,
        number: usize,
    ) {
        let name = |at: usize| match &function.parameters.get(at)?.pattern {
            Pattern::Name(name, _) => Some(name.trim_start_matches('_')),
            _ => None,
        };
        let of_framework = called.is_some_and(|name| METHODS.contains(&name));
        let request = matches!(name(0), Some("req" | "request"));
        let response = matches!(name(1), Some("res" | "response" | "reply"));
        if request && (of_framework || response) {
            self.fill(number, REQUEST, &[]);
        }
    }

    /// Marks the names of the first parameter of a function.
    fn fill(&mut self, number: usize, by: &'static str, arguments: &[Given]) {
        let Some(FunctionAt { function, scope }) = self.scopes.functions.get(number).copied()
        else {
            return;
        };
        let mut names = Vec::new();
        if let Some(first) = function.parameters.first() {
            named(&first.pattern, None, DEPTH, &mut names);
        }
        for (name, key) in names {
            let key = key.unwrap_or(name);
            let free = !BESIDE.contains(&key)
                && !arguments.iter().any(|it| is_bounded(&it.value, key, DEPTH));
            if free && let Some(binding) = self.scopes.find(name, scope) {
                self.late |= self.scopes.filled(binding, by) && self.walked.contains(&number);
            }
        }
    }
}

/// The names that a pattern gives, with the entry that each takes.
fn named<'t>(
    pattern: &'t Pattern<'t>,
    key: Option<&'t str>,
    depth: u32,
    found: &mut Vec<(&'t str, Option<&'t str>)>,
) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match pattern {
        Pattern::Name(name, _) => found.push((name, key)),
        Pattern::Default(inner, _) => named(inner, key, depth, found),
        Pattern::Object(entries) => {
            for (key, inner) in entries.iter().take(64) {
                named(inner, Some(key), depth, found);
            }
        }
        Pattern::Array(_) => {}
    }
}

/// Whether a schema among the arguments says that an entry is a number, a choice or the like.
fn is_bounded(schema: &Known, key: &str, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match schema {
        Known::Map(map) => map.content.iter().any(|entry| match &entry.value {
            Known::Object(object) if &*entry.name == key => {
                let callee = format!("{}()", object.callee);
                BOUNDED.iter().any(|kind| callee.contains(kind))
            }
            inner => is_bounded(inner, key, depth),
        }),
        Known::Object(object) => object.arguments.iter().any(|it| is_bounded(it, key, depth)),
        _ => false,
    }
}

/// What rules see of a value that is not known whole: who decides what it is, or what was called for it.
pub(super) fn value_of(term: &Term) -> Value {
    within(term, DEPTH)
}

fn within(term: &Term, depth: u32) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Unknown;
    };
    match term {
        Term::Value(value) => value.clone(),
        Term::Joined(parts) => {
            Value::Joined(parts.iter().map(|part| within(part, depth)).collect())
        }
        Term::OneOf(all) => {
            let mut all = all.iter().map(|one| within(one, depth));
            all.find(is_from_elsewhere).unwrap_or(Value::Unknown)
        }
        other => {
            let path = match outside(other, depth) {
                Some(path) => path,
                None if from_outside(other, depth) => return Value::Unknown,
                None => dotted(other),
            };
            let told = path.contains("()")
                || path.starts_with(Value::REQUEST)
                || path.starts_with(Value::TOOL);
            match told && path.len() <= PATH {
                true => Value::Name(path.trim_start_matches('.').to_owned()),
                false => Value::Unknown,
            }
        }
    }
}

/// Whether a value says where it came from.
pub(super) const fn is_from_elsewhere(value: &Value) -> bool {
    matches!(value, Value::Name(_) | Value::Call(_) | Value::Joined(_))
}

/// Whether a trail begins with a parameter that is filled in from outside.
fn from_outside(term: &Term, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match term {
        Term::Parameter { function, .. } => matches!(function.as_str(), REQUEST | TOOL),
        Term::Member(of, _) | Term::Element(of) => from_outside(of, depth),
        Term::Made { callee, .. } => from_outside(callee, depth),
        _ => false,
    }
}

/// The dotted name of what is filled in from outside. Another function on the way ends the trail.
fn outside(term: &Term, depth: u32) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let mut at = term;
    for _ in 0..depth {
        match at {
            Term::Member(of, name) => {
                parts.push(name);
                at = of;
            }
            Term::Element(of) => at = of,
            Term::Made { callee, .. } => match &**callee {
                Term::Member(of, method) if KEEPS.contains(&method.as_str()) => {
                    parts.push(method);
                    at = of;
                }
                _ => return None,
            },
            Term::Parameter { function, name, .. } => {
                parts.push(name);
                parts.reverse();
                let sent = match function.as_str() {
                    // What others, such as a check of who it is, put into a request is not sent.
                    REQUEST => parts
                        .get(1)
                        .is_some_and(|part| SENT.contains(part) || *part == "req"),
                    // `request.params.arguments` of the Model Context Protocol.
                    TOOL => !parts.contains(&"params") || parts.contains(&"arguments"),
                    _ => false,
                };
                return sent.then(|| format!("{function}.{}", parts.join(".")));
            }
            _ => return None,
        }
    }
    None
}
