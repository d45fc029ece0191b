//! Who read the words of an interaction: told in the audit log before they are shown.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::ask::Ask;
use crate::error::ApiError;
use crate::record::Teller;

/// Within this, somebody who reads the same words again reads them still: a page renews itself while it is open.
const STILL: SignedDuration = SignedDuration::from_hours(1);

/// Most readings that are known; one that is forgotten is told once more.
const MOST: usize = 10_000;

/// Who read what, a while ago.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<HashMap<(String, String), Timestamp>>);

impl Readers {
    fn knows(&self, reader: &(String, String), now: Timestamp) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(reader).is_some_and(|at| is_still(*at, now))
    }

    fn note(&self, reader: (String, String), now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, at| is_still(*at, now));
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(reader, now);
    }
}

fn is_still(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() < STILL
}

/// Tells that whoever asks reads the words of an interaction.
///
/// # Errors
///
/// Those of the database: what cannot be told must not be shown.
pub(crate) async fn tell_read(ask: &Ask, id: &str) -> Result<(), ApiError> {
    let readers = &ask.app().telemetry.readers;
    let reader = (ask.who.name(), id.to_owned());
    if readers.knows(&reader, ask.now) {
        return Ok(());
    }
    let (teller, id) = (Teller::of(ask), id.to_owned());
    ask.db
        .write(move |store| teller.tell(store, "interaction.read", "interaction", id, json!({})))
        .await?;
    readers.note(reader, ask.now);
    Ok(())
}
