//! The list of work.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use super::Sqlite;
use super::columns::{json, json_if_any, named, not_found, time, time_if_any};
use crate::Result;
use crate::jobs::{
    Beat, Enqueued, Job, JobFilter, JobId, JobState, Jobs, LONGEST_LEASE, Lease, NewJob, Recovered,
    Retry, pause,
};

const JOB: &str =
    "SELECT id, kind, body, key, state, priority, run_at, attempts, max_attempts, worker,
    progress, error, cancel, created, started, finished FROM job";

/// The job is still this worker's.
const HELD: &str = "id = ?1 AND worker = ?2 AND attempts = ?3 AND state = 'running'";

fn job_of(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: JobId(row.get(0)?),
        kind: row.get(1)?,
        body: json(row, 2)?,
        key: row.get(3)?,
        state: named(row, 4, JobState::named)?,
        priority: row.get(5)?,
        not_before: time(row, 6)?,
        attempts: row.get(7)?,
        max_attempts: row.get(8)?,
        worker: row.get(9)?,
        progress: json_if_any(row, 10)?,
        error: row.get(11)?,
        cancel: row.get(12)?,
        created: time(row, 13)?,
        started: time_if_any(row, 14)?,
        finished: time_if_any(row, 15)?,
    })
}

/// Asks for a job, as a part of a larger step.
pub(super) fn enqueue(
    connection: &Connection,
    job: &NewJob<'_>,
    now: Timestamp,
) -> rusqlite::Result<Enqueued> {
    if let Some(key) = job.key {
        let unfinished = connection
            .prepare(
                "SELECT id FROM job WHERE kind = ?1 AND key = ?2 AND state IN ('waiting', 'running')",
            )?
            .query_row(params![job.kind, key], |row| row.get(0))
            .optional()?;
        if let Some(id) = unfinished {
            return Ok(Enqueued {
                id: JobId(id),
                new: false,
            });
        }
    }
    let now = now.as_millisecond();
    connection
        .prepare(
            "INSERT INTO job (kind, body, key, lane, state, priority, run_at, decided, max_attempts, backoff, created)
             VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?7, ?8, ?9, ?7)",
        )?
        .execute(params![
            job.kind,
            job.body.to_string(),
            job.key,
            job.lane,
            job.priority,
            job.not_before.map_or(now, Timestamp::as_millisecond),
            now,
            job.max_attempts.max(1),
            millis(job.backoff),
        ])?;
    Ok(Enqueued {
        id: JobId(connection.last_insert_rowid()),
        new: true,
    })
}

