//! `stance rules list` and `stance rules check`

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::bail;
use stance_rules::{Entry, examine};

use crate::Outcome;
use crate::cli::{Cli, RulesAction, RulesArguments, TextOrJson};
use crate::scan::load;

pub(crate) fn run(cli: &Cli, arguments: &RulesArguments) -> anyhow::Result<Outcome> {
    match &arguments.action {
        RulesAction::List { area, format } => list(cli, area.as_deref(), *format),
        RulesAction::Check => check(cli),
    }
}

fn list(cli: &Cli, area: Option<&str>, format: TextOrJson) -> anyhow::Result<Outcome> {
    let entries: Vec<&Entry> = stance_rules::all()
        .filter(|entry| area.is_none_or(|area| entry.meta.area() == area))
        .collect();
    if entries.is_empty() {
        let mut areas: Vec<&str> = stance_rules::all().map(|entry| entry.meta.area()).collect();
        areas.dedup();
        bail!(
            "no area is called `{}`; there are {}",
            area.unwrap_or_default(),
            areas.join(", ")
        );
    }
    let mut out = super::stdout(cli);
    if format == TextOrJson::Json {
        let pages: Vec<_> = entries
            .iter()
            .map(|entry| super::explain::page(entry))
            .collect();
        super::print_json(&mut out, &pages)?;
        return Ok(Outcome::Clean);
    }
    let width = entries
        .iter()
        .map(|entry| entry.meta.id.len())
        .max()
        .unwrap_or_default();
    for entry in &entries {
        let (id, severity) = (entry.meta.id, entry.meta.severity);
        writeln!(out, "{id:width$}  {severity:8}  {}", entry.meta.doc().title)?;
    }
    if !cli.global.quiet {
        writeln!(
            out,
            "\n{} rules; `stance explain RULE` tells more",
            entries.len()
        )?;
    }
    Ok(Outcome::Clean)
}

/// Runs every rule on its own examples, and reads the configuration.
fn check(cli: &Cli) -> anyhow::Result<Outcome> {
    let mut out = super::stdout(cli);
    let mut wrong = 0_usize;
    let mut examples = 0_usize;
    for entry in stance_rules::all() {
        let meta = &entry.meta;
        let bad = meta.bad.iter().map(|example| (example, true));
        let good = meta.good.iter().map(|example| (example, false));
        for (example, expected) in bad.chain(good) {
            examples += 1;
            let found = examine(example)
                .findings
                .iter()
                .any(|finding| finding.rule == meta.id);
            if found != expected {
                wrong += 1;
                let what = if expected {
                    "misses a bad example"
                } else {
                    "finds something in a good example"
                };
                writeln!(out, "{}: {what}", meta.id)?;
            }
        }
    }
    let loaded = load(cli, &[PathBuf::from(".")])?;
    match &loaded.path {
        Some(path) => writeln!(
            out,
            "{} is well-formed and names known rules only",
            path.display()
        )?,
        None => writeln!(
            out,
            "no stance.toml here or above; nothing to hold against the rules"
        )?,
    }
    writeln!(
        out,
        "{} rules, {examples} examples, {wrong} wrong",
        stance_rules::all().count()
    )?;
    Ok(if wrong == 0 {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}
