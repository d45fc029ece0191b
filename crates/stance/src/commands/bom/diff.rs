//! `stance bom diff`: which assets two bills do not share.

use std::io::Write;
use std::path::Path;

use stance_bom::diff::{Asset, Diff, diff};

use crate::Outcome;
use crate::cli::{BomFailOn, Cli, TextOrJson};
use crate::output::printable;

pub(super) fn run(
    cli: &Cli,
    old: &Path,
    new: &Path,
    format: TextOrJson,
    fail_on: BomFailOn,
) -> anyhow::Result<Outcome> {
    let read = |path: &Path| anyhow::Ok(stance_bom::read(&super::document(path)?));
    let diff = diff(&read(old)?, &read(new)?);
    let mut out = crate::commands::stdout(cli);
    match format {
        TextOrJson::Json => crate::commands::print_json(&mut out, &diff)?,
        TextOrJson::Text => out.write_all(text(&diff).as_bytes())?,
    }
    let fails = match fail_on {
        BomFailOn::Any => !diff.is_empty(),
        BomFailOn::Models => diff.concerns_models(),
        BomFailOn::Never => false,
    };
    Ok(if fails {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn text(diff: &Diff) -> String {
    let mut lines = vec![format!(
        "{} added, {} removed, {} changed, {} the same",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len(),
        diff.unchanged
    )];
    let line = |asset: &Asset| {
        let version = asset
            .version
            .as_deref()
            .map(|version| format!(" {version}"))
            .unwrap_or_default();
        printable(&format!(
            "{} {}{version}",
            asset.kind.replace('_', " "),
            asset.name
        ))
        .into_owned()
    };
    if !diff.added.is_empty() {
        lines.push(String::new());
        lines.extend(
            diff.added
                .iter()
                .map(|asset| format!("  + {}", line(asset))),
        );
    }
    if !diff.removed.is_empty() {
        lines.push(String::new());
        lines.extend(
            diff.removed
                .iter()
                .map(|asset| format!("  - {}", line(asset))),
        );
    }
    if !diff.changed.is_empty() {
        lines.push(String::new());
    }
    for change in &diff.changed {
        lines.push(format!("  ~ {}", line(&change.asset)));
        for one in &change.differences {
            let list = |sign: &str, all: &[String]| -> Vec<String> {
                all.iter()
                    .map(|value| printable(&format!("{sign}{value}")).into_owned())
                    .collect()
            };
            let told = match (one.old.as_slice(), one.new.as_slice()) {
                ([old], [new]) => printable(&format!("{old} -> {new}")).into_owned(),
                (old, new) => [list("-", old), list("+", new)].concat().join(", "),
            };
            lines.push(format!("      {}: {told}", printable(&one.what)));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}
