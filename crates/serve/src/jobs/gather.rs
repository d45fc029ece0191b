//! Makes messages of what waits to be told: one for each subscription and kind of event, however much it is.

use stance_store::Notifications as _;
use stance_store::notifications::{NewDelivery, Waiting};

use super::task::{Failure, Stop, Task, Work};
use super::{DELIVER, GATHER};
use crate::error::ApiError;
use crate::notify::message;

pub(super) struct Gather;

impl Work for Gather {
    fn kind(&self) -> &'static str {
        GATHER
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let waiting = task.books.read(|store| Ok(store.waiting()?))?;
        for one in waiting {
            if task.stop().is_some() {
                return Err(Failure::Stopped(task.stop().unwrap_or(Stop::Leaving)));
            }
            write(task, one)?;
        }
        task.tell("notifications");
        task.wake();
        Ok(())
    }
}

/// Makes the message, and notes what it tells, in one transaction.
fn write(task: &Task<'_>, waiting: Waiting) -> Result<(), Failure> {
    let (now, base) = (task.now(), task.base_url().to_owned());
    let number = message::number().map_err(|error| Failure::ForNow(error.to_string()))?;
    task.books.write(move |store| {
        let gathered = store.gather(waiting, message::MOST)?;
        if gathered.total == 0 {
            return Ok(());
        }
        let body = message::of(waiting.event, &gathered, &base, now);
        let body = serde_json::to_string(&body).map_err(ApiError::internal)?;
        let new = NewDelivery {
            subscription: waiting.subscription,
            message: &number,
            event: waiting.event.name(),
            body: &body,
            job: DELIVER,
        };
        store.send(&new, now)?;
        Ok(())
    })?;
    Ok(())
}
