//! One finding, or several that say the same, as a block of lines.

use std::collections::BTreeSet;

use stance_core::evidence::Locus;
use stance_core::{Evidence, Finding};

use super::excerpt::fit;
use super::paint::Paint;
use super::wrap::wrap;
use crate::output::group::Group;
use crate::output::tally::counted;
use crate::output::{Style, printable, rule_text};

/// Places shown of one block before the rest is counted, without `-v`.
const PLACES: usize = 3;

/// Lines shown of a list in short before the rest is counted.
const SHORT_LINES: usize = 20;

/// What was said to do so far, by rule: without `-v` it is said once.
pub(super) type Told = BTreeSet<(String, Option<String>)>;

/// Writes one block.
pub(super) fn write(
    out: &mut String,
    group: &Group<'_>,
    told: &mut Told,
    style: &Style,
    paint: Paint,
) {
    match group {
        Group::Same(findings) => same(out, findings, told, style, paint),
        Group::Short(findings) => short(out, findings, paint),
    }
}

fn head(out: &mut String, finding: &Finding, message: &str, paint: Paint) {
    let word = format!("{}[{}]", finding.severity, printable(&finding.rule));
    out.push_str(&paint.severity(finding.severity, word));
    out.push_str(&paint.strong(format!(": {}", printable(message))));
    out.push('\n');
}

fn same(out: &mut String, findings: &[&Finding], told: &mut Told, style: &Style, paint: Paint) {
    let Some(first) = findings.first() else {
        return;
    };
    head(out, first, &first.message, paint);
    let places: Vec<&Evidence> = findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.evidence).chain(&finding.more_evidence))
        .collect();
    let shown = if style.verbose > 0 {
        places.len()
    } else {
        PLACES
    };
    let gutter = places
        .iter()
        .take(shown)
        .filter_map(|evidence| evidence.locus.line())
        .map(|line| line.to_string().len())
        .max()
        .unwrap_or(1);
    let mut block = Block {
        out,
        gutter,
        style,
        paint,
    };
    for (index, evidence) in places.iter().take(shown).enumerate() {
        block.place(evidence, if index == 0 { "-->" } else { ":::" });
    }
    block.bar("");
    if places.len() > shown {
        let more = counted(places.len() - shown, "more place", "more places");
        block.remark("note", &format!("and {more}; `-v` shows them all"));
    }
    let mut met = BTreeSet::new();
    for finding in findings.iter().take(shown) {
        for note in finding.notes.iter().filter(|note| met.insert(*note)) {
            block.remark("note", note);
        }
    }
    if style.verbose > 0 {
        block.remark("asset", first.asset.as_str());
        for control in rule_text::controls(&first.rule) {
            block.remark("control", control);
        }
    }
    block.remark("note", &format!("confidence is {}", first.confidence));
    if !first.is_open() {
        let reason = first.status_reason.as_deref().unwrap_or_default();
        block.remark(first.status.name(), reason);
    }
    let fix = rule_text::fix(first);
    if !told.insert((first.rule.to_string(), fix.clone())) && style.verbose == 0 {
        return;
    }
    if let Some(fix) = fix {
        block.remark("help", &fix);
    }
    block.remark(
        "see",
        &format!(
            "`stance explain {}` or {}",
            first.rule,
            rule_text::page(&first.rule)
        ),
    );
}

/// Further findings of a rule that was already explained, one line each.
fn short(out: &mut String, findings: &[&Finding], paint: Paint) {
    let Some(first) = findings.first() else {
        return;
    };
    let more = counted(findings.len(), "more finding", "more findings");
    head(out, first, &format!("{more}, in short"), paint);
    for finding in findings.iter().take(SHORT_LINES) {
        out.push_str(&format!(
            " {} {}: {}\n",
            paint.frame("-->"),
            printable(&finding.evidence.place()),
            printable(&finding.message)
        ));
    }
    if let Some(left) = findings
        .len()
        .checked_sub(SHORT_LINES)
        .filter(|left| *left > 0)
    {
        let more = counted(left, "more finding", "more findings");
        out.push_str(&format!(
            "   {} {}\n",
            paint.frame("="),
            paint.dim(format!("and {more}; `-v` shows them all"))
        ));
    }
}

/// The lines of a block behind its head.
struct Block<'a> {
    out: &'a mut String,
    /// Columns of the widest line number.
    gutter: usize,
    style: &'a Style,
    paint: Paint,
}

impl Block<'_> {
    /// A place and what was seen there.
    fn place(&mut self, evidence: &Evidence, arrow: &str) {
        let place = if evidence.path.is_empty() {
            "(the scanned root)".into()
        } else {
            evidence.place()
        };
        self.out.push_str(&format!(
            "{:gutter$}{} {}\n",
            "",
            self.paint.frame(arrow),
            printable(&place),
            gutter = self.gutter
        ));
        if evidence.excerpt.is_empty() {
            return;
        }
        let available = self.style.width.saturating_sub(self.gutter + 3);
        let excerpt = fit(&evidence.excerpt, evidence.mark, available);
        self.bar("");
        let number = match evidence.locus {
            Locus::Line { line, .. } => line.to_string(),
            Locus::File | Locus::Bytes { .. } => String::new(),
        };
        self.out.push_str(&format!(
            "{} {}\n",
            self.paint
                .frame(format!("{number:>gutter$} |", gutter = self.gutter)),
            excerpt.line
        ));
        if let Some((before, wide)) = excerpt.carets {
            let carets = format!("{}{}", " ".repeat(before), "^".repeat(wide));
            self.bar(&carets);
        }
    }

    /// A line with nothing in its gutter.
    fn bar(&mut self, content: &str) {
        let bar = format!("{:gutter$} |", "", gutter = self.gutter);
        self.out.push_str(&self.paint.frame(bar));
        if !content.is_empty() {
            self.out.push(' ');
            self.out.push_str(&self.paint.frame(content));
        }
        self.out.push('\n');
    }

    /// `= word: text`, wrapped under its start.
    fn remark(&mut self, word: &str, text: &str) {
        let indent = self.gutter + 1;
        let lead = format!("= {word}: ");
        let columns = self.style.width.saturating_sub(indent + lead.len());
        for (index, line) in wrap(&printable(text), columns).iter().enumerate() {
            if index == 0 {
                self.out.push_str(&format!(
                    "{:indent$}{} {line}\n",
                    "",
                    self.paint.frame(lead.trim_end())
                ));
            } else {
                self.out.push_str(&format!(
                    "{:width$}{line}\n",
                    "",
                    width = indent + lead.len()
                ));
            }
        }
    }
}
