//! What a verification says: what is proven, what is wrong, and what only something outside can prove.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use stance_core::digest::hex;
use stance_govern::audit::{BadProof, Checkpoint, Entry, Fault, Report};

use crate::output::printable;

/// Faults that the text lists.
const SHOWN: usize = 20;

/// The outcome of a verification.
#[derive(Debug, Serialize)]
pub(super) struct Statement {
    pub(super) verified: bool,
    what: Vec<String>,
    entries: Option<u64>,
    until: Option<String>,
    root: Option<String>,
    last: Option<String>,
    checkpoints: u64,
    faults: Vec<Fault>,
    more_faults: u64,
    /// What is proven.
    proven: Vec<String>,
    /// What is not, and what would prove it.
    not_proven: Vec<String>,
}

impl Statement {
    fn empty(what: &[PathBuf]) -> Self {
        Self {
            verified: true,
            what: what.iter().map(|path| path.display().to_string()).collect(),
            entries: None,
            until: None,
            root: None,
            last: None,
            checkpoints: 0,
            faults: Vec::new(),
            more_faults: 0,
            proven: Vec::new(),
            not_proven: Vec::new(),
        }
    }

    /// Of a log. `keys` are the files of the keys that were trusted, `given` whether the user named them.
    pub(super) fn of_log(
        what: &[PathBuf],
        report: &Report,
        keys: &[PathBuf],
        given: bool,
        part: bool,
    ) -> Self {
        let mut statement = Self {
            verified: report.holds(),
            entries: Some(report.entries),
            until: report.until(),
            root: report.root.map(|root| hex(&root)),
            last: report.last.map(|(_, _, hash)| hex(&hash)),
            checkpoints: report.stored.0.saturating_add(report.outside.0),
            faults: report.faults.clone(),
            more_faults: report.more_faults,
            ..Self::empty(what)
        };
        if report.holds() {
            statement.proven = proven(report, keys, part);
        }
        statement.not_proven = not_proven(report, keys, given, part);
        statement
    }

    pub(super) fn of_inclusion(path: &Path, entry: &Entry, checkpoint: &Checkpoint) -> Self {
        Self {
            proven: vec![format!(
                "entry {} ({} by {} `{}` at {}) is in the log {} of {} entries, unchanged since that was signed",
                entry.seq,
                entry.action,
                entry.actor.kind.name(),
                entry.actor.id,
                stance_govern::audit::time(entry.at),
                checkpoint.origin,
                checkpoint.size
            )],
            root: Some(hex(&checkpoint.root)),
            ..Self::empty(&[path.to_owned()])
        }
    }

    pub(super) fn of_extension(path: &Path, old: &Checkpoint, new: &Checkpoint) -> Self {
        Self {
            proven: vec![format!(
                "the log {} of {} entries begins with the very entries of which it had {} before: none of them was \
                 changed, removed or moved",
                new.origin, new.size, old.size
            )],
            root: Some(hex(&new.root)),
            ..Self::empty(&[path.to_owned()])
        }
    }

    pub(super) fn refused(path: &Path, reason: &BadProof) -> Self {
        Self {
            verified: false,
            faults: vec![Fault {
                kind: stance_govern::audit::FaultKind::Checkpoint,
                seq: None,
                what: reason.to_string(),
            }],
            ..Self::empty(&[path.to_owned()])
        }
    }
}

fn proven(report: &Report, keys: &[PathBuf], part: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let first = report.first.unwrap_or(1);
    let Some((last, _, _)) = report.last else {
        return vec!["the log is empty, and nothing says that it was not".to_owned()];
    };
    lines.push(format!(
        "each of the entries {first} to {last} has its own hash, follows the one before it, and none is missing between \
         them"
    ));
    if part && first > 1 {
        return lines;
    }
    let keys: Vec<String> = keys.iter().map(|key| key.display().to_string()).collect();
    if let (count, Some(size)) = report.stored {
        lines.push(format!(
            "entries 1 to {size} are those that {} signed by the key in {}",
            checkpoints(count),
            keys.join(", ")
        ));
    }
    if let (count, Some(size)) = report.outside {
        lines.push(format!(
            "entries 1 to {size} are those that {} from elsewhere signed: nothing up to there was changed, removed or cut off",
            checkpoints(count)
        ));
    }
    if report.scans > 0 {
        lines.push(format!(
            "the stored results of {} are what was recorded",
            counted(report.scans, "scan", "scans")
        ));
    }
    lines
}

