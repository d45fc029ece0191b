//! `stance bom check`: whether a bill keeps the rules of its standard, and how much it says.

use std::io::Write;
use std::path::Path;

use stance_bom::check::{Report, Tier, check};

use crate::Outcome;
use crate::cli::{Cli, TextOrJson};
use crate::output::printable;

/// Violations that are printed; JSON has them all.
const SHOWN: usize = 20;

pub(super) fn run(
    cli: &Cli,
    file: &Path,
    format: TextOrJson,
    min_score: Option<f64>,
) -> anyhow::Result<Outcome> {
    let document = super::document(file)?;
    let bill = stance_bom::read(&document);
    let report = check(&document, &bill);
    let mut out = crate::commands::stdout(cli);
    match format {
        TextOrJson::Json => crate::commands::print_json(&mut out, &report)?,
        TextOrJson::Text => {
            out.write_all(text(&file.display().to_string(), &report, cli.global.quiet).as_bytes())?;
        }
    }
    let low = min_score.is_some_and(|least| report.score < least);
    Ok(match report.violations.is_empty() && !low {
        true => Outcome::Clean,
        false => Outcome::Findings,
    })
}

/// The report for people.
fn text(name: &str, report: &Report, quiet: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    let verdict = match report.violations.len() {
        0 => "valid".to_owned(),
        1 => "1 rule broken".to_owned(),
        many => format!("{many} rules broken"),
    };
    let count = |number: usize, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    lines.push(format!(
        "{}: {}, {verdict}; {}, {}",
        printable(name),
        report.form,
        count(report.parts, "part", "parts"),
        count(report.models, "model", "models"),
    ));
    for (title, all) in [("error", &report.violations), ("warning", &report.warnings)] {
        for one in all.iter().take(SHOWN) {
            let at = if one.at.is_empty() {
                "the document"
            } else {
                &one.at
            };
            lines.push(format!(
                "  {title}: {}: {}",
                printable(at),
                printable(&one.message)
            ));
        }
        if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push(format!("  and {more} more"));
        }
    }
    lines.push(String::new());
    lines.push(format!(
        "score {:.1} of 100 (OWASP AIBOM, 48 fields)",
        report.score
    ));
    for one in &report.categories {
        lines.push(format!(
            "  {:<22}{:>5.1} of {:>3}",
            one.category.title(),
            one.points,
            one.of
        ));
    }
    if report.factor < 1.0 {
        lines.push(format!(
            "  times {:.3} for critical and important fields that no model has",
            report.factor
        ));
    }
    for one in &report.tiers {
        let partial = match one.partial {
            0 => String::new(),
            some => format!(", {some} in part"),
        };
        lines.push(format!(
            "  {:<14}{:>2} of {:>2} fields{partial}",
            one.tier.name(),
            one.complete,
            one.of
        ));
    }
    if report.models == 0 {
        lines.push("  no component is a model, so the fields of models are all missing".to_owned());
    }
    if !quiet {
        missing(report, &mut lines);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What is missing and how to add it, the most important first. Fields of GGUF headers are only told when a model has some.
fn missing(report: &Report, lines: &mut Vec<String>) {
    for tier in Tier::ALL {
        let open: Vec<_> = report
            .fields
            .iter()
            .filter(|one| one.tier == tier && !one.is_complete())
            .filter(|one| tier != Tier::Supplementary || !is_header(one.id) || !one.is_missing())
            .collect();
        if open.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("missing, {tier}"));
        for one in open {
            let who = match (one.lacking_count, report.models) {
                (0, _) => String::new(),
                (lacking, models) if lacking == models => " (every model)".to_owned(),
                (lacking, models) => {
                    let names: Vec<&str> = one.lacking.iter().take(3).map(String::as_str).collect();
                    let more = if lacking > names.len() { ", ..." } else { "" };
                    format!(
                        " ({lacking} of {models} models: {}{more})",
                        printable(&names.join(", "))
                    )
                }
            };
            lines.push(format!("  {}{who}", one.id));
            lines.push(format!("    {} -> {}", one.add, one.place));
        }
    }
}

fn is_header(id: &str) -> bool {
    stance_bom::check::FIELDS
        .iter()
        .any(|field| field.id == id && field.gguf)
}
