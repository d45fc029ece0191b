//! Forgets what nobody asks for any more: jobs that ended, logs of runs.

use jiff::SignedDuration;
use stance_store::jobs::Jobs as _;
use stance_store::sources::Sources as _;

use super::task::{Failure, Task, Work};

pub(super) const KIND: &str = "prune";

/// How long jobs are told.
const JOBS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long what scanners wrote is kept; what they found stays.
const LOGS: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) struct Prune;

impl Work for Prune {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        task.books.write(move |store| {
            if let Ok(before) = now.checked_sub(JOBS) {
                store.prune_jobs(before)?;
            }
            if let Ok(before) = now.checked_sub(LOGS) {
                store.prune_runs(before)?;
            }
            Ok(())
        })?;
        Ok(())
    }
}
