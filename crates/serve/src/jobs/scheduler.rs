//! The clock that asks for jobs.
//!
//! When something is due stands in the database, so that a restart forgets nothing. What was missed while nobody ran
//! is done once. A clock that was set back is noticed by times that lie further ahead than the schedule allows.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_store::jobs::{JobFilter, JobState, Jobs as _, NewJob};
use stance_store::sources::{Due, NewRun, Sources as _};
use stance_store::{Notifications as _, Sqlite};

use super::books::{Books, BooksError};
use super::schedule::Schedule;
use super::{GATHER, HOUSEKEEPING, SCAN};

/// Asks for everything that is due, and takes back the jobs of lost workers; gives how much there is to do now.
///
/// # Errors
///
/// When the database cannot be written.
pub fn tick(books: &Books, now: Timestamp) -> Result<usize, BooksError> {
    let (recovered, due) = books.write(move |store| {
        let recovered = store.recover_jobs(now)?.waiting.len();
        Ok((recovered, store.due()?))
    })?;
    let mut asked = recovered;
    for due in due {
        if books.write(move |store| Ok(source(store, &due, now)?))? {
            asked += 1;
        }
    }
    for (kind, schedule) in HOUSEKEEPING {
        if books.write(move |store| Ok(housekeeping(store, kind, schedule, now)?))? {
            asked += 1;
        }
    }
    Ok(asked)
}

/// Asks for messages of what waits to be told, once it was gathered for a while, and ends deliveries whose jobs ended
/// without them.
///
/// # Errors
///
/// When the database cannot be read or written.
pub fn outbox(books: &Books, now: Timestamp, gather: Duration) -> Result<(), BooksError> {
    let wanted = books.read(|store| Ok(store.unsettled()?))?;
    if !wanted {
        return Ok(());
    }
    books.write(move |store| {
        store.settle_deliveries(now)?;
        if !store.waiting()?.is_empty() {
            let gather = SignedDuration::try_from(gather).unwrap_or(SignedDuration::ZERO);
            let job = NewJob {
                not_before: now.checked_add(gather).ok(),
                ..NewJob::new(GATHER, json!({})).once(GATHER)
            };
            store.enqueue(&job, now)?;
        }
        Ok(())
    })
}

/// Asks for a run of a source that is due; `true` when there is a new one.
fn source(store: &mut Sqlite, due: &Due, now: Timestamp) -> stance_store::Result<bool> {
    // A push source is looked at by others; a schedule that an older version took and this one does not is not kept.
    let Ok(schedule) = due.schedule.parse::<Schedule>() else {
        return Ok(false);
    };
    if !due.kind.is_looked_at() {
        return Ok(false);
    }
    let next = schedule.next_after(now);
    let run = NewRun {
        source: due.source,
        cause: "schedule",
        actor: None,
        job: SCAN,
        priority: 0,
    };
    match due.at {
        Some(at) if at <= now => {
            let asked = store.set_due(due.source, &due.schedule, next, Some(&run), now)?;
            Ok(asked.is_some_and(|asked| asked.new))
        }
        Some(at) if at <= next => Ok(false),
        // Never worked out, or worked out before the clock was set back.
        _ => {
            store.set_due(due.source, &due.schedule, next, None, now)?;
            Ok(false)
        }
    }
}

/// Keeps one job of the kind waiting for its next time; `true` when one was added.
fn housekeeping(
    store: &mut Sqlite,
    kind: &'static str,
    schedule: &str,
    now: Timestamp,
) -> stance_store::Result<bool> {
    let Ok(schedule) = schedule.parse::<Schedule>() else {
        return Ok(false);
    };
    let last = store.jobs(&JobFilter {
        kind: Some(kind.to_owned()),
        limit: 1,
        ..JobFilter::default()
    })?;
    let unfinished = last.first().is_some_and(|job| !job.state.is_final());
    if unfinished {
        return Ok(false);
    }
    // The first one of all is done at once: it does no harm, and shows that it works.
    let not_before = last
        .first()
        .filter(|job| job.state != JobState::Cancelled)
        .map(|_| schedule.next_after(now));
    let job = NewJob {
        not_before,
        ..NewJob::new(kind, json!({})).once(kind)
    };
    Ok(store.enqueue(&job, now)?.new)
}
