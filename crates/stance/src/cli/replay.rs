//! The words behind `stance replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What a reader of the help needs to begin.
const EXAMPLE: &str = "\
Examples:
  stance replay traces.jsonl litellm.log          # the policy of stance.toml, against what was decided or `observe`
  stance replay data/receipts --policy strict     # receipts hold no words: what was found is decided again
  stance replay recorded/ --policy next.toml --against stance.toml --fail-on stop";

/// How what is found is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayFormat {
    /// Tables and changes, for people
    #[default]
    Text,
    /// `stance/replay-v1`, for programs
    Json,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayFailOn {
    /// Something passed before and would be stopped
    Stop,
    /// Any verdict changes
    Change,
    /// Nothing
    #[default]
    Never,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct ReplayArguments {
    /// Files, directories, or - for standard input: telemetry in OTLP, logs of gateways and providers, receipts, cassettes, HAR
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The policy that is tried: a file whose section `[guard]` counts, or a preset [default: that of stance.toml]
    #[arg(long, env = "STANCE_REPLAY_POLICY", value_name = "FILE|PRESET")]
    pub(crate) policy: Option<String>,
    /// What it is held against: `recorded`, a file or a preset [default: what was recorded, else `observe`]
    #[arg(
        long,
        env = "STANCE_REPLAY_AGAINST",
        value_name = "recorded|FILE|PRESET"
    )]
    pub(crate) against: Option<String>,
    /// What scans found, a snapshot of `stance posture export` [default: `guard.posture.snapshot` of the policy's file]
    #[arg(long, env = "STANCE_REPLAY_POSTURE", value_name = "FILE")]
    pub(crate) posture: Option<PathBuf>,
    /// How what is found is printed
    #[arg(long, env = "STANCE_REPLAY_FORMAT", value_enum, default_value_t)]
    pub(crate) format: ReplayFormat,
    /// Write to this file in place of standard output
    #[arg(long, short, env = "STANCE_REPLAY_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What makes the exit code 1
    #[arg(long, env = "STANCE_REPLAY_FAIL_ON", value_enum, default_value_t)]
    pub(crate) fail_on: ReplayFailOn,
    /// Show the words that rules speak about; they are shown nowhere without it
    #[arg(long, env = "STANCE_REPLAY_SHOW_WORDS")]
    pub(crate) show_words: bool,
    /// Most changes that are listed; all are counted
    #[arg(
        long,
        env = "STANCE_REPLAY_MOST",
        value_name = "COUNT",
        default_value_t = 10_000
    )]
    pub(crate) most: usize,
}
