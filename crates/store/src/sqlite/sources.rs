//! Where facts come from.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Sqlite;
use super::columns::{json, json_if_any, named, time, time_if_any};
use super::estate::inherit;
use super::runs;
use crate::sources::{
    Asked, Due, NewRun, NewSource, Run, RunEnd, RunFilter, RunState, Source, SourceFilter,
    SourceKind, SourceSettings, SourceStatus, Sources, Upload,
};
use crate::{Result, RunNumber, SourceNumber, StoreError};

const SOURCE: &str =
    "SELECT id, key, kind, name, options, schedule, enabled, owner, environment, revision, created,
    scanned, coverage, baseline, removed FROM source";

fn source_of(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        id: SourceNumber(row.get(0)?),
        key: row.get(1)?,
        kind: named(row, 2, SourceKind::named)?,
        settings: SourceSettings {
            name: row.get(3)?,
            options: json(row, 4)?,
            schedule: row.get(5)?,
            enabled: row.get(6)?,
            owner: row.get(7)?,
            environment: named(row, 8, |name| name.parse().ok())?,
        },
        revision: row.get(9)?,
        created: time(row, 10)?,
        scanned: time_if_any(row, 11)?,
        coverage: json_if_any(row, 12)?,
        baseline: time_if_any(row, 13)?,
        removed: time_if_any(row, 14)?,
    })
}

fn status(connection: &Connection, source: Source) -> rusqlite::Result<SourceStatus> {
    let next = connection
        .prepare("SELECT at FROM due WHERE source = ?1 AND schedule = ?2")?
        .query_row(params![source.id.0, source.settings.schedule], |row| {
            time(row, 0)
        })
        .optional()?;
    Ok(SourceStatus {
        runs: runs::recent(connection, source.id, SourceStatus::RECENT)?,
        next: next.filter(|_| source.settings.enabled && source.removed.is_none()),
        source,
    })
}

impl Sources for Sqlite {
    fn add_source(&mut self, source: &NewSource<'_>, now: Timestamp) -> Result<SourceNumber> {
        let added = self.write(|transaction| {
            let settings = source.settings;
            let added = transaction.execute(
                "INSERT INTO source (key, kind, name, options, schedule, enabled, owner, environment, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (key) DO UPDATE SET kind = ?2, name = ?3, options = ?4, schedule = ?5, enabled = ?6,
                    owner = ?7, environment = ?8, removed = NULL, revision = revision + 1
                 WHERE removed IS NOT NULL",
                params![
                    source.key,
                    source.kind.name(),
                    settings.name,
                    settings.options.to_string(),
                    settings.schedule,
                    settings.enabled,
                    settings.owner,
                    settings.environment.name(),
                    now.as_millisecond()
                ],
            )?;
            if added == 0 {
                return Ok(None);
            }
            transaction
                .query_row(
                    "SELECT id FROM source WHERE key = ?1",
                    [source.key],
                    |row| row.get(0),
                )
                .map(Some)
        })?;
        added.map(SourceNumber).ok_or_else(|| {
            StoreError::Conflict(format!("there is already a source `{}`", source.key))
        })
    }

    fn edit_source(
        &mut self,
        id: SourceNumber,
        settings: &SourceSettings,
        revision: i64,
        at: Timestamp,
    ) -> Result<i64> {
        let edited = self.whole(|transaction| {
            let now: Option<i64> = transaction
                .query_row(
                    "SELECT revision FROM source WHERE id = ?1 AND removed IS NULL",
                    [id.0],
                    |row| row.get(0),
                )
                .optional()?;
            if now != Some(revision) {
                return Ok(Err(now));
            }
            transaction.execute(
                "UPDATE source SET name = ?2, options = ?3, schedule = ?4, enabled = ?5, owner = ?6,
                    environment = ?7, revision = revision + 1 WHERE id = ?1",
                params![
                    id.0,
                    settings.name,
                    settings.options.to_string(),
                    settings.schedule,
                    settings.enabled,
                    settings.owner,
                    settings.environment.name()
                ],
            )?;
            let owner = settings.owner.as_deref();
            inherit::inherit(transaction, id, owner, settings.environment, at)?;
            Ok(Ok(revision + 1))
        })?;
        edited.map_err(|now| match now {
            Some(_) => StoreError::Edited {
                what: format!("source {id}"),
            },
            None => StoreError::NoSource(id),
        })
    }

