//! `stance policy test`: the unit tests of a policy.

use std::io::Write;

use serde_json::{Value, json};
use stance_policy::Asked;
use stance_policy::tests::{Report, Verdict, percent, run as run_tests};

use super::load;
use crate::Outcome;
use crate::cli::{Cli, TestArguments, TestFormat};

pub(super) fn run(cli: &Cli, arguments: &TestArguments) -> anyhow::Result<Outcome> {
    let bundle = load::bundle(&arguments.sources.paths, &arguments.sources.reading)?;
    let asked = Asked {
        now: super::now(),
        ..Asked::new(&[], None)
    };
    let wanted = |name: &str| arguments.run.as_deref().is_none_or(|it| name.contains(it));
    let report = run_tests(&bundle, &asked, &wanted);
    let covers = arguments.coverage || arguments.threshold.is_some();
    let mut out = super::super::stdout(cli);
    match arguments.format {
        TestFormat::Text => {
            text(cli, &mut out, &report)?;
            if covers {
                coverage(&mut out, &report)?;
            }
        }
        TestFormat::Json => super::super::print_json(&mut out, &json(&report, covers))?,
        TestFormat::Lcov => lcov(&mut out, &report)?,
    }
    let short = arguments
        .threshold
        .is_some_and(|wanted| report.percent() < wanted);
    if short && arguments.format == TestFormat::Text {
        writeln!(
            out,
            "the tests evaluate {:.1} % of the lines, fewer than --threshold",
            report.percent()
        )?;
    }
    let failed = report.count(Verdict::Fail) + report.count(Verdict::Error) > 0;
    Ok(if failed || short {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn text(cli: &Cli, out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    for test in &report.tests {
        let word = match test.verdict {
            Verdict::Pass if cli.global.verbose == 0 => continue,
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::Error => "ERROR",
            Verdict::Skip => "SKIP",
        };
        writeln!(out, "{word}  {}  {}:{}", test.test, test.file, test.line)?;
        if let (Some(line), Some(expression)) = (test.failed_at, &test.expression) {
            writeln!(
                out,
                "    not true: {}:{line}: {}",
                test.file,
                crate::output::printable(expression)
            )?;
        }
        if let Some(fault) = &test.fault {
            writeln!(out, "    {}", crate::output::printable(&fault.to_string()))?;
        }
        for print in &test.prints {
            writeln!(out, "    {}", crate::output::printable(print))?;
        }
    }
    if !cli.global.quiet {
        writeln!(
            out,
            "tests: {}, {} passed, {} failed, {} errors, {} skipped",
            report.tests.len(),
            report.count(Verdict::Pass),
            report.count(Verdict::Fail),
            report.count(Verdict::Error),
            report.count(Verdict::Skip)
        )?;
    }
    Ok(())
}

fn coverage(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    for lines in &report.coverage {
        write!(
            out,
            "{}: {:.1} %",
            lines.file,
            percent(std::slice::from_ref(lines))
        )?;
        if !lines.missed.is_empty() {
            write!(out, ", not evaluated: {}", ranges(&lines.missed))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "coverage: {:.1} % of the lines", report.percent())?;
    Ok(())
}

/// Lines in short: `3, 7-9`.
fn ranges(lines: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some((_, to)) if *to + 1 == *line => *to = *line,
            _ => parts.push((*line, *line)),
        }
    }
    let words: Vec<String> = parts
        .iter()
        .map(|(from, to)| {
            if from == to {
                from.to_string()
            } else {
                format!("{from}-{to}")
            }
        })
        .collect();
    words.join(", ")
}

fn json(report: &Report, covers: bool) -> Value {
    let mut all = json!({ "tests": report.tests });
    if covers {
        let files: Vec<Value> = report
            .coverage
            .iter()
            .map(|it| json!({"file": it.file, "covered": it.covered, "missed": it.missed}))
            .collect();
        all["coverage"] = json!({"percent": report.percent(), "files": files});
    }
    all
}

/// The format of lcov: a record per file, and each line with how often it was evaluated (0 or 1).
fn lcov(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    for lines in &report.coverage {
        writeln!(out, "SF:{}", lines.file)?;
        let mut all: Vec<(u32, u8)> = lines.covered.iter().map(|it| (*it, 1)).collect();
        all.extend(lines.missed.iter().map(|it| (*it, 0)));
        all.sort_unstable();
        for (line, count) in &all {
            writeln!(out, "DA:{line},{count}")?;
        }
        writeln!(
            out,
            "LF:{}\nLH:{}\nend_of_record",
            all.len(),
            lines.covered.len()
        )?;
    }
    Ok(())
}
