//! `stance diff`: what appeared, changed and vanished between two scans.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Serialize;
use stance_store::{ScanId, Store};

use crate::Outcome;
use crate::cli::{Cli, DiffArguments, TextOrJson};
use crate::inventory::{open_to_read, target_of};
use crate::output::{json_v1, printable};

/// Two scans side by side, whether from the database or from files.
#[derive(Debug, Serialize)]
struct Diff {
    old: String,
    new: String,
    assets: Difference<json_v1::Asset>,
    findings: Difference<json_v1::Finding>,
}

#[derive(Debug, Serialize)]
struct Difference<T> {
    appeared: Vec<T>,
    changed: Vec<Change<T>>,
    vanished: Vec<T>,
}

#[derive(Debug, Serialize)]
struct Change<T> {
    old: T,
    new: T,
}

pub(crate) fn run(cli: &Cli, arguments: &DiffArguments) -> anyhow::Result<Outcome> {
    let diff = match (&arguments.old, &arguments.new) {
        (Some(old), Some(new)) if is_file(old) && is_file(new) => of_files(old, new)?,
        (Some(old), _) if is_file(old) => {
            bail!("two json-v1 files are needed to compare files; `stance diff OLD.json NEW.json`")
        }
        (old, new) => of_scans(cli, arguments, old.as_deref(), new.as_deref())?,
    };
    let mut out = super::stdout(cli);
    match arguments.format {
        TextOrJson::Json => super::print_json(&mut out, &diff)?,
        TextOrJson::Text => print(&mut out, &diff)?,
    }
    Ok(Outcome::Clean)
}

fn is_file(text: &str) -> bool {
    text.parse::<i64>().is_err()
}

fn of_files(old: &str, new: &str) -> anyhow::Result<Diff> {
    let read = |path: &str| -> anyhow::Result<json_v1::Document> {
        let text = std::fs::read_to_string(Path::new(path))
            .with_context(|| format!("cannot read {path}"))?;
        json_v1::read(&text).with_context(|| format!("cannot compare {path}"))
    };
    let (before, after) = (read(old)?, read(new)?);
    Ok(Diff {
        old: old.to_owned(),
        new: new.to_owned(),
        assets: difference(
            before.assets,
            after.assets,
            |asset| asset.id.clone(),
            |asset| {
                // That something stands on another line is no difference.
                let mut paths: Vec<&str> = asset
                    .evidence
                    .iter()
                    .map(|evidence| evidence.path.as_str())
                    .collect();
                paths.dedup();
                let facts = (
                    &asset.name,
                    &asset.aliases,
                    asset.how,
                    asset.scope,
                    &asset.attributes,
                );
                format!("{facts:?} {paths:?}")
            },
        ),
        findings: difference(
            before.findings,
            after.findings,
            |finding| finding.id.clone(),
            |finding| {
                format!(
                    "{:?}",
                    (
                        finding.severity,
                        finding.confidence,
                        finding.status,
                        &finding.message
                    )
                )
            },
        ),
    })
}

fn difference<T: Clone>(
    before: Vec<T>,
    after: Vec<T>,
    id: impl Fn(&T) -> String,
    substance: impl Fn(&T) -> String,
) -> Difference<T> {
    let mut old: BTreeMap<String, T> = before
        .into_iter()
        .map(|thing| (id(&thing), thing))
        .collect();
    let mut difference = Difference {
        appeared: Vec::new(),
        changed: Vec::new(),
        vanished: Vec::new(),
    };
    for new in after {
        match old.remove(&id(&new)) {
            None => difference.appeared.push(new),
            Some(old) if substance(&old) != substance(&new) => {
                difference.changed.push(Change { old, new });
            }
            Some(_) => {}
        }
    }
    difference.vanished = old.into_values().collect();
    difference
}

fn of_scans(
    cli: &Cli,
    arguments: &DiffArguments,
    old: Option<&str>,
    new: Option<&str>,
) -> anyhow::Result<Diff> {
    let target = target_of(&arguments.path)?;
    let store = open_to_read(cli, &arguments.path)?;
    let number = |text: &str| -> anyhow::Result<ScanId> {
        let number = text.parse().with_context(|| {
            format!("`{text}` is neither the number of a scan nor a json-v1 file beside another")
        })?;
        Ok(ScanId(number))
    };
    let scans = store.scans(Some(&target), 2)?;
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (number(old)?, number(new)?),
        (Some(old), None) => match scans.first() {
            Some(last) => (number(old)?, last.id),
            None => bail!("{target} was never scanned"),
        },
        _ => match scans.as_slice() {
            [last, before, ..] => (before.id, last.id),
            _ => bail!(
                "two scans of {target} are needed to compare; there are {}",
                scans.len()
            ),
        },
    };
    let diff = store.diff(old, new)?;
    Ok(Diff {
        old: old.to_string(),
        new: new.to_string(),
        assets: convert(&diff.assets, |asset: &stance_core::Asset| {
            json_v1::Asset::from(asset)
        }),
        findings: convert(&diff.findings, json_v1::finding),
    })
}

fn convert<C, T>(
    difference: &stance_store::Difference<C>,
    into: impl Fn(&C) -> T + Copy,
) -> Difference<T> {
    Difference {
        appeared: difference.appeared.iter().map(into).collect(),
        changed: difference
            .changed
            .iter()
            .map(|(old, new)| Change {
                old: into(old),
                new: into(new),
            })
            .collect(),
        vanished: difference.vanished.iter().map(into).collect(),
    }
}

fn print(out: &mut impl Write, diff: &Diff) -> anyhow::Result<()> {
    writeln!(
        out,
        "from {} to {}",
        printable(&diff.old),
        printable(&diff.new)
    )?;
    let asset =
        |asset: &json_v1::Asset| format!("{} {}", word(&asset.kind), printable(&asset.name));
    section(out, "assets", &diff.assets, asset)?;
    section(out, "findings", &diff.findings, |finding| {
        let place = finding
            .evidence
            .first()
            .map(|evidence| evidence.path.as_str());
        format!(
            "{}[{}] {} ({}{})",
            word(&finding.severity),
            finding.rule,
            printable(&finding.message),
            printable(place.unwrap_or_default()),
            match word(&finding.status).as_str() {
                "open" => String::new(),
                status => format!(", {status}"),
            }
        )
    })
}

/// The word that the JSON form uses.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn section<T>(
    out: &mut impl Write,
    title: &str,
    difference: &Difference<T>,
    line: impl Fn(&T) -> String,
) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{title}: {} appeared, {} changed, {} vanished",
        difference.appeared.len(),
        difference.changed.len(),
        difference.vanished.len()
    )?;
    for thing in &difference.appeared {
        writeln!(out, "  + {}", line(thing))?;
    }
    for change in &difference.changed {
        let (old, new) = (line(&change.old), line(&change.new));
        if old == new {
            writeln!(out, "  ~ {new}")?;
        } else {
            writeln!(out, "  ~ {old}\n    {new}")?;
        }
    }
    for thing in &difference.vanished {
        writeln!(out, "  - {}", line(thing))?;
    }
    Ok(())
}
