//! The database, for threads that may wait.

use std::sync::{Arc, Mutex, PoisonError};

use stance_store::{Sqlite, StoreError};

/// Why the database did not answer a job.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BooksError(pub String);

impl From<StoreError> for BooksError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// The database, for threads that may wait.
#[derive(Clone, Debug)]
pub struct Books(Arc<Mutex<Sqlite>>);

impl Books {
    /// Over a database that only jobs use.
    #[must_use]
    pub fn alone(store: Sqlite) -> Self {
        Self(Arc::new(Mutex::new(store)))
    }

    /// Reads.
    ///
    /// # Errors
    ///
    /// Those of `work`, or that the database cannot be read.
    pub fn read<T, F>(&self, work: F) -> Result<T, BooksError>
    where
        F: FnOnce(&Sqlite) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(&store)?)
    }

    /// Writes: wholly or not at all, and on disk when this returns.
    ///
    /// # Errors
    ///
    /// Those of `work`, or that the database cannot be written.
    pub fn write<T, F>(&self, work: F) -> Result<T, BooksError>
    where
        F: FnOnce(&mut Sqlite) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(&mut store)?)
    }
}
