//! What a source tells, and what that changed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::due::Deadlines;
use stance_core::{Asset, Coverage, Finding, Relation};

use super::{RunNumber, SourceNumber};

/// The whole of what a source tells at a time.
#[derive(Clone, Copy, Debug)]
pub struct Ingest<'a> {
    /// Who tells it.
    pub source: SourceNumber,
    /// The look that this is the result of, if there is a record of one.
    pub run: Option<RunNumber>,
    /// When it was told.
    pub at: Timestamp,
    /// Everything that is there; each id once.
    pub assets: &'a [Asset],
    /// How it hangs together. What names an asset that is not among `assets` is counted and left out.
    pub relations: &'a [Relation],
    /// What the rules say, with ids.
    pub findings: &'a [Finding],
    /// What was looked at.
    pub coverage: &'a Coverage,
    /// Files, without the members of containers, that were met and not judged, or not wholly: what stands in them and
    /// is not told is neither gone nor fixed.
    pub unjudged: &'a BTreeSet<String>,
    /// How many things each rule judged, by its id, good ones included; rules that were off are missing. `None` if that
    /// was not told: then only what rules found is evidence.
    pub judged: Option<&'a BTreeMap<String, u64>>,
    /// How long findings may stay open.
    pub deadlines: Deadlines,
}

/// What an ingestion changed, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Assets that the source tells now.
    pub assets: u64,
    /// Findings that it tells now.
    pub findings: u64,
    /// Relations that it tells now.
    pub relations: u64,
    /// Assets that the source had not told before.
    pub appeared: u64,
    /// Assets that it tells otherwise than before.
    pub changed: u64,
    /// Assets that it no longer tells.
    pub vanished: u64,
    /// Findings that are new.
    pub opened: u64,
    /// Findings that stand again.
    pub reopened: u64,
    /// Findings that are gone.
    pub fixed: u64,
    /// Changes that wait for a decision because of this.
    pub changes: u64,
    /// Of these, those that weaken.
    pub weakening: u64,
    /// Relations left out because an end of theirs is unknown.
    pub dangling: u64,
}
