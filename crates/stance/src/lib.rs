//! The command line of Stance: flags, configuration, and the wiring of the crates.
//!
//! [`run`] reads as the story of a run: parse the command line, read the
//! configuration, do what the command says, turn the outcome into an exit code.
#![expect(
    clippy::disallowed_methods,
    reason = "the binary is where files, clock and environment come in"
)]

mod advisories;
pub mod baseline;
mod classifier;
pub mod cli;
mod commands;
pub mod config;
mod inventory;
pub mod output;
mod replay;
mod sandbox;
pub mod scan;
mod service;
mod signing;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

/// What a run ends with; documented in `docs/cli.md` and stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings at or above `--fail-on`, or a check that failed.
    Findings,
    /// What a server of `stance mcp-proxy` ended with.
    Code(u8),
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    #[cfg(feature = "onnx")]
    if classifier::is_child() {
        return classifier::run();
    }
    service::tie();
    let cli = match Cli::from_environment() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors: clap gives them exit code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(&cli) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Code(code)) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let mut stderr = anstream::AutoStream::new(io::stderr(), cli.color(&io::stderr()));
            let red = anstyle::AnsiColor::Red.on_default().bold();
            let _ = writeln!(stderr, "{red}error{red:#}: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: &Cli) -> anyhow::Result<Outcome> {
    match &cli.command {
        Command::Scan(arguments) => commands::scan::run(cli, arguments),
        Command::Inspect(arguments) => commands::inspect::run(cli, arguments),
        Command::Explain(arguments) => commands::explain::run(cli, arguments),
        Command::Rules(arguments) => commands::rules::run(cli, arguments),
        Command::Assets(arguments) => commands::assets::run(cli, arguments),
        Command::Diff(arguments) => commands::diff::run(cli, arguments),
        Command::Bom(arguments) => commands::bom::run(cli, arguments),
        Command::Discover(arguments) => commands::discover::run(cli, arguments),
        Command::Advisories(arguments) => commands::advisories::run(cli, arguments),
        Command::Audit(arguments) => commands::audit::run(cli, arguments),
        Command::Compare(arguments) => commands::compare::run(cli, arguments),
        Command::Demo(arguments) => commands::demo::run(cli, arguments),
        Command::Serve(arguments) => commands::serve::run(cli, arguments),
        Command::Gateway(arguments) => commands::gateway::run(cli, arguments),
        Command::Traffic(arguments) => commands::traffic::run(cli, &arguments.command),
        Command::Replay(arguments) => commands::replay::run(cli, arguments),
        Command::Judge(arguments) => commands::judge::run(cli, arguments),
        Command::McpProxy(arguments) => commands::mcp_proxy::run(cli, arguments),
        Command::Policy(arguments) => commands::policy::run(cli, arguments),
        Command::Posture(arguments) => commands::posture::run(cli, &arguments.command),
        Command::Push(arguments) => commands::push::run(cli, arguments),
        Command::Baseline(arguments) => commands::baseline::run(cli, arguments),
        Command::Convert(arguments) => commands::convert::run(cli, arguments),
        Command::Disarm(arguments) => commands::disarm::run(cli, arguments),
        Command::Init(arguments) => commands::init::run(cli, arguments),
        Command::Config(arguments) => commands::config::run(cli, arguments),
        Command::Generate(arguments) => commands::generate::run(cli, arguments),
        Command::Sign(arguments) => commands::sign::run(cli, arguments),
        Command::Verify(arguments) => commands::verify::run(cli, arguments),
        Command::Backup(arguments) => commands::backup::back_up(cli, arguments),
        Command::Restore(arguments) => commands::backup::restore(cli, arguments),
        Command::Doctor(arguments) => commands::doctor::run(cli, arguments),
    }
}

/// Whoever reads our output may stop reading; that is no error of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl Cli {
    fn from_environment() -> Result<Self, clap::Error> {
        let mut matches = Self::command_line().try_get_matches()?;
        let sources = cli::sources(&matches);
        let mut cli = <Self as clap::FromArgMatches>::from_arg_matches_mut(&mut matches)?;
        cli.set_sources(sources);
        Ok(cli)
    }

    /// For tests: parses the given words.
    ///
    /// # Errors
    /// What clap says about them.
    pub fn from_words(words: &[&str]) -> Result<Self, clap::Error> {
        Self::try_parse_from(words)
    }
}
