//! The thread that writes: what waits goes into one commit, each piece of work in a savepoint of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use stance_store::{Sqlite, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::error::ApiError;

/// Most pieces of work in one commit.
const BATCH: usize = 128;

/// Something to write, or to be told why it cannot be; it gives how to tell that it is on disk.
pub(super) type Task = Box<dyn FnOnce(Result<&mut Sqlite, &str>) -> Tell + Send>;

/// Tells whoever waits; with the reason if the batch was lost after the work was done.
pub(super) type Tell = Box<dyn FnOnce(Option<&str>) + Send>;

/// Makes a task of some work and the place where its outcome goes.
pub(super) fn task<T, F>(work: F, answer: oneshot::Sender<Result<T, ApiError>>) -> Task
where
    F: FnOnce(&mut Sqlite) -> Result<T, ApiError> + Send + 'static,
    T: Send + 'static,
{
    Box::new(move |store| {
        let outcome = match store {
            Ok(store) => store.step(work),
            Err(reason) => Err(ApiError::unwritten(reason)),
        };
        Box::new(move |lost| {
            let outcome = match (outcome, lost) {
                (Ok(_), Some(reason)) => Err(ApiError::unwritten(reason)),
                (outcome, _) => outcome,
            };
            // Nobody listens any more when this fails.
            let _ = answer.send(outcome);
        })
    })
}

pub(super) fn start(
    mut store: Sqlite,
    mut tasks: mpsc::Receiver<Task>,
    commits: Arc<AtomicUsize>,
    path: &Path,
) -> Result<JoinHandle<()>, StoreError> {
    super::thread("write".to_owned(), path, move || {
        while let Some(first) = tasks.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH {
                let Ok(next) = tasks.try_recv() else { break };
                batch.push(next);
            }
            commit(&mut store, batch);
            commits.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// Does a batch and tells each whether it is on disk.
fn commit(store: &mut Sqlite, batch: Vec<Task>) {
    let mut tells = Vec::with_capacity(batch.len());
    let mut lost = store.begin().err().map(|error| error.to_string());
    for task in batch {
        if let Some(reason) = &lost {
            tells.push(task(Err(reason)));
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| task(Ok(&mut *store)))) {
            Ok(tell) => tells.push(tell),
            // Whoever waits sees that nobody answers; the others go on.
            Err(_) => lost = store.undo_step().err().map(|error| error.to_string()),
        }
        // A full disk may take the whole transaction, and with it what others did before.
        if lost.is_none() && store.is_idle() {
            lost = Some("the database gave up the transaction; the disk may be full".to_owned());
        }
    }
    if lost.is_none() {
        lost = store.commit().err().map(|error| error.to_string());
    }
    store.roll_back();
    for tell in tells {
        tell(lost.as_deref());
    }
}
