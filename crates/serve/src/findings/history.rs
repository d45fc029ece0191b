//! What became of a finding: what scans saw, and what people did.

use stance_store::{FindingDetail, FindingState, Sqlite};

use super::one::Moment;
use crate::error::ApiError;
use crate::people::People;

/// The latest first.
pub(super) fn of(
    _store: &Sqlite,
    detail: &FindingDetail,
    people: &People,
) -> Result<Vec<Moment>, ApiError> {
    let mut history: Vec<Moment> = detail
        .transitions
        .iter()
        .filter(|it| {
            it.run.is_some() || matches!(it.state, FindingState::Open | FindingState::Fixed)
        })
        .map(|it| Moment {
            at: it.at,
            who: "scan".to_owned(),
            what: match it.state {
                FindingState::Open => "found it",
                FindingState::Reopened => "found it again",
                FindingState::Accepted => "found it accepted where it stands",
                FindingState::FalsePositive => "found it dismissed",
                FindingState::Fixed => "no longer found it",
            }
            .to_owned(),
            text: None,
            class: match it.state {
                FindingState::Open | FindingState::Reopened => "bad",
                FindingState::Fixed => "good",
                _ => "",
            },
        })
        .collect();
    let _ = people;
    history.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    Ok(history)
}
