//! `stance discover`.

mod host;
mod logs;

use clap::{Args, Subcommand};

pub(crate) use host::HostArguments;
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
    /// Find AI on this machine: services that answer, processes, applications, extensions, agents and models
    Host(Box<HostArguments>),
}
