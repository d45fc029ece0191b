//! The flags of `stance discover host`.

use std::path::PathBuf;

use clap::Args;
use stance_collect::host::address::Address;

use crate::config::file::{Confidence, FailOn};
use crate::output::Format;

const AFTER: &str = "\
What is sent:
  GET requests without credentials, to addresses that are named with --address; without any, to what
  listens at the loopback interface of this machine. No redirect is followed. --no-probe sends nothing.

Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  error of use, configuration or tool";

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct HostArguments {
    /// Ask this address what answers there, instead of this machine: HOST, HOST:PORT, [IPV6]:PORT or
    /// http(s)://HOST:PORT; without a port those on which AI services usually listen; may be repeated
    #[arg(
        long,
        env = "STANCE_DISCOVER_ADDRESS",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(crate) address: Vec<Address>,
    /// Dial nothing
    #[arg(long, env = "STANCE_DISCOVER_NO_PROBE", conflicts_with = "address")]
    pub(crate) no_probe: bool,
    /// Seconds that one answer may take
    #[arg(
        long,
        env = "STANCE_DISCOVER_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 3,
        value_parser = clap::value_parser!(u16).range(1..=60)
    )]
    pub(crate) timeout: u16,
    /// Home that is looked at; may be repeated [default: all that can be read]
    #[arg(
        long,
        env = "STANCE_DISCOVER_HOME",
        value_name = "DIRECTORY",
        value_delimiter = ','
    )]
    pub(crate) home: Vec<PathBuf>,
    /// Look at the files of another system, such as a mounted image, and at nothing that runs here
    #[arg(long, env = "STANCE_DISCOVER_ROOT", value_name = "DIRECTORY")]
    pub(crate) root: Option<PathBuf>,
    /// Format of what goes to standard output
    #[arg(
        long,
        env = "STANCE_DISCOVER_FORMAT",
        default_value = "text",
        help_heading = "Report"
    )]
    pub(crate) format: Format,
    /// Lowest severity of an open finding that makes the exit code 1 [default: high]
    #[arg(
        long,
        env = "STANCE_FAIL_ON",
        value_name = "SEVERITY",
        help_heading = "Report"
    )]
    pub(crate) fail_on: Option<FailOn>,
    /// Lowest confidence of a finding that is reported [default: low]
    #[arg(
        long,
        env = "STANCE_MIN_CONFIDENCE",
        value_name = "CONFIDENCE",
        help_heading = "Report"
    )]
    pub(crate) min_confidence: Option<Confidence>,
}
