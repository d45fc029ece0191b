//! Each look at a source.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::Sqlite;
use super::columns::{json_if_any, named, not_found, time, time_if_any};
use super::jobs::{cancel, enqueue};
use crate::jobs::{JobId, JobState, NewJob};
use crate::sources::{Asked, NewRun, Run, RunEnd, RunFilter, RunState, SourceKind, Upload};
use crate::{Result, RunNumber, SourceNumber, StoreError};

const RUN: &str = "SELECT run.id, run.source, source.name, source.kind, run.cause, run.actor, run.state, run.queued,
    run.started, run.finished, run.outcome, run.error, run.job, job.progress, coalesce(job.cancel, 0)
    FROM run JOIN source ON source.id = run.source LEFT JOIN job ON job.id = run.job";

fn run_of(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: RunNumber(row.get(0)?),
        source: SourceNumber(row.get(1)?),
        source_name: row.get(2)?,
        source_kind: named(row, 3, SourceKind::named)?,
        cause: row.get(4)?,
        actor: row.get(5)?,
        state: named(row, 6, RunState::named)?,
        queued: time(row, 7)?,
        started: time_if_any(row, 8)?,
        finished: time_if_any(row, 9)?,
        outcome: json_if_any(row, 10)?,
        error: row.get(11)?,
        job: row.get::<_, Option<i64>>(12)?.map(JobId),
        progress: json_if_any(row, 13)?,
        cancel: row.get(14)?,
    })
}

/// The last runs of a source.
pub(super) fn recent(
    connection: &Connection,
    source: SourceNumber,
    limit: usize,
) -> rusqlite::Result<Vec<Run>> {
    connection
        .prepare(&format!(
            "{RUN} WHERE run.source = ?1 ORDER BY run.id DESC LIMIT ?2"
        ))?
        .query_map(
            params![source.0, i64::try_from(limit).unwrap_or(i64::MAX)],
            run_of,
        )?
        .collect()
}

/// Ends runs whose jobs ended without them: a worker may be lost between the two.
pub(super) fn settle(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE run SET finished = ?1,
            state = CASE WHEN (SELECT state FROM job WHERE job.id = run.job) = 'cancelled' THEN 'cancelled' ELSE 'failed' END,
            error = CASE WHEN (SELECT state FROM job WHERE job.id = run.job) = 'cancelled' THEN NULL
                ELSE 'the process that worked on it ended before it was done' END
         WHERE state IN ('queued', 'running') AND job IS NOT NULL
            AND (SELECT state FROM job WHERE job.id = run.job) IN ('done', 'failed', 'cancelled')",
        [now.as_millisecond()],
    )?;
    Ok(())
}

/// Asks for a run, as a part of a larger step; `None` when there is no such source.
pub(super) fn ask(
    connection: &Connection,
    run: &NewRun<'_>,
    once: bool,
    now: Timestamp,
) -> rusqlite::Result<Option<Asked>> {
    let known = connection
        .query_row(
            "SELECT 1 FROM source WHERE id = ?1 AND removed IS NULL",
            [run.source.0],
            |_| Ok(()),
        )
        .optional()?;
    if known.is_none() {
        return Ok(None);
    }
    let lane = format!("source:{}", run.source.0);
    let mut key = None;
    if once {
        let unfinished = connection
            .prepare(
                "SELECT run.id FROM job JOIN run ON run.job = job.id
                 WHERE job.kind = ?1 AND job.lane = ?2 AND job.state IN ('waiting', 'running')
                    AND run.state IN ('queued', 'running')",
            )?
            .query_row(params![run.job, lane], |row| row.get(0))
            .optional()?;
        if let Some(id) = unfinished {
            return Ok(Some(Asked {
                run: RunNumber(id),
                new: false,
            }));
        }
        // A job whose run has ended and that has not ended itself is none for another run: it would end without it.
        let ending = connection
            .prepare(
                "SELECT 1 FROM job WHERE kind = ?1 AND key = ?2 AND state IN ('waiting', 'running')",
            )?
            .exists(params![run.job, lane])?;
        key = (!ending).then(|| lane.clone());
    }
    connection
        .prepare(
            "INSERT INTO run (source, cause, actor, state, queued) VALUES (?1, ?2, ?3, 'queued', ?4)",
        )?
        .execute(params![
            run.source.0,
            run.cause,
            run.actor,
            now.as_millisecond()
        ])?;
    let id = connection.last_insert_rowid();
    let key = key.unwrap_or_else(|| format!("run:{id}"));
    let job = NewJob {
        key: Some(&key),
        lane: Some(&lane),
        priority: run.priority,
        ..NewJob::new(run.job, json!({"run": id, "source": run.source.0}))
    };
    let job = enqueue(connection, &job, now)?;
    connection.execute("UPDATE run SET job = ?2 WHERE id = ?1", [id, job.id.0])?;
    Ok(Some(Asked {
        run: RunNumber(id),
        new: true,
    }))
}

