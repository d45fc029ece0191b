//! What was imported, as it is asked for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use stance_advisories::{Advisory, Known, Signals};
use stance_core::fact::Ecosystem;

use super::{Advisories, Imported, Status};
use crate::{Result, StoreError};

impl Advisories {
    /// What is known of these packages.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn known(&self, wanted: &BTreeSet<(Ecosystem, String)>) -> Result<Known> {
        let mut known = Known::default();
        let mut ids = BTreeSet::new();
        for package in wanted {
            let found = self.of(package.0, &package.1)?;
            for advisory in &found {
                ids.insert(advisory.id.clone());
                ids.extend(advisory.aliases.iter().cloned());
            }
            if !found.is_empty() {
                known.advisories.insert(package.clone(), found);
            }
        }
        for id in ids {
            if let Some(signals) = self.signals(&id)? {
                known.signals.insert(id, signals);
            }
        }
        Ok(known)
    }

    /// The records about a package, by normalised name, in order of number. Of a record about many packages only
    /// what it says about this one is given.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn of(&self, ecosystem: Ecosystem, name: &str) -> Result<Vec<Advisory>> {
        let bodies = self.bodies(
            "SELECT body FROM affected JOIN advisory USING (row) WHERE ecosystem = ?1 AND name = ?2 ORDER BY id",
            &[ecosystem.name(), name],
        )?;
        bodies
            .iter()
            .map(|body| {
                let mut advisory = self.parse(body)?;
                advisory
                    .affected
                    .retain(|affected| affected.ecosystem == ecosystem && affected.name == name);
                Ok(advisory)
            })
            .collect()
    }

    /// The records of this number, or that go by it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn find(&self, id: &str) -> Result<Vec<Advisory>> {
        let bodies = self.bodies(
            "SELECT body FROM advisory WHERE id = ?1 UNION
             SELECT body FROM alias JOIN advisory USING (row) WHERE alias = ?1",
            &[id],
        )?;
        bodies.iter().map(|body| self.parse(body)).collect()
    }

    /// How urgent a flaw is, by CVE number.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn signals(&self, id: &str) -> Result<Option<Signals>> {
        self.connection
            .prepare("SELECT exploited, likelihood FROM signal WHERE id = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([id], |row| {
                        Ok(Signals {
                            exploited: row.get(0)?,
                            likelihood: row.get(1)?,
                        })
                    })
                    .optional()
            })
            .map_err(|error| self.explain(error))
    }

    /// What is there.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn status(&self) -> Result<Status> {
        self.try_status().map_err(|error| self.explain(error))
    }

    fn try_status(&self) -> rusqlite::Result<Status> {
        let count = |query: &str| -> rusqlite::Result<usize> {
            let count: i64 = self.connection.query_row(query, [], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        };
        let mut imports = self
            .connection
            .prepare("SELECT kind, file, at_ms, records, newest FROM import ORDER BY id")?;
        let imports = imports
            .query_map([], imported)?
            .collect::<rusqlite::Result<_>>()?;
        let mut ecosystems = Vec::new();
        for ecosystem in Ecosystem::ALL {
            let number: i64 = self.connection.query_row(
                "SELECT count(DISTINCT row) FROM affected WHERE ecosystem = ?1",
                params![ecosystem.name()],
                |row| row.get(0),
            )?;
            if number > 0 {
                ecosystems.push((ecosystem, usize::try_from(number).unwrap_or_default()));
            }
        }
        Ok(Status {
            imports,
            ecosystems,
            advisories: count("SELECT count(*) FROM advisory")?,
            exploited: count("SELECT count(*) FROM signal WHERE exploited")?,
            likelihoods: count("SELECT count(*) FROM signal WHERE likelihood IS NOT NULL")?,
        })
    }

    fn bodies(&self, query: &str, parameters: &[&str]) -> Result<Vec<String>> {
        self.connection
            .prepare(query)
            .and_then(|mut statement| {
                statement
                    .query_map(rusqlite::params_from_iter(parameters), |row| row.get(0))?
                    .collect()
            })
            .map_err(|error| self.explain(error))
    }

    fn parse(&self, body: &str) -> Result<Advisory> {
        serde_json::from_str(body).map_err(|error| StoreError::Unreadable {
            path: self.path.clone(),
            what: "an advisory",
            reason: error.to_string(),
        })
    }
}

fn imported(row: &Row<'_>) -> rusqlite::Result<Imported> {
    let records: i64 = row.get(3)?;
    Ok(Imported {
        kind: row.get(0)?,
        file: row.get(1)?,
        at: Timestamp::from_millisecond(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
        records: usize::try_from(records).unwrap_or_default(),
        newest: row.get(4)?,
    })
}
