//! `stance discover`.

mod declared;
mod host;
mod logs;
mod pseudonym;
mod window;

use crate::Outcome;
use crate::cli::{Cli, DiscoverArguments, DiscoverCommand};

pub(crate) fn run(cli: &Cli, arguments: &DiscoverArguments) -> anyhow::Result<Outcome> {
    match &arguments.what {
        DiscoverCommand::Host(arguments) => host::run(cli, arguments),
        DiscoverCommand::Logs(arguments) => logs::run(cli, arguments),
    }
}
