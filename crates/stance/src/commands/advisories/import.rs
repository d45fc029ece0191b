//! Files to records: every notation that is known, one transaction for what the user names.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use stance_advisories::source::{infra_guard, osv, signals, zip};
use stance_collect::FileSource;
use stance_store::advisories::Import;
use stance_store::{Advisories, StoreError};

/// Largest record, and largest file that is no archive, in bytes.
const MOST: u64 = 64 << 20;

/// Largest EPSS table, unpacked, in bytes.
const MOST_TABLE: u64 = 256 << 20;

/// Most members of an archive, and most files below a directory.
const MEMBERS: usize = 2_000_000;

/// Records that could not be read, of which one each is told.
const TOLD: usize = 5;

/// What came in.
#[derive(Default)]
pub(super) struct Told {
    kinds: BTreeMap<&'static str, usize>,
    changed: usize,
    withdrawn: usize,
    by_commit: usize,
    elsewhere: usize,
    without_package: usize,
    newest: Option<String>,
    failed: Vec<String>,
    failures: usize,
}

impl Told {
    pub(super) fn lines(&self, file: &Path) -> Vec<String> {
        let parts: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {}", title(kind)))
            .collect();
        let mut lines = vec![format!(
            "{}: {}; {} new or changed",
            file.display(),
            parts.join(", "),
            self.changed
        )];
        for (count, what) in [
            (self.withdrawn, "were withdrawn and match nothing"),
            (
                self.by_commit,
                "packages are told by ranges of commits only, which are not matched",
            ),
            (
                self.elsewhere,
                "packages are of registries that are not known here",
            ),
            (
                self.without_package,
                "records name no package and version that could be matched",
            ),
        ] {
            if count > 0 {
                lines.push(format!("  {count} {what}"));
            }
        }
        lines.extend(
            self.failed
                .iter()
                .map(|failed| format!("  not read: {failed}")),
        );
        if let Some(more) = self
            .failures
            .checked_sub(self.failed.len())
            .filter(|more| *more > 0)
        {
            lines.push(format!("  not read: {more} more"));
        }
        lines
    }

    fn fail(&mut self, name: &str, reason: &str) {
        self.failures += 1;
        if self.failed.len() < TOLD {
            self.failed.push(format!("{name}: {reason}"));
        }
    }

    /// What cannot be read is told and does not hide its siblings; a database that fails ends the import.
    fn pass_over(&mut self, name: &str, error: anyhow::Error) -> anyhow::Result<()> {
        if error.is::<StoreError>() {
            return Err(error);
        }
        self.fail(name, &format!("{error:#}"));
        Ok(())
    }

    fn total(&self) -> usize {
        self.kinds.values().sum()
    }
}

fn title(kind: &str) -> &str {
    match kind {
        "osv" => "records",
        "ai-infra-guard" => "rules of AI-Infra-Guard",
        "kev" => "exploited vulnerabilities",
        _ => "likelihoods",
    }
}

/// Imports a file or directory, wholly or not at all.
pub(super) fn import(
    database: &mut Advisories,
    path: &Path,
    now: Timestamp,
) -> anyhow::Result<Told> {
    let shown = path.display().to_string();
    database.import(|import| {
        let mut told = Told::default();
        if path.is_dir() {
            for file in files(path)? {
                if let Err(error) = one(import, &file, &mut told) {
                    told.pass_over(&file.display().to_string(), error)?;
                }
            }
        } else {
            one(import, path, &mut told).with_context(|| format!("cannot import {shown}"))?;
        }
        if told.total() == 0 {
            bail!(
                "{shown} holds nothing that could be imported{}; `stance advisories import --help` says what is known",
                told.failed.first().map(|why| format!(" ({why})")).unwrap_or_default()
            );
        }
        let kind = told.kinds.iter().max_by_key(|(_, count)| **count);
        let kind = kind.map_or("osv", |(kind, _)| kind);
        let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let newest = told.newest.as_deref().and_then(|day| day.get(..10));
        import.finish(kind, &name.display().to_string(), now, told.total(), newest)?;
        Ok(told)
    })
}

