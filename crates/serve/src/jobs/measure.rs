//! Measures the figures of the day.

use serde_json::json;
use stance_store::jobs::{Jobs as _, NewJob};

use super::books::{Books, BooksError};
use super::task::{Failure, Task, Work};
use crate::objectives::{keep, measured};

pub(super) const KIND: &str = "measure";

pub(super) struct Measure;

impl Work for Measure {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let asked = task.job.created;
        let is_scheduled = task.job.key.as_deref() == Some(KIND);
        let inputs = task.books.read(move |store| {
            use stance_store::Objectives as _;
            // What was measured since this was asked for has seen all that it was asked for.
            let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            let last = store.measured(today)?;
            let is_seen = last.is_some_and(|last| last.day == today && last.at > asked);
            if is_seen && !is_scheduled {
                return Ok(None);
            }
            measured(store, now).map(Some)
        })?;
        let Some(inputs) = inputs else {
            return Ok(());
        };
        task.books.write(move |store| keep(store, &inputs, now))?;
        task.tell("score");
        Ok(())
    }
}

/// Asks for a measure, for something has changed and is on disk.
pub(super) fn ask(books: &Books, now: jiff::Timestamp) -> Result<(), BooksError> {
    books.write(move |store| {
        store.enqueue(&NewJob::new(KIND, json!({})), now)?;
        Ok(())
    })
}
