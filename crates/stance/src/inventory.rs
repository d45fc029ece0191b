//! The inventory database, as the commands use it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use stance_collect::Target;
use stance_core::Fact;
use stance_store::{NewScan, Recorded, Sqlite, Store};

use crate::cli::Cli;
use crate::config::Settings;
use crate::scan::{Scanned, load};

/// The database file in the data directory.
pub(crate) const FILE_NAME: &str = "stance.db";

/// Scans that are kept of each target; older ones give way.
const KEPT_SCANS: usize = 100;

/// Records a scan, making the database and its directory when it is the first.
pub(crate) fn record(scanned: &Scanned) -> anyhow::Result<Recorded> {
    let directory = &scanned.settings.data_dir.value;
    let mut store = Sqlite::open(&directory.join(FILE_NAME))
        .context("the scan is not recorded; `--no-store` does without")?;
    let report = &scanned.report;
    let unjudged = report
        .snapshot
        .observations
        .iter()
        .filter(|observation| matches!(observation.fact, Fact::Gap(_)))
        .filter_map(|observation| observation.subject.split('!').next())
        .collect();
    let names: Vec<String> = scanned.targets.iter().map(key).collect();
    let recorded = store.record_scan(&NewScan {
        target: &names.join("\n"),
        name: &report.roots.join(" "),
        tool_version: report.tool_version,
        started: report.started,
        finished: report.started + jiff::SignedDuration::try_from(report.elapsed)?,
        assets: &report.snapshot.assets,
        relations: &report.snapshot.relations,
        findings: &report.findings,
        coverage: &report.snapshot.coverage,
        unjudged: &unjudged,
    })?;
    store.prune(KEPT_SCANS)?;
    Ok(recorded)
}

/// Opens the database that a scan of `path` would have written to.
pub(crate) fn open_to_read(cli: &Cli, path: &Path) -> anyhow::Result<Sqlite> {
    let loaded = load(cli, &[path.to_owned()])?;
    let file = Settings::resolve(cli, &loaded)
        .data_dir
        .value
        .join(FILE_NAME);
    // Opening would make an empty one, which answers nothing.
    if !file.is_file() {
        bail!(
            "there is no inventory at {}; `stance scan` makes one",
            file.display()
        );
    }
    Ok(Sqlite::open(&file)?)
}

/// What names a target in the database.
pub(crate) fn target_of(path: &Path) -> anyhow::Result<String> {
    Ok(key(&Target::new(path)?))
}

fn key(target: &Target) -> String {
    PathBuf::from(&target.absolute).display().to_string()
}
