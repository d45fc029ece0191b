//! `stance discover`.

mod logs;

use clap::{Args, Subcommand};

pub(crate) use logs::{By, LogsArguments, LogsFormat};

#[derive(Debug, Args)]
pub(crate) struct DiscoverArguments {
    #[command(subcommand)]
    pub(crate) what: DiscoverCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DiscoverCommand {
    /// Find the AI services that people and programs use, in logs and exports that are already there
    Logs(Box<LogsArguments>),
}
