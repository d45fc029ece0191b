//! Workflow commands, which GitHub shows as annotations on a commit and in a
//! merge request.
//!
//! A command ends at the line feed and its properties at `::`, so that a file
//! name could forge a command; GitHub's own percent escapes keep it inside.

use std::fmt::Write as _;

use stance_core::evidence::Locus;
use stance_core::{Finding, Severity};

use super::tally::{Tally, counted, open};
use super::{ScanReport, Style, printable, rule_text};

/// One command for each open finding, worst first, since GitHub shows the first
/// ones of a step only; info only with `-v`.
pub(super) fn render(report: &ScanReport, style: &Style) -> String {
    let mut out = String::new();
    for finding in open(report) {
        if finding.severity > Severity::Info || style.verbose > 0 {
            annotate(&mut out, finding);
        }
    }
    if !style.quiet {
        let tally = Tally::of(report);
        let total = counted(tally.open(), "finding", "findings");
        match tally.by_severity().as_str() {
            "" => out.push_str(&format!("stance: {total}\n")),
            severities => out.push_str(&format!("stance: {total}: {severities}\n")),
        }
    }
    out
}

fn annotate(out: &mut String, finding: &Finding) {
    let command = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    };
    let evidence = &finding.evidence;
    let (file, member) = match evidence.path.split_once('!') {
        Some((outer, inner)) => (outer, Some(inner)),
        None => (&*evidence.path, None),
    };
    let mut properties = Vec::new();
    if !file.is_empty() {
        properties.push(format!("file={}", property(file)));
    }
    // A line of a member is no line of the file that holds it.
    if let (
        None,
        Locus::Line {
            line,
            column,
            width,
        },
    ) = (member, &evidence.locus)
    {
        properties.push(format!("line={line}"));
        properties.push(format!("col={column}"));
        let end = column.saturating_add(*width).saturating_sub(1);
        properties.push(format!("endColumn={end}"));
    }
    let title = format!("{}[{}]", finding.severity, finding.rule);
    properties.push(format!("title={}", property(&title)));

    let mut message = printable(&finding.message).into_owned();
    match (&evidence.locus, member) {
        (Locus::File, None) | (Locus::Line { .. }, None) => {}
        _ => {
            let _ = write!(message, "\nat {}", printable(&evidence.place()));
        }
    }
    for note in &finding.notes {
        let _ = write!(message, "\nnote: {}", printable(note));
    }
    if let Some(fix) = rule_text::fix(finding) {
        let _ = write!(message, "\nhelp: {}", printable(&fix));
    }
    let _ = write!(message, "\nsee: {}", rule_text::page_url(&finding.rule));
    out.push_str(&format!(
        "::{command} {}::{}\n",
        properties.join(","),
        data(&message)
    ));
}

/// Escapes the text behind `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(&printable(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
