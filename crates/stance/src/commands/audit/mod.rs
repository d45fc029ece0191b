//! `stance audit`: the log of who did what, and whether anybody changed it.

mod export;
mod show;
mod statement;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use stance_govern::audit::{LARGEST_NOTE, Proof, verifier_key};
use stance_store::audit::{checkpoint_now, signing_key};
use stance_store::{AuditLog as _, Sqlite};

use crate::Outcome;
use crate::cli::{AuditAction, AuditArguments, AuditOf, AuditProveArguments, Cli, Command};
use crate::config::Settings;
use crate::inventory::FILE_NAME;
use crate::scan::load;
use crate::signing;

pub(crate) fn run(cli: &Cli, arguments: &AuditArguments) -> anyhow::Result<Outcome> {
    match &arguments.action {
        AuditAction::Show(arguments) => show::run(cli, arguments),
        AuditAction::Verify(arguments) => verify::run(cli, arguments),
        AuditAction::Export(arguments) => export::run(cli, arguments),
        AuditAction::Prove(arguments) => prove(cli, arguments),
        AuditAction::Checkpoint => {
            let (mut store, directory) = open(cli)?;
            let checkpoint = checkpoint_now(&mut store, &directory, Timestamp::now())?;
            super::stdout(cli).write_all(checkpoint.note.as_bytes())?;
            Ok(Outcome::Clean)
        }
        AuditAction::Key { note } => key(cli, *note),
    }
}

/// The data directory.
fn directory(cli: &Cli) -> anyhow::Result<PathBuf> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    Ok(Settings::resolve(cli, &loaded).data_dir.value)
}

/// The database with the log that is wanted.
fn database(cli: &Cli, directory: &Path) -> PathBuf {
    let service = directory.join(stance_serve::FILE_NAME);
    let of = match &cli.command {
        Command::Audit(arguments) => arguments.of,
        _ => None,
    };
    match of {
        Some(AuditOf::Service) => service,
        Some(AuditOf::Scans) => directory.join(FILE_NAME),
        None if service.is_file() => service,
        None => directory.join(FILE_NAME),
    }
}

/// The database and the data directory that it lies in.
fn open(cli: &Cli) -> anyhow::Result<(Sqlite, PathBuf)> {
    let directory = directory(cli)?;
    let file = database(cli, &directory);
    // Opening would make an empty one, which says nothing of the one that is missing.
    if !file.is_file() {
        bail!(
            "there is no audit log: {} is missing; `stance scan` makes that of scans and `stance serve` that of the service, --data-dir chooses another directory",
            file.display()
        );
    }
    Ok((Sqlite::open(&file)?, directory))
}

/// The text of a checkpoint in a file.
fn note(path: &Path) -> anyhow::Result<String> {
    let bytes = signing::read_bounded(path, LARGEST_NOTE as u64)?;
    String::from_utf8(bytes).with_context(|| format!("{} is no checkpoint", path.display()))
}

fn key(cli: &Cli, as_note: bool) -> anyhow::Result<Outcome> {
    let (mut store, directory) = open(cli)?;
    let key = signing_key(&mut store, &directory, Timestamp::now())?;
    let public = key.private().public();
    let mut out = super::stdout(cli);
    if as_note {
        let origin = store.audit_status()?.origin;
        writeln!(out, "{}", verifier_key(&origin, public)?)?;
    } else {
        out.write_all(public.to_pem().as_bytes())?;
    }
    Ok(Outcome::Clean)
}

/// Proves against the last checkpoint, and signs one when that does not reach far enough.
fn prove(cli: &Cli, arguments: &AuditProveArguments) -> anyhow::Result<Outcome> {
    let (mut store, directory) = open(cli)?;
    let proof = if let Some(seq) = arguments.seq {
        let mut proof = store.audit_prove(seq)?;
        if proof.is_none() {
            checkpoint_now(&mut store, &directory, Timestamp::now())?;
            proof = store.audit_prove(seq)?;
        }
        proof.map(|proof| Proof::Inclusion(Box::new(proof)))
    } else if let Some(path) = &arguments.since {
        let earlier = note(path)?;
        checkpoint_now(&mut store, &directory, Timestamp::now())?;
        let proof = store.audit_extension(&earlier);
        let proof =
            proof.with_context(|| format!("cannot prove that it extends {}", path.display()))?;
        proof.map(Proof::Extension)
    } else {
        None
    };
    let Some(proof) = proof else {
        bail!("nothing is signed that could be proven");
    };
    super::stdout(cli).write_all(proof.to_json().as_bytes())?;
    Ok(Outcome::Clean)
}
