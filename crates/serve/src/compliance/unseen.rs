//! Sources that could not be looked at, as pages and programs see them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::compliance::Missing;

/// A source that could not be looked at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Unseen {
    /// Its number.
    pub(super) source: i64,
    /// What people call it.
    pub(super) name: String,
    /// Since when looking at it fails; if nobody ever looked, since when it is there.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) since: Timestamp,
    /// When it was last looked at with success.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) scanned: Option<Timestamp>,
}

impl Unseen {
    pub(super) fn of(it: &Missing) -> Self {
        Self {
            source: it.source,
            name: it.name.clone(),
            since: it.since,
            scanned: it.scanned,
        }
    }
}
