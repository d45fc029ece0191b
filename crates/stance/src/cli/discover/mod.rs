//! `stance discover`.

mod host;

use clap::{Args, Subcommand};

pub(crate) use host::HostArguments;

#[derive(Debug, Args)]
pub(crate) struct DiscoverArguments {
    #[command(subcommand)]
    pub(crate) what: DiscoverCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DiscoverCommand {
    /// Find AI on this machine: services that answer, processes, applications, extensions, agents and models
    Host(Box<HostArguments>),
}
