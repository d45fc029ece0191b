//! Threads that read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use stance_store::{Sqlite, StoreError};
use tokio::sync::mpsc;

/// Something to read, with whom to tell.
pub(super) type Task = Box<dyn FnOnce(&Sqlite) + Send>;

pub(super) fn start(
    store: Sqlite,
    tasks: Arc<Mutex<mpsc::Receiver<Task>>>,
    number: usize,
    path: &Path,
) -> Result<JoinHandle<()>, StoreError> {
    super::thread(format!("read-{number}"), path, move || {
        loop {
            let next = tasks
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .blocking_recv();
            let Some(task) = next else { break };
            // The panic was told by the hook, and whoever waits sees that nobody answers; the view is rolled back
            // before the next one.
            let _ = catch_unwind(AssertUnwindSafe(|| task(&store)));
        }
    })
}
