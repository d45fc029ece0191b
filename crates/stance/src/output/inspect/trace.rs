//! What the pickles of a file would run, line by line.

use std::fmt::Write as _;

use stance_core::fact::Artifact;
use stance_inspect::pickle::listing;

use super::describe;
use crate::output::printable::printable;

/// Appends each pickle of an artefact: a heading, what would run as Python with offset and opcode,
/// and the opcodes that were kept.
pub(super) fn write(out: &mut String, artifact: &Artifact, outer: &str) {
    for trace in &artifact.pickles {
        let _ = writeln!(
            out,
            "\n  pickle {}",
            printable(&describe::pickle(trace, outer))
        );
        let statements = listing::statements(trace);
        if statements.is_empty() {
            out.push_str("    nothing is imported or called\n");
        }
        for statement in statements {
            let _ = writeln!(
                out,
                "    {:#010x}  {:<16} {}",
                statement.offset,
                statement.opcode,
                printable(&statement.python)
            );
        }
        if trace.trail.is_empty() {
            continue;
        }
        out.push_str("\n    opcodes\n");
        for step in &trace.trail {
            let line = format!(
                "    {:#010x}  {:<16} {}",
                step.offset,
                step.opcode,
                printable(&step.argument)
            );
            out.push_str(line.trim_end());
            out.push('\n');
        }
        if let Some(left) = trace.opcodes.checked_sub(trace.trail.len() as u64)
            && left > 0
        {
            let _ = writeln!(out, "    … and {left} more");
        }
    }
}
