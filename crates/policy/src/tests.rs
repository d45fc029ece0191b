//! Unit tests in Rego: rules named `test_*`, beside the policy, as OPA has them. `todo_test_*` are skipped.

use std::time::Duration;

use serde::Serialize;

use crate::bounded::elapsed;
use crate::bundle::Bundle;
use crate::fault::Fault;
use crate::language::{Asked, Lines};

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is true.
    Pass,
    /// It is false or undefined.
    Fail,
    /// The evaluation ended with an error.
    Error,
    /// It is to be written yet.
    Skip,
}

/// A test and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tested {
    /// The full name, `data.package.test_name`.
    pub test: String,
    /// Where it stands.
    pub file: String,
    /// The line of its definition.
    pub line: u32,
    /// How it ended.
    pub verdict: Verdict,
    /// The line of the expression that is not true, of a test that failed; the last one that was evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<u32>,
    /// That line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// What went wrong, of one that could not be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// What it printed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prints: Vec<String>,
    /// How long it took, in nanoseconds.
    pub nanoseconds: u64,
}

/// All tests of some sources, and the lines that they evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The tests, in the order of the sources.
    pub tests: Vec<Tested>,
    /// The lines that any test evaluated, of each source without tests of its own.
    pub coverage: Vec<Lines>,
}

impl Report {
    /// How many ended so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.tests.iter().filter(|it| it.verdict == verdict).count()
    }

    /// The share of lines that were evaluated, in percent; 100 where there are none.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(&self.coverage)
    }
}

/// The share of lines that were evaluated, in percent; 100 where there are none.
#[must_use]
pub fn percent(coverage: &[Lines]) -> f64 {
    let count = |of: fn(&Lines) -> usize| -> f64 {
        let sum: usize = coverage.iter().map(of).fold(0, usize::saturating_add);
        f64::from(u32::try_from(sum).unwrap_or(u32::MAX))
    };
    let (covered, missed) = (count(|it| it.covered.len()), count(|it| it.missed.len()));
    if covered + missed == 0.0 {
        return 100.0;
    }
    100.0 * covered / (covered + missed)
}

/// Whether a rule is a test, and whether it is one to be written yet.
fn is_test(name: &str) -> Option<bool> {
    if name.starts_with("test_") {
        Some(false)
    } else if name.starts_with("todo_test_") {
        Some(true)
    } else {
        None
    }
}

/// Runs the tests whose full name `wanted` accepts.
#[must_use]
pub fn run(bundle: &Bundle, asked: &Asked<'_>, wanted: &dyn Fn(&str) -> bool) -> Report {
    let mut report = Report::default();
    let mut seen = std::collections::BTreeSet::new();
    let mut lines: Vec<Lines> = Vec::new();
    for (module, source) in bundle.policy.modules().iter().zip(bundle.sources.iter()) {
        for rule in &module.rules {
            let [name] = rule.name.as_slice() else {
                continue;
            };
            let Some(todo) = is_test(name) else { continue };
            let full = module.full_name(rule);
            if !wanted(&full) || !seen.insert(full.clone()) {
                continue;
            }
            let mut tested = Tested {
                test: full.clone(),
                file: module.file.clone(),
                line: rule.line,
                verdict: Verdict::Skip,
                failed_at: None,
                expression: None,
                fault: None,
                prints: Vec::new(),
                nanoseconds: 0,
            };
            if !todo {
                one(bundle, asked, full, &mut tested, &mut lines);
                if tested.verdict == Verdict::Fail {
                    let end = module
                        .rules
                        .iter()
                        .map(|other| other.line)
                        .filter(|line| *line > rule.line)
                        .min()
                        .unwrap_or(u32::MAX);
                    tested.failed_at = last_evaluated(&lines, &module.file, rule.line, end);
                    tested.expression = tested.failed_at.and_then(|line| {
                        let at = usize::try_from(line).ok()?.checked_sub(1)?;
                        source.text.lines().nth(at).map(|it| it.trim().to_owned())
                    });
                }
                merge(&mut report.coverage, std::mem::take(&mut lines));
            }
            report.tests.push(tested);
        }
    }
    report.coverage.retain(|lines| {
        bundle
            .policy
            .modules()
            .iter()
            .filter(|module| module.file == lines.file)
            .flat_map(|module| &module.rules)
            .all(|rule| rule.name.first().is_none_or(|name| is_test(name).is_none()))
    });
    report
}

fn one(
    bundle: &Bundle,
    asked: &Asked<'_>,
    full: String,
    tested: &mut Tested,
    lines: &mut Vec<Lines>,
) {
    let rules = [full];
    let asked = Asked {
        rules: &rules,
        coverage: true,
        ..asked.clone()
    };
    let start = elapsed();
    let done = bundle.policy.evaluate(&asked);
    let took: Duration = elapsed().saturating_sub(start);
    tested.nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    match done {
        Ok(evaluation) => {
            // As in OPA, whatever is not false or undefined is true.
            let value = evaluation.values.into_iter().next().flatten();
            tested.verdict = match value {
                None | Some(serde_json::Value::Bool(false)) => Verdict::Fail,
                Some(_) => Verdict::Pass,
            };
            tested.prints = evaluation.prints;
            *lines = evaluation.coverage;
        }
        Err(fault) => {
            tested.verdict = Verdict::Error;
            tested.fault = Some(fault);
        }
    }
}

/// The last line of a definition that was evaluated.
fn last_evaluated(lines: &[Lines], file: &str, from: u32, to: u32) -> Option<u32> {
    lines
        .iter()
        .find(|it| it.file == file)?
        .covered
        .iter()
        .copied()
        .filter(|line| (from..to).contains(line))
        .max()
}

/// Adds lines: one that any test evaluated was evaluated.
fn merge(all: &mut Vec<Lines>, new: Vec<Lines>) {
    for lines in new {
        let Some(known) = all.iter_mut().find(|it| it.file == lines.file) else {
            all.push(lines);
            continue;
        };
        known.covered.extend(lines.covered);
        known.missed.extend(lines.missed);
        known.covered.sort_unstable();
        known.covered.dedup();
        known.missed.sort_unstable();
        known.missed.dedup();
        let covered = &known.covered;
        known
            .missed
            .retain(|line| covered.binary_search(line).is_err());
    }
}
