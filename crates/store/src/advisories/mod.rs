//! Imported advisories, in a file of their own: they can be had again, the history of scans cannot.

mod read;
mod write;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use stance_core::fact::Ecosystem;

use crate::sqlite::{PATIENCE, create, explain};
use crate::{Result, StoreError};

pub use write::Import;

/// Marks the file as ours: `STNA`.
const APPLICATION_ID: i64 = 0x5354_4e41;

/// The steps of the schema; see the ones of the inventory.
const STEPS: &[&str] = &[include_str!("../../migrations/advisories_0001.sql")];

/// Records of the Open Source Vulnerability format about a registry from which on its database counts as imported:
/// the smallest of them has some hundreds.
const DATABASE: usize = 100;

const VERSION: i64 = STEPS.len() as i64;

/// The database of advisories.
#[derive(Debug)]
pub struct Advisories {
    connection: Connection,
    path: PathBuf,
}

/// A file that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What it held: `osv`, `ai-infra-guard`, `kev`, `epss`.
    pub kind: String,
    /// Its path, as given.
    pub file: String,
    /// When it was imported.
    pub at: Timestamp,
    /// How many records it held.
    pub records: usize,
    /// Day of the newest record, or of the file as it says itself.
    pub newest: Option<String>,
}

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The files, in the order in which they were first imported.
    pub imports: Vec<Imported>,
    /// How many records there are.
    pub advisories: usize,
    /// How many records speak of each registry.
    pub ecosystems: Vec<(Ecosystem, usize)>,
    /// The registries whose database was imported, not only a few records about some packages.
    pub databases: Vec<Ecosystem>,
    /// CVE numbers that are known to be used by attackers.
    pub exploited: usize,
    /// CVE numbers with a likelihood.
    pub likelihoods: usize,
}

impl Advisories {
    /// Opens the database at `path` to import into it, creating it and its directory when there is none.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or created, is damaged, belongs to another program or was written by a
    /// later version. The file is left as it is.
    pub fn open(path: &Path) -> Result<Self> {
        create(path).map_err(|error| StoreError::Open {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let mut database = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.migrate()?;
        Ok(database)
    }

    /// Opens the database at `path` to read it, and begins to: what another process imports meanwhile does not
    /// show. `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`Advisories::open`]; also when it was never finished.
    pub fn open_to_read(path: &Path) -> Result<Option<Self>> {
        if !path.try_exists().unwrap_or(true) {
            return Ok(None);
        }
        let database = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        if database.version()? == 0 {
            return Ok(None);
        }
        database
            .connection
            .execute_batch("BEGIN; SELECT count(*) FROM import;")
            .map_err(|error| database.explain(error))?;
        Ok(Some(database))
    }

    /// A database that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| explain(&path, error))?;
        let mut database = Self { connection, path };
        database.migrate()?;
        Ok(database)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
        let database = Self {
            connection,
            path: path.to_owned(),
        };
        database
            .connection
            .busy_timeout(PATIENCE)
            .map_err(|error| database.explain(error))?;
        database.check()?;
        Ok(database)
    }

    /// Whether the file is ours, of a version that is known here.
    fn check(&self) -> Result<()> {
        let tables: i64 = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| self.explain(error))?;
        let owner: i64 = self
            .connection
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .map_err(|error| self.explain(error))?;
        if owner != APPLICATION_ID && tables > 0 {
            return Err(StoreError::NotOurs {
                path: self.path.clone(),
            });
        }
        let found = self.version()?;
        if found > VERSION {
            return Err(StoreError::Newer {
                path: self.path.clone(),
                found,
                known: VERSION,
            });
        }
        Ok(())
    }

    fn version(&self) -> Result<i64> {
        self.connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(|error| self.explain(error))
    }

    fn migrate(&mut self) -> Result<()> {
        let path = self.path.clone();
        let explain = |error| explain(&path, error);
        self.connection
            .pragma_update(None, "foreign_keys", "ON")
            .map_err(explain)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(explain)?;
        let done: i64 = transaction
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(explain)?;
        for step in STEPS.iter().skip(usize::try_from(done).unwrap_or_default()) {
            transaction.execute_batch(step).map_err(explain)?;
        }
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
            .map_err(explain)?;
        transaction.commit().map_err(explain)
    }

    fn explain(&self, error: rusqlite::Error) -> StoreError {
        explain(&self.path, error)
    }
}
