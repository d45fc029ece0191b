//! Reopens findings whose waiver has ended.

use stance_store::Estate as _;

use super::task::{Failure, Task, Work};

pub(super) const KIND: &str = "expire_waivers";

pub(super) struct ExpireWaivers;

impl Work for ExpireWaivers {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let ended = task
            .books
            .write(move |store| Ok(store.expire_waivers(now)?))?;
        if !ended.is_empty() {
            task.tell("findings");
        }
        Ok(())
    }
}
