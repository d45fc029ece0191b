//! `stance gateway tools`: the catalogue of tools, looked at and approved.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use jiff::Timestamp;
use serde::Serialize;
use stance_core::glob;
use stance_gateway::judge::{PinsError, edit_pins, read_pins};
use stance_guard::flow::catalogue::{Catalogue, Standing, Version};

use crate::Outcome;
use crate::cli::{Cli, TextOrJson, ToolsAction, Which};
use crate::config::{Loaded, Settings};
use crate::output::printable;

/// Where the catalogue of a data directory is.
pub(super) fn path(data: &Path) -> PathBuf {
    data.join("tools.json")
}

pub(super) fn run(cli: &Cli, action: &ToolsAction) -> anyhow::Result<Outcome> {
    let loaded = Loaded::find(cli.global.config.as_deref(), Path::new("."))?;
    let path = path(&Settings::resolve(cli, &loaded).data_dir.value);
    match action {
        ToolsAction::List { which, format } => list(cli, &path, which, *format),
        ToolsAction::Approve { which, all, digest } => {
            let digest = digest.as_deref().unwrap_or_default();
            let count = change(&path, which, *all, |known, scope, name| {
                known.approve(scope, name, digest)
            })?;
            told(cli, "approved", count)
        }
        ToolsAction::Forget { which, all } => {
            let count = change(&path, which, *all, |known, scope, name| {
                usize::from(known.forget(scope, name))
            })?;
            told(cli, "forgot", count)
        }
    }
}

fn told(cli: &Cli, done: &str, count: usize) -> anyhow::Result<Outcome> {
    if !cli.global.quiet {
        let what = if count == 1 { "tool" } else { "tools" };
        writeln!(super::super::stdout(cli), "{done} {count} {what}")?;
    }
    Ok(Outcome::Clean)
}

/// Whose tools a scope has: the upstream, and the identity where an application offers them; `-` for those without one.
fn parts(scope: &str) -> (&str, Option<&str>) {
    scope
        .split_once(' ')
        .map_or((scope, None), |(upstream, who)| (upstream, Some(who)))
}

fn is_meant(which: &Which, scope: &str, name: &str) -> bool {
    let (upstream, identity) = parts(scope);
    let is = |wanted: &Option<String>, given: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| given == Some(wanted))
    };
    let mut tools = which.tools.iter();
    is(&which.upstream, Some(upstream))
        && is(&which.identity, identity)
        && (which.tools.is_empty() || tools.any(|pattern| glob::matches(pattern, name)))
}

/// Changes the tools that are meant; how many were changed.
fn change(
    path: &Path,
    which: &Which,
    all: bool,
    mut each: impl FnMut(&mut Catalogue, &str, &str) -> usize,
) -> anyhow::Result<usize> {
    ensure!(
        all || !which.tools.is_empty(),
        "name the tools, or say `--all`; `stance gateway tools list` shows them"
    );
    ensure!(
        path.is_file(),
        "there is no catalogue of tools in {}: no gateway saw any yet",
        path.display()
    );
    edit_pins(path, |known| {
        let mut meant: Vec<(String, String)> = known
            .iter()
            .filter(|(scope, name, _)| is_meant(which, scope, name))
            .map(|(scope, name, _)| (scope.to_owned(), name.to_owned()))
            .collect();
        meant.dedup();
        let mut changed = |(scope, name): &(String, String)| each(known, scope, name) > 0;
        let count = meant.iter().filter(|it| changed(it)).count();
        if count == 0 {
            bail!("no tool that is known is meant; `stance gateway tools list` shows them");
        }
        Ok(count)
    })
    .map_err(|error: anyhow::Error| match error.downcast::<PinsError>() {
        Ok(fault) => anyhow::anyhow!("the catalogue cannot be changed: {fault}"),
        Err(error) => error,
    })
}

/// One form of a tool, for programs.
#[derive(Serialize)]
struct Row<'c> {
    upstream: &'c str,
    /// None for a server, whose tools are the same for all; `-` for applications without a key.
    identity: Option<&'c str>,
    tool: &'c str,
    standing: Standing,
    digest: &'c str,
    first_seen: Timestamp,
    /// What is not as in the form before.
    changes: Vec<String>,
}

fn list(cli: &Cli, path: &Path, which: &Which, format: TextOrJson) -> anyhow::Result<Outcome> {
    let known = read_pins(path)?;
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (scope, tool, version) in known.iter().filter(|it| is_meant(which, it.0, it.1)) {
        let (upstream, identity) = parts(scope);
        rows.push(Row {
            upstream,
            identity,
            tool,
            standing: version.standing,
            digest: &version.pin.digest,
            first_seen: Timestamp::from_millisecond(version.first_seen).unwrap_or_default(),
            changes: changes(known.versions(scope, tool), version),
        });
    }
    let mut out = super::super::stdout(cli);
    if format == TextOrJson::Json {
        super::super::print_json(&mut out, &rows)?;
        return Ok(Outcome::Clean);
    }
    if rows.is_empty() {
        writeln!(out, "No tools are known in {}.", path.display())?;
        return Ok(Outcome::Clean);
    }
    writeln!(
        out,
        "{:20}  {:20}  {:32}  {:9}  {:12}  FIRST SEEN",
        "UPSTREAM", "IDENTITY", "TOOL", "STANDING", "DIGEST"
    )?;
    for row in &rows {
        writeln!(
            out,
            "{:20}  {:20}  {:32}  {:9}  {:12}  {}{}",
            printable(row.upstream),
            printable(row.identity.unwrap_or("(server)")),
            printable(row.tool),
            row.standing.name(),
            row.digest.get(..12).unwrap_or_default(),
            row.first_seen.strftime("%Y-%m-%d %H:%M"),
            if row.changes.is_empty() {
                String::new()
            } else {
                format!("  {}", printable(&row.changes.join(", ")))
            }
        )?;
    }
    Ok(Outcome::Clean)
}

/// What a form that was not there first has that the one before it has not.
fn changes(all: &[Version], version: &Version) -> Vec<String> {
    let place = all.iter().position(|it| it == version).unwrap_or_default();
    let before = place.checked_sub(1).and_then(|place| all.get(place));
    let changes = before.map(|before| before.pin.changes(&version.pin));
    let changes = changes.unwrap_or_default();
    changes.iter().map(ToString::to_string).collect()
}
