//! Several pieces of work in one commit, and reading that stands still.

use std::cell::Cell;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::recall::Recall;
use super::{PATIENCE, READING, Sqlite, bounds, explain, migrate};
use crate::{Result, StoreError};

impl Sqlite {
    /// Another connection to the same database, for one more thread; it can only read, and shares with this one what was
    /// counted a moment ago. This one has to be the only one that writes.
    ///
    /// # Errors
    ///
    /// When the file is gone or cannot be opened once more.
    pub fn reader(&self) -> Result<Self> {
        let mut reader = Self::open_to_read(&self.path)?;
        reader.recall = self.recall.clone();
        reader.seen = Some(Cell::new(0));
        Ok(reader)
    }

    /// Another connection to the database at `path`, which [`Sqlite::open`] made; it can only read.
    ///
    /// # Errors
    ///
    /// When there is none, or it is not ours or of another version.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        let explain = |error| explain(path, error);
        // Not opened read-only: whoever reads beside a writer marks in shared memory what it reads.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection.busy_timeout(PATIENCE).map_err(explain)?;
        migrate::check(&connection, path)?;
        connection
            .pragma_update(None, "query_only", "ON")
            .map_err(explain)?;
        bounds(&mut connection, READING).map_err(explain)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            is_large: false,
            recall: Recall::default(),
            seen: None,
        })
    }

    /// From now on a commit is on disk before it counts, also when the power fails.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn durable(self) -> Result<Self> {
        self.connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(|error| self.explain(error))?;
        Ok(self)
    }

    /// Begins a commit that several steps share.
    ///
    /// # Errors
    ///
    /// When another process writes for too long.
    pub fn begin(&mut self) -> Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    /// Does one step of the batch, wholly or not at all; the others stay as they are.
    ///
    /// # Errors
    ///
    /// Those of `work`, and of the database.
    pub fn step<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.run("SAVEPOINT step")?;
        match work(self) {
            Ok(done) => {
                self.run("RELEASE step")?;
                Ok(done)
            }
            Err(error) => {
                self.undo_step()?;
                Err(error)
            }
        }
    }

    /// Takes back the step that was under way when a panic left it.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn undo_step(&mut self) -> Result<()> {
        self.run("ROLLBACK TO step; RELEASE step")
    }

    /// Commits what the steps did.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; then nothing of the batch is recorded.
    pub fn commit(&mut self) -> Result<()> {
        self.recall.advance();
        let committed = self.run("COMMIT");
        self.recall.advance();
        committed.inspect_err(|_| self.roll_back())?;
        self.settle_memory();
        Ok(())
    }

    /// Forgets the batch, if there is one.
    pub fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // The only way for it to fail is that there is nothing to roll back any more.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Whether no batch is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Reads several times of one state, whatever is written meanwhile.
    ///
    /// # Errors
    ///
    /// Those of `work`, and of the database.
    pub fn view<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.roll_back();
        self.note_view();
        self.run("BEGIN")?;
        let read = work(self);
        self.roll_back();
        read
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| self.explain(error))
    }
}
