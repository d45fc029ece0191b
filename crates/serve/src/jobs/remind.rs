//! Puts into the outbox whose time has come: findings that are overdue, waivers that end soon. Each is told once.

use jiff::SignedDuration;
use stance_store::Notifications as _;

use super::task::{Failure, Task, Work};

pub(super) const KIND: &str = "remind";

/// How long before its end a waiver is told.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many in one transaction, so that others write between them.
const BATCH: usize = 500;

pub(super) struct Remind;

impl Work for Remind {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let soon = now.checked_add(SOON).unwrap_or(now);
        loop {
            if let Some(stop) = task.stop() {
                return Err(Failure::Stopped(stop));
            }
            let untold = task
                .books
                .read(move |store| Ok(store.untold(now, soon, BATCH)?))?;
            if untold.is_empty() {
                return Ok(());
            }
            task.books
                .write(move |store| Ok(store.tell(&untold, now)?))?;
        }
    }
}