    fn remove_source(&mut self, id: SourceNumber, now: Timestamp) -> Result<()> {
        self.whole(|transaction| {
            let removed = transaction.execute(
                "UPDATE source SET removed = ?2, revision = revision + 1 WHERE id = ?1 AND removed IS NULL",
                params![id.0, now.as_millisecond()],
            )?;
            if removed == 0 {
                return Err(StoreError::NoSource(id).into());
            }
            transaction.execute("DELETE FROM due WHERE source = ?1", [id.0])?;
            let unfinished: Vec<i64> = transaction
                .prepare(
                    "SELECT id FROM run WHERE source = ?1 AND state IN ('queued', 'running')",
                )?
                .query_map([id.0], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for run in unfinished {
                runs::cancel_of(transaction, RunNumber(run), now)?;
            }
            runs::settle(transaction, now)?;
            inherit::retire(transaction, id, now)
        })
    }

    fn source(&self, id: SourceNumber) -> Result<SourceStatus> {
        let explain = |error| self.explain(error);
        let source = self
            .connection
            .query_row(&format!("{SOURCE} WHERE id = ?1"), [id.0], source_of)
            .optional()
            .map_err(explain)?
            .ok_or(StoreError::NoSource(id))?;
        status(&self.connection, source).map_err(explain)
    }

    fn source_by_key(&self, key: &str) -> Result<Option<Source>> {
        self.connection
            .query_row(&format!("{SOURCE} WHERE key = ?1"), [key], source_of)
            .optional()
            .map_err(|error| self.explain(error))
    }

    fn sources(&self, filter: &SourceFilter) -> Result<Vec<SourceStatus>> {
        let removed = if filter.removed {
            "removed IS NOT NULL"
        } else {
            "removed IS NULL"
        };
        let sql = format!(
            "{SOURCE} WHERE {removed} AND (?1 IS NULL OR kind = ?1)
                AND (?2 IS NULL OR instr(lower(name), ?2) > 0 OR instr(lower(key), ?2) > 0)
                AND (?3 IS NULL OR (name COLLATE NOCASE, id) > (?3, ?4))
             ORDER BY name COLLATE NOCASE, id LIMIT ?5"
        );
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let (name, id) = match &filter.after {
            Some((name, id)) => (Some(name), id.0),
            None => (None, 0),
        };
        self.rows(
            &sql,
            params![
                filter.kind.map(SourceKind::name),
                filter.text.as_deref().map(str::to_lowercase),
                name,
                id,
                limit
            ],
            |row| {
                source_of(row)
                    .and_then(|source| status(&self.connection, source))
                    .map_err(|error| self.explain(error))
            },
        )
    }

    fn count_sources(&self) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM source WHERE removed IS NULL",
                [],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .map_err(|error| self.explain(error))
    }

    fn ask_run(&mut self, run: &NewRun<'_>, now: Timestamp) -> Result<Asked> {
        self.write_ask_run(run, now)
    }

    fn take_upload(
        &mut self,
        run: &NewRun<'_>,
        upload: &Upload<'_>,
        now: Timestamp,
    ) -> Result<Asked> {
        self.write_upload(run, upload, now)
    }

    fn upload(&self, run: RunNumber) -> Result<Option<Vec<u8>>> {
        self.read_upload(run)
    }

    fn due(&self) -> Result<Vec<Due>> {
        self.rows(
            "SELECT source.id, source.kind, source.schedule, due.at
             FROM source LEFT JOIN due ON due.source = source.id AND due.schedule = source.schedule
             WHERE source.removed IS NULL AND source.enabled AND source.schedule IS NOT NULL ORDER BY source.id",
            &[],
            |row| {
                let due = || {
                    Ok(Due {
                        source: SourceNumber(row.get(0)?),
                        kind: named(row, 1, SourceKind::named)?,
                        schedule: row.get(2)?,
                        at: time_if_any(row, 3)?,
                    })
                };
                due().map_err(|error| self.explain(error))
            },
        )
    }

    fn set_due(
        &mut self,
        source: SourceNumber,
        schedule: &str,
        at: Timestamp,
        run: Option<&NewRun<'_>>,
        now: Timestamp,
    ) -> Result<Option<Asked>> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO due (source, schedule, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (source) DO UPDATE SET schedule = ?2, at = ?3",
                params![source.0, schedule, at.as_millisecond()],
            )?;
            match run {
                Some(run) => runs::ask(transaction, run, true, now),
                None => Ok(None),
            }
        })
    }

    fn start_run(&mut self, run: RunNumber, now: Timestamp) -> Result<bool> {
        self.write_start_run(run, now)
    }

    fn end_run(
        &mut self,
        run: RunNumber,
        end: &RunEnd<'_>,
        log: &str,
        now: Timestamp,
    ) -> Result<bool> {
        self.write_end_run(run, end, log, now)
    }

    fn cancel_run(&mut self, run: RunNumber, now: Timestamp) -> Result<RunState> {
        self.write_cancel_run(run, now)
    }

    fn run(&self, id: RunNumber) -> Result<Run> {
        self.read_run(id)
    }

    fn run_log(&self, id: RunNumber) -> Result<Option<String>> {
        self.read_run_log(id)
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        self.read_runs(filter)
    }

    fn unfinished_runs(&self) -> Result<(u64, u64)> {
        self.read_unfinished_runs()
    }
}
