//! Functions that the engine does not have at all, as functions written in Rego around ours.
//!
//! So they can be replaced in tests (`with time.now_ns as 1`), and take the argument for their result that old policies give
//! (`time.parse_rfc3339_ns(text, ns)`), as the engine's own can.

use std::fmt::Write as _;

use regorus::unstable::BUILTINS;

use super::builtins;
use crate::lexer::{Kind, Token};

/// The name of the source that holds them.
pub(super) const FILE: &str = "built-in functions";

/// What stands before their names.
const PACKAGE: &str = "__builtin";

/// The name that a function has in the engine, for one that is only ours.
fn inner(name: &str) -> String {
    format!("internal.{}", name.replace('.', "__"))
}

/// Whether the engine lacks a function.
fn is_ours(name: &str) -> bool {
    !BUILTINS.contains_key(name) && !name.starts_with("internal.")
}

/// The name under which a function of ours is added to the engine.
pub(super) fn name(name: &str) -> String {
    if is_ours(name) {
        inner(name)
    } else {
        name.to_owned()
    }
}

/// The source with all of them.
pub(super) fn source() -> String {
    let mut text = format!("package {PACKAGE}\n");
    for (name, arguments) in builtins::signatures().filter(|(name, _)| is_ours(name)) {
        let list: Vec<String> = (0..arguments).map(|number| format!("a{number}")).collect();
        let list = list.join(", ");
        let _: Result<(), _> = writeln!(
            text,
            "{}({list}) := {}({list})",
            name.replace('.', "__"),
            inner(name)
        );
    }
    text
}

/// What stands in place of the tokens from `at` on if they name one of them, and how many tokens that are.
pub(super) fn replaced(text: &str, code: &[&Token], at: usize) -> Option<(String, usize)> {
    let word = |number: usize| code.get(at.saturating_add(number)).map(|it| it.text(text));
    let first = code.get(at)?;
    if first.kind != Kind::Word {
        return None;
    }
    let before = at
        .checked_sub(1)
        .and_then(|it| code.get(it))
        .map(|it| it.text(text));
    if before == Some(".") {
        return None;
    }
    let mut name = word(0)?.to_owned();
    let mut count = 1_usize;
    while count < 9 && word(count) == Some(".") {
        name.push('.');
        name.push_str(word(count.saturating_add(1))?);
        count = count.saturating_add(2);
    }
    let called = word(count) == Some("(");
    let mocked = matches!(before, Some("with"));
    let known = builtins::signatures().any(|(known, _)| known == name);
    (count > 1 && (called || mocked) && known && is_ours(&name))
        .then(|| (format!("data.{PACKAGE}.{}", name.replace('.', "__")), count))
}
