//! `stance config show`

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::Outcome;
use crate::cli::{Cli, ConfigAction, ConfigArguments, TextOrJson};
use crate::config::Settings;
use crate::scan::load;

pub(crate) fn run(cli: &Cli, arguments: &ConfigArguments) -> anyhow::Result<Outcome> {
    let ConfigAction::Show { format, .. } = &arguments.action;
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let rows = Settings::resolve(cli, &loaded).rows();
    let policy = loaded
        .policy()
        .map_err(|(_, message)| anyhow::anyhow!(message))?;
    let mut out = super::stdout(cli);
    if *format == TextOrJson::Json {
        let waivers: Vec<_> = loaded
            .file
            .waiver
            .iter()
            .map(|waiver| &waiver.get_ref().rule)
            .collect();
        let document = json!({
            "file": loaded.path.as_ref().map(|path| path.display().to_string()),
            "settings": rows,
            "disabled_rules": policy.rules.disabled,
            "severities": policy.rules.severities,
            "waivers": waivers,
        });
        super::print_json(&mut out, &document)?;
        return Ok(Outcome::Clean);
    }
    match &loaded.path {
        Some(path) => writeln!(out, "# {}", path.display())?,
        None => writeln!(
            out,
            "# no stance.toml here or above; `stance init` writes one"
        )?,
    }
    let lines: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            (
                format!("{} = {}", row.key, row.value),
                row.origin.to_string(),
            )
        })
        .collect();
    let width = lines
        .iter()
        .map(|(line, _)| line.chars().count())
        .max()
        .unwrap_or_default();
    for (line, origin) in lines {
        writeln!(out, "{line:width$}  # {origin}")?;
    }
    for rule in &policy.rules.disabled {
        writeln!(out, "rules.disable: {rule}")?;
    }
    for (rule, severity) in &policy.rules.severities {
        writeln!(out, "rules.severity: {rule} = {severity}")?;
    }
    for waiver in &policy.waivers {
        writeln!(
            out,
            "waiver: {} until {}, by {}",
            waiver.rule, waiver.expires, waiver.owner
        )?;
    }
    Ok(Outcome::Clean)
}
