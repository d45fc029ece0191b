//! The store in one SQLite file.

mod accounts;
pub(crate) mod audit;
mod batch;
mod budget;
mod columns;
mod copy;
mod diff;
mod estate;
mod examine;
mod jobs;
mod migrate;
mod notifications;
mod read;
mod recall;
mod record;
mod retention;
mod runs;
mod sources;
mod sums;
mod traffic;

use std::cell::Cell;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use stance_core::{Asset, Finding, Relation};

use crate::{
    AssetLife, Counted, Diff, FindingGroups, FindingLife, NewScan, Recorded, Result, Scan, ScanId,
    Store, StoreError,
};

pub use copy::copy;
pub use examine::{Closeness, Examined, examine, examine_form};
pub use migrate::SCHEMA_VERSION;

/// How long one process waits for another that writes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Most memory of one connection for pages of the database, in KiB. Whoever writes needs room for what one scan
/// changes: pages that do not fit are written before the commit, and read and written again. It is given back
/// afterwards. Whoever reads is helped by the system, which keeps the file in memory as far as there is room.
const WRITING: i64 = 64 << 10;
const READING: i64 = 6 << 10;

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 256;

/// A database file, or one in memory.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    /// Whether something large was written, whose pages are still in memory.
    is_large: bool,
    /// What was counted a moment ago.
    recall: recall::Recall,
    /// For a connection that only reads: how much was committed before the view of the data that it has now; `None` for
    /// one that may see what is not committed.
    seen: Option<Cell<u64>>,
}

impl Sqlite {
    /// Opens the database at `path`, creating it (readable by its owner only)
    /// and its directory when there is none, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or created, is damaged, belongs to another
    /// program or was written by a later version. The file is left as it is.
    pub fn open(path: &Path) -> Result<Self> {
        create(path).map_err(|error| StoreError::Open {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
        Self::prepare(connection, path.to_owned())
    }

    /// A database that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| explain(&path, error))?;
        Self::prepare(connection, path)
    }

    fn prepare(mut connection: Connection, path: PathBuf) -> Result<Self> {
        let explain = |error| explain(&path, error);
        connection.busy_timeout(PATIENCE).map_err(explain)?;
        migrate::check(&connection, &path)?;
        let pages: i64 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .map_err(explain)?;
        // What lets free space be given back bit by bit. An older database would have to be written anew for it, and asking
        // would wait for whoever writes.
        if pages == 0 {
            connection
                .pragma_update(None, "auto_vacuum", "INCREMENTAL")
                .map_err(explain)?;
        }
        for (name, value) in [
            ("foreign_keys", "ON"),
            // Reading neither blocks nor is blocked by a scan that is being recorded.
            ("journal_mode", "WAL"),
            ("synchronous", "NORMAL"),
        ] {
            connection
                .pragma_update(None, name, value)
                .map_err(explain)?;
        }
        bounds(&mut connection, WRITING).map_err(explain)?;
        migrate::migrate(&mut connection, &path)?;
        Ok(Self {
            connection,
            path,
            is_large: false,
            recall: recall::Recall::default(),
            seen: None,
        })
    }

    /// Gives the memory for pages back once something large is written.
    pub(crate) fn settle_memory(&mut self) {
        if self.is_large && self.connection.is_autocommit() {
            self.is_large = false;
            // It stays in use otherwise, which is no harm.
            let _ = self.connection.execute_batch("PRAGMA shrink_memory");
        }
    }

    /// Turns an error of SQLite into one that says what to do.
    fn explain(&self, error: rusqlite::Error) -> StoreError {
        explain(&self.path, error)
    }

    /// Notes how much is committed, before a view of the data is taken.
    fn note_view(&self) {
        if let Some(seen) = &self.seen {
            seen.set(self.recall.commits());
        }
    }

    /// What `count` finds, or found for the same question since the last commit.
    pub(crate) fn counting(
        &self,
        question: String,
        count: impl FnOnce() -> std::result::Result<Counted, Halt>,
    ) -> std::result::Result<Counted, Halt> {
        match &self.seen {
            Some(seen) => self.recall.count(seen.get(), question, count),
            None => count(),
        }
    }

    /// As [`Sqlite::counting`], for groups.
    pub(crate) fn grouping(
        &self,
        question: String,
        groups: impl FnOnce() -> std::result::Result<FindingGroups, Halt>,
    ) -> std::result::Result<FindingGroups, Halt> {
        match &self.seen {
            Some(seen) => self.recall.groups(seen.get(), question, groups),
            None => groups(),
        }
    }

    /// Reads in one transaction: everything that `work` reads stood there at one moment.
    pub(crate) fn reading<T>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Halt>,
    ) -> Result<T> {
        let told = |halt| match halt {
            Halt::Database(error) => self.explain(error),
            Halt::Refused(error) => error,
        };
        if !self.connection.is_autocommit() {
            return work(&self.connection).map_err(told);
        }
        self.note_view();
        let transaction = self
            .connection
            .unchecked_transaction()
            .map_err(|error| self.explain(error))?;
        work(&transaction).map_err(told)
    }

