//! `stance backup` and `stance restore`: a data directory, taken along and put back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;
use stance_serve::db::DirectoryLock;
use stance_store::backup::{self, Kind, Manifest};

use crate::Outcome;
use crate::cli::{BackupArguments, Cli, RestoreArguments, TextOrJson};
use crate::config::Settings;
use crate::output::{bytes, printable};
use crate::scan::load;

/// What programs are told.
#[derive(Debug, Serialize)]
struct Told<'a> {
    backup: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<&'a Path>,
    manifest: &'a Manifest,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aside: Option<&'a Path>,
}

fn data_dir(cli: &Cli) -> anyhow::Result<PathBuf> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    Ok(Settings::resolve(cli, &loaded).data_dir.value)
}

pub(crate) fn back_up(cli: &Cli, arguments: &BackupArguments) -> anyhow::Result<Outcome> {
    let data = data_dir(cli)?;
    let version = env!("CARGO_PKG_VERSION");
    let made = backup::back_up(&data, &arguments.to, version, Timestamp::now())
        .context("no backup was made")?;
    let mut out = super::stdout(cli);
    if arguments.format == TextOrJson::Json {
        let told = Told {
            backup: &arguments.to,
            data_dir: Some(&data),
            manifest: &made.manifest,
            left_out: Some(&made.left_out),
            aside: None,
        };
        super::print_json(&mut out, &told)?;
        return Ok(Outcome::Clean);
    }
    if cli.global.quiet {
        return Ok(Outcome::Clean);
    }
    writeln!(
        out,
        "{} is backed up in {}:",
        data.display(),
        arguments.to.display()
    )?;
    list(&mut out, &made.manifest)?;
    if !made.left_out.is_empty() {
        writeln!(
            out,
            "not of Stance, and left out: {}",
            printable(&made.left_out.join(", "))
        )?;
    }
    if holds_secrets(&made.manifest) {
        writeln!(
            out,
            "It holds private keys: keep it as safe as the data directory."
        )?;
    }
    Ok(Outcome::Clean)
}

pub(crate) fn restore(cli: &Cli, arguments: &RestoreArguments) -> anyhow::Result<Outcome> {
    let mut out = super::stdout(cli);
    if arguments.check {
        let manifest = backup::check(&arguments.from)?;
        return tell(cli, arguments, &mut out, None, &manifest, None);
    }
    let data = data_dir(cli)?;
    // Before the directory is made or locked: what cannot be restored leaves no trace.
    backup::check(&arguments.from).context("nothing was restored")?;
    let _lock = DirectoryLock::take(&data).with_context(|| {
        format!(
            "nothing was restored: the data directory {}",
            data.display()
        )
    })?;
    let restored = backup::restore(&arguments.from, &data, arguments.replace, Timestamp::now())
        .context("nothing was restored")?;
    tell(
        cli,
        arguments,
        &mut out,
        Some(&data),
        &restored.manifest,
        restored.aside.as_deref(),
    )
}

fn tell(
    cli: &Cli,
    arguments: &RestoreArguments,
    out: &mut dyn std::io::Write,
    data: Option<&Path>,
    manifest: &Manifest,
    aside: Option<&Path>,
) -> anyhow::Result<Outcome> {
    if arguments.format == TextOrJson::Json {
        let told = Told {
            backup: &arguments.from,
            data_dir: data,
            manifest,
            left_out: None,
            aside,
        };
        super::print_json(out, &told)?;
        return Ok(Outcome::Clean);
    }
    if cli.global.quiet {
        return Ok(Outcome::Clean);
    }
    let from = arguments.from.display();
    match data {
        None => writeln!(out, "{from} is whole, of {}:", manifest.created)?,
        Some(data) => writeln!(
            out,
            "{} holds {from} of {}:",
            data.display(),
            manifest.created
        )?,
    }
    list(out, manifest)?;
    if let Some(aside) = aside {
        writeln!(out, "what was there before lies in {}", aside.display())?;
    }
    if data.is_some() {
        writeln!(
            out,
            "People, tokens and decisions are as they were then: what was revoked or changed since has to be done again."
        )?;
    }
    Ok(Outcome::Clean)
}

fn list(out: &mut dyn std::io::Write, manifest: &Manifest) -> anyhow::Result<()> {
    for part in &manifest.files {
        let log = part
            .audit_entries
            .map(|entries| format!(", {entries} entries in the audit log"))
            .unwrap_or_default();
        writeln!(out, "  {:<14} {}{log}", part.name, bytes(part.bytes))?;
    }
    Ok(())
}

fn holds_secrets(manifest: &Manifest) -> bool {
    manifest.files.iter().any(|part| part.kind == Kind::Secret)
}
