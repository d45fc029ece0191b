//! Figures for Prometheus: what the process counted, and how database, jobs, log and estate stand now.

use std::collections::BTreeMap;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use jiff::Timestamp;
use stance_core::Severity;
use stance_core::score::Score;
use stance_store::audit::AuditStatus;
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::Sources as _;
use stance_store::{AuditLog as _, Estate as _, Sqlite, Tally};

use crate::ask::Ask;
use crate::db;
use crate::error::ApiError;
use crate::metrics::{Exposition, Kind};

/// Most unfinished jobs of a state that are counted.
const MOST: usize = 10_000;

/// What the database tells.
struct Standing {
    tally: Tally,
    sources: u64,
    runs: (u64, u64),
    audit: AuditStatus,
    waiting: BTreeMap<(String, &'static str), u64>,
    /// When the job that waits for longest could have begun.
    oldest: Option<Timestamp>,
}

pub(super) async fn metrics(ask: Ask) -> Result<impl IntoResponse, ApiError> {
    let now = ask.now;
    let standing = ask.db.read(move |store| Ok(standing(store, now)?)).await?;
    let mut text = Exposition::default();
    ask.metrics.write(&mut text);
    database(
        &mut text,
        ask.db.figures(),
        &ask.settings.data_dir.join(crate::FILE_NAME),
    );
    jobs(&mut text, &standing, now);
    audit(&mut text, &standing.audit);
    estate(&mut text, &standing);
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text.into_text(),
    ))
}

fn standing(store: &Sqlite, now: Timestamp) -> stance_store::Result<Standing> {
    let mut waiting = BTreeMap::new();
    let mut oldest: Option<Timestamp> = None;
    for state in [JobState::Waiting, JobState::Running] {
        let jobs = store.jobs(&JobFilter {
            state: Some(state),
            limit: MOST,
            ..JobFilter::default()
        })?;
        for job in jobs {
            // What is put off until later waits for nothing but the clock.
            let name = match state {
                JobState::Waiting if job.not_before > now => "scheduled",
                _ => state.name(),
            };
            if name == "waiting" {
                oldest = Some(oldest.map_or(job.not_before, |it| it.min(job.not_before)));
            }
            *waiting.entry((job.kind, name)).or_default() += 1;
        }
    }
    Ok(Standing {
        tally: store.tally()?,
        sources: store.count_sources()?,
        runs: store.unfinished_runs()?,
        audit: store.audit_status()?,
        waiting,
        oldest,
    })
}

fn database(text: &mut Exposition, figures: db::Figures, path: &std::path::Path) {
    text.single(
        "stance_database_commits_total",
        Kind::Counter,
        "Commits since the start.",
        figures.commits,
    );
    text.single(
        "stance_database_writes_waiting",
        Kind::Gauge,
        "Pieces of work that wait for the writer.",
        figures.writes_waiting,
    );
    text.single(
        "stance_database_reads_waiting",
        Kind::Gauge,
        "Pieces of work that wait for a reader.",
        figures.reads_waiting,
    );
    text.family(
        "stance_database_size_bytes",
        Kind::Gauge,
        "Bytes of the database and of its log of changes.",
    );
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    for (file, path) in [("database", path), ("log", std::path::Path::new(&log))] {
        let bytes = std::fs::metadata(path).map_or(0, |it| it.len());
        text.sample("stance_database_size_bytes", &[("file", file)], bytes);
    }
}

fn jobs(text: &mut Exposition, standing: &Standing, now: Timestamp) {
    text.family(
        "stance_jobs",
        Kind::Gauge,
        "Jobs that are not finished: waiting, scheduled for later, or running.",
    );
    for ((kind, state), count) in &standing.waiting {
        text.sample("stance_jobs", &[("kind", kind), ("state", state)], count);
    }
    let waits = standing.oldest.map_or(0.0, |oldest| {
        now.duration_since(oldest).as_secs_f64().max(0.0)
    });
    text.single(
        "stance_jobs_oldest_waiting_seconds",
        Kind::Gauge,
        "For how long the first job in the line waits.",
        waits,
    );
    text.family(
        "stance_runs",
        Kind::Gauge,
        "Looks at sources that are not finished.",
    );
    let (queued, running) = standing.runs;
    text.sample("stance_runs", &[("state", "queued")], queued);
    text.sample("stance_runs", &[("state", "running")], running);
}

fn audit(text: &mut Exposition, status: &AuditStatus) {
    text.single(
        "stance_audit_entries",
        Kind::Gauge,
        "Entries of the audit log.",
        status.size,
    );
    let signed = status.checkpoint.as_ref().map_or(0, |last| last.size);
    text.single(
        "stance_audit_unsigned_entries",
        Kind::Gauge,
        "Entries of the audit log behind the last checkpoint.",
        status.size.saturating_sub(signed),
    );
    if let Some(last) = &status.checkpoint {
        text.single(
            "stance_audit_checkpoint_timestamp_seconds",
            Kind::Gauge,
            "When the audit log was last signed, in seconds since 1970.",
            last.at.as_second(),
        );
    }
}

fn estate(text: &mut Exposition, standing: &Standing) {
    let tally = &standing.tally;
    text.single(
        "stance_sources",
        Kind::Gauge,
        "Sources that were not removed.",
        standing.sources,
    );
    text.family(
        "stance_assets",
        Kind::Gauge,
        "Assets that a source sees, by kind.",
    );
    for (kind, count) in &tally.assets {
        text.sample("stance_assets", &[("kind", kind)], count);
    }
    text.family(
        "stance_findings_open",
        Kind::Gauge,
        "Open findings, by severity.",
    );
    for (severity, count) in Severity::ALL.iter().zip(tally.findings) {
        text.sample(
            "stance_findings_open",
            &[("severity", severity.name())],
            count,
        );
    }
    text.single(
        "stance_changes_pending",
        Kind::Gauge,
        "Changes that wait for a decision.",
        tally.changes,
    );
    if let Some(score) = tally.totals.score() {
        score_of(text, &score);
    }
}

fn score_of(text: &mut Exposition, score: &Score) {
    text.family(
        "stance_posture_score_ratio",
        Kind::Gauge,
        "The posture score from 0 to 1, with the bounds of what is not known.",
    );
    for (bound, points) in [
        ("value", score.value),
        ("lower", score.lower),
        ("upper", score.upper),
    ] {
        let ratio = points.as_f64() / 100.0;
        text.sample("stance_posture_score_ratio", &[("bound", bound)], ratio);
    }
}
