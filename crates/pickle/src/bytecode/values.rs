//! What calls and operators give, as far as it leads to names and paths.

use std::rc::Rc;

use super::frame::Frame;
use super::symbol::{Symbol, written};

/// What the calls give that lead to other names, or to paths.
pub(super) fn gives(callee: &str, arguments: &[Symbol]) -> Option<Symbol> {
    let last = callee.rsplit('.').next().unwrap_or_default();
    // One variable of the environment is told by its name, and is not all of them.
    if let ("os.getenv" | "os.environ.get", [Symbol::Text(name), ..]) = (callee, arguments) {
        return Some(variable(name));
    }
    if callee == "os.path.join" && arguments.len() > 1 {
        return Some(path(arguments));
    }
    match (last, arguments) {
        ("expanduser" | "expandvars", [path @ (Symbol::Text(_) | Symbol::Plain(_))]) => {
            Some(path.clone())
        }
        ("getattr", [owner, Symbol::Text(name), ..]) => Some(owner.attribute(name)),
        ("__getattribute__" | "__getattr__", [Symbol::Text(name)]) => {
            let owner = callee.rsplit_once('.')?.0;
            Some(Symbol::Name(format!("{owner}.{name}").into()))
        }
        ("__import__", [Symbol::Text(module), rest @ ..]) => {
            let from = matches!(rest.get(2), Some(Symbol::Names(names)) if !names.is_empty());
            let module = if from {
                module
            } else {
                module.split('.').next().unwrap_or_default()
            };
            Some(Symbol::Name(module.into()))
        }
        ("import_module", [Symbol::Text(module), ..]) => Some(Symbol::Name(Rc::clone(module))),
        ("vars", [Symbol::Name(of)]) => Some(Symbol::Name(format!("{of}.__dict__").into())),
        ("get" | "__getitem__", [Symbol::Text(key), ..]) => {
            namespace(callee.rsplit_once('.')?.0, key)
        }
        _ => None,
    }
}

/// What a key of a dictionary of names leads to.
fn namespace(owner: &str, key: &Rc<str>) -> Option<Symbol> {
    let names = matches!(owner, "sys.modules" | "globals()" | "locals()" | "vars()");
    if names || owner.ends_with(".__globals__") {
        return Some(Symbol::Name(Rc::clone(key)));
    }
    if owner == "builtins" {
        return Some(Symbol::Name(format!("__builtins__.{key}").into()));
    }
    let owner = owner
        .strip_suffix(".__dict__")
        .or_else(|| owner.ends_with("__builtins__").then_some(owner))?;
    Some(Symbol::Name(format!("{owner}.{key}").into()))
}

fn variable(name: &str) -> Symbol {
    Symbol::Plain(format!("environment[{name:?}]").into())
}

pub(super) fn item(frame: &mut Frame) {
    let key = frame.pop();
    let container = frame.pop();
    let symbol = match (&container, &key) {
        (Symbol::Name(owner) | Symbol::Called { short: owner, .. }, Symbol::Text(key)) => {
            namespace(owner, key).unwrap_or_else(|| {
                if &**owner == "os.environ" {
                    variable(key)
                } else {
                    container.attribute("[]")
                }
            })
        }
        (Symbol::Name(_) | Symbol::Called { .. }, _) => container.attribute("[]"),
        (Symbol::Text(text), Symbol::Plain(key)) if &**key == "[None, None, -1]" => {
            Symbol::Text(text.chars().rev().collect::<String>().into())
        }
        _ => mixed(&[container]),
    };
    frame.push(symbol);
}

pub(super) fn add(frame: &mut Frame) {
    let right = frame.pop();
    let left = frame.pop();
    let symbol = match (&left, &right) {
        (Symbol::Text(left), Symbol::Text(right)) if left.len() < 4096 && right.len() < 4096 => {
            Symbol::Text(format!("{left}{right}").into())
        }
        _ => mixed(&[left, right]),
    };
    frame.push(symbol);
}

/// A path of these parts, as far as they are known.
fn path(parts: &[Symbol]) -> Symbol {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Symbol::Text(text) => text
                .get(..text.floor_char_boundary(200))
                .unwrap_or_default(),
            Symbol::Plain(text) => text
                .get(..text.floor_char_boundary(200))
                .unwrap_or_default()
                .trim_matches('"'),
            _ => "?",
        })
        .collect();
    if parts.iter().all(|part| *part == "?") {
        return Symbol::Unknown;
    }
    Symbol::Plain(format!("\"{}\"", parts.join("/").replace("//", "/")).into())
}

pub(super) fn divide(frame: &mut Frame) {
    let right = frame.pop();
    let left = frame.pop();
    let symbol = match &right {
        Symbol::Text(_) => path(&[left, right]),
        _ => mixed(&[left, right]),
    };
    frame.push(symbol);
}

/// What is made of these, and shows them.
pub(super) fn mixed(of: &[Symbol]) -> Symbol {
    let told = of.iter().any(|symbol| {
        matches!(
            symbol,
            Symbol::Text(_) | Symbol::Plain(_) | Symbol::Called { .. } | Symbol::Name(_)
        )
    });
    if !told {
        return Symbol::Unknown;
    }
    Symbol::Plain(format!("({})", written(of, &[])).into())
}
