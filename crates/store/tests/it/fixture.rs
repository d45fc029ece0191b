//! Scans made by hand, and a place for a database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{Timestamp, ToSpan as _};
use stance_core::evidence::Locus;
use stance_core::finding::Status;
use stance_core::{
    Asset, AssetId, AssetKind, Coverage, Evidence, Finding, FindingId, How, Relation, RelationKind,
    Severity,
};
use stance_store::{NewScan, Recorded, Store};

/// A directory that is removed when the test ends.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stance-store-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The database in it.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("data").join("stance.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a scan found.
#[derive(Clone, Default)]
pub(crate) struct Content {
    pub(crate) assets: BTreeMap<AssetId, Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Coverage,
    pub(crate) unjudged: BTreeSet<&'static str>,
}

impl Content {
    /// One application, and a finding for each of `numbers`.
    pub(crate) fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut content = Self::default();
        content.coverage.files = 3;
        content.coverage.skip("malformed");
        for asset in [asset("app"), asset("library")] {
            content.assets.insert(asset.id.clone(), asset);
        }
        content.relations.push(Relation {
            from: asset("app").id,
            to: asset("library").id,
            kind: RelationKind::DependsOn,
            evidence: Evidence::file("app.toml"),
        });
        content.findings = numbers.into_iter().map(finding).collect();
        content
    }

    /// Records it as a scan of `target` that ended on `day` of a month.
    pub(crate) fn record(&self, store: &mut impl Store, target: &str, day: i64) -> Recorded {
        store.record_scan(&self.scan(target, day)).unwrap()
    }

    pub(crate) fn scan<'a>(&'a self, target: &'a str, day: i64) -> NewScan<'a> {
        NewScan {
            target,
            name: "demo",
            tool_version: "0.1.0",
            started: time(day),
            finished: time(day).checked_add(1500.milliseconds()).unwrap(),
            assets: &self.assets,
            relations: &self.relations,
            findings: &self.findings,
            coverage: &self.coverage,
            unjudged: &self.unjudged,
        }
    }
}

/// Ten o'clock on a day.
pub(crate) fn time(day: i64) -> Timestamp {
    let first: Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
    first.checked_add((24 * (day - 1)).hours()).unwrap()
}

/// When the scan of a day ended.
pub(crate) fn end(day: i64) -> Timestamp {
    time(day).checked_add(1500.milliseconds()).unwrap()
}

pub(crate) fn asset(name: &str) -> Asset {
    let evidence = Evidence::file(format!("{name}.toml"));
    Asset::new(AssetKind::Application, name, name, How::Observed, evidence).with("version", "1")
}

pub(crate) fn finding(number: u32) -> Finding {
    let evidence = Evidence {
        path: format!("app/{number}.py").into(),
        locus: Locus::Line {
            line: number,
            column: 1,
            width: 4,
        },
        excerpt: "load(x)".into(),
        mark: Some((0, 4)),
    };
    let message = format!("`load` number {number} is unsafe");
    let mut finding = Finding::new(
        "code/load",
        Severity::High,
        asset("app").id,
        evidence,
        message,
    );
    finding.id = id(number);
    finding
}

pub(crate) fn id(number: u32) -> FindingId {
    FindingId(format!("{number:032x}").into())
}

/// The same finding, with another status.
pub(crate) fn with_status(mut finding: Finding, status: Status) -> Finding {
    finding.status = status;
    finding.status_reason = (status != Status::Open).then(|| "we know".to_owned());
    finding
}
