//! Sources that could not be looked at, as pages and programs see them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::compliance::Missing;

/// What that means for controls.
pub(super) const NO_CONTROL: &str =
    "What it might tell is not known, so no control is met that its rules speak of.";

/// A source that could not be looked at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Unseen {
    /// Its number.
    pub(crate) source: i64,
    /// What people call it.
    pub(crate) name: String,
    /// Since when looking at it fails; if nobody ever looked, since when it is there.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) since: Timestamp,
    /// When it was last looked at with success.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) scanned: Option<Timestamp>,
}

impl Unseen {
    pub(crate) fn of(it: &Missing) -> Self {
        Self {
            source: it.source,
            name: it.name.clone(),
            since: it.since,
            scanned: it.scanned,
        }
    }
}
