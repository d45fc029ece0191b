//! Forgets what is older than the settings say, in small steps, and gives the space back.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use stance_store::retention::{Passing, Retention as _};

use super::PRUNE;
use super::task::{Failure, Task, Work};
use crate::record::Teller;

/// Rows of one step: it takes milliseconds, so that whoever writes waits for no more than that.
const STEP: usize = 200;

/// Pages of one step, of 4 KiB each.
const PAGES: u32 = 256;

/// So long others write between two steps.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Prune;

impl Work for Prune {
    fn kind(&self) -> &'static str {
        PRUNE
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let settings = task.books.read(|store| Ok(store.retention()?))?;
        let mut gone = Map::new();
        let mut done = Ok(());
        for passing in Passing::ALL {
            let (rows, ended) = forget(task, passing, settings.before(passing, now));
            if rows > 0 {
                gone.insert(passing.name().to_owned(), Value::from(rows));
            }
            done = ended;
            if done.is_err() {
                break;
            }
        }
        // Also of what was broken off: it is gone.
        if !gone.is_empty() {
            let teller = Teller::of_system("retention", now);
            task.books.write(move |store| {
                teller.tell(
                    store,
                    "retention.forget",
                    "retention",
                    "days",
                    Value::Object(gone),
                )
            })?;
        }
        done?;
        give_back(task)
    }
}

/// Forgets one kind of thing; gives how much went, and whether that is all.
fn forget(task: &Task<'_>, passing: Passing, before: Timestamp) -> (u64, Result<(), Failure>) {
    let mut gone = 0;
    loop {
        if let Some(stop) = task.stop() {
            return (gone, Err(Failure::Stopped(stop)));
        }
        let step = task
            .books
            .write(move |store| Ok(store.forget(passing, before, STEP)?));
        match step {
            Ok(rows) => {
                gone += rows as u64;
                if rows < STEP {
                    return (gone, Ok(()));
                }
            }
            Err(error) => return (gone, Err(error.into())),
        }
        std::thread::sleep(PAUSE);
    }
}

fn give_back(task: &Task<'_>) -> Result<(), Failure> {
    loop {
        if let Some(stop) = task.stop() {
            return Err(Failure::Stopped(stop));
        }
        let pages = task.books.write(|store| Ok(store.give_back(PAGES)?))?;
        if pages < u64::from(PAGES) {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
}