/// Files below a directory in a fixed order; links are not followed.
fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        let entries = std::fs::read_dir(&directory)
            .with_context(|| format!("cannot read {}", directory.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            let known = path
                .extension()
                .and_then(|end| end.to_str())
                .is_some_and(|end| matches!(end, "json" | "yaml" | "yml" | "zip" | "csv" | "gz"));
            if kind.is_dir() && entry.file_name() != ".git" {
                open.push(path);
            } else if kind.is_file() && known {
                found.push(path);
            }
            if found.len() > MEMBERS {
                bail!("{} holds more than {MEMBERS} files", root.display());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn one(import: &mut Import<'_>, path: &Path, told: &mut Told) -> anyhow::Result<()> {
    let source = FileSource::open(path, true)?;
    let mut head = [0; 512];
    let length = stance_inspect::Source::read_at(&source, 0, &mut head)?;
    let head = head.get(..length).unwrap_or_default();
    if zip::is_one(head) {
        return archive(import, &source, told);
    }
    let name = path.display().to_string();
    let file = std::fs::File::open(path)?;
    let mut reader: Box<dyn BufRead> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
    } else {
        Box::new(BufReader::new(file))
    };
    let start = reader.fill_buf()?;
    if start.starts_with(b"#model_version") || start.starts_with(b"cve,epss") {
        return epss(import, reader, told);
    }
    let mut bytes = Vec::new();
    reader.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        bail!("it has more than {} MB", MOST >> 20);
    }
    record(import, &name, &bytes, told)
}

/// The records in an archive. One that cannot be read does not hide its siblings.
fn archive(import: &mut Import<'_>, source: &FileSource, told: &mut Told) -> anyhow::Result<()> {
    let members = zip::members(source).map_err(anyhow::Error::msg)?;
    if members.len() > MEMBERS {
        bail!("it has more than {MEMBERS} members");
    }
    for member in members {
        let known = [".json", ".yaml", ".yml"];
        if !known.iter().any(|end| member.name.ends_with(end)) {
            continue;
        }
        match zip::unpack(source, &member, MOST) {
            Ok(bytes) => {
                if let Err(error) = record(import, &member.name, &bytes, told) {
                    told.pass_over(&member.name, error)?;
                }
            }
            Err(reason) => told.fail(&member.name, &reason),
        }
    }
    Ok(())
}

/// One record: JSON or YAML of the Open Source Vulnerability format, a rule of AI-Infra-Guard, or the KEV catalogue.
fn record(
    import: &mut Import<'_>,
    name: &str,
    bytes: &[u8],
    told: &mut Told,
) -> anyhow::Result<()> {
    let begin = bytes.trim_ascii_start();
    if begin.starts_with(b"{") {
        let id = head_holds(begin, b"\"vulnerabilities\"");
        if id && let Ok(kev) = signals::kev(bytes) {
            import.exploited(&kev.ids)?;
            *told.kinds.entry("kev").or_default() += kev.ids.len();
            told.newest = told.newest.take().max(Some(kev.version.replace('.', "-")));
            return Ok(());
        }
        return keep(import, osv::json(bytes).map_err(anyhow::Error::msg)?, told);
    }
    let text = std::str::from_utf8(bytes).context("it is neither JSON nor YAML")?;
    if infra_guard::is_one(text) {
        let mut advisory = infra_guard::read(text).map_err(anyhow::Error::msg)?;
        *told.kinds.entry("ai-infra-guard").or_default() += 1;
        told.without_package += usize::from(advisory.affected.is_empty());
        advisory.shorten();
        told.changed += usize::from(import.add(&advisory)?);
        return Ok(());
    }
    if !name.ends_with(".yaml") && !name.ends_with(".yml") {
        bail!("it is neither JSON, YAML, an archive nor an EPSS table");
    }
    keep(import, osv::yaml(text).map_err(anyhow::Error::msg)?, told)
}

/// Whether the first kilobytes hold these bytes.
fn head_holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let head = bytes.get(..4096).unwrap_or(bytes);
    head.windows(wanted.len()).any(|window| window == wanted)
}

fn keep(import: &mut Import<'_>, read: osv::Read, told: &mut Told) -> anyhow::Result<()> {
    let osv::Read {
        mut advisory,
        by_commit,
        elsewhere,
    } = read;
    *told.kinds.entry("osv").or_default() += 1;
    told.withdrawn += usize::from(advisory.withdrawn);
    told.by_commit += by_commit;
    told.elsewhere += elsewhere;
    if let Some(day) = &advisory.modified
        && told.newest.as_ref().is_none_or(|newest| newest < day)
    {
        told.newest = Some(day.clone());
    }
    if advisory.affected.is_empty() {
        told.without_package += 1;
        return Ok(());
    }
    advisory.shorten();
    told.changed += usize::from(import.add(&advisory)?);
    Ok(())
}

fn epss(import: &mut Import<'_>, reader: Box<dyn BufRead>, told: &mut Told) -> anyhow::Result<()> {
    for line in reader.take(MOST_TABLE).lines() {
        let line = line?;
        if let Some((id, likelihood)) = signals::epss(&line) {
            import.likelihood(id, likelihood)?;
            *told.kinds.entry("epss").or_default() += 1;
        } else if let Some(day) = signals::epss_day(&line) {
            told.newest = Some(day.to_owned());
        }
    }
    Ok(())
}
