//! Approving changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{ChangeNumber, Decision, Drift as _};

use crate::ask::{Ask, Input};
use crate::error::ApiError;
use crate::view::Done;

/// Most changes of one approval.
const MOST: usize = 1_000;

/// Changes to approve.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Approve {
    /// Their numbers.
    id: Vec<i64>,
    /// What there is to say.
    note: String,
}

/// What was approved.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Approved {
    /// How many changes waited and are approved now.
    approved: u64,
}

pub(super) async fn approve(
    ask: Ask,
    Input(input): Input<Approve>,
) -> Result<Done<Approved>, ApiError> {
    if input.id.is_empty() {
        return Err(ApiError::invalid("id", "select at least one change"));
    }
    if input.id.len() > MOST {
        return Err(ApiError::invalid("id", format!("at most {MOST} at once")));
    }
    let (actor, now) = (ask.who.name(), ask.now);
    let approved = ask
        .db
        .write(move |store| {
            let changes: Vec<ChangeNumber> = input.id.iter().copied().map(ChangeNumber).collect();
            let decision = Decision {
                actor: &actor,
                at: now,
            };
            Ok(store.approve_changes(&changes, &input.note, &decision)?)
        })
        .await?;
    let text = crate::format::plural(approved, "change is", "changes are");
    Ok(Done::to("/changes", Approved { approved })
        .notice(format!("{text} part of the approved state now.")))
}
