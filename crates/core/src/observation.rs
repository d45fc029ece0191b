//! What a collector saw.

use std::sync::Arc;

use serde::Serialize;

use crate::fact::Fact;

/// One fact about one subject, and who saw it. Current state is what the
/// observations of a scan add up to.
#[derive(Clone, Debug, Serialize)]
pub struct Observation {
    /// The collector that saw it: `directory`, `git`.
    pub source: &'static str,
    /// What it is about: a path relative to the scanned root, `outer!inner` inside a container.
    pub subject: Arc<str>,
    /// What was seen.
    pub fact: Fact,
}
