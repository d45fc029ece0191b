//! `stance bom`, and what it does with bills of anybody.

mod check;
mod diff;
mod merge;

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use stance_bom::cyclonedx::{self, Version};
use stance_bom::{Bill, Document, Limits, html, inventory, own, spdx};

use crate::Outcome;
use crate::cli::{BomAction, BomArguments, BomFormat, Cli};
use crate::scan::scan;

pub(crate) fn run(cli: &Cli, arguments: &BomArguments) -> anyhow::Result<Outcome> {
    match &arguments.action {
        None => write(cli, arguments),
        Some(BomAction::Check {
            file,
            format,
            min_score,
        }) => check::run(cli, file, *format, *min_score),
        Some(BomAction::Diff {
            old,
            new,
            format,
            fail_on,
        }) => diff::run(cli, old, new, *format, *fail_on),
        Some(BomAction::Merge {
            files,
            format,
            name,
            output,
        }) => merge::run(files, *format, name, output.as_deref()),
    }
}

fn write(cli: &Cli, arguments: &BomArguments) -> anyhow::Result<Outcome> {
    let scanned = scan(cli, &arguments.paths, false)?;
    let report = &scanned.report;
    let time = match epoch()? {
        Some(time) => Some(time),
        // SPDX demands a time.
        None if arguments.timestamp || arguments.format == BomFormat::Spdx301 => {
            Some(report.snapshot.at)
        }
        None => None,
    };
    let created = time.map(seconds);
    let bill = inventory::bill(&report.snapshot, report.tool_version, created);
    let text = render(&bill, arguments.format)?;
    put(&text, arguments.output.as_deref())?;
    Ok(Outcome::Clean)
}

/// The time that reproducible builds set for all that they make.
fn epoch() -> anyhow::Result<Option<jiff::Timestamp>> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let number: i64 = text
        .trim()
        .parse()
        .with_context(|| format!("SOURCE_DATE_EPOCH is `{text}`, not seconds since 1970"))?;
    Ok(Some(jiff::Timestamp::from_second(number)?))
}

fn seconds(time: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(time.as_second())
        .unwrap_or(time)
        .to_string()
}

/// A bill in a format.
fn render(bill: &Bill, format: BomFormat) -> anyhow::Result<String> {
    let value = match format {
        BomFormat::Cyclonedx16 => cyclonedx::write(bill, Version::V1_6),
        BomFormat::Cyclonedx17 => cyclonedx::write(bill, Version::V1_7),
        BomFormat::Spdx301 => spdx::write(bill),
        BomFormat::Json => own::write(bill),
        BomFormat::Html => return Ok(html::render(bill)),
    };
    pretty(&value)
}

fn pretty(value: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn put(text: &str, output: Option<&Path>) -> anyhow::Result<()> {
    match output {
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            file.write_all(text.as_bytes())?;
            file.flush()?;
        }
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
    }
    Ok(())
}

/// Reads a bill of anybody; `-` is standard input.
fn document(path: &Path) -> anyhow::Result<Document> {
    let limits = Limits::default();
    // One byte more than the limit tells that there is more.
    let most = u64::try_from(limits.bytes)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut data = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut data)?;
    } else {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            bail!("{} is a directory; a bill is one file", path.display());
        }
        file.take(most)
            .read_to_end(&mut data)
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    stance_bom::document(&data, &limits)
        .with_context(|| format!("cannot read {} as a bill of materials", path.display()))
}
