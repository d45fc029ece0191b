//! What the service does by itself: jobs that are stuck, sources that are not looked at.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use stance_serve::sources::options::Options;
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::{RunState, SourceFilter, SourceKind, SourceStatus, Sources as _};
use stance_store::{Accounts as _, Sqlite, StoreError};

use super::{Area, Check, area};

/// How long a job may wait behind its time, or run.
const PATIENCE: SignedDuration = SignedDuration::from_hours(2);

/// How long failures are told.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Most jobs and sources that are looked at.
const MOST: usize = 10_000;

/// Most things of a kind that are told one by one.
const TOLD: usize = 10;

pub(super) fn look(checks: &mut Vec<Check>, path: &Path, now: Timestamp) {
    // What cannot be opened was told before.
    let Ok(store) = Sqlite::open_to_read(path) else {
        return;
    };
    let mut people = area(checks, "people");
    match store.has_administrator() {
        Ok(true) => people.ok("somebody can administer the service"),
        Ok(false) => people.warning(
            "nobody can administer the service yet",
            "start it, and open the link that it prints",
        ),
        Err(error) => people.failed(&error),
    }
    if let Err(error) = jobs(&mut area(checks, "jobs"), &store, now) {
        area(checks, "jobs").failed(&error);
    }
    if let Err(error) = sources(&mut area(checks, "sources"), &store, now) {
        area(checks, "sources").failed(&error);
    }
}

fn jobs(area: &mut Area<'_>, store: &Sqlite, now: Timestamp) -> Result<(), StoreError> {
    let of = |state| {
        store.jobs(&JobFilter {
            state: Some(state),
            limit: MOST,
            ..JobFilter::default()
        })
    };
    let mut told = 0;
    for job in of(JobState::Waiting)? {
        let late = now.duration_since(job.not_before);
        if late > PATIENCE && told < TOLD {
            told += 1;
            area.warning(
                format!(
                    "job {} ({}) waits since {:.0}",
                    job.id.0, job.kind, job.not_before
                ),
                "see whether the service runs and what it does at /jobs; cancel what blocks it",
            );
        }
    }
    for job in of(JobState::Running)? {
        let since = job.started.unwrap_or(now);
        if now.duration_since(since) > PATIENCE && told < TOLD {
            told += 1;
            area.warning(
                format!("job {} ({}) runs since {since:.0}", job.id.0, job.kind),
                "see how far it is at /jobs; cancel it if it stands still",
            );
        }
    }
    let failed = of(JobState::Failed)?.into_iter().filter(|job| {
        job.finished
            .is_some_and(|at| now.duration_since(at) < RECENT)
    });
    let failed: Vec<_> = failed.collect();
    if let Some(last) = failed.first() {
        area.warning(
            format!(
                "{} jobs failed within a day, the last one ({}): {}",
                failed.len(),
                last.kind,
                last.error.as_deref().unwrap_or("no reason was kept")
            ),
            "the page /jobs tells each",
        );
    } else if told == 0 {
        area.ok("no job is stuck, and none failed within a day");
    }
    Ok(())
}

fn sources(area: &mut Area<'_>, store: &Sqlite, now: Timestamp) -> Result<(), StoreError> {
    let all = store.sources(&SourceFilter {
        limit: MOST,
        ..SourceFilter::default()
    })?;
    let mut told = 0;
    for status in &all {
        if told == TOLD {
            break;
        }
        if let Some((says, advice)) = ails(status, now) {
            told += 1;
            let name = &status.source.settings.name;
            area.warning(format!("{name}: {says}"), advice);
        }
    }
    if told == 0 {
        area.ok(format!("{} sources, none of them ails", all.len()));
    }
    Ok(())
}

/// What is wrong with a source, and what to do.
fn ails(status: &SourceStatus, now: Timestamp) -> Option<(String, &'static str)> {
    let source = &status.source;
    if source.kind != SourceKind::Push && !source.settings.enabled {
        return None;
    }
    let options = match Options::of(source.kind, &source.settings.options) {
        Ok(options) => options,
        Err(error) => {
            return Some((
                format!("its options are not in order: {error}"),
                "edit the source",
            ));
        }
    };
    let paths: Vec<&str> = match &options {
        Options::Tree(tree) | Options::Bom(tree) => vec![&tree.path],
        Options::Logs(logs) => logs.paths.iter().map(String::as_str).collect(),
        Options::Host(_) | Options::Push => Vec::new(),
    };
    for path in paths {
        if let Err(error) = reachable(Path::new(path)) {
            return Some((
                format!("{path} cannot be read here: {error}"),
                "mount it, or let the user who runs the service read it",
            ));
        }
    }
    let last = status
        .runs
        .iter()
        .find(|run| matches!(run.state, RunState::Succeeded | RunState::Failed))?;
    if last.state == RunState::Failed {
        let error = last.error.clone().unwrap_or_default();
        return Some((
            format!("the last look failed: {error}"),
            "its page tells what the scanner wrote",
        ));
    }
    let due = status.next?;
    (now.duration_since(due) > PATIENCE).then(|| {
        (
            format!("it was due at {due:.0}"),
            "see whether the service runs",
        )
    })
}

/// Whether something can be read; opened and not read, so that a pipe does not hold anybody up.
fn reachable(path: &Path) -> std::io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        std::fs::read_dir(path).map(drop)
    } else if metadata.is_file() {
        std::fs::File::open(path).map(drop)
    } else {
        Ok(())
    }
}
