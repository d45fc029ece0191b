//! One import: whole or not at all.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Statement, Transaction, TransactionBehavior, params};
use stance_advisories::Advisory;

use super::{Advisories, explain};
use crate::{Result, StoreError};

/// An import that is under way.
pub struct Import<'t> {
    transaction: &'t Transaction<'t>,
    path: &'t Path,
    /// Prepared once: there are hundreds of thousands of records.
    find: Statement<'t>,
    insert: Statement<'t>,
    alias: Statement<'t>,
    affected: Statement<'t>,
    likelihood: Statement<'t>,
}

impl Advisories {
    /// Does `work` as one import. When it fails, or the process ends, nothing of it stays.
    ///
    /// # Errors
    ///
    /// Those of `work`, and when the database cannot be written.
    pub fn import<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Import<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let path = self.path.clone();
        let explain = |error| explain(&path, error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(explain)?;
        let done = {
            let mut import = Import::begin(&transaction, &path).map_err(explain)?;
            work(&mut import)?
        };
        transaction.commit().map_err(explain)?;
        Ok(done)
    }
}

impl<'t> Import<'t> {
    fn begin(transaction: &'t Transaction<'t>, path: &'t Path) -> rusqlite::Result<Self> {
        Ok(Self {
            transaction,
            path,
            find: transaction
                .prepare("SELECT row, body FROM advisory WHERE id = ?1 AND source = ?2")?,
            insert: transaction
                .prepare("INSERT INTO advisory (source, id, body) VALUES (?1, ?2, ?3)")?,
            alias: transaction
                .prepare("INSERT OR IGNORE INTO alias (alias, row) VALUES (?1, ?2)")?,
            affected: transaction.prepare(
                "INSERT OR IGNORE INTO affected (ecosystem, name, row) VALUES (?1, ?2, ?3)",
            )?,
            likelihood: transaction.prepare(
                "INSERT INTO signal (id, likelihood) VALUES (?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET likelihood = excluded.likelihood",
            )?,
        })
    }

    /// Takes in a record, in place of the one of the same source and number; says whether anything changed.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn add(&mut self, advisory: &Advisory) -> Result<bool> {
        self.try_add(advisory)
            .map_err(|error| explain(self.path, error))
    }

    fn try_add(&mut self, advisory: &Advisory) -> rusqlite::Result<bool> {
        let body = serde_json::to_string(advisory)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let key = params![advisory.id, advisory.source];
        let known: Option<(i64, String)> = self
            .find
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let row = match known {
            Some((_, old)) if old == body => return Ok(false),
            Some((row, _)) => {
                for change in [
                    "DELETE FROM alias WHERE row = ?1",
                    "DELETE FROM affected WHERE row = ?1",
                ] {
                    self.transaction.execute(change, [row])?;
                }
                let change = "UPDATE advisory SET body = ?2 WHERE row = ?1";
                self.transaction.execute(change, params![row, body])?;
                row
            }
            None => {
                let record = params![advisory.source, advisory.id, body];
                self.insert.execute(record)?;
                self.transaction.last_insert_rowid()
            }
        };
        for alias in &advisory.aliases {
            self.alias.execute(params![alias, row])?;
        }
        for affected in &advisory.affected {
            let package = params![affected.ecosystem.name(), affected.name, row];
            self.affected.execute(package)?;
        }
        Ok(true)
    }

    /// Takes in the whole catalogue of flaws that are used by attackers, in place of the one before.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn exploited(&mut self, ids: &[String]) -> Result<()> {
        let explain = |error| explain(self.path, error);
        self.transaction
            .execute("UPDATE signal SET exploited = 0", [])
            .map_err(explain)?;
        let mut statement = self
            .transaction
            .prepare(
                "INSERT INTO signal (id, exploited) VALUES (?1, 1)
                 ON CONFLICT (id) DO UPDATE SET exploited = 1",
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
    pub fn likelihood(&mut self, id: &str, likelihood: f64) -> Result<()> {
        self.likelihood
            .execute(params![id, likelihood])
            .map(drop)
            .map_err(|error| explain(self.path, error))
    }

    /// Notes that a file was imported.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn finish(
        &mut self,
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
