//! `stance policy`: write policies in Rego, test them, and hold files against them.

mod bench;
mod check;
mod eval;
mod fmt;
mod list;
mod load;
mod sarif;
mod test;

use stance_policy::Fault;

use crate::Outcome;
use crate::cli::{Cli, PolicyArguments, PolicyCommand};

pub(crate) fn run(cli: &Cli, arguments: &PolicyArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        PolicyCommand::Eval(arguments) => eval::run(cli, arguments),
        PolicyCommand::Test(arguments) => test::run(cli, arguments),
        PolicyCommand::Check {
            sources,
            strict,
            format,
        } => check::run(cli, sources, *strict, *format),
        PolicyCommand::Fmt { paths, check, diff } => fmt::run(cli, paths, *check, *diff),
        PolicyCommand::Bench {
            input,
            policy,
            reading,
            count,
            format,
        } => bench::run(cli, input, policy, reading, *count, *format),
        PolicyCommand::List {
            sources,
            all,
            format,
        } => list::run(cli, sources, *all, *format),
    }
}

/// An error that tells all faults, one a line.
fn faulty(what: &str, faults: &[Fault]) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
    anyhow::anyhow!("{what}:{}", lines.concat())
}

/// The time that policies read, in nanoseconds since 1970.
fn now() -> Option<i64> {
    i64::try_from(jiff::Timestamp::now().as_nanosecond()).ok()
}