fn checkpoints(count: u64) -> String {
    counted(count, "checkpoint", "checkpoints")
}

/// A number of things, such as `1 scan` or `2 scans`.
fn counted(count: u64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

fn not_proven(report: &Report, keys: &[PathBuf], given: bool, part: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let last = report.last.map_or(0, |(seq, _, _)| seq);
    if part && report.first.is_some_and(|first| first > 1) {
        lines.push(
            "what came before, and with it the tree: no checkpoint can be held against a part"
                .to_owned(),
        );
        return lines;
    }
    let signed = report.stored.1.max(report.outside.1).unwrap_or(0);
    if report.holds() && signed < last {
        let from = signed.saturating_add(1);
        lines.push(format!(
            "entries {from} to {last} are not signed yet: whoever can write the database could have computed them anew"
        ));
    }
    lines.push(if report.outside.0 == 0 {
        "that the log was not cut or replaced together with its checkpoints: only a checkpoint that was kept elsewhere \
         shows that (`stance audit checkpoint` prints one, --checkpoint takes it)"
            .to_owned()
    } else {
        format!(
            "that nothing came after entry {last} and was cut off: only a checkpoint that is newer than that shows it"
        )
    });
    if !given {
        lines.push(match keys.first() {
            Some(key) => format!(
                "that the key is yours: {} lies beside the log; --public-key takes a copy that was kept elsewhere",
                key.display()
            ),
            None => "anything by signature: there is no public key".to_owned(),
        });
    }
    if report.not_compared > 0 {
        lines.push(format!(
            "{} could not be held against the log, because entries before are missing or cannot be read",
            checkpoints(report.not_compared)
        ));
    }
    if report.untold_scans > 0 {
        lines.push(format!(
            "what scans found that are older than the log: {}",
            counted(report.untold_scans, "stored scan", "stored scans")
        ));
    }
    if report.set_back > 0 {
        lines.push(format!(
            "when things happened: the clock was set back before {}",
            counted(report.set_back, "entry", "entries")
        ));
    }
    lines
}

/// Prints it for people.
pub(super) fn print(statement: &Statement, out: &mut dyn Write) -> anyhow::Result<()> {
    let green = anstyle::AnsiColor::Green.on_default().bold();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let what = printable(&statement.what.join(", ")).into_owned();
    if statement.verified {
        writeln!(out, "{green}verified{green:#} {what}")?;
    } else {
        writeln!(out, "{red}NOT verified{red:#} {what}")?;
    }
    for fault in statement.faults.iter().take(SHOWN) {
        writeln!(
            out,
            "  {red}wrong{red:#}       {}",
            printable(&fault.to_string())
        )?;
    }
    let more =
        (statement.faults.len().saturating_sub(SHOWN) as u64).saturating_add(statement.more_faults);
    if more > 0 {
        writeln!(out, "  {red}wrong{red:#}       {more} more")?;
    }
    for line in &statement.proven {
        writeln!(out, "  proven      {}", printable(line))?;
    }
    for line in &statement.not_proven {
        writeln!(out, "  not proven  {}", printable(line))?;
    }
    for (name, value) in [
        (
            "entries",
            statement.entries.map(|entries| entries.to_string()),
        ),
        ("until", statement.until.clone()),
        ("last hash", statement.last.clone()),
        ("root", statement.root.clone()),
    ] {
        if let Some(value) = value {
            writeln!(out, "  {name:10}  {value}")?;
        }
    }
    Ok(())
}
