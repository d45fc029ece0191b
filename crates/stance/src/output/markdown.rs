//! A comment on a merge request, in the Markdown that GitHub and GitLab share.
//!
//! Names in it come from the scanned tree, and whoever opens a merge request
//! chooses them: every string is escaped so that it can be read but neither
//! builds markup nor mentions people.

use std::collections::BTreeMap;

use stance_core::{AssetKind, Finding, Severity};

use super::group::{Group, groups};
use super::tally::{Tally, bytes, counted, grouped, not_covered, open};
use super::{ScanReport, Style, printable, rule_text};

/// Judgements told in detail; the rest is counted.
const MAX_DETAILS: usize = 50;

/// Further places told of one judgement.
const MAX_PLACES: usize = 9;

/// Lines of a list in short.
const MAX_SHORT: usize = 20;

/// Rules named of one severity in the table.
const MAX_RULES: usize = 12;

/// GitHub refuses comments over 65,536 characters; the rest is room for the inventory.
const MAX_LENGTH: usize = 60_000;

/// The comment. The marker in its first line lets a bot find the comment it wrote before.
pub(super) fn render(report: &ScanReport, style: &Style) -> String {
    let tally = Tally::of(report);
    let mut out = String::from("<!-- stance:scan -->\n");
    let total = counted(tally.open(), "open finding", "open findings");
    out.push_str(&format!("### Stance: {total}\n\n"));
    if tally.open() > 0 {
        severities(&mut out, report, &tally);
    }
    details(&mut out, report, style);
    if !style.quiet {
        inventory(&mut out, report, &tally);
        footer(&mut out, report, &tally);
    }
    out
}

fn severities(out: &mut String, report: &ScanReport, tally: &Tally) {
    out.push_str("| Severity | Findings | Rules |\n|:--|--:|:--|\n");
    for severity in Severity::ALL {
        if tally.severity(severity) == 0 {
            continue;
        }
        let mut rules = BTreeMap::<&str, usize>::new();
        for finding in open(report).filter(|finding| finding.severity == severity) {
            *rules.entry(&finding.rule).or_default() += 1;
        }
        let more = rules.len().saturating_sub(MAX_RULES);
        let mut rules: Vec<String> = rules
            .into_iter()
            .take(MAX_RULES)
            .map(|(rule, count)| match count {
                1 => code(rule),
                _ => format!("{} × {}", code(rule), grouped(count as u64)),
            })
            .collect();
        if more > 0 {
            rules.push(format!("and {more} more"));
        }
        out.push_str(&format!(
            "| {severity} | {} | {} |\n",
            grouped(tally.severity(severity) as u64),
            rules.join(", ")
        ));
    }
    out.push('\n');
}

fn details(out: &mut String, report: &ScanReport, style: &Style) {
    let groups = groups(&report.findings, style);
    let mut left: usize = groups.iter().map(Group::len).sum();
    for group in groups.iter().take(MAX_DETAILS) {
        let detail = match group {
            Group::Same(findings) => same(findings),
            Group::Short(findings) => short(findings),
        };
        if out.len() + detail.len() > MAX_LENGTH {
            break;
        }
        out.push_str(&detail);
        left -= group.len();
    }
    if left > 0 {
        let more = counted(left, "more finding", "more findings");
        out.push_str(&format!(
            "And {more}: see the full report of `stance scan`.\n\n"
        ));
    }
}

/// One judgement, at one place or more.
fn same(findings: &[&Finding]) -> String {
    let Some(finding) = findings.first() else {
        return String::new();
    };
    let mut out = summary(finding, &finding.message, findings.len());
    let evidence = &finding.evidence;
    out.push_str(&format!("{}\n\n", code(&evidence.place())));
    if !evidence.excerpt.is_empty() {
        out.push_str(&fenced(&evidence.excerpt));
    }
    for note in &finding.notes {
        out.push_str(&format!("- {}\n", plain(note)));
    }
    let others = findings.iter().skip(1).map(|other| &other.evidence);
    let others: Vec<_> = finding.more_evidence.iter().chain(others).collect();
    for more in others.iter().take(MAX_PLACES) {
        out.push_str(&format!("- also at {}\n", code(&more.place())));
    }
    if let Some(left) = others
        .len()
        .checked_sub(MAX_PLACES)
        .filter(|left| *left > 0)
    {
        let more = counted(left, "more place", "more places");
        out.push_str(&format!("- and at {more}\n"));
    }
    out.push_str(&format!("- confidence: {}\n", finding.confidence));
    if !finding.is_open() {
        let reason = finding.status_reason.as_deref().unwrap_or_default();
        out.push_str(&format!("- {}: {}\n", finding.status.name(), plain(reason)));
    }
    if let Some(fix) = rule_text::fix(finding) {
        out.push_str(&format!("- **fix:** {}\n", plain(&fix)));
    }
    // The id of a rule has nothing else in it; this is the last line of defence.
    let url: String = rule_text::page_url(&finding.rule)
        .chars()
        .filter(|character| is_url_safe(*character))
        .collect();
    out.push_str(&format!("- [about this rule]({url})\n\n</details>\n\n"));
    out
}

