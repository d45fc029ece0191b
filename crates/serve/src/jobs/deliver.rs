//! Delivers one message, and writes down each try.

use std::time::Instant;

use stance_store::Notifications as _;
use stance_store::notifications::{Attempt, DeliveryNumber, DeliveryState};

use super::DELIVER;
use super::task::{Failure, Task, Work};
use crate::notify::Parcel;

pub(super) struct Deliver;

impl Work for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let number = DeliveryNumber(task.number("delivery")?);
        let (detail, to) = task.books.read(move |store| {
            let detail = store.delivery(number)?;
            let to = store.subscription(detail.delivery.subscription)?;
            Ok((detail, to))
        })?;
        // A worker that was lost behind the answer left only the job to be ended; what nobody wants is not sent.
        if detail.delivery.state != DeliveryState::Waiting || to.removed.is_some() {
            return Ok(());
        }
        let (at, began) = (task.now(), Instant::now());
        let answer = task.courier().deliver(&Parcel {
            to: &to,
            message: &detail.delivery.message,
            body: &detail.body,
            at,
        });
        let again = task.job.attempts < task.job.max_attempts;
        let state = match &answer.refusal {
            None => DeliveryState::Delivered,
            Some(refusal) if refusal.again && again => DeliveryState::Waiting,
            Some(_) => DeliveryState::Failed,
        };
        let attempt = Attempt {
            number: 0,
            at,
            millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            status: answer.status,
            answer: answer.text,
            error: answer.refusal.as_ref().map(|it| it.reason.clone()),
        };
        task.books
            .write(move |store| Ok(store.tried(number, &attempt, state)?))?;
        task.tell("notifications");
        match answer.refusal {
            None => Ok(()),
            Some(refusal) if refusal.again => Err(Failure::ForNow(refusal.reason)),
            Some(refusal) => Err(Failure::ForGood(refusal.reason)),
        }
    }
}
