//! The database, for threads that may wait.

use stance_store::Sqlite;
use tokio::runtime::Handle;

use crate::db::Database;
use crate::error::ApiError;

/// Why the database did not answer a job.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct BooksError(String);

impl From<ApiError> for BooksError {
    fn from(error: ApiError) -> Self {
        Self(error.cause.unwrap_or(error.detail))
    }
}

/// The database, for threads that may wait: never for those of the runtime.
#[derive(Clone, Debug)]
pub struct Books {
    db: Database,
    runtime: Handle,
}

impl Books {
    /// Over the database of the service; `runtime` is the one that its answers come from.
    #[must_use]
    pub fn new(db: Database, runtime: Handle) -> Self {
        Self { db, runtime }
    }

    /// Reads; all that `work` reads is of one state.
    ///
    /// # Errors
    ///
    /// Those of `work`, or that the database cannot be read.
    pub fn read<T, F>(&self, work: F) -> Result<T, BooksError>
    where
        F: FnOnce(&Sqlite) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        Ok(self.runtime.block_on(self.db.read(work))?)
    }

    /// Writes: wholly or not at all, and on disk when this returns.
    ///
    /// # Errors
    ///
    /// Those of `work`, or that the database cannot be written.
    pub fn write<T, F>(&self, work: F) -> Result<T, BooksError>
    where
        F: FnOnce(&mut Sqlite) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        Ok(self.runtime.block_on(self.db.write(work))?)
    }
}
