//! Reading scans, their parts, and what became of them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;

use super::Sqlite;
use crate::{AssetLife, FindingLife, Result, Scan, ScanId, State, StoreError};

const SCAN: &str =
    "SELECT scans.id, targets.key, targets.name, tool_version, started, finished, coverage
     FROM scans JOIN targets ON targets.id = scans.target";

impl Sqlite {
    pub(super) fn read_scans(&self, target: Option<&str>, limit: usize) -> Result<Vec<Scan>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql =
            format!("{SCAN} WHERE ?1 IS NULL OR targets.key = ?1 ORDER BY scans.id DESC LIMIT ?2");
        self.rows(&sql, params![target, limit], |row| self.scan_of(row))
    }

    pub(super) fn read_scan(&self, id: ScanId) -> Result<Scan> {
        let sql = format!("{SCAN} WHERE scans.id = ?1");
        let mut found = self.rows(&sql, params![id.0], |row| self.scan_of(row))?;
        found.pop().ok_or(StoreError::NoScan(id))
    }

    fn scan_of(&self, row: &Row<'_>) -> Result<Scan> {
        let get = |index: usize| self.text(row, index);
        Ok(Scan {
            id: ScanId(row.get(0).map_err(|error| self.explain(error))?),
            target: get(1)?,
            name: get(2)?,
            tool_version: get(3)?,
            started: self.time(row, 4)?,
            finished: self.time(row, 5)?,
            coverage: self.parse("the coverage of a scan", &get(6)?)?,
        })
    }

    /// One part of a scan.
    pub(super) fn read_contents<T: DeserializeOwned>(
        &self,
        scan: ScanId,
        part: &'static str,
    ) -> Result<Vec<T>> {
        let known = self
            .connection
            .query_row("SELECT 1 FROM scans WHERE id = ?1", [scan.0], |_| Ok(()))
            .optional();
        known
            .map_err(|error| self.explain(error))?
            .ok_or(StoreError::NoScan(scan))?;
        self.rows(
            "SELECT body FROM contents JOIN payloads ON payloads.id = contents.payload
             WHERE scan = ?1 AND part = ?2 ORDER BY position",
            params![scan.0, part],
            |row| self.parse(part, &self.text(row, 0)?),
        )
    }

    pub(super) fn read_findings_life(&self, target: &str) -> Result<Vec<FindingLife>> {
        self.rows(
            "SELECT body, state, since, first_seen, last_seen
             FROM finding_life JOIN targets ON targets.id = finding_life.target
             JOIN payloads ON payloads.id = finding_life.payload
             WHERE targets.key = ?1 ORDER BY finding",
            params![target],
            |row| {
                let state = self.text(row, 1)?;
                Ok(FindingLife {
                    finding: self.parse("a finding", &self.text(row, 0)?)?,
                    state: State::named(&state)
                        .ok_or_else(|| self.unreadable("the state of a finding", state))?,
                    since: self.time(row, 2)?,
                    first_seen: self.time(row, 3)?,
                    last_seen: self.time(row, 4)?,
                })
            },
        )
    }

    pub(super) fn read_assets_life(&self, target: &str) -> Result<Vec<AssetLife>> {
        self.rows(
            "SELECT body, present, first_seen, last_seen
             FROM asset_life JOIN targets ON targets.id = asset_life.target
             JOIN payloads ON payloads.id = asset_life.payload
             WHERE targets.key = ?1 ORDER BY asset",
            params![target],
            |row| {
                Ok(AssetLife {
                    asset: self.parse("an asset", &self.text(row, 0)?)?,
                    present: row.get(1).map_err(|error| self.explain(error))?,
                    first_seen: self.time(row, 2)?,
                    last_seen: self.time(row, 3)?,
                })
            },
        )
    }

    /// All rows of a query, each made into a value.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
        mut make: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let explain = |error| self.explain(error);
        let mut statement = self.connection.prepare(sql).map_err(explain)?;
        let mut rows = statement.query(parameters).map_err(explain)?;
        let mut made = Vec::new();
        while let Some(row) = rows.next().map_err(explain)? {
            made.push(make(row)?);
        }
        Ok(made)
    }

    pub(super) fn text(&self, row: &Row<'_>, index: usize) -> Result<String> {
        row.get(index).map_err(|error| self.explain(error))
    }

    fn time(&self, row: &Row<'_>, index: usize) -> Result<Timestamp> {
        let text = self.text(row, index)?;
        text.parse()
            .map_err(|error| self.unreadable("a time", format!("`{text}`: {error}")))
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, what: &'static str, body: &str) -> Result<T> {
        serde_json::from_str(body).map_err(|error| self.unreadable(what, error.to_string()))
    }

    fn unreadable(&self, what: &'static str, reason: String) -> StoreError {
        StoreError::Unreadable {
            path: self.path.clone(),
            what,
            reason,
        }
    }
}
