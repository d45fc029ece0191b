//! The database between tasks: one thread that writes, some that read.
//!
//! Handlers never see SQL, nor wait on a thread of the runtime: they say `db.read(|store| ...)` and
//! `db.write(|store| ...)`. What `write` acknowledged is on disk.

mod lock;
mod readers;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use stance_store::{Sqlite, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::error::ApiError;

pub use lock::DirectoryLock;

/// Threads that read, each with a connection of its own.
const READERS: usize = 4;

/// Most pieces of work that wait; whoever comes then is asked to come again.
const QUEUE: usize = 1024;

/// The database of the service.
#[derive(Clone, Debug)]
pub struct Database {
    writer: mpsc::Sender<writer::Task>,
    reader: mpsc::Sender<readers::Task>,
    commits: Arc<AtomicUsize>,
    threads: Arc<Threads>,
}

/// What runs until the last [`Database`] is gone.
#[derive(Debug)]
struct Threads {
    writing: JoinHandle<()>,
    reading: Vec<JoinHandle<()>>,
}

impl Database {
    /// Opens the database at `path`, making it when there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or no thread can be started.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Sqlite::open(path)?.durable()?;
        let stores = (0..READERS)
            .map(|_| store.reader())
            .collect::<Result<Vec<_>, _>>()?;
        let (writer, tasks) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicUsize::new(0));
        let writing = writer::start(store, tasks, commits.clone(), path)?;
        let mut reading = Vec::with_capacity(READERS);
        let (reader, tasks) = mpsc::channel(QUEUE);
        let tasks = Arc::new(std::sync::Mutex::new(tasks));
        for (number, store) in stores.into_iter().enumerate() {
            reading.push(readers::start(store, tasks.clone(), number, path)?);
        }
        Ok(Self {
            writer,
            reader,
            commits,
            threads: Arc::new(Threads { writing, reading }),
        })
    }

    /// Reads; all that `work` reads is of one state.
    ///
    /// # Errors
    ///
    /// Those of `work`; 503 when too many wait; 500 when `work` panics.
    pub async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        F: FnOnce(&Sqlite) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task: readers::Task = Box::new(move |store| {
            if !answer.is_closed() {
                // Nobody listens any more when this fails.
                let _ = answer.send(store.view(work));
            }
        });
        self.reader.try_send(task).map_err(|_| ApiError::busy())?;
        answered.await.map_err(|_| ApiError::panicked())?
    }

    /// Writes: wholly or not at all, alone, and on disk when this returns.
    ///
    /// # Errors
    ///
    /// Those of `work`; 503 when too many wait; 500 when `work` panics.
    pub async fn write<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Sqlite) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task = writer::task(work, answer);
        self.writer.try_send(task).map_err(|_| ApiError::busy())?;
        answered.await.map_err(|_| ApiError::panicked())?
    }

    /// How many commits there were, and how many pieces of work wait to be written and read.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            commits: self.commits.load(Ordering::Relaxed),
            writes_waiting: QUEUE.saturating_sub(self.writer.capacity()),
            reads_waiting: QUEUE.saturating_sub(self.reader.capacity()),
        }
    }

    /// Waits until what was asked for is done and the files are closed.
    pub fn close(self) {
        let Self {
            writer,
            reader,
            threads,
            ..
        } = self;
        // Others still hold the database: it stays open for them.
        let Ok(threads) = Arc::try_unwrap(threads) else {
            return;
        };
        let Threads { writing, reading } = threads;
        // Those who read first: whoever closes last folds the log of changes into the file, and two at once do not.
        drop(reader);
        for thread in reading {
            let _ = thread.join();
        }
        drop(writer);
        let _ = writing.join();
    }
}

/// How the database is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Commits since the start.
    pub commits: usize,
    /// Pieces of work that wait for the writer.
    pub writes_waiting: usize,
    /// Pieces of work that wait for a reader.
    pub reads_waiting: usize,
}

/// Starts a thread of the database.
fn thread(
    name: String,
    path: &Path,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name)
        .spawn(work)
        .map_err(|error| StoreError::Open {
            path: path.to_owned(),
            reason: format!("no thread for it: {error}"),
        })
}
