//! One import: whole or not at all.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};
use stance_advisories::Advisory;

use super::{Advisories, explain};
use crate::{Result, StoreError};

/// An import that is under way.
pub struct Import<'t> {
    transaction: &'t Transaction<'t>,
    path: &'t std::path::Path,
}

impl Advisories {
    /// Does `work` as one import. When it fails, or the process ends, nothing of it stays.
    ///
    /// # Errors
    ///
    /// Those of `work`, and when the database cannot be written.
    pub fn import<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Import<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let path = self.path.clone();
        let explain = |error| explain(&path, error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(explain)?;
        let done = work(&Import {
            transaction: &transaction,
            path: &path,
        })?;
        transaction.commit().map_err(explain)?;
        Ok(done)
    }
}

impl Import<'_> {
    /// Takes in a record, in place of the one of the same source and number; says whether anything changed.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn add(&self, advisory: &Advisory) -> Result<bool> {
        self.try_add(advisory)
            .map_err(|error| explain(self.path, error))
    }

    fn try_add(&self, advisory: &Advisory) -> rusqlite::Result<bool> {
        let body = serde_json::to_string(advisory)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let known: Option<(i64, String)> = self
            .transaction
            .prepare_cached("SELECT row, body FROM advisory WHERE id = ?1 AND source = ?2")?
            .query_row(params![advisory.id, advisory.source], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let row = match known {
            Some((_, old)) if old == body => return Ok(false),
            Some((row, _)) => {
                for table in ["alias", "affected"] {
                    self.transaction
                        .prepare_cached(&format!("DELETE FROM {table} WHERE row = ?1"))?
                        .execute([row])?;
                }
                self.transaction
                    .prepare_cached("UPDATE advisory SET body = ?2 WHERE row = ?1")?
                    .execute(params![row, body])?;
                row
            }
            None => {
                self.transaction
                    .prepare_cached(
                        "INSERT INTO advisory (source, id, body) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![advisory.source, advisory.id, body])?;
                self.transaction.last_insert_rowid()
            }
        };
        for alias in &advisory.aliases {
            self.transaction
                .prepare_cached("INSERT OR IGNORE INTO alias (alias, row) VALUES (?1, ?2)")?
                .execute(params![alias, row])?;
        }
        for affected in &advisory.affected {
            self.transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO affected (ecosystem, name, row) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![affected.ecosystem.name(), affected.name, row])?;
        }
        Ok(true)
    }

    /// Takes in the whole catalogue of flaws that are used by attackers, in place of the one before.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn exploited(&self, ids: &[String]) -> Result<()> {
        let explain = |error| explain(self.path, error);
        self.transaction
            .execute("UPDATE signal SET exploited = 0", [])
            .map_err(explain)?;
        let mut statement = self
            .transaction
            .prepare_cached(
                "INSERT INTO signal (id, exploited) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET exploited = 1",
            )
            .map_err(explain)?;
        for id in ids {
            statement.execute([id]).map_err(explain)?;
        }
        Ok(())
    }

    /// Takes in how likely a flaw is to be used.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn likelihood(&self, id: &str, likelihood: f64) -> Result<()> {
        self.transaction
            .prepare_cached(
                "INSERT INTO signal (id, likelihood) VALUES (?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET likelihood = excluded.likelihood",
            )
            .and_then(|mut statement| statement.execute(params![id, likelihood]))
            .map(drop)
            .map_err(|error| explain(self.path, error))
    }

    /// Notes that a file was imported.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn finish(
        &self,
        kind: &str,
        file: &str,
        at: Timestamp,
        records: usize,
        newest: Option<&str>,
    ) -> Result<()> {
        self.transaction
            .execute(
                "INSERT INTO import (kind, file, at_ms, records, newest) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (file) DO UPDATE SET kind = excluded.kind, at_ms = excluded.at_ms,
                     records = excluded.records, newest = excluded.newest",
                params![
                    kind,
                    file,
                    at.as_millisecond(),
                    i64::try_from(records).unwrap_or(i64::MAX),
                    newest
                ],
            )
            .map(drop)
            .map_err(|error| explain(self.path, error))
    }
}
