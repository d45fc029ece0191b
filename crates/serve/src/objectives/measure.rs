//! Measures: all figures as the estate is now.

use jiff::{SignedDuration, Timestamp};
use stance_core::compliance;
use stance_core::kpi::{self, Inputs};
use stance_store::{Objectives as _, Sqlite};

use crate::error::ApiError;

/// Figures of a period are about so many days before the measure.
pub const PERIOD_DAYS: i64 = 30;

/// Measures all figures and keeps them as those of the day (UTC): the last measure of a day counts.
///
/// # Errors
///
/// When the database cannot be read or written.
pub fn take(store: &mut Sqlite, now: Timestamp) -> Result<(), ApiError> {
    let inputs = measured(store, now)?;
    keep(store, &inputs, now)
}

/// What the figures are made of.
pub(crate) fn measured(store: &Sqlite, now: Timestamp) -> Result<Inputs, ApiError> {
    let since = now
        .checked_sub(SignedDuration::from_hours(24 * PERIOD_DAYS))
        .unwrap_or(Timestamp::MIN);
    let mut inputs = store.kpi_inputs(since, now)?;
    // Before the first look nothing is known, and no control has evidence either.
    let standing = crate::compliance::standing_now(store, now)?;
    inputs.controls = Some(compliance::adherence(&standing.states));
    Ok(inputs)
}

/// Keeps the figures of a day.
pub(crate) fn keep(store: &mut Sqlite, inputs: &Inputs, at: Timestamp) -> Result<(), ApiError> {
    Ok(store.record_measures(at, &kpi::measure(inputs), &inputs.remediation)?)
}
