//! How many of what, as every format counts them.

use std::collections::BTreeMap;

use stance_core::finding::Status;
use stance_core::{AssetKind, Finding, Severity};

use super::ScanReport;

/// Counts over a report.
pub(super) struct Tally {
    /// Open findings by severity.
    severities: BTreeMap<Severity, usize>,
    /// All findings by status.
    statuses: BTreeMap<Status, usize>,
    /// Assets by kind.
    kinds: BTreeMap<AssetKind, usize>,
}

impl Tally {
    pub(super) fn of(report: &ScanReport) -> Self {
        let mut tally = Self {
            severities: BTreeMap::new(),
            statuses: BTreeMap::new(),
            kinds: BTreeMap::new(),
        };
        for finding in &report.findings {
            *tally.statuses.entry(finding.status).or_default() += 1;
            if finding.is_open() {
                *tally.severities.entry(finding.severity).or_default() += 1;
            }
        }
        for asset in report.snapshot.assets.values() {
            *tally.kinds.entry(asset.kind).or_default() += 1;
        }
        tally
    }

    /// Open findings of this severity.
    pub(super) fn severity(&self, severity: Severity) -> usize {
        self.severities.get(&severity).copied().unwrap_or_default()
    }

    /// Findings of this status.
    pub(super) fn status(&self, status: Status) -> usize {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// Assets of this kind.
    pub(super) fn kind(&self, kind: AssetKind) -> usize {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// All open findings.
    pub(super) fn open(&self) -> usize {
        self.status(Status::Open)
    }

    /// `1 critical, 3 high`, worst first, without the zeros; empty when nothing is open.
    pub(super) fn by_severity(&self) -> String {
        let parts: Vec<String> = Severity::ALL
            .into_iter()
            .filter(|severity| self.severity(*severity) > 0)
            .map(|severity| format!("{} {severity}", grouped(self.severity(severity) as u64)))
            .collect();
        parts.join(", ")
    }

    /// What was found but does not count, in words; empty when there is nothing.
    pub(super) fn not_counted(&self) -> String {
        let parts: Vec<String> = [
            (Status::Suppressed, "suppressed by a comment"),
            (Status::Accepted, "accepted by a waiver"),
            (Status::Baseline, "known from the baseline"),
        ]
        .into_iter()
        .filter(|(status, _)| self.status(*status) > 0)
        .map(|(status, words)| format!("{} {words}", grouped(self.status(status) as u64)))
        .collect();
        parts.join(", ")
    }
}

/// What was left out, by reason, in words; empty when nothing was.
pub(super) fn not_covered(report: &ScanReport) -> String {
    let parts: Vec<String> = report
        .snapshot
        .coverage
        .skipped
        .iter()
        .map(|(reason, count)| format!("{} {}", grouped(*count), reason.replace('_', " ")))
        .collect();
    parts.join(", ")
}

/// The open findings, in order.
pub(super) fn open(report: &ScanReport) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.is_open())
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `no findings`, `1 finding`, `2 findings`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(number as u64)),
    }
}

/// Bytes in decimal units: `950 B`, `14.2 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_for_people() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(4_100_000_000), "4.1 GB");
        assert_eq!(counted(0, "finding", "findings"), "no findings");
        assert_eq!(counted(1, "finding", "findings"), "1 finding");
    }
}
