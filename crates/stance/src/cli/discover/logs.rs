//! The flags of `stance discover logs`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::file::FailOn;

#[derive(Debug, Args)]
pub(crate) struct LogsArguments {
    /// Log files, exports, copies of browser histories, or directories of them; compressed ones too, and `-` for
    /// standard input. The format is known by the content
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Format of the answer
    #[arg(
        long,
        env = "STANCE_DISCOVER_LOGS_FORMAT",
        default_value = "text",
        help_heading = "Report"
    )]
    pub(crate) format: LogsFormat,
    /// Write to this file instead of standard output
    #[arg(
        short,
        long,
        env = "STANCE_DISCOVER_LOGS_OUTPUT",
        value_name = "FILE",
        help_heading = "Report"
    )]
    pub(crate) output: Option<PathBuf>,
    /// One row for each vendor, service, or user of a vendor
    #[arg(
        long,
        env = "STANCE_DISCOVER_BY",
        default_value = "vendor",
        value_name = "WHAT",
        help_heading = "Report"
    )]
    pub(crate) by: By,
    /// Show a keyed hash instead of each user, and no line of a log
    #[arg(long, env = "STANCE_DISCOVER_PSEUDONYMISE", help_heading = "Report")]
    pub(crate) pseudonymise: bool,
    /// File with the key of the hashes, so that a user is called the same in every run; without it the key is
    /// random and forgotten
    #[arg(
        long,
        env = "STANCE_DISCOVER_PSEUDONYM_KEY",
        value_name = "FILE",
        requires = "pseudonymise",
        help_heading = "Report"
    )]
    pub(crate) pseudonym_key: Option<PathBuf>,
    /// Services that may be used, by vendor, service or name, such as openai or github-copilot; beside those of stance.toml
    #[arg(
        long,
        env = "STANCE_DISCOVER_SANCTIONED",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Judgement"
    )]
    pub(crate) sanctioned: Vec<String>,
    /// What code declares, to hold against what was observed: a directory, which is scanned, or a json-v1 report
    #[arg(
        long,
        env = "STANCE_DISCOVER_DECLARED",
        value_name = "PATH",
        help_heading = "Judgement"
    )]
    pub(crate) declared: Option<PathBuf>,
    /// Leave out what is older: a time, a day, or how long ago, such as 30d or 12h; lines without a time stay
    #[arg(
        long,
        env = "STANCE_DISCOVER_SINCE",
        value_name = "TIME",
        help_heading = "Lines"
    )]
    pub(crate) since: Option<String>,
    /// Leave out what is not older
    #[arg(
        long,
        env = "STANCE_DISCOVER_UNTIL",
        value_name = "TIME",
        help_heading = "Lines"
    )]
    pub(crate) until: Option<String>,
    /// Users that are told apart for one service; more are only counted as "at least"
    #[arg(
        long,
        env = "STANCE_DISCOVER_MAX_USERS",
        value_name = "NUMBER",
        default_value_t = 50_000,
        help_heading = "Lines"
    )]
    pub(crate) max_users: usize,
    /// Files read at a time; 0 means one per core
    #[arg(
        long,
        env = "STANCE_DISCOVER_THREADS",
        value_name = "NUMBER",
        default_value_t = 0,
        help_heading = "Lines"
    )]
    pub(crate) threads: usize,
    /// Lowest severity of a finding that makes the exit code 1: an unsanctioned service is medium, or high when it trains
    /// on its input or has standing access
    #[arg(
        long,
        env = "STANCE_DISCOVER_FAIL_ON",
        value_name = "SEVERITY",
        default_value = "medium",
        help_heading = "Judgement"
    )]
    pub(crate) fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogsFormat {
    /// A table for people
    Text,
    /// discover-logs-v1, for programs
    Json,
    /// The table for spreadsheets
    Csv,
    /// The findings in SARIF 2.1.0
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Who offers the services
    Vendor,
    /// Each service
    Service,
    /// Each user, with each vendor
    User,
}
