//! A comment on a merge request, in the Markdown that GitHub and GitLab share.
//!
//! Names in it come from the scanned tree, and whoever opens a merge request
//! chooses them: every string is escaped so that it can be read but neither
//! builds markup nor mentions people.

use std::collections::BTreeMap;

use stance_core::{AssetKind, Finding, Severity};

use super::tally::{Tally, bytes, counted, grouped, not_covered, open};
use super::{ScanReport, Style, printable, rule_text};

/// Findings told in detail; the rest is counted.
const MAX_DETAILS: usize = 50;

/// GitHub refuses comments over 65,536 characters.
const MAX_LENGTH: usize = 60_000;

/// The comment. The marker in its first line lets a bot find the comment it wrote before.
pub(super) fn render(report: &ScanReport, style: &Style) -> String {
    let tally = Tally::of(report);
    let mut out = String::from("<!-- stance:scan -->\n");
    let total = match tally.open() {
        0 => "no open findings".to_owned(),
        open => counted(open, "open finding", "open findings"),
    };
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
        let rules: Vec<String> = rules
            .into_iter()
            .map(|(rule, count)| match count {
                1 => code(rule),
                _ => format!("{} × {}", code(rule), grouped(count as u64)),
            })
            .collect();
        out.push_str(&format!(
            "| {severity} | {} | {} |\n",
            grouped(tally.severity(severity) as u64),
            rules.join(", ")
        ));
    }
    out.push('\n');
}

fn details(out: &mut String, report: &ScanReport, style: &Style) {
    let wanted: Vec<&Finding> = open(report)
        .filter(|finding| finding.severity > Severity::Info || style.verbose > 0)
        .collect();
    let mut shown = 0;
    for finding in wanted.iter().take(MAX_DETAILS) {
        let detail = detail(finding);
        if out.len() + detail.len() > MAX_LENGTH {
            break;
        }
        out.push_str(&detail);
        shown += 1;
    }
    if wanted.len() > shown {
        let more = counted(wanted.len() - shown, "more finding", "more findings");
        out.push_str(&format!(
            "And {more}: see the full report of `stance scan`.\n\n"
        ));
    }
}

fn detail(finding: &Finding) -> String {
    let mut out = format!(
        "<details><summary><b>{}</b> {}: {}</summary>\n\n",
        finding.severity,
        code(&finding.rule),
        plain(&finding.message)
    );
    let evidence = &finding.evidence;
    out.push_str(&format!("{}\n\n", code(&evidence.place())));
    if !evidence.excerpt.is_empty() {
        out.push_str(&fenced(&evidence.excerpt));
    }
    for note in &finding.notes {
        out.push_str(&format!("- {}\n", plain(note)));
    }
    for more in &finding.more_evidence {
        out.push_str(&format!("- also at {}\n", code(&more.place())));
    }
    out.push_str(&format!("- confidence: {}\n", finding.confidence));
    if let Some(fix) = rule_text::fix(finding) {
        out.push_str(&format!("- **fix:** {}\n", plain(&fix)));
    }
    out.push_str(&format!(
        "- [about this rule]({})\n\n</details>\n\n",
        rule_text::page_url(&finding.rule).replace(|character: char| !is_url_safe(character), "")
    ));
    out
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
