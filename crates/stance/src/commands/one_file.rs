//! What the commands that make one file from another have in common: opening the one, judging it, and
//! putting the other in its place whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use stance_collect::FileSource;
use stance_core::{Finding, Observation, Policy, Severity, Snapshot};
use stance_inspect::link::{Bounds, link};
use stance_inspect::{Interests, Limits, Options, Source};

use crate::output::printable;

/// Opens the file that a command is about.
pub(super) fn open(path: &Path) -> anyhow::Result<FileSource> {
    FileSource::open(path, true).with_context(|| format!("{}", path.display()))
}

/// What the rules say about one file, from `least` on, the worst first. No configuration takes part:
/// what somebody accepted stays what it is.
pub(crate) fn findings(path: &Path, source: &dyn Source, least: Severity) -> Vec<Finding> {
    let interests = Interests::new(stance_rules::interests());
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &stance_inspect::registry::ALL,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let report = stance_inspect::scan(&*name, source, &options);
    let linked = link(report.modules, Bounds::default());
    let observations = report
        .facts
        .into_iter()
        .chain(linked)
        .map(|(subject, fact)| Observation {
            source: "file",
            subject,
            fact,
        })
        .collect();
    let now = jiff::Timestamp::now();
    let snapshot = Snapshot::new(&name, now, Policy::default(), observations, report.coverage);
    let mut findings = stance_rules::judge(&snapshot).findings;
    findings.retain(|finding| finding.severity >= least);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// A finding on one line.
pub(super) fn line(finding: &Finding) -> String {
    format!(
        "{:<8}  {}  {}",
        finding.severity.name(),
        finding.rule,
        printable(&finding.message)
    )
}

/// A finding for programs.
pub(super) fn for_programs(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "message": finding.message,
    })
}

/// A file beside its later place, under another name until it is finished, and removed unless it gets
/// there.
pub(super) struct Output {
    path: PathBuf,
    temporary: PathBuf,
    force: bool,
    done: bool,
}

impl Output {
    /// Refuses to write over the input, over anything that is there unless `force`, and over what is no
    /// ordinary file.
    pub(super) fn new(path: &Path, input: &Path, force: bool) -> anyhow::Result<Self> {
        if let Ok(there) = path.symlink_metadata() {
            if same(path, input) {
                bail!(
                    "{} is the input; name another file to write",
                    path.display()
                );
            }
            if !there.is_file() && !there.is_symlink() {
                bail!("{} is there and is no regular file", path.display());
            }
            if !force {
                bail!("{} is there already; --force replaces it", path.display());
            }
        }
        let name = path
            .file_name()
            .with_context(|| format!("{} names no file", path.display()))?;
        let hidden = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        Ok(Self {
            path: path.to_owned(),
            temporary: path.with_file_name(hidden),
            force,
            done: false,
        })
    }

    /// Writes the whole file.
    pub(super) fn write<T>(
        &self,
        content: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.temporary)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        let result = content(&mut out)?;
        out.flush()
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        out.get_ref()
            .sync_all()
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(result)
    }

    /// What was written, to be looked at before anybody else does.
    pub(super) fn read(&self) -> anyhow::Result<FileSource> {
        open(&self.temporary)
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        if !self.force && self.path.symlink_metadata().is_ok() {
            bail!(
                "{} has appeared meanwhile; --force replaces it",
                self.path.display()
            );
        }
        std::fs::rename(&self.temporary, &self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.done {
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// `1 tensor`, `2 tensors`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}