    /// Does `work` wholly or not at all, as the only writer; inside a transaction that is open already, as a part of it
    /// that can be undone alone.
    pub(crate) fn whole<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Halt>,
    ) -> Result<T> {
        let path = &self.path;
        let told = |halt| match halt {
            Halt::Database(error) => explain(path, error),
            Halt::Refused(error) => error,
        };
        if self.connection.is_autocommit() {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|error| explain(path, error))?;
            let done = work(&transaction).map_err(told)?;
            self.recall.advance();
            let committed = transaction.commit().map_err(|error| explain(path, error));
            self.recall.advance();
            return committed.map(|()| done);
        }
        let savepoint = self
            .connection
            .savepoint()
            .map_err(|error| explain(path, error))?;
        let done = work(&savepoint).map_err(told)?;
        savepoint.commit().map_err(|error| explain(path, error))?;
        Ok(done)
    }

    /// As [`Sqlite::whole`], for work that nothing of ours refuses.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.whole(|db| Ok(work(db)?))
    }
}

/// How much memory a connection may take: KiB for pages, and statements; and that questions end with their budgets.
fn bounds(connection: &mut Connection, pages: i64) -> rusqlite::Result<()> {
    budget::keep(connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Negative: KiB, not pages.
    connection.pragma_update(None, "cache_size", -pages)
}

/// Makes sure that there is a file, not readable by others: findings tell where it hurts.
pub(crate) fn create(path: &Path) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(directory)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// Why a change did not come about.
pub(crate) enum Halt {
    /// The database did not do it.
    Database(rusqlite::Error),
    /// It was refused, for a reason that the caller can tell people.
    Refused(StoreError),
}

impl From<rusqlite::Error> for Halt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

/// The error without the statement that it came of, which is no help to whoever reads it and may be long.
fn without_statement(error: rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => {
            rusqlite::Error::SqliteFailure(error, Some(msg))
        }
        other => other,
    }
}

pub(crate) fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt {
            path,
            reason: error.to_string(),
        },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::Open {
                path,
                reason: error.to_string(),
            }
        }
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        _ => StoreError::Database {
            path,
            source: without_statement(error),
        },
    }
}

impl Store for Sqlite {
    fn record_scan(&mut self, scan: &NewScan<'_>) -> Result<Recorded> {
        self.write(|transaction| record::record(transaction, scan))
    }

    fn last_scan(&self, target: Option<&str>) -> Result<Option<Scan>> {
        Ok(self.read_scans(target, 1)?.pop())
    }

    fn scans(&self, target: Option<&str>, limit: usize) -> Result<Vec<Scan>> {
        self.read_scans(target, limit)
    }

    fn scan(&self, id: ScanId) -> Result<Scan> {
        self.read_scan(id)
    }

    fn assets_of(&self, scan: ScanId) -> Result<Vec<Asset>> {
        self.read_contents(scan, "asset")
    }

    fn relations_of(&self, scan: ScanId) -> Result<Vec<Relation>> {
        self.read_contents(scan, "relation")
    }

    fn findings_of(&self, scan: ScanId) -> Result<Vec<Finding>> {
        self.read_contents(scan, "finding")
    }

    fn findings_life(&self, target: &str) -> Result<Vec<FindingLife>> {
        self.read_findings_life(target)
    }

    fn assets_life(&self, target: &str) -> Result<Vec<AssetLife>> {
        self.read_assets_life(target)
    }

    fn diff(&self, before: ScanId, after: ScanId) -> Result<Diff> {
        self.read_scan(before)?;
        self.read_scan(after)?;
        Ok(Diff {
            assets: self.difference("asset", before, after)?,
            findings: self.difference("finding", before, after)?,
        })
    }

    fn prune(&mut self, keep: usize) -> Result<usize> {
        self.write(|transaction| record::prune(transaction, keep))
    }
}
