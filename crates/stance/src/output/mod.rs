//! From the result of a scan to bytes, one module per format.
//!
//! Every format is a pure function of a [`ScanReport`]; none looks at files, the
//! clock or the terminal. Strings of a report come from scanned files, so each
//! format escapes them by its own rules; [`printable`] first spells out what
//! does not show.

pub mod compare;
mod csv_cell;
pub mod discover;
mod github;
mod group;
pub mod host;
pub mod inspect;
pub mod json_v1;
pub mod judge;
mod markdown;
mod printable;
pub mod replay;
mod rule_text;
mod sarif;
mod tally;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use stance_core::{Finding, Snapshot};

pub use csv_cell::csv_cell;
pub use printable::printable;
pub(crate) use tally::bytes;

/// What one scan found, with what is said about the scan itself.
#[derive(Clone, Debug)]
pub struct ScanReport {
    /// The inventory that was judged.
    pub snapshot: Snapshot,
    /// What the rules say about it, worst first.
    pub findings: Vec<Finding>,
    /// How many things each rule that was on judged, by its id; `None` where that was not counted.
    pub judged: Option<BTreeMap<String, u64>>,
    /// The scanned roots, as the user named them.
    pub roots: Vec<String>,
    /// The version of this program.
    pub tool_version: &'static str,
    /// When the scan began.
    pub started: jiff::Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// The number of the scan in the store, if it was stored.
    pub stored_scan: Option<i64>,
}

/// How an output is to look; machine formats ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// How much more to say than usual.
    pub verbose: u8,
    /// Whether to say findings only.
    pub quiet: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            verbose: 0,
            quiet: false,
            width: 100,
        }
    }
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// Our own JSON, see [`json_v1`].
    JsonV1,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands that GitHub turns into annotations.
    Github,
    /// A comment on a merge request.
    Markdown,
    /// A CycloneDX 1.6 bill of materials in JSON.
    Cyclonedx,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::JsonV1,
        Self::Sarif,
        Self::Github,
        Self::Markdown,
        Self::Cyclonedx,
    ];

    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::JsonV1 => "json-v1",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Cyclonedx => "cyclonedx",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Without a version the newest is meant.
        let name = if text == "json" { "json-v1" } else { text };
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// A word that names no [`Format`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an output format; use text, json-v1, sarif, github, markdown or cyclonedx")]
pub struct UnknownFormat(String);

/// Writes a report in a format. Equal reports give equal bytes.
///
/// # Errors
///
/// Those of `out`.
pub fn write(
    format: Format,
    report: &ScanReport,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => out.write_all(text::render(report, style).as_bytes()),
        Format::JsonV1 => json(&json_v1::document(report), out),
        Format::Sarif => json(&sarif::log(report), out),
        Format::Github => out.write_all(github::render(report, style).as_bytes()),
        Format::Markdown => out.write_all(markdown::render(report, style).as_bytes()),
        Format::Cyclonedx => json(&cyclonedx(report), out),
    }
}

fn cyclonedx(report: &ScanReport) -> serde_json::Value {
    let created = Some(report.snapshot.at.to_string());
    let bill = stance_bom::inventory::bill(&report.snapshot, report.tool_version, created);
    stance_bom::cyclonedx::write(&bill, stance_bom::cyclonedx::Version::V1_6)
}

fn json(value: &impl serde::Serialize, mut out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")
}
