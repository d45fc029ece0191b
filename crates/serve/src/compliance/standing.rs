//! The states of controls, worked out once for each state of the estate.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use stance_store::{AuditLog as _, Estate as _, Pulse, Sqlite};

use super::read::{Standing, worked_out};
use crate::ask::Ask;
use crate::error::ApiError;

/// What the states follow from. What else they are made of has to be a part of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Of findings, assets, changes and sources.
    pulse: Pulse,
    /// How many entries the audit log has: whatever people decide is one.
    decided: u64,
    /// Evidence grows old.
    hour: i64,
}

impl Mark {
    fn of(store: &Sqlite, now: Timestamp) -> Result<Self, ApiError> {
        Ok(Self {
            pulse: store.pulse()?,
            decided: store.audit_status()?.size,
            hour: now.as_second().div_euclid(3600),
        })
    }
}

/// The states that were worked out last.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<(Mark, Arc<Standing>)>>);

impl Kept {
    fn of(&self, mark: Mark) -> Option<Arc<Standing>> {
        // Whoever panicked while it held the lock only swapped a pointer.
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref()
            .filter(|(of, _)| *of == mark)
            .map(|(_, standing)| standing.clone())
    }

    fn keep(&self, mark: Mark, standing: Arc<Standing>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, standing));
    }

    /// The states as of `store`, worked out anew only where something has changed.
    pub(crate) fn standing(
        &self,
        store: &Sqlite,
        now: Timestamp,
    ) -> Result<Arc<Standing>, ApiError> {
        let mark = Mark::of(store, now)?;
        if let Some(standing) = self.of(mark) {
            return Ok(standing);
        }
        let standing = Arc::new(worked_out(store, now)?);
        self.keep(mark, standing.clone());
        Ok(standing)
    }
}

/// The states of all controls.
pub(crate) async fn standing(ask: &Ask) -> Result<Arc<Standing>, ApiError> {
    let (app, now) = (ask.app().clone(), ask.now);
    ask.db
        .read(move |store| app.standing.standing(store, now))
        .await
}

/// The same, without a service around it.
pub(crate) fn standing_now(store: &Sqlite, now: Timestamp) -> Result<Standing, ApiError> {
    worked_out(store, now)
}
