//! Where a source differs from its approved state.

use super::ingest::Fold;
use crate::sqlite::Halt;
use stance_core::Asset;

pub(super) fn note(_fold: &mut Fold<'_>, _number: i64, _now: Option<&Asset>) -> Result<(), Halt> {
    Ok(())
}
