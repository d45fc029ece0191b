//! The words behind `stance posture`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What a reader of the help needs to begin.
const EXAMPLE: &str = "\
A gateway that stands alone refuses models with a critical finding:
  stance posture export -o posture.json

In its stance.toml:
  [guard.posture]
  snapshot = \"posture.json\"

  [guard.rules.\"posture/finding\"]
  action = \"block\"

Within `stance serve` the gateway knows the findings of its service, without a file.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct PostureArguments {
    #[command(subcommand)]
    pub(crate) command: PostureCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PostureCommand {
    /// Write what stands against models, endpoints, agents and MCP servers, for a gateway that runs elsewhere
    Export {
        /// Directories whose last scans count [default: all that were scanned, and the service of the data directory]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Where to write it [default: standard output]
        #[arg(short, long, env = "STANCE_POSTURE_OUTPUT", value_name = "FILE")]
        output: Option<PathBuf>,
    },
}
