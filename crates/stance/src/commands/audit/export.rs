//! The log as a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use stance_core::digest::hex;
use stance_store::audit::{AuditQuery, Entry, checkpoint_now};
use stance_store::{AuditLog as _, Sqlite};

use crate::Outcome;
use crate::cli::{AuditExportArguments, AuditFormat, Cli};
use crate::output::csv_cell;

/// Entries that are read at a time.
const PAGE: usize = 2000;

const HEAD: &str =
    "seq,at,actor_kind,actor_id,actor_name,action,object_kind,object_id,detail,previous,hash";

pub(super) fn run(cli: &Cli, arguments: &AuditExportArguments) -> anyhow::Result<Outcome> {
    let (mut store, directory) = super::open(cli)?;
    // Signed first: it covers every entry that is written.
    let checkpoint = checkpoint_now(&mut store, &directory, Timestamp::now())?;
    let Some(path) = &arguments.output else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        write(&store, arguments, checkpoint.size, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Clean);
    };
    let cannot = |path: &Path| format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(|| cannot(path))?);
    let count = write(&store, arguments, checkpoint.size, &mut file)
        .and_then(|count| Ok(file.flush().map(|()| count)?))
        .with_context(|| cannot(path))?;
    let beside = beside(path);
    std::fs::write(&beside, &checkpoint.note).with_context(|| cannot(&beside))?;
    if !cli.global.quiet {
        writeln!(
            super::super::stdout(cli),
            "{count} entries in {}, signed in {}",
            path.display(),
            beside.display()
        )?;
    }
    Ok(Outcome::Clean)
}

/// Where the checkpoint of an exported log lies.
pub(super) fn beside(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// Writes the entries up to number `last`, and gives how many there were.
fn write(
    store: &Sqlite,
    arguments: &AuditExportArguments,
    last: u64,
    out: &mut dyn Write,
) -> anyhow::Result<u64> {
    if arguments.format == AuditFormat::Csv {
        write!(out, "{HEAD}\r\n")?;
    }
    let mut count = 0;
    let mut after = arguments.after;
    loop {
        let query = AuditQuery {
            after: Some(after),
            ..AuditQuery::default()
        };
        let page = store.audit_entries(&query, PAGE)?;
        for entry in page.iter().filter(|entry| entry.seq <= last) {
            match arguments.format {
                AuditFormat::Jsonl => writeln!(out, "{}", entry.line())?,
                AuditFormat::Csv => write!(out, "{}\r\n", cells(entry))?,
            }
            count += 1;
        }
        match page.last() {
            Some(entry) if entry.seq < last => after = entry.seq,
            _ => return Ok(count),
        }
    }
}

fn cells(entry: &Entry) -> String {
    let cells = [
        entry.seq.to_string(),
        stance_govern::audit::time(entry.at),
        entry.actor.kind.name().to_owned(),
        entry.actor.id.clone(),
        entry.actor.name.clone(),
        entry.action.clone(),
        entry.object.kind.clone(),
        entry.object.id.clone(),
        entry.detail.as_str().to_owned(),
        hex(&entry.previous),
        hex(&entry.hash),
    ];
    cells.map(|cell| csv_cell(&cell)).join(",")
}
