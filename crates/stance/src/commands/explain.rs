//! `stance explain`

use std::io::Write;

use anyhow::bail;
use serde_json::{Value, json};
use stance_core::control;
use stance_rules::{Doc, Entry};

use crate::Outcome;
use crate::cli::{Cli, ExplainArguments, TextOrJson};
use crate::output::printable;

pub(crate) fn run(cli: &Cli, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let asked = arguments.rule.as_deref();
    if let Some(id) = asked.filter(|asked| stance_rules::is_advisory_id(asked)) {
        return explain_advisory(cli, arguments, id);
    }
    let name = asked.and_then(callable_name);
    if let Some(name) = name {
        return explain_callable(cli, arguments, name);
    }
    let entries: Vec<&Entry> = match &arguments.rule {
        None => stance_rules::all().collect(),
        Some(id) => match stance_rules::find(id) {
            Some(entry) => vec![entry],
            None => bail!("no rule is called `{id}`{}", hint(id)),
        },
    };
    let mut out = super::stdout(cli);
    match arguments.format {
        TextOrJson::Json => {
            let pages: Vec<Value> = entries.iter().map(|entry| page(entry)).collect();
            match (arguments.all, pages.as_slice()) {
                (false, [page]) => super::print_json(&mut out, page)?,
                _ => super::print_json(&mut out, &pages)?,
            }
        }
        TextOrJson::Text => {
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                print(&mut out, entry)?;
            }
        }
    }
    Ok(Outcome::Clean)
}

/// The dotted name in `pickle:os.system` or `os.system`; `None` for what may be a rule.
fn callable_name(asked: &str) -> Option<&str> {
    match asked.strip_prefix("pickle:") {
        Some(name) => Some(name),
        None => (asked.contains('.') && !asked.contains('/')).then_some(asked),
    }
}

fn explain_callable(
    cli: &Cli,
    arguments: &ExplainArguments,
    name: &str,
) -> anyhow::Result<Outcome> {
    let entry = stance_intent::callable(name);
    let mut out = super::stdout(cli);
    if let TextOrJson::Json = arguments.format {
        super::print_json(&mut out, &entry)?;
        return Ok(Outcome::Clean);
    }
    let bold = anstyle::Style::new().bold();
    let capability = entry
        .capability
        .map(|capability| format!(" ({capability})"))
        .unwrap_or_default();
    writeln!(
        out,
        "{bold}{}{bold:#}: {}{capability}",
        printable(&entry.name),
        entry.standing
    )?;
    writeln!(out, "  {}", entry.reason)?;
    if let Some(pattern) = entry.pattern {
        writeln!(out, "  listed as {pattern}")?;
    }
    match entry.rule {
        Some(rule) => writeln!(out, "  a pickle that calls it is reported by {rule}")?,
        None => writeln!(out, "  a pickle that calls it is not reported for that")?,
    }
    Ok(Outcome::Clean)
}

fn explain_advisory(cli: &Cli, arguments: &ExplainArguments, id: &str) -> anyhow::Result<Outcome> {
    let Some(page) = stance_rules::advisory(id) else {
        bail!("no rule knows the advisory `{id}`");
    };
    let mut out = super::stdout(cli);
    if let TextOrJson::Json = arguments.format {
        super::print_json(&mut out, &page)?;
        return Ok(Outcome::Clean);
    }
    let bold = anstyle::Style::new().bold();
    writeln!(
        out,
        "{bold}{}{bold:#}: {}, {}",
        page.id, page.package, page.severity
    )?;
    writeln!(out, "  {}", page.what)?;
    writeln!(out, "  affected: {}", page.affected)?;
    if let Some(fixed) = page.fixed {
        writeln!(out, "  fixed in: {fixed}")?;
    }
    for trigger in &page.triggers {
        writeln!(out, "  in a file: {}", trigger.sign)?;
        writeln!(out, "    reported by {}", trigger.rules.join(", "))?;
    }
    Ok(Outcome::Clean)
}

fn hint(id: &str) -> String {
    match stance_rules::nearest(id) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => "; `stance rules list` shows them all".to_owned(),
    }
}

/// The JSON form of a rule.
pub(crate) fn page(entry: &Entry) -> Value {
    let meta = &entry.meta;
    let doc = meta.doc();
    let controls: Vec<Value> = meta
        .controls
        .iter()
        .filter_map(|reference| control::find(reference))
        .map(|control| {
            let framework = control::framework(control.framework);
            json!({
                "framework": control.framework,
                "framework_title": framework.map(|framework| framework.title),
                "edition": framework.map(|framework| framework.edition),
                "id": control.id,
                "title": control.title,
            })
        })
        .collect();
    let section = |heading: &str| doc.section(heading).to_owned();
    json!({
        "id": meta.id,
        "title": doc.title,
        "severity": meta.severity.name(),
        "stage": meta.stage.to_string(),
        "finds": section("What it finds"),
        "why": section("Why it matters"),
        "example": section("Example"),
        "fix": section("Fix"),
        "references": section("References"),
        "controls": controls,
    })
}

fn print(out: &mut impl Write, entry: &Entry) -> anyhow::Result<()> {
    let meta = &entry.meta;
    let doc = meta.doc();
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    writeln!(out, "{bold}{}{bold:#}", doc.title)?;
    writeln!(
        out,
        "{dim}{} · severity {} · stage {}{dim:#}",
        meta.id, meta.severity, meta.stage
    )?;
    for heading in Doc::HEADINGS {
        writeln!(out, "\n{bold}{heading}{bold:#}")?;
        for line in doc.section(heading).lines() {
            // Code fences are marks for renderers; in a terminal the indent says it.
            if line.starts_with("```") {
                continue;
            }
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out, "\n{bold}Controls{bold:#}")?;
    for control in meta
        .controls
        .iter()
        .filter_map(|reference| control::find(reference))
    {
        let framework = control::framework(control.framework);
        writeln!(
            out,
            "  {} ({}) {} {}",
            framework.map_or(control.framework, |framework| framework.title),
            framework.map_or("", |framework| framework.edition),
            control.id,
            control.title
        )?;
    }
    Ok(())
}
