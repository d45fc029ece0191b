//! Ends what was asked for once its last day is past: what nobody decided lapses, findings of accepted risks count again.

use stance_store::{Request, Requests as _};

use super::task::{Failure, Task, Work};

/// The name is older than the rest of what it does.
pub(super) const KIND: &str = "expire_waivers";

pub(super) struct EndRequests;

impl Work for EndRequests {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let ended = task
            .books
            .write(move |store| Ok(store.end_requests(now)?))?;
        if ended.iter().any(|it| matches!(it, Request::Expected(_))) {
            task.tell("changes");
        }
        if ended.iter().any(|it| !matches!(it, Request::Expected(_))) {
            task.tell("findings");
        }
        Ok(())
    }
}
