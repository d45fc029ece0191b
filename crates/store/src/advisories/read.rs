//! What was imported, as it is asked for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Statement, params};
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
        let explain = |error| self.explain(error);
        let mut known = Known::default();
        let mut ids = BTreeSet::new();
        // Prepared once: a lock file can name thousands of packages.
        let mut about = self.connection.prepare(ABOUT).map_err(explain)?;
        let mut urgent = self.connection.prepare(SIGNALS).map_err(explain)?;
        for (ecosystem, name) in wanted {
            let bodies = texts(&mut about, &[ecosystem.name(), name]).map_err(explain)?;
            if bodies.is_empty() {
                continue;
            }
            let found = self.about(*ecosystem, name, &bodies)?;
            for advisory in &found {
                ids.insert(advisory.id.clone());
                ids.extend(advisory.aliases.iter().cloned());
            }
            known.advisories.insert((*ecosystem, name.clone()), found);
        }
        // Only CVE numbers have any.
        for id in ids.into_iter().filter(|id| id.starts_with("CVE-")) {
            let found = urgent
                .query_row([&id], signals)
                .optional()
                .map_err(explain)?;
            if let Some(signals) = found {
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
        let bodies = self.bodies(ABOUT, &[ecosystem.name(), name])?;
        self.about(ecosystem, name, &bodies)
    }

    fn about(&self, ecosystem: Ecosystem, name: &str, bodies: &[String]) -> Result<Vec<Advisory>> {
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
            .query_row(SIGNALS, [id], signals)
            .optional()
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
        let mut databases = Vec::new();
        for ecosystem in Ecosystem::ALL {
            let number: i64 = self.connection.query_row(
                "SELECT count(DISTINCT row) FROM affected WHERE ecosystem = ?1",
                params![ecosystem.name()],
                |row| row.get(0),
            )?;
            if number > 0 {
                ecosystems.push((ecosystem, usize::try_from(number).unwrap_or_default()));
            }
            let number: i64 = self.connection.query_row(
                "SELECT count(DISTINCT row) FROM affected JOIN advisory USING (row)
                 WHERE ecosystem = ?1 AND source = 'osv'",
                params![ecosystem.name()],
                |row| row.get(0),
            )?;
            if usize::try_from(number).is_ok_and(|number| number >= super::DATABASE) {
                databases.push(ecosystem);
            }
        }
        Ok(Status {
            imports,
            ecosystems,
            databases,
            advisories: count("SELECT count(*) FROM advisory")?,
            exploited: count("SELECT count(*) FROM signal WHERE exploited")?,
            likelihoods: count("SELECT count(*) FROM signal WHERE likelihood IS NOT NULL")?,
        })
    }

    fn bodies(&self, query: &str, parameters: &[&str]) -> Result<Vec<String>> {
        self.connection
            .prepare(query)
            .and_then(|mut statement| texts(&mut statement, parameters))
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

const ABOUT: &str = "SELECT body FROM affected JOIN advisory USING (row)
    WHERE ecosystem = ?1 AND name = ?2 ORDER BY id, source";

const SIGNALS: &str = "SELECT exploited, likelihood FROM signal WHERE id = ?1";

fn texts(statement: &mut Statement<'_>, parameters: &[&str]) -> rusqlite::Result<Vec<String>> {
    statement
        .query_map(rusqlite::params_from_iter(parameters), |row| row.get(0))?
        .collect()
}

fn signals(row: &Row<'_>) -> rusqlite::Result<Signals> {
    Ok(Signals {
        exploited: row.get(0)?,
        likelihood: row.get(1)?,
    })
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
