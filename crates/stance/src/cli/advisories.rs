//! The words behind `stance advisories`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TextOrJson;

#[derive(Debug, Args)]
pub(crate) struct AdvisoriesArguments {
    #[command(subcommand)]
    pub(crate) action: AdvisoriesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdvisoriesAction {
    /// Take in files of advisories; each file wholly or not at all, and nothing is fetched
    ///
    /// Known are archives (all.zip) and single records of the Open Source Vulnerability format in JSON or YAML, the
    /// rules of AI-Infra-Guard, the KEV catalogue of CISA in JSON, and EPSS tables in CSV, also compressed with
    /// gzip. Of a directory every such file is taken.
    Import {
        /// Files or directories
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List the advisories about a package
    List {
        /// The package: a purl such as pkg:pypi/torch, or a name
        #[arg(value_name = "PACKAGE")]
        package: String,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_ADVISORIES_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// Show all that is known of an advisory
    Show {
        /// Its number: CVE-2025-3248, GHSA-..., PYSEC-...
        #[arg(value_name = "ID")]
        id: String,
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_ADVISORIES_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
    /// Tell what was imported, when, and how old it is
    Status {
        /// Text for people or JSON for programs
        #[arg(long, env = "STANCE_ADVISORIES_FORMAT", default_value = "text")]
        format: TextOrJson,
    },
}
