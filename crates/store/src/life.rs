//! What becomes of a finding from one scan to the next: the rules, without the database.

use std::fmt;

use stance_core::finding::Status;

/// Where a finding stands over the scans of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It stands since it was first seen.
    Open,
    /// It was fixed or accepted, and stands again.
    Reopened,
    /// A waiver or a comment accepts it.
    Accepted,
    /// The last scan did not see it.
    Fixed,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Open, Self::Reopened, Self::Accepted, Self::Fixed];

    /// The name used in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reopened => "reopened",
            Self::Accepted => "accepted",
            Self::Fixed => "fixed",
        }
    }

    /// The state of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The state after a scan told the finding with this status. A finding that
    /// a baseline knows still stands: a baseline speaks to one pipeline only.
    pub(crate) fn after_seen(before: Option<Self>, status: Status) -> Self {
        match (status, before) {
            (Status::Accepted | Status::Suppressed, _) => Self::Accepted,
            (Status::Open | Status::Baseline, None | Some(Self::Open)) => Self::Open,
            (
                Status::Open | Status::Baseline,
                Some(Self::Reopened | Self::Accepted | Self::Fixed),
            ) => Self::Reopened,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
