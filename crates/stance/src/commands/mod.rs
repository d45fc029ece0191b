//! One file per command.

pub(crate) mod assets;
pub(crate) mod baseline;
pub(crate) mod bom;
pub(crate) mod config;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod sign;
pub(crate) mod verify;

use std::io::{self, Write};

use crate::cli::Cli;
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
        ..Style::default()
    }
}

/// JSON for programs: indented, with a line end.
fn print_json(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}
