//! `stance discover`.

mod host;

use crate::Outcome;
use crate::cli::{Cli, DiscoverArguments, DiscoverCommand};

pub(crate) fn run(cli: &Cli, arguments: &DiscoverArguments) -> anyhow::Result<Outcome> {
    match &arguments.what {
        DiscoverCommand::Host(arguments) => host::run(cli, arguments),
    }
}
