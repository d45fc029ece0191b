//! How a source fares, from its last runs.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::sources::{RunState, SourceKind, SourceStatus};

/// How late a source may be before that is said: a tick of the clock and a run in front of it are no lateness.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// How a source fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Health {
    /// The last look succeeded.
    Healthy,
    /// The last look failed.
    Failing,
    /// It was due and was not looked at.
    Late,
    /// A look waits for a worker.
    Queued,
    /// It is being looked at.
    Running,
    /// It was never looked at.
    New,
    /// Its schedule is not kept.
    Paused,
    /// It was removed.
    Removed,
}

impl Health {
    pub(crate) fn of(status: &SourceStatus, now: Timestamp) -> Self {
        let source = &status.source;
        if source.removed.is_some() {
            return Self::Removed;
        }
        let last = status.runs.first().map(|run| run.state);
        match last {
            Some(RunState::Running) => return Self::Running,
            Some(RunState::Queued) => return Self::Queued,
            _ => {}
        }
        // Whoever stops a run says nothing about the source.
        let told = status
            .runs
            .iter()
            .find(|run| run.state != RunState::Cancelled);
        let late = status
            .next
            .is_some_and(|next| now.duration_since(next) > GRACE);
        match told.map(|run| run.state) {
            Some(RunState::Failed) => Self::Failing,
            _ if !source.settings.enabled && source.kind != SourceKind::Push => Self::Paused,
            _ if late => Self::Late,
            Some(_) => Self::Healthy,
            None if source.scanned.is_some() => Self::Healthy,
            None => Self::New,
        }
    }

    /// The name used in every output.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Failing => "failing",
            Self::Late => "late",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::New => "new",
            Self::Paused => "paused",
            Self::Removed => "removed",
        }
    }

    /// The colour of its mark.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Self::Healthy => "good",
            Self::Failing => "bad",
            Self::Late => "warning",
            Self::Queued | Self::Running => "running",
            Self::New | Self::Paused | Self::Removed => "muted",
        }
    }
}
