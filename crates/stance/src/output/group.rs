//! Findings that say the same, told once.

use std::collections::HashMap;

use stance_core::{Confidence, Finding, Severity};

use super::Style;

/// Blocks of one rule that are shown whole before the rest is listed in short.
const WHOLE_PER_RULE: usize = 5;

/// What is shown as one block.
pub(super) enum Group<'a> {
    /// One judgement, at one place or more.
    Same(Vec<&'a Finding>),
    /// Further judgements of a rule that was already shown several times.
    Short(Vec<&'a Finding>),
}

impl Group<'_> {
    /// How many findings it tells.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Same(findings) | Self::Short(findings) => findings.len(),
        }
    }
}

/// The findings to show, worst first. Without `-v` those that need nothing done
/// (info, suppressed, accepted, known) are left out, repeats are joined, and a
/// rule that speaks very often is cut short; the totals count all of them.
pub(super) fn groups<'a>(findings: &'a [Finding], style: &Style) -> Vec<Group<'a>> {
    if style.verbose > 0 {
        return findings
            .iter()
            .map(|finding| Group::Same(vec![finding]))
            .collect();
    }
    let mut same = Vec::<Vec<&Finding>>::new();
    let mut at = HashMap::<(&str, Severity, Confidence, &str, Option<&str>), usize>::new();
    for finding in findings {
        if !finding.is_open() || finding.severity == Severity::Info {
            continue;
        }
        let key = (
            &*finding.rule,
            finding.severity,
            finding.confidence,
            &*finding.message,
            finding.fix.as_deref(),
        );
        let index = *at.entry(key).or_insert(same.len());
        match same.get_mut(index) {
            Some(group) => group.push(finding),
            None => same.push(vec![finding]),
        }
    }
    cut_short(same)
}

fn cut_short(same: Vec<Vec<&Finding>>) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut met = HashMap::<(&str, Severity), (usize, Option<usize>)>::new();
    for findings in same {
        let Some(first) = findings.first() else {
            continue;
        };
        let (shown, short) = met.entry((&first.rule, first.severity)).or_default();
        if *shown < WHOLE_PER_RULE {
            *shown += 1;
            groups.push(Group::Same(findings));
            continue;
        }
        let index = *short.get_or_insert(groups.len());
        match groups.get_mut(index) {
            Some(Group::Short(rest)) => rest.extend(findings),
            _ => groups.push(Group::Short(findings)),
        }
    }
    groups
}
