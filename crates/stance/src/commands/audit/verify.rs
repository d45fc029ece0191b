//! Whether the log is what it was.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use stance_govern::audit::{Proof, Source, Verifier};
use stance_govern::signature::PublicKey;
use stance_store::AuditLog as _;
use stance_store::audit::{AuditKey, PUBLIC_FILE};

use super::export::beside;
use super::statement::{self, Statement};
use crate::Outcome;
use crate::cli::{AuditVerifyArguments, Cli, TextOrJson};
use crate::signing;

/// Longest line of an exported log: an entry has a megabyte at most.
const LONGEST_LINE: u64 = 4 << 20;

/// Largest proof.
const LARGEST_PROOF: u64 = 4 << 20;

pub(super) fn run(cli: &Cli, arguments: &AuditVerifyArguments) -> anyhow::Result<Outcome> {
    let statement = if let Some(path) = &arguments.proof {
        proof(path, &keys(arguments)?)?
    } else if arguments.log.is_empty() {
        database(cli, arguments)?
    } else {
        files(arguments)?
    };
    let mut out = super::super::stdout(cli);
    match arguments.format {
        TextOrJson::Json => super::super::print_json(&mut out, &statement)?,
        TextOrJson::Text if statement.verified && cli.global.quiet => {}
        TextOrJson::Text => statement::print(&statement, &mut out)?,
    }
    Ok(if statement.verified {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn keys(arguments: &AuditVerifyArguments) -> anyhow::Result<Vec<PublicKey>> {
    let mut keys = Vec::new();
    for path in &arguments.public_key {
        let key = signing::public_key(path)?;
        ensure!(
            key.ed25519().is_some(),
            "cannot use {}: checkpoints are signed with Ed25519 keys only",
            path.display()
        );
        keys.push(key);
    }
    Ok(keys)
}

/// Expects the log to be that of checkpoints in files.
fn expect(
    verifier: &mut Verifier,
    source: Source,
    paths: &[PathBuf],
    keys: &[PublicKey],
) -> anyhow::Result<()> {
    for path in paths {
        let name = format!("the checkpoint {}", path.display());
        verifier.checkpoint(source, &name, &super::note(path)?, keys);
    }
    Ok(())
}

fn database(cli: &Cli, arguments: &AuditVerifyArguments) -> anyhow::Result<Statement> {
    let (store, directory) = super::open(cli)?;
    let mut keys = keys(arguments)?;
    let given = !keys.is_empty();
    let mut place = arguments.public_key.clone();
    if !given && let Some(key) = AuditKey::public(&directory)? {
        keys.push(key);
        place.push(directory.join(PUBLIC_FILE));
    }
    let mut verifier = Verifier::default();
    expect(&mut verifier, Source::Outside, &arguments.checkpoint, &keys)?;
    let report = store.audit_verify(verifier, &keys, arguments.scans)?;
    let what = super::database(cli, &directory);
    Ok(Statement::of_log(&[what], &report, &place, given, false))
}

fn files(arguments: &AuditVerifyArguments) -> anyhow::Result<Statement> {
    let keys = keys(arguments)?;
    let mut verifier = Verifier::of_a_part();
    if arguments.checkpoint.is_empty() {
        let beside: Vec<PathBuf> = arguments.log.iter().map(|log| beside(log)).collect();
        let there: Vec<PathBuf> = beside.into_iter().filter(|path| path.is_file()).collect();
        expect(&mut verifier, Source::Stored, &there, &keys)?;
    }
    expect(&mut verifier, Source::Outside, &arguments.checkpoint, &keys)?;
    let mut first = None;
    for path in &arguments.log {
        read(path, &mut verifier).with_context(|| format!("cannot read {}", path.display()))?;
        first = first.or_else(|| verifier.first());
    }
    if let Some(first) = first.filter(|first| *first > 1 && !arguments.part) {
        bail!(
            "{} begins with entry {first}: give the exports before it as well (`--log FIRST --log SECOND`), or verify \
             the chain of this part alone with --part",
            arguments
                .log
                .first()
                .map_or(Path::new(""), PathBuf::as_path)
                .display()
        );
    }
    let report = verifier.finish();
    let place = &arguments.public_key;
    Ok(Statement::of_log(
        &arguments.log,
        &report,
        place,
        true,
        arguments.part,
    ))
}

/// Reads the lines of an exported log.
fn read(path: &Path, verifier: &mut Verifier) -> anyhow::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        if (&mut file)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(());
        }
        match line.pop() {
            Some(b'\n') => {}
            Some(last) => line.push(last),
            None => {}
        }
        ensure!(
            (line.len() as u64) < LONGEST_LINE - 1,
            "line {number} is longer than any entry; is it an export in jsonl?"
        );
        // What is no text is no entry either.
        verifier.line(number, std::str::from_utf8(&line).unwrap_or_default());
    }
}

fn proof(path: &Path, keys: &[PublicKey]) -> anyhow::Result<Statement> {
    let text = signing::read_bounded(path, LARGEST_PROOF)?;
    let text =
        String::from_utf8(text).with_context(|| format!("{} is no proof", path.display()))?;
    let proof = match Proof::from_json(&text) {
        Ok(proof) => proof,
        Err(reason) => bail!("cannot use {}: {reason}", path.display()),
    };
    Ok(match &proof {
        Proof::Inclusion(inclusion) => match inclusion.verify(keys) {
            Ok(checkpoint) => Statement::of_inclusion(path, &inclusion.entry, &checkpoint),
            Err(reason) => Statement::refused(path, &reason),
        },
        Proof::Extension(extension) => match extension.verify(keys) {
            Ok((old, new)) => Statement::of_extension(path, &old, &new),
            Err(reason) => Statement::refused(path, &reason),
        },
    })
}
