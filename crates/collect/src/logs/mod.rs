//! Logs and exports: files, directories, compressed ones, standard input, copies of browser histories and the
//! directories of extensions, to what [`stance_logs`] makes of them.
//!
//! Files are read on several threads and added up in the order of their names, so that the number of threads changes
//! nothing. Nothing that is read is written to, run or dialled.

mod browser;
mod bytes;
mod extensions;
mod files;
mod pipe;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use stance_core::fact::{Gap, GapReason};
use stance_core::{Coverage, Evidence, Fact, Observation};
use stance_logs::{Catalogue, Options, Read, Reader, Tally};

use crate::Progress;
use files::{Entry, Kind};

/// What observations of logs call their source.
const NAME: &str = "logs";

/// Files that may be read ahead of the one whose turn it is to be added.
const AHEAD: usize = 64;

/// How logs are read.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// How files are read.
    pub read: Options,
    /// Users that are kept of one service.
    pub most_users: usize,
    /// Files read at a time; at least 1.
    pub threads: usize,
}

/// What logs tell.
#[derive(Debug)]
pub struct Logs {
    /// Who used which services.
    pub tally: Tally,
    /// How each file was read, in order of name.
    pub reads: Vec<Read>,
    /// What was not looked at.
    pub gaps: Vec<Observation>,
    /// How much was looked at.
    pub coverage: Coverage,
}

/// Why logs cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {source}", path.display())]
pub struct LogsError {
    path: PathBuf,
    source: std::io::Error,
}

/// Reads what lies at `paths`; `-` is standard input.
///
/// # Errors
/// When a path that the user names is not there. What fails below it is a gap.
pub fn logs(
    paths: &[PathBuf],
    options: &LogOptions,
    progress: &Progress,
) -> Result<Logs, LogsError> {
    let mut all = Logs {
        tally: Tally::new(options.most_users),
        reads: Vec::new(),
        gaps: Vec::new(),
        coverage: Coverage::default(),
    };
    let mut entries = Vec::new();
    for path in paths {
        files::list(path, &mut entries, &mut all).map_err(|source| LogsError {
            path: path.clone(),
            source,
        })?;
    }
    let next = AtomicUsize::new(0);
    let line = Line {
        state: Mutex::new(Waiting {
            all: &mut all,
            turn: 0,
            done: BTreeMap::new(),
        }),
        moved: Condvar::new(),
    };
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = entries.get(index) else {
                break;
            };
            line.wait(index);
            let one = look_at(entry, options, progress);
            line.add(index, one);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.min(entries.len()).max(1) {
            scope.spawn(work);
        }
        work();
    });
    drop(line);
    Ok(all)
}

/// What one file told.
struct One {
    tally: Tally,
    read: Read,
    reason: Option<GapReason>,
    bytes: u64,
}

fn look_at(entry: &Entry, options: &LogOptions, progress: &Progress) -> One {
    let mut tally = Tally::new(options.most_users);
    let reader = || {
        Reader::new(
            &entry.name,
            &owner(&entry.name),
            Catalogue::embedded(),
            options.read,
        )
    };
    // A reader that breaks costs its file.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match entry.kind {
        Kind::File(named) => bytes::file(&entry.path, named, reader(), &mut tally, progress),
        Kind::StandardInput => bytes::standard_input(reader(), &mut tally, progress),
    }));
    let (read, reason, bytes) = done.unwrap_or_else(|_| {
        let read = Read {
            path: entry.name.as_str().into(),
            stopped: Some(crate::BROKEN.to_owned()),
            ..Read::default()
        };
        (read, Some(GapReason::Defect), 0)
    });
    progress.file_done(0);
    One {
        tally,
        read,
        reason,
        bytes,
    }
}

/// Where threads hand in what they read, in order.
struct Line<'a> {
    state: Mutex<Waiting<'a>>,
    moved: Condvar,
}

struct Waiting<'a> {
    all: &'a mut Logs,
    /// The file that is added next.
    turn: usize,
    done: BTreeMap<usize, One>,
}

impl Line<'_> {
    /// Waits until a file is not too far ahead. The one whose turn it is never waits.
    fn wait(&self, index: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while index >= state.turn.saturating_add(AHEAD) {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn add(&self, index: usize, one: One) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done.insert(index, one);
        loop {
            let turn = state.turn;
            let Some(one) = state.done.remove(&turn) else {
                break;
            };
            state.turn = state.turn.saturating_add(1);
            state.all.add(one);
        }
        self.moved.notify_all();
    }
}

impl Logs {
    fn add(&mut self, one: One) {
        self.tally.merge(one.tally);
        self.coverage.files = self.coverage.files.saturating_add(1);
        self.coverage.bytes_read = self.coverage.bytes_read.saturating_add(one.bytes);
        self.coverage.bytes_total = self.coverage.bytes_total.saturating_add(one.bytes);
        if one.read.format.is_some() {
            self.coverage.understood = self.coverage.understood.saturating_add(1);
        }
        if let Some(reason) = one.reason {
            let detail = one.read.stopped.clone().unwrap_or_default();
            self.gap(&one.read.path, reason, &detail);
        }
        self.reads.push(one.read);
    }

    fn gap(&mut self, path: &Arc<str>, reason: GapReason, detail: &str) {
        self.coverage.skip(reason.name());
        self.gaps.push(Observation {
            source: NAME,
            subject: Arc::clone(path),
            fact: Fact::Gap(Box::new(Gap {
                reason,
                detail: detail.to_owned(),
                evidence: Evidence::file(Arc::clone(path)),
            })),
        });
    }
}

/// Whose file it is, by the home directory that it lies in.
fn owner(name: &str) -> String {
    let mut parts = name.split(['/', '\\']);
    while let Some(part) = parts.next() {
        if matches!(part, "home" | "Users") {
            let user = parts.next().unwrap_or_default();
            // A file right below is no home.
            return match parts.next() {
                Some(_) if user != "Shared" && user != "Public" => user.to_owned(),
                _ => String::new(),
            };
        }
    }
    String::new()
}

/// The path of a file as reports name it.
fn shown(path: &Path) -> String {
    crate::target::display(path)
}
