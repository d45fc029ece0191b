//! What it all adds up to.

use std::collections::BTreeMap;

use stance_core::{Severity, Verdict, Verdicts};

use super::paint::Paint;
use crate::output::tally::{Tally, bytes, counted, grouped, not_covered};
use crate::output::{ScanReport, Style};

/// Writes the counts: findings, what does not count, what was not looked at, how much was.
pub(super) fn write(out: &mut String, report: &ScanReport, style: &Style, paint: Paint) {
    let tally = Tally::of(report);
    out.push_str(&paint.strong(counted(tally.open(), "finding", "findings")));
    if tally.open() > 0 {
        let parts: Vec<String> = Severity::ALL
            .into_iter()
            .filter(|severity| tally.severity(*severity) > 0)
            .map(|severity| {
                let count = grouped(tally.severity(severity) as u64);
                paint.severity(severity, format!("{count} {severity}"))
            })
            .collect();
        out.push_str(": ");
        out.push_str(&parts.join(", "));
        if style.verbose == 0 && tally.severity(Severity::Info) > 0 {
            out.push_str(" (`-v` shows info)");
        }
    }
    out.push('\n');
    let verdicts = models(report, paint);
    if !verdicts.is_empty() {
        out.push_str(&format!("model files: {verdicts}\n"));
    }
    let not_counted = tally.not_counted();
    if !not_counted.is_empty() {
        out.push_str(&format!("not counted: {not_counted}\n"));
    }
    let not_covered = not_covered(report);
    if !not_covered.is_empty() {
        out.push_str(&format!(
            "not covered: {}\n",
            crate::output::printable(&not_covered)
        ));
    }
    let coverage = &report.snapshot.coverage;
    // A host may have nothing to read: what was asked there is told above.
    if coverage.files == 0 && coverage.directories == 0 {
        out.push_str(&format!("done in {}", duration(report.elapsed)));
    } else {
        out.push_str(&format!(
            "read {} of {} in {} files ({} understood) and {} directories, in {}",
            bytes(coverage.bytes_read),
            bytes(coverage.bytes_total),
            grouped(coverage.files),
            grouped(coverage.understood),
            grouped(coverage.directories),
            duration(report.elapsed),
        ));
    }
    if coverage.bytes_transferred > 0 {
        out.push_str(&format!(
            "; {} over the network",
            bytes(coverage.bytes_transferred)
        ));
    }
    if let Some(scan) = report.stored_scan {
        out.push_str(&format!("; kept as scan {scan}"));
    }
    out.push('\n');
}

/// How many model files have each verdict, worst first; empty when there is none.
fn models(report: &ScanReport, paint: Paint) -> String {
    let observations = &report.snapshot.observations;
    let verdicts = Verdicts::new(observations, &report.findings);
    let mut counts = BTreeMap::<Verdict, u64>::new();
    for (_, judged) in verdicts.models(observations) {
        *counts.entry(judged.verdict()).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .rev()
        .map(|(verdict, count)| paint.verdict(verdict, format!("{} {verdict}", grouped(count))))
        .collect();
    parts.join(", ")
}

fn duration(elapsed: std::time::Duration) -> String {
    let seconds = elapsed.as_secs();
    if seconds >= 60 {
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    if seconds >= 1 {
        return format!("{:.1} s", elapsed.as_secs_f64());
    }
    format!("{} ms", elapsed.as_millis())
}
