//! Report formats.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use stance_core::{Finding, Snapshot};

/// Everything a format can say about a scan.
#[derive(Debug)]
pub struct ScanReport {
    /// What was seen.
    pub snapshot: Snapshot,
    /// What the rules say, worst first.
    pub findings: Vec<Finding>,
    /// The scanned paths, as given.
    pub roots: Vec<String>,
    /// The version of this binary.
    pub tool_version: &'static str,
    /// When the scan started, UTC.
    pub started: jiff::Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// Its number in the store, when it was kept.
    pub stored_scan: Option<i64>,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colour.
    pub color: bool,
    /// More than usual.
    pub verbose: u8,
    /// Less than usual.
    pub quiet: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            other => Err(format!("`{other}` is no format")),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("text")
    }
}

/// Writes a report.
///
/// # Errors
/// What the writer reports.
pub fn write(_: Format, report: &ScanReport, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(
            out,
            "{}[{}]: {}",
            finding.severity, finding.rule, finding.message
        )?;
        writeln!(out, "  --> {}", finding.evidence.place())?;
        writeln!(out, "      {}", finding.evidence.excerpt)?;
    }
    for asset in report.snapshot.assets.values() {
        writeln!(out, "{} {} {}", asset.kind, asset.name, asset.how)?;
    }
    writeln!(out, "{:?} {:?}", report.snapshot.coverage, report.elapsed)
}
