//! `stance scan`

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::Context as _;

use crate::Outcome;
use crate::cli::{Cli, ScanArguments};
use crate::inventory::{self, Record};
use crate::output::{self, Format, Style};
use crate::sandbox;
use crate::scan::{Scanned, scan};

pub(crate) fn run(cli: &Cli, arguments: &ScanArguments) -> anyhow::Result<Outcome> {
    if arguments.confinement.sandbox.is_some() && !sandbox::is_child() {
        return supervise(cli, arguments);
    }
    // A sandbox writes only to what was open before it.
    let mut files = Vec::new();
    for (format, path) in arguments.output.iter().filter(|_| sandbox::is_child()) {
        files.push((*format, path, create(path)?));
    }
    let mut scanned = scan(cli, &arguments.paths, !arguments.no_baseline)?;
    if is_kept(arguments) {
        let record = Record::of(&scanned)?;
        if sandbox::is_child() {
            sandbox::hand_back(&record)?;
        } else {
            let recorded = inventory::record(&record, &scanned.settings)?;
            scanned.report.stored_scan = Some(recorded.scan.0);
        }
    }
    let Scanned {
        report, settings, ..
    } = &scanned;
    for (format, path) in arguments.output.iter().filter(|_| !sandbox::is_child()) {
        files.push((*format, path, create(path)?));
    }
    for (format, path, file) in files {
        let mut file = BufWriter::new(file);
        output::write(format, report, &Style::default(), &mut file)
            .and_then(|()| file.flush())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    // Formats for programs go out as they are; only text is for eyes.
    if arguments.format == Format::Text {
        let mut out = super::stdout(cli).lock();
        output::write(arguments.format, report, &super::style(cli), &mut out)?;
        out.flush()?;
    } else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        output::write(arguments.format, report, &Style::default(), &mut out)?;
        out.flush()?;
    }
    let outcome = super::outcome(&report.findings, settings.fail_on.value);
    // The process ends here: taking an inventory of many files apart, allocation by allocation, would be for nothing.
    std::mem::forget(scanned);
    Ok(outcome)
}

fn create(path: &std::path::Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Whether the inventory remembers the scan. What came through a pipe or over the network is no
/// place that another scan would meet again.
fn is_kept(arguments: &ScanArguments) -> bool {
    let mut paths = arguments.paths.iter();
    !arguments.no_store && paths.all(|path| stance_collect::Stream::parse(path).is_none())
}

/// Scans in a child, and records what it hands back.
fn supervise(cli: &Cli, arguments: &ScanArguments) -> anyhow::Result<Outcome> {
    let (outcome, record) = sandbox::supervise::<Record>(is_kept(arguments))?;
    if let Some(record) = record {
        let loaded = crate::scan::load(cli, &arguments.paths)?;
        let settings = crate::config::Settings::resolve(cli, &loaded);
        inventory::record(&record, &settings)?;
    }
    Ok(outcome)
}
