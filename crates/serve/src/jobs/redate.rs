//! Works out anew when open findings are due, after deadlines were set.

use serde_json::json;
use stance_store::{FindingNumber, Objectives as _};

use super::task::{Failure, Task, Work};
use crate::deadlines::REDATE;

/// Findings of one step: others write between two of them.
const STEP: usize = 2_000;

pub(super) struct Redate;

impl Work for Redate {
    fn kind(&self) -> &'static str {
        REDATE
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let mut after = FindingNumber(0);
        let mut changed = 0;
        // Findings that open meanwhile follow the deadlines as they are: those beyond the last one need nothing.
        loop {
            if let Some(stop) = task.stop() {
                return Err(Failure::Stopped(stop));
            }
            let step = task
                .books
                .write(move |store| Ok(store.redate(after, STEP)?))?;
            changed += step.changed;
            let Some(last) = step.last else { break };
            after = last;
            task.progress(json!({ "stage": "due dates", "changed": changed }));
        }
        if changed > 0 {
            task.tell("findings");
            super::measure::ask(task.books, task.now())?;
        }
        Ok(())
    }
}
