//! One file per command.

pub(crate) mod advisories;
pub(crate) mod asks;
pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod baseline;
pub(crate) mod bom;
pub(crate) mod compare;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod disarm;
pub(crate) mod discover;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod gateway;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod judge;
pub(crate) mod mcp_proxy;
mod one_file;
#[cfg(feature = "onnx")]
pub(crate) use one_file::findings;
pub(crate) mod policy;
pub(crate) mod posture;
pub(crate) mod push;
pub(crate) mod replay;
pub(crate) mod rules;
mod runtime;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod traffic;
pub(crate) mod verify;

use std::io::{self, Write};

use stance_core::{Finding, Severity};

use crate::Outcome;
use crate::cli::Cli;
use crate::config::file::FailOn;
use crate::output::Style;

/// Standard output, coloured or not as the user and the terminal say.
fn stdout(cli: &Cli) -> anstream::AutoStream<io::Stdout> {
    anstream::AutoStream::new(io::stdout(), cli.color(&io::stdout()))
}

/// How to print to standard output.
fn style(cli: &Cli) -> Style {
    let choice = cli.color(&io::stdout());
    Style {
        color: choice != anstream::ColorChoice::Never,
        verbose: cli.global.verbose,
        quiet: cli.global.quiet,
        width: columns().unwrap_or(Style::default().width),
    }
}

/// Columns of the terminal behind standard output, if it is one, within what can be read well.
fn columns() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(columns).clamp(60, 140))
}

/// JSON for programs: indented, with a line end.
fn print_json(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// What a run ends with that found this.
fn outcome(findings: &[Finding], fail_on: FailOn) -> Outcome {
    let threshold = match fail_on {
        FailOn::Critical => Severity::Critical,
        FailOn::High => Severity::High,
        FailOn::Medium => Severity::Medium,
        FailOn::Low => Severity::Low,
        FailOn::Info => Severity::Info,
        FailOn::Never => return Outcome::Clean,
    };
    let failing = findings
        .iter()
        .any(|finding| finding.is_open() && finding.severity >= threshold);
    if failing {
        Outcome::Findings
    } else {
        Outcome::Clean
    }
}
