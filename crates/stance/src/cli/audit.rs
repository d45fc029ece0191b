//! `stance audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::TextOrJson;

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// Whose log of the data directory it is about [default: that of the service, if one was served from there]
    #[arg(long, global = true, env = "STANCE_AUDIT_OF", value_name = "WHOSE")]
    pub(crate) of: Option<AuditOf>,
    #[command(subcommand)]
    pub(crate) action: AuditAction,
}

/// The logs of a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditOf {
    /// Of the service: what people and tokens decided, and looks at sources
    Service,
    /// Of scans from the command line
    Scans,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// List entries of the audit log, the newest first
    Show(AuditShowArguments),
    /// Verify that nothing in the log was changed, removed, moved, added or cut off
    ///
    /// Without --log and --proof it reads the log of the data directory: the chain of hashes, the tree over them, and
    /// every stored checkpoint. Only a checkpoint that was kept elsewhere (--checkpoint) finds a log that was cut or
    /// replaced together with its checkpoints.
    Verify(AuditVerifyArguments),
    /// Write the log, so that it can be verified without the database
    Export(AuditExportArguments),
    /// Prove to somebody without the log that an entry is in it, or that it extends an earlier checkpoint
    Prove(AuditProveArguments),
    /// Sign the log as it is now and print the checkpoint, to be kept where nobody who can change the log can change it
    Checkpoint,
    /// Print the public key that verifies checkpoints
    Key {
        /// In the form that tools of transparency logs take, instead of PEM
        #[arg(long, env = "STANCE_AUDIT_NOTE_KEY")]
        note: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AuditShowArguments {
    /// Only by the actor with this id
    #[arg(long, env = "STANCE_AUDIT_ACTOR", value_name = "ID")]
    pub(crate) actor: Option<String>,
    /// Only this action, such as scan.recorded; `finding.` shows all that begin with it
    #[arg(long, env = "STANCE_AUDIT_ACTION", value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// Only about this thing: a kind such as finding, or a kind and an id as in finding/17
    #[arg(long, env = "STANCE_AUDIT_OBJECT", value_name = "KIND[/ID]")]
    pub(crate) object: Option<String>,
    /// Only from this moment on, such as 2026-11-01T00:00:00Z
    #[arg(long, env = "STANCE_AUDIT_FROM", value_name = "TIME")]
    pub(crate) from: Option<Timestamp>,
    /// Only before this moment
    #[arg(long, env = "STANCE_AUDIT_UNTIL", value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// Only entries before this one
    #[arg(long, env = "STANCE_AUDIT_BEFORE", value_name = "SEQ")]
    pub(crate) before: Option<u64>,
    /// How many at most
    #[arg(long, env = "STANCE_AUDIT_LIMIT", value_name = "NUMBER", default_value_t = 50, value_parser = limit)]
    pub(crate) limit: usize,
    /// Table for people or JSON for programs
    #[arg(long, env = "STANCE_AUDIT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=100_000) => Ok(number),
        _ => Err("a number from 1 to 100000".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["log", "proof"]))]
pub(crate) struct AuditVerifyArguments {
    /// An exported log instead of the one of the data directory; may be repeated for exports that follow each other
    #[arg(
        long,
        env = "STANCE_AUDIT_LOG",
        value_name = "FILE",
        value_delimiter = ',',
        requires = "public_key"
    )]
    pub(crate) log: Vec<PathBuf>,
    /// A proof, as `stance audit prove` writes it
    #[arg(
        long,
        env = "STANCE_AUDIT_PROOF",
        value_name = "FILE",
        requires = "public_key"
    )]
    pub(crate) proof: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere and that the log must extend; may be repeated [default: beside an
    /// exported log, its name with .checkpoint]
    #[arg(
        long,
        env = "STANCE_AUDIT_CHECKPOINT",
        value_name = "FILE",
        value_delimiter = ',',
        conflicts_with = "proof"
    )]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The public key that signs checkpoints, in PEM; may be repeated when it was changed [default: audit.pub of the
    /// data directory]
    #[arg(
        long,
        env = "STANCE_AUDIT_PUBLIC_KEY",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub(crate) public_key: Vec<PathBuf>,
    /// Accept an exported log of which the beginning is missing; only its chain can be verified then
    #[arg(long, env = "STANCE_AUDIT_PART", requires = "log")]
    pub(crate) part: bool,
    /// Also hold the stored results of scans against what the log says was recorded
    #[arg(long, env = "STANCE_AUDIT_SCANS", conflicts_with = "what")]
    pub(crate) scans: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_AUDIT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

/// How a log is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// One line of canonical JSON for each entry, which can be verified
    Jsonl,
    /// A table for spreadsheets, which cannot be verified
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct AuditExportArguments {
    /// How to write it
    #[arg(long, env = "STANCE_AUDIT_EXPORT_FORMAT", default_value = "jsonl")]
    pub(crate) format: AuditFormat,
    /// Only entries behind this one
    #[arg(
        long,
        env = "STANCE_AUDIT_AFTER",
        value_name = "SEQ",
        default_value_t = 0
    )]
    pub(crate) after: u64,
    /// Where to write it, with the signed checkpoint beside it as FILE.checkpoint [default: standard output, without
    /// the checkpoint]
    #[arg(short, long, env = "STANCE_AUDIT_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("proven").required(true).args(["seq", "since"]))]
pub(crate) struct AuditProveArguments {
    /// The number of the entry
    #[arg(value_name = "SEQ")]
    pub(crate) seq: Option<u64>,
    /// An earlier checkpoint: prove that the log extends it, without showing the log
    #[arg(long, env = "STANCE_AUDIT_SINCE", value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,
}
