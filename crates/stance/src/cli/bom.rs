//! Flags of the bills of materials.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Flags, TextOrJson};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BomArguments {
    #[command(subcommand)]
    pub(crate) action: Option<BomAction>,
    /// Directories or files to scan
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The standard to write, JSON of our own, or a page for people
    #[arg(long, env = "STANCE_BOM_FORMAT", default_value = "cyclonedx-1.6")]
    pub(crate) format: BomFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, env = "STANCE_BOM_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write down when the scan was; without it the same tree gives the same bytes. SOURCE_DATE_EPOCH is written in any case
    #[arg(long, env = "STANCE_BOM_TIMESTAMP")]
    pub(crate) timestamp: bool,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BomFormat {
    /// CycloneDX 1.6 in JSON
    #[value(name = "cyclonedx-1.6")]
    Cyclonedx16,
    /// CycloneDX 1.7 in JSON
    #[value(name = "cyclonedx-1.7")]
    Cyclonedx17,
    /// SPDX 3.0.1 in JSON-LD, with the AI and dataset profiles
    #[value(name = "spdx-3.0.1")]
    Spdx301,
    /// What Stance knows of each part
    Json,
    /// One page for people, without script
    Html,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BomAction {
    /// Validate a bill of anybody, and score it by the fields of the OWASP AIBOM list
    Check {
        /// A CycloneDX (1.4 to 1.7) or SPDX (2.2, 2.3, 3.0.1) file in JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_BOM_CHECK_FORMAT", default_value = "text")]
        format: TextOrJson,
        /// Fail below this many points of 100
        #[arg(long, env = "STANCE_BOM_MIN_SCORE", value_name = "POINTS")]
        min_score: Option<f64>,
    },
    /// Show which assets two bills do not share, models first
    Diff {
        /// The older bill
        #[arg(value_name = "A")]
        old: PathBuf,
        /// The newer bill
        #[arg(value_name = "B")]
        new: PathBuf,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_BOM_DIFF_FORMAT", default_value = "text")]
        format: TextOrJson,
        /// Which differences end in exit code 1
        #[arg(
            long,
            env = "STANCE_BOM_FAIL_ON",
            default_value = "any",
            value_name = "WHICH"
        )]
        fail_on: BomFailOn,
    },
    /// Put several bills together; what is the same thing in two of them becomes one
    Merge {
        /// The bills; a single one is written in another format
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The standard to write, JSON of our own, or a page for people
        #[arg(long, env = "STANCE_BOM_MERGE_FORMAT", default_value = "cyclonedx-1.6")]
        format: BomFormat,
        /// What the merged bill is about
        #[arg(
            long,
            env = "STANCE_BOM_NAME",
            default_value = "merged",
            value_name = "NAME"
        )]
        name: String,
        /// Write to this file instead of standard output
        #[arg(short, long, env = "STANCE_BOM_MERGE_OUTPUT", value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BomFailOn {
    /// Any difference
    Any,
    /// Differences of models
    Models,
    /// None
    Never,
}
