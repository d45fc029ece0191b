//! The words behind `stance push`.

use std::path::PathBuf;

use clap::Args;

use super::scan::Flags;

const AFTER: &str = "\
What is sent:
  The result of the scan (or the document), packed, and nothing else of what was scanned. The token comes from a
  file, so that it stands in no list of processes; it is sent over TLS, or to this machine, only.

Exit codes:
  0  the server took it, and read it unless --no-wait says not to wait
  2  error of use, configuration or tool; the server refused it, or cannot be reached";

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct PushArguments {
    /// Directories or files to scan
    #[arg(default_value = ".", value_name = "PATH", conflicts_with = "document")]
    pub(crate) paths: Vec<PathBuf>,
    /// Send this document instead of scanning: a json-v1 report, or a CycloneDX or SPDX bill of materials in JSON;
    /// `-` is standard input
    #[arg(long, env = "STANCE_PUSH_DOCUMENT", value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    /// Address of the server, such as https://stance.example.org
    #[arg(
        long,
        env = "STANCE_SERVER",
        value_name = "URL",
        help_heading = "Server"
    )]
    pub(crate) server: String,
    /// File with a token that has the scope `ingest`
    #[arg(
        long,
        env = "STANCE_TOKEN_FILE",
        value_name = "FILE",
        help_heading = "Server"
    )]
    pub(crate) token_file: PathBuf,
    /// What the server calls where this comes from; what was pushed under it before is replaced
    #[arg(
        long,
        env = "STANCE_SOURCE",
        value_name = "NAME",
        help_heading = "Server"
    )]
    pub(crate) source: String,
    /// Do not wait until the server has read it
    #[arg(long, env = "STANCE_NO_WAIT", help_heading = "Server")]
    pub(crate) no_wait: bool,
    /// How often it is tried when the server cannot be reached or is busy
    #[arg(
        long,
        env = "STANCE_TRIES",
        value_name = "NUMBER",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(1..=20),
        help_heading = "Server"
    )]
    pub(crate) tries: u32,
    #[command(flatten)]
    pub(crate) flags: Flags,
}
