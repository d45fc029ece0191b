//! `stance traffic`: what passed gateways that are not ours, into the service.

mod local;
mod pieces;
mod remote;

use std::collections::BTreeMap;
use std::io::{BufReader, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Serialize;
use stance_serve::telemetry::LogTaken;

use crate::Outcome;
use crate::cli::{Cli, ImportArguments, TextOrJson, TrafficCommand};
use crate::config::Settings;
use crate::output::{bytes, printable};
use crate::replay::{files, open};
use crate::scan::load;

use local::Local;
use pieces::{Piece, Pieces};
use remote::Remote;

/// Most records that were not understood that are named for one file.
const NAMED: usize = 20;

/// How often it is told how far it is.
const TELL: Duration = Duration::from_secs(1);

pub(crate) fn run(cli: &Cli, command: &TrafficCommand) -> anyhow::Result<Outcome> {
    let TrafficCommand::Import(arguments) = command;
    let into = match &arguments.server {
        Some(server) => Into::Remote(Remote::new(server, arguments)?),
        None => {
            let loaded = load(cli, &[PathBuf::from(".")])?;
            let data = Settings::resolve(cli, &loaded).data_dir.value;
            Into::Local(Box::new(Local::new(cli, arguments, data)?))
        }
    };
    let tells = !cli.global.quiet && std::io::stderr().is_terminal();
    let mut importing = Importing {
        into,
        notes: !cli.global.quiet,
        told: tells.then(Instant::now),
        files: Vec::new(),
    };
    let read = files(&arguments.paths)?
        .iter()
        .try_for_each(|path| importing.file(path));
    let Importing { into, files, .. } = importing;
    if let Into::Local(local) = into {
        local.finish();
    }
    tell(cli, arguments, &files)?;
    read?;
    let unread: Vec<&FileTaken> = files.iter().filter(|file| file.is_strange()).collect();
    if let Some(first) = unread.first() {
        bail!("no record of {} is understood", printable(&first.path));
    }
    Ok(Outcome::Clean)
}

/// Where logs go.
enum Into {
    Remote(Remote),
    Local(Box<Local>),
}

/// What became of a file.
#[derive(Debug, Default, Serialize)]
struct FileTaken {
    path: String,
    bytes: u64,
    interactions: u64,
    new: u64,
    waiting: u64,
    formats: BTreeMap<String, u64>,
    other: u64,
    unknown: BTreeMap<String, u64>,
    unread: Vec<Unread>,
}

/// A record that was not understood.
#[derive(Debug, Serialize)]
struct Unread {
    line: u64,
    record: Option<u64>,
    why: String,
}

impl FileTaken {
    /// Whether there is something and nothing of it is understood.
    fn is_strange(&self) -> bool {
        self.interactions == 0 && self.other == 0 && !self.unknown.is_empty()
    }

    fn add(&mut self, piece: &Piece, taken: LogTaken) {
        self.interactions += taken.interactions;
        self.new += taken.new;
        self.waiting += taken.waiting;
        self.other += taken.other;
        for (format, count) in taken.formats {
            *self.formats.entry(format).or_default() += count;
        }
        for (why, count) in taken.unknown {
            *self.unknown.entry(why).or_default() += count;
        }
        for one in taken.unread {
            let (line, record) = piece.place(one.line, one.record);
            self.name(line, record, one.why);
        }
    }

    fn name(&mut self, line: u64, record: Option<u64>, why: String) {
        if self.unread.len() < NAMED {
            self.unread.push(Unread { line, record, why });
        }
    }
}

struct Importing {
    into: Into,
    notes: bool,
    /// When it was told last how far it is, where that is told.
    told: Option<Instant>,
    files: Vec<FileTaken>,
}

impl Importing {
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = path.display().to_string();
        let mut file = FileTaken {
            path: name.clone(),
            ..FileTaken::default()
        };
        let done = self.pieces(path, &mut file);
        self.files.push(file);
        done.with_context(|| format!("cannot take in {}", printable(&name)))
    }

    fn pieces(&mut self, path: &Path, file: &mut FileTaken) -> anyhow::Result<()> {
        let mut pieces = Pieces::new(BufReader::with_capacity(256 << 10, open(path)?));
        loop {
            let piece = pieces.next();
            for long in pieces.too_long.drain(..) {
                let why = "a record that is longer than is read";
                *file.unknown.entry(why.to_owned()).or_default() += 1;
                file.name(long.line, None, why.to_owned());
            }
            let Some(piece) = piece? else { break };
            let taken = match &self.into {
                Into::Local(local) => local.send(&piece.body)?,
                Into::Remote(remote) => remote.send(&piece.body, &mut |note| {
                    if self.notes {
                        let _ = writeln!(std::io::stderr(), "{note}");
                    }
                })?,
            };
            file.bytes += piece.body.len() as u64;
            file.add(&piece, taken);
            self.progress(file);
        }
        Ok(())
    }

    fn progress(&mut self, file: &FileTaken) {
        let Some(told) = self.told.as_mut().filter(|told| told.elapsed() > TELL) else {
            return;
        };
        *told = Instant::now();
        let _ = writeln!(
            std::io::stderr(),
            "{}: {}, {} interactions",
            printable(&file.path),
            bytes(file.bytes),
            file.interactions
        );
    }
}

fn tell(cli: &Cli, arguments: &ImportArguments, files: &[FileTaken]) -> anyhow::Result<()> {
    let mut out = super::stdout(cli);
    if arguments.print == TextOrJson::Json {
        return super::print_json(&mut out, &serde_json::json!({ "files": files }));
    }
    for file in files {
        let formats: Vec<&str> = file.formats.keys().map(String::as_str).collect();
        let formats = match formats.as_slice() {
            [] => String::new(),
            all => format!(" of {}", all.join(", ")),
        };
        let known = file
            .interactions
            .saturating_sub(file.new)
            .saturating_sub(file.waiting);
        write!(
            out,
            "{}: {} interactions{formats}, {} new",
            printable(&file.path),
            file.interactions,
            file.new
        )?;
        if known > 0 {
            write!(out, ", {known} known before")?;
        }
        if file.waiting > 0 {
            write!(out, ", {} spans that are kept once", file.waiting)?;
        }
        if file.other > 0 {
            write!(out, ", {} records about no use of a model", file.other)?;
        }
        writeln!(out)?;
        for (why, count) in &file.unknown {
            writeln!(out, "  not understood, {count}: {why}")?;
        }
        for one in &file.unread {
            let record = one
                .record
                .map_or_else(String::new, |record| format!(", record {record}"));
            writeln!(out, "    line {}{record}: {}", one.line, one.why)?;
        }
        let lost: u64 = file.unknown.values().sum();
        let unnamed = lost.saturating_sub(file.unread.len() as u64);
        if unnamed > 0 && !file.unread.is_empty() {
            writeln!(out, "    and {unnamed} more")?;
        }
    }
    Ok(())
}
