//! The commands that scan, and the flags that they have in common.

use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;
use crate::config::file::{Confidence, FailOn, Ignored};
use crate::output::Format;
use crate::sandbox::Sandbox;

/// Flags of every command that scans.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct Flags {
    /// Files that git ignores: skip them, look at the relevant ones (model files, .env, agent
    /// configuration) or at all [default: relevant]
    #[arg(long, env = "STANCE_IGNORED", value_name = "WHICH")]
    pub(crate) ignored: Option<Ignored>,
    /// Leave out paths that fit this glob pattern; may be repeated
    #[arg(
        long,
        env = "STANCE_EXCLUDE",
        value_name = "GLOB",
        value_delimiter = ','
    )]
    pub(crate) exclude: Vec<String>,
    /// Follow symbolic links
    #[arg(long, env = "STANCE_FOLLOW_LINKS")]
    pub(crate) follow_links: bool,
    /// Compute SHA-256 of model files, which reads them whole
    #[arg(long, env = "STANCE_HASH")]
    pub(crate) hash: bool,
    /// Look into all weights of model files for what is hidden there, which reads them whole; without
    /// it a sample is looked at, and of a file behind an address nothing
    #[arg(long, env = "STANCE_WEIGHTS")]
    pub(crate) weights: bool,
    /// Files looked at at a time; 0 means one per core [default: 0]
    #[arg(long, env = "STANCE_THREADS", value_name = "NUMBER")]
    pub(crate) threads: Option<usize>,
    /// What standard input is called in the report, when `-` is looked at
    #[arg(
        long,
        env = "STANCE_STDIN_NAME",
        value_name = "NAME",
        default_value = "stdin",
        help_heading = "Streams"
    )]
    pub(crate) stdin_name: String,
    /// Most that is taken from standard input or from one address, in MiB
    #[arg(
        long,
        env = "STANCE_MAX_TRANSFER",
        value_name = "MIB",
        default_value_t = 4096,
        help_heading = "Streams"
    )]
    pub(crate) max_transfer: u32,
    /// Seconds that a server has to answer a request for a part of a file
    #[arg(
        long,
        env = "STANCE_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u16).range(1..=3600),
        help_heading = "Streams"
    )]
    pub(crate) timeout: u16,
    /// Address of an S3-compatible store, for s3://bucket/key [default: Amazon's, or what
    /// AWS_ENDPOINT_URL says]
    #[arg(
        long,
        env = "STANCE_S3_ENDPOINT",
        value_name = "ADDRESS",
        help_heading = "Streams"
    )]
    pub(crate) s3_endpoint: Option<String>,
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
    /// File of findings known before [default: stance-baseline.json beside stance.toml, if there]
    #[arg(
        long,
        env = "STANCE_BASELINE",
        value_name = "FILE",
        help_heading = "Report"
    )]
    pub(crate) baseline: Option<PathBuf>,
}

/// How a scan is confined.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Confinement {
    /// Parse in a child process that reads only the scanned paths, and neither writes, connects
    /// nor starts anything (Linux)
    #[arg(
        long,
        env = "STANCE_SANDBOX",
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "require",
        help_heading = "Scan"
    )]
    pub(crate) sandbox: Option<Sandbox>,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Directories or files to scan; `-` is standard input, and addresses (https://…, s3://bucket/key)
    /// are read in parts, no more than is needed
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Format of what goes to standard output
    #[arg(
        long,
        env = "STANCE_FORMAT",
        default_value = "text",
        help_heading = "Report"
    )]
    pub(crate) format: Format,
    /// Also write the report to a file, such as sarif=stance.sarif; may be repeated
    #[arg(
        short, long, env = "STANCE_OUTPUT", value_name = "FORMAT=FILE", value_delimiter = ',',
        value_parser = output_file, help_heading = "Report"
    )]
    pub(crate) output: Vec<(Format, PathBuf)>,
    /// Do not keep the result in the inventory database
    #[arg(long, env = "STANCE_NO_STORE", help_heading = "Report")]
    pub(crate) no_store: bool,
    /// Leave a baseline file out of account
    #[arg(
        long,
        env = "STANCE_NO_BASELINE",
        help_heading = "Report",
        conflicts_with = "baseline"
    )]
    pub(crate) no_baseline: bool,
    #[command(flatten)]
    pub(crate) confinement: Confinement,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

const INSPECT_AFTER: &str = "\
Verdicts:
  malicious   loading or using the file runs code, reaches for files or the network, or hides
              something
  suspicious  it holds what honest files do not have; a person should look
  not judged  something that a loader would use was not looked at; the reason is told
  clean       it was read as its loader reads it, and nothing speaks against it

Exit codes:
  0  nothing at or above --fail-on: by default no file is malicious
  1  a finding at or above --fail-on
  2  error of use, configuration or tool";

#[derive(Debug, Args)]
#[command(after_help = INSPECT_AFTER)]
pub(crate) struct InspectArguments {
    /// Model files, or directories of them; `-` is standard input, and addresses (https://…,
    /// s3://bucket/key) are read in parts, no more than is needed
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Also list the tensors: name, data type, shape and place
    #[arg(long, env = "STANCE_TENSORS")]
    pub(crate) tensors: bool,
    /// Also tell what each pickle would run, as Python with offsets; with -v its opcodes as well
    #[arg(long, env = "STANCE_TRACE")]
    pub(crate) trace: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_INSPECT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
    #[command(flatten)]
    pub(crate) confinement: Confinement,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

fn output_file(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not FORMAT=FILE, such as sarif=stance.sarif"))?;
    if path.is_empty() {
        return Err(format!("`{text}` names no file"));
    }
    let format = format.parse().map_err(|error| format!("{error}"))?;
    Ok((format, PathBuf::from(path)))
}
