//! The inventory database, as the commands use it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use stance_collect::Target;
use stance_core::{Asset, Coverage, Finding, Relation};
use stance_store::{NewScan, Recorded, Sqlite, Store};

use crate::cli::Cli;
use crate::config::Settings;
use crate::output::json_v1;
use crate::scan::{Scanned, load};

/// The database file in the data directory.
pub(crate) const FILE_NAME: &str = "stance.db";

/// Scans that are kept of each target; older ones give way.
const KEPT_SCANS: usize = 100;

/// What the inventory keeps of a scan. A sandboxed scan hands it to the process that records it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    target: String,
    name: String,
    started: jiff::Timestamp,
    finished: jiff::Timestamp,
    pub(crate) assets: Vec<Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Coverage,
    pub(crate) unjudged: BTreeSet<String>,
    pub(crate) judged: Option<BTreeMap<String, u64>>,
}

impl Record {
    pub(crate) fn of(scanned: &Scanned) -> anyhow::Result<Self> {
        let report = &scanned.report;
        let names: Vec<String> = scanned.targets.iter().map(key).collect();
        Ok(Self {
            target: names.join("\n"),
            name: report.roots.join(" "),
            started: report.started,
            finished: report.started + jiff::SignedDuration::try_from(report.elapsed)?,
            assets: report.snapshot.assets.values().cloned().collect(),
            relations: report.snapshot.relations.clone(),
            findings: report.findings.clone(),
            coverage: report.snapshot.coverage.clone(),
            unjudged: json_v1::unjudged(&report.snapshot),
            judged: report.judged.clone(),
        })
    }
}

/// Records a scan, making the database and its directory when it is the first.
pub(crate) fn record(record: &Record, settings: &Settings) -> anyhow::Result<Recorded> {
    let mut store = Sqlite::open(&settings.data_dir.value.join(FILE_NAME))
        .context("the scan is not recorded; `--no-store` does without")?;
    let assets = record.assets.iter();
    let recorded = store.record_scan(&NewScan {
        target: &record.target,
        name: &record.name,
        tool_version: env!("CARGO_PKG_VERSION"),
        started: record.started,
        finished: record.finished,
        assets: &assets
            .map(|asset| (asset.id.clone(), asset.clone()))
            .collect(),
        relations: &record.relations,
        findings: &record.findings,
        coverage: &record.coverage,
        unjudged: &record.unjudged.iter().map(String::as_str).collect(),
    })?;
    store.prune(KEPT_SCANS)?;
    sign(&mut store, &settings.data_dir.value);
    Ok(recorded)
}

/// Signs the audit log when that is due. The scan is recorded all the same: what cannot be signed now is signed later.
fn sign(store: &mut Sqlite, directory: &Path) {
    let signed = stance_store::audit::checkpoint_if_due(store, directory, jiff::Timestamp::now());
    if let Err(error) = signed {
        let _ = writeln!(
            std::io::stderr(),
            "warning: the audit log is not signed: {error}"
        );
    }
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