/// Further findings of a rule that was already told, a line each.
fn short(findings: &[&Finding]) -> String {
    let Some(first) = findings.first() else {
        return String::new();
    };
    let more = counted(findings.len(), "more finding", "more findings");
    let mut out = summary(first, &more, 1);
    for finding in findings.iter().take(MAX_SHORT) {
        out.push_str(&format!(
            "- {} {}\n",
            code(&finding.evidence.place()),
            plain(&finding.message)
        ));
    }
    if findings.len() > MAX_SHORT {
        out.push_str(&format!("- and {} more\n", findings.len() - MAX_SHORT));
    }
    out.push_str("\n</details>\n\n");
    out
}

fn summary(finding: &Finding, message: &str, times: usize) -> String {
    let times = match times {
        1 => String::new(),
        _ => format!(" × {}", grouped(times as u64)),
    };
    format!(
        "<details><summary><b>{}</b> {}: {}{times}</summary>\n\n",
        finding.severity,
        code(&finding.rule),
        plain(message)
    )
}

fn inventory(out: &mut String, report: &ScanReport, tally: &Tally) {
    let total = report.snapshot.assets.len();
    if total == 0 {
        return;
    }
    out.push_str(&format!(
        "<details><summary>{}</summary>\n\n| Kind | Count |\n|:--|--:|\n",
        counted(total, "AI asset", "AI assets")
    ));
    for kind in AssetKind::ALL {
        if tally.kind(kind) > 0 {
            let count = grouped(tally.kind(kind) as u64);
            out.push_str(&format!("| {} | {count} |\n", kind.plural()));
        }
    }
    out.push_str("\n</details>\n\n");
}

fn footer(out: &mut String, report: &ScanReport, tally: &Tally) {
    let coverage = &report.snapshot.coverage;
    let mut parts = Vec::new();
    for (lead, text) in [
        ("Not counted", tally.not_counted()),
        ("Not covered", not_covered(report)),
    ] {
        if !text.is_empty() {
            parts.push(format!("{lead}: {}.", plain(&text)));
        }
    }
    parts.push(format!(
        "Read {} in {} with stance {}.",
        bytes(coverage.bytes_read),
        counted(
            usize::try_from(coverage.files).unwrap_or(usize::MAX),
            "file",
            "files"
        ),
        plain(report.tool_version)
    ));
    out.push_str(&format!("<sub>{}</sub>\n", parts.join(" ")));
}

/// Text that stands for itself: no markup, no link, no mention, no reference.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            // Platforms look for mentions and references in the text behind the
            // markup; an element between the sign and the name keeps them apart.
            '@' | '#' | '!' | '$' | '%' | '~' | '&' => {
                shown.push_str(&format!("<span>&#{};</span>", u32::from(character)));
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | ':' | '"' | '^'
            | '=' | '+' => shown.push_str(&format!("&#{};", u32::from(character))),
            // `www.example.org` links itself.
            '.' if shown.ends_with("www") || shown.ends_with("WWW") => shown.push_str("&#46;"),
            _ => shown.push(character),
        }
    }
    shown
}

/// A name or path in fixed width.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// A block of one line, inside a fence that the line cannot close.
fn fenced(line: &str) -> String {
    let line = line.replace('\t', "    ");
    let line = printable(&line);
    let mut longest = 0;
    let mut run = 0;
    for character in line.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{line}\n{fence}\n\n")
}

fn is_url_safe(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~/:".contains(character)
}
