//! What a pickle would run, written as Python, and its opcodes one by one.

use std::sync::Arc;

use stance_core::Locus;
use stance_core::fact::{PickleOrigin, PickleStep, PickleTrace};

use super::trace;
use stance_read::limits::Limits;

/// Most statements of one stream.
const STATEMENTS: usize = 4096;

/// One line of pseudo-Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where the opcode stands that does it.
    pub offset: u64,
    /// That opcode.
    pub opcode: String,
    /// The line: `_0 = os.system('id')`. Long arguments are cut, secrets are not shown.
    pub python: String,
}

/// One stream, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Where the stream starts.
    pub offset: u64,
    /// How it comes to be loaded.
    pub origin: PickleOrigin,
    /// What would run, in order.
    pub statements: Vec<Statement>,
    /// The first opcodes, as many as the limits allow.
    pub trail: Vec<PickleStep>,
}

/// Tells the stream at the start of `source`, and the pickles that are constants of it. Pure:
/// equal bytes and limits give an equal listing.
#[must_use]
pub fn decompile(path: &Arc<str>, source: &[u8], limits: &Limits) -> Vec<Listing> {
    let traced = trace(path, source, 0, limits);
    std::iter::once(&traced.trace)
        .chain(&traced.nested)
        .map(|trace| Listing {
            offset: trace.offset,
            origin: trace.origin,
            statements: statements(trace),
            trail: trace.trail.clone(),
        })
        .collect()
}

/// What a stream would import and call, in the order in which it would.
#[must_use]
pub fn statements(trace: &PickleTrace) -> Vec<Statement> {
    let imports = trace.globals.iter().map(|global| {
        let what = &global.attribute;
        let python = match (what.is_empty(), what.split_once('.')) {
            (true, _) => format!("import {}", global.module),
            (false, None) => format!("from {} import {what}", global.module),
            (false, Some((first, _))) => {
                format!("from {} import {first}  # {what}", global.module)
            }
        };
        let opcode = global.evidence.excerpt.split(' ').next();
        (
            offset(&global.evidence.locus),
            opcode.unwrap_or_default(),
            python,
            false,
        )
    });
    let calls = trace.calls.iter().map(|call| {
        let python = format!("{}({})", call.callable, call.arguments.join(", "));
        let gives = !matches!(
            call.opcode,
            "BUILD" | "APPEND" | "APPENDS" | "ADDITEMS" | "SETITEM" | "SETITEMS"
        );
        (offset(&call.evidence.locus), call.opcode, python, gives)
    });
    let mut lines: Vec<_> = imports.chain(calls).collect();
    // Stable, so that an import stands before the call at the same place.
    lines.sort_by_key(|(offset, ..)| *offset);
    lines.truncate(STATEMENTS);
    let mut results = 0_u32;
    lines
        .into_iter()
        .map(|(offset, opcode, python, gives)| {
            let python = if gives {
                let line = format!("_{results} = {python}");
                results = results.saturating_add(1);
                line
            } else {
                python
            };
            Statement {
                offset,
                opcode: opcode.to_owned(),
                python,
            }
        })
        .collect()
}

fn offset(locus: &Locus) -> u64 {
    match locus {
        Locus::Bytes { offset, .. } => *offset,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::Pickle;

    #[test]
    fn a_stream_is_told_as_python_with_its_opcodes() {
        let bytes = Pickle::protocol(4)
            .stack_global("os", "system")
            .text("id\u{202e}")
            .tuple_of(1)
            .reduce()
            .stop();
        let limits = Limits {
            trail: 5,
            ..Limits::default()
        };
        let listings = decompile(&Arc::from("m.pkl"), &bytes, &limits);
        let lines: Vec<&str> = listings[0]
            .statements
            .iter()
            .map(|statement| &*statement.python)
            .collect();
        assert_eq!(
            lines,
            ["from os import system", "_0 = os.system('id\\u{202e}')"]
        );
        let trail: Vec<String> = listings[0]
            .trail
            .iter()
            .map(|step| format!("{} {} {}", step.offset, step.opcode, step.argument))
            .collect();
        assert_eq!(
            trail,
            [
                "0 PROTO 4",
                "2 BINUNICODE 'os'",
                "9 BINUNICODE 'system'",
                "20 STACK_GLOBAL os.system",
                "21 BINUNICODE 'id\\u{202e}'"
            ]
        );
        assert_eq!(decompile(&Arc::from("m.pkl"), &bytes, &limits), listings);
    }
}