impl Sqlite {
    pub(super) fn write_ask_run(&mut self, run: &NewRun<'_>, now: Timestamp) -> Result<Asked> {
        let asked = self.write(|transaction| ask(transaction, run, true, now))?;
        asked.ok_or(StoreError::NoSource(run.source))
    }

    pub(super) fn write_upload(
        &mut self,
        run: &NewRun<'_>,
        upload: &Upload<'_>,
        now: Timestamp,
    ) -> Result<Asked> {
        let asked = self.write(|transaction| {
            let before: Option<(i64, RunState)> = transaction
                .query_row(
                    "SELECT run.id, run.state FROM upload JOIN run ON run.id = upload.run
                     WHERE upload.source = ?1 AND upload.key = ?2",
                    params![run.source.0, upload.key],
                    |row| Ok((row.get(0)?, named(row, 1, RunState::named)?)),
                )
                .optional()?;
            match before {
                Some((id, RunState::Queued | RunState::Running | RunState::Succeeded)) => {
                    return Ok(Some(Asked {
                        run: RunNumber(id),
                        new: false,
                    }));
                }
                Some(_) => {
                    transaction.execute(
                        "DELETE FROM upload WHERE source = ?1 AND key = ?2",
                        params![run.source.0, upload.key],
                    )?;
                }
                None => {}
            }
            let Some(asked) = ask(transaction, run, false, now)? else {
                return Ok(None);
            };
            transaction.execute(
                "INSERT INTO upload (source, key, run, received, document) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run.source.0,
                    upload.key,
                    asked.run.0,
                    now.as_millisecond(),
                    upload.document
                ],
            )?;
            Ok(Some(asked))
        })?;
        asked.ok_or(StoreError::NoSource(run.source))
    }

    pub(super) fn write_start_run(&mut self, run: RunNumber, now: Timestamp) -> Result<bool> {
        let state = self.write(|transaction| {
            transaction.execute(
                "UPDATE run SET state = 'running', started = ?2 WHERE id = ?1 AND state IN ('queued', 'running')",
                params![run.0, now.as_millisecond()],
            )?;
            state_of(transaction, run)
        })?;
        let state = state.ok_or_else(|| not_found("run", run.0))?;
        Ok(!state.is_final())
    }

    pub(super) fn write_end_run(
        &mut self,
        run: RunNumber,
        end: &RunEnd<'_>,
        log: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let (state, outcome, error) = match end {
            RunEnd::Succeeded { outcome } => (RunState::Succeeded, Some(outcome.to_string()), None),
            RunEnd::Failed { error } => (RunState::Failed, None, Some(*error)),
            RunEnd::Cancelled => (RunState::Cancelled, None, None),
        };
        let ended = self.write(|transaction| {
            let Some(before) = state_of(transaction, run)? else {
                return Ok(None);
            };
            if !before.is_final() {
                transaction.execute(
                    "UPDATE run SET state = ?2, finished = ?3, outcome = ?4, error = ?5 WHERE id = ?1",
                    params![run.0, state.name(), now.as_millisecond(), outcome, error],
                )?;
            }
            if !log.is_empty() {
                transaction.execute(
                    "UPDATE run SET log = ?2 WHERE id = ?1 AND log IS NULL",
                    params![run.0, log],
                )?;
            }
            transaction.execute("UPDATE upload SET document = NULL WHERE run = ?1", [run.0])?;
            Ok(Some(!before.is_final()))
        })?;
        ended.ok_or_else(|| not_found("run", run.0))
    }

    pub(super) fn write_cancel_run(&mut self, run: RunNumber, now: Timestamp) -> Result<RunState> {
        let state = self.write(|transaction| {
            cancel_of(transaction, run, now)?;
            settle(transaction, now)?;
            state_of(transaction, run)
        })?;
        state.ok_or_else(|| not_found("run", run.0))
    }

    pub(super) fn read_upload(&self, run: RunNumber) -> Result<Option<Vec<u8>>> {
        let found = self
            .connection
            .query_row(
                "SELECT document FROM upload WHERE run = ?1",
                [run.0],
                |row| row.get(0),
            )
            .optional();
        Ok(found.map_err(|error| self.explain(error))?.flatten())
    }

    pub(super) fn read_run(&self, id: RunNumber) -> Result<Run> {
        self.connection
            .query_row(&format!("{RUN} WHERE run.id = ?1"), [id.0], run_of)
            .optional()
            .map_err(|error| self.explain(error))?
            .ok_or_else(|| not_found("run", id.0))
    }

    pub(super) fn read_run_log(&self, id: RunNumber) -> Result<Option<String>> {
        self.connection
            .query_row("SELECT log FROM run WHERE id = ?1", [id.0], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|error| self.explain(error))?
            .ok_or_else(|| not_found("run", id.0))
    }

    pub(super) fn read_runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        // Each condition is there only where it is asked for, so that an index serves it.
        let source = filter.source.map_or("?1 IS NULL", |_| "run.source = ?1");
        let state = filter.state.map_or("?2 IS NULL", |_| "run.state = ?2");
        let sql = format!(
            "{RUN} WHERE {source} AND {state} AND run.id < ?3 ORDER BY run.id DESC LIMIT ?4"
        );
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        self.rows(
            &sql,
            params![
                filter.source.map(|id| id.0),
                filter.state.map(RunState::name),
                filter.before.map_or(i64::MAX, |id| id.0),
                limit
            ],
            |row| run_of(row).map_err(|error| self.explain(error)),
        )
    }

    pub(super) fn read_unfinished_runs(&self) -> Result<(u64, u64)> {
        self.connection
            .query_row(
                "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running')
                 FROM run WHERE state IN ('queued', 'running')",
                [],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
            )
            .map(|(queued, running)| (queued.unsigned_abs(), running.unsigned_abs()))
            .map_err(|error| self.explain(error))
    }
}

/// Tells the job of a run to stop.
pub(super) fn cancel_of(
    connection: &Connection,
    run: RunNumber,
    now: Timestamp,
) -> rusqlite::Result<Option<JobState>> {
    let job: Option<Option<i64>> = connection
        .query_row("SELECT job FROM run WHERE id = ?1", [run.0], |row| {
            row.get(0)
        })
        .optional()?;
    match job.flatten() {
        Some(job) => cancel(connection, JobId(job), now),
        None => {
            connection.execute(
                "UPDATE run SET state = 'cancelled', finished = ?2 WHERE id = ?1 AND state IN ('queued', 'running')",
                params![run.0, now.as_millisecond()],
            )?;
            Ok(None)
        }
    }
}

fn state_of(connection: &Connection, run: RunNumber) -> rusqlite::Result<Option<RunState>> {
    connection
        .query_row("SELECT state FROM run WHERE id = ?1", [run.0], |row| {
            named(row, 0, RunState::named)
        })
        .optional()
}