/// Tells a job to stop, as a part of a larger step; `None` when there is none.
pub(super) fn cancel(
    connection: &Connection,
    id: JobId,
    now: Timestamp,
) -> rusqlite::Result<Option<JobState>> {
    connection.execute(
        "UPDATE job SET cancel = 1,
            finished = CASE state WHEN 'waiting' THEN ?2 END,
            state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
         WHERE id = ?1 AND state IN ('waiting', 'running')",
        params![id.0, now.as_millisecond()],
    )?;
    connection
        .query_row("SELECT state FROM job WHERE id = ?1", [id.0], |row| {
            named(row, 0, JobState::named)
        })
        .optional()
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn after(now: Timestamp, duration: SignedDuration) -> i64 {
    now.as_millisecond().saturating_add(millis(duration))
}

/// Takes back the jobs that `sql` gives: they wait again, or have failed for good.
fn recover(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    now: Timestamp,
) -> rusqlite::Result<Recovered> {
    let mut recovered = Recovered::default();
    let lost: Vec<(i64, bool, bool)> = connection
        .prepare(sql)?
        .query_map(parameters, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let now_millis = now.as_millisecond();
    for (id, again, cancel) in lost {
        let state = match (again, cancel) {
            (_, true) => JobState::Cancelled,
            (true, false) => JobState::Waiting,
            (false, false) => JobState::Failed,
        };
        connection.execute(
            "UPDATE job SET state = ?2, lease = NULL, run_at = ?3, decided = ?3, progress = NULL,
                error = 'the process that worked on it ended before it was done', finished = ?4 WHERE id = ?1",
            params![
                id,
                state.name(),
                now_millis,
                state.is_final().then_some(now_millis)
            ],
        )?;
        match state {
            JobState::Waiting => recovered.waiting.push(JobId(id)),
            _ => recovered.failed.push(JobId(id)),
        }
    }
    super::runs::settle(connection, now)?;
    Ok(recovered)
}

impl Sqlite {
    /// Ends a job that is still this worker's.
    fn end_job(&mut self, lease: &Lease, state: JobState, now: Timestamp) -> Result<bool> {
        let sql = format!(
            "UPDATE job SET state = ?4, finished = ?5, lease = NULL, progress = NULL,
                error = CASE ?4 WHEN 'done' THEN NULL ELSE error END WHERE {HELD}"
        );
        self.write(|transaction| {
            let ended = transaction.execute(
                &sql,
                params![
                    lease.job.0,
                    lease.worker,
                    lease.attempt,
                    state.name(),
                    now.as_millisecond()
                ],
            )?;
            Ok(ended > 0)
        })
    }
}

impl Jobs for Sqlite {
    fn enqueue(&mut self, job: &NewJob<'_>, now: Timestamp) -> Result<Enqueued> {
        self.write(|transaction| enqueue(transaction, job, now))
    }

    fn take_job(
        &mut self,
        worker: &str,
        kinds: &[&str],
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Job>> {
        let kinds = serde_json::to_string(kinds).unwrap_or_default();
        let lease = lease.min(LONGEST_LEASE);
        self.write(|transaction| {
            // A job that was put off by a clock that was set back since is due: `decided` lies in the future then.
            let next: Option<i64> = transaction
                .prepare(
                    "SELECT id FROM job WHERE state = 'waiting' AND (run_at <= ?1 OR decided > ?1)
                        AND kind IN (SELECT value FROM json_each(?2))
                        AND NOT EXISTS (SELECT 1 FROM job AS other WHERE other.lane = job.lane
                            AND other.state IN ('waiting', 'running') AND other.id < job.id)
                     ORDER BY priority DESC, run_at, id LIMIT 1",
                )?
                .query_row(params![now.as_millisecond(), kinds], |row| row.get(0))
                .optional()?;
            let Some(id) = next else { return Ok(None) };
            transaction.execute(
                "UPDATE job SET state = 'running', worker = ?2, lease = ?3, attempts = attempts + 1, started = ?4,
                    progress = NULL WHERE id = ?1",
                params![id, worker, after(now, lease), now.as_millisecond()],
            )?;
            let job = transaction.query_row(&format!("{JOB} WHERE id = ?1"), [id], job_of)?;
            Ok(Some(job))
        })
    }

    fn heartbeat(
        &mut self,
        lease: &Lease,
        progress: Option<&Value>,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Beat> {
        let until = after(now, length.min(LONGEST_LEASE));
        let progress = progress.map(Value::to_string);
        let sql = format!(
            "UPDATE job SET lease = ?4, progress = coalesce(?5, progress) WHERE {HELD} RETURNING cancel"
        );
        self.write(|transaction| {
            let cancel: Option<bool> = transaction
                .query_row(
                    &sql,
                    params![lease.job.0, lease.worker, lease.attempt, until, progress],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(match cancel {
                Some(false) => Beat::Held,
                Some(true) => Beat::Cancel,
                None => Beat::Lost,
            })
        })
    }

    fn finish_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool> {
        self.end_job(lease, JobState::Done, now)
    }

    fn stop_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool> {
        self.end_job(lease, JobState::Cancelled, now)
    }

    fn release_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool> {
        let sql = format!(
            "UPDATE job SET state = 'waiting', lease = NULL, attempts = attempts - 1, run_at = ?4, decided = ?4,
                progress = NULL WHERE {HELD}"
        );
        self.write(|transaction| {
            let released = transaction.execute(
                &sql,
                params![
                    lease.job.0,
                    lease.worker,
                    lease.attempt,
                    now.as_millisecond()
                ],
            )?;
            Ok(released > 0)
        })
    }

    fn fail_job(
        &mut self,
        lease: &Lease,
        error: &str,
        retry: Retry,
        now: Timestamp,
    ) -> Result<Option<JobState>> {
        self.write(|transaction| {
            let sql = format!("SELECT max_attempts, backoff, cancel FROM job WHERE {HELD}");
            let held: Option<(u32, i64, bool)> = transaction
                .query_row(
                    &sql,
                    params![lease.job.0, lease.worker, lease.attempt],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let Some((most, backoff, cancel)) = held else {
                return Ok(None);
            };
            let again = match retry {
                Retry::Later { random } if lease.attempt < most && !cancel => Some(pause(
                    SignedDuration::from_millis(backoff),
                    lease.attempt,
                    random,
                )),
                _ => None,
            };
            let state = match again {
                Some(_) => JobState::Waiting,
                None if cancel => JobState::Cancelled,
                None => JobState::Failed,
            };
            let finished = state.is_final().then(|| now.as_millisecond());
            transaction.execute(
                "UPDATE job SET state = ?2, error = ?3, lease = NULL, run_at = ?4, decided = ?5, finished = ?6,
                    progress = NULL WHERE id = ?1",
                params![
                    lease.job.0,
                    state.name(),
                    error,
                    after(now, again.unwrap_or_default()),
                    now.as_millisecond(),
                    finished
                ],
            )?;
            Ok(Some(state))
        })
    }

    fn cancel_job(&mut self, id: JobId, now: Timestamp) -> Result<JobState> {
        let state = self.write(|transaction| {
            let state = cancel(transaction, id, now)?;
            super::runs::settle(transaction, now)?;
            Ok(state)
        })?;
        state.ok_or_else(|| not_found("job", id.0))
    }

    fn recover_jobs(&mut self, now: Timestamp) -> Result<Recovered> {
        let longest = after(now, LONGEST_LEASE);
        let sql = "SELECT id, attempts < max_attempts, cancel FROM job
             WHERE state = 'running' AND (lease <= ?1 OR lease > ?2) ORDER BY id";
        self.write(|transaction| {
            recover(
                transaction,
                sql,
                params![now.as_millisecond(), longest],
                now,
            )
        })
    }

    fn reclaim_jobs(&mut self, now: Timestamp) -> Result<Recovered> {
        let sql = "SELECT id, attempts < max_attempts, cancel FROM job WHERE state = 'running' ORDER BY id";
        self.write(|transaction| recover(transaction, sql, params![], now))
    }

    fn job(&self, id: JobId) -> Result<Job> {
        self.connection
            .query_row(&format!("{JOB} WHERE id = ?1"), [id.0], job_of)
            .optional()
            .map_err(|error| self.explain(error))?
            .ok_or_else(|| not_found("job", id.0))
    }

    fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>> {
        // Each condition is there only where it is asked for, so that an index serves it.
        let state = filter.state.map_or("?1 IS NULL", |_| "state = ?1");
        let kind = filter.kind.as_ref().map_or("?2 IS NULL", |_| "kind = ?2");
        let sql = format!("{JOB} WHERE {state} AND {kind} AND id < ?3 ORDER BY id DESC LIMIT ?4");
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let before = filter.before.map_or(i64::MAX, |id| id.0);
        self.rows(
            &sql,
            params![filter.state.map(JobState::name), filter.kind, before, limit],
            |row| job_of(row).map_err(|error| self.explain(error)),
        )
    }

    fn next_job_at(&self) -> Result<Option<Timestamp>> {
        self.connection
            .query_row(
                "SELECT min(run_at) FROM job WHERE state = 'waiting'",
                [],
                |row| time_if_any(row, 0),
            )
            .map_err(|error| self.explain(error))
    }
}
