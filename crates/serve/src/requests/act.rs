//! Deciding on what was asked for, and asking for it again.

use schemars::JsonSchema;
use serde::Deserialize;
use stance_store::{Decision, Request, Requests as _, Sqlite};

use super::{Asking, end_of, within};
use crate::ask::Ask;
use crate::error::ApiError;

/// A decision about what waits for one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Decide {
    /// `approve`, or `reject`; whoever asked takes it back with `reject`.
    decision: String,
    /// What there is to say.
    note: String,
}

impl Decide {
    /// Whether it is approved.
    pub(crate) fn approves(&self) -> Result<bool, ApiError> {
        match self.decision.as_str() {
            "approve" => Ok(true),
            "reject" => Ok(false),
            _ => Err(ApiError::invalid("decision", "approve or reject")),
        }
    }
}

/// Another day for what was asked for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Renew {
    /// Last day, `2027-02-28`, UTC.
    expires: String,
}

/// Decides; `then` reads, in the same transaction, what there is to tell of it. Whoever asked may take it back;
/// everything else is for approvers.
pub(crate) async fn decide<T: Send + 'static>(
    ask: &Ask,
    request: impl Into<Request>,
    input: Decide,
    then: impl FnOnce(&Sqlite) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let approve = input.approves()?;
    let (asking, request) = (Asking::of(ask), request.into());
    ask.db
        .write(move |store| {
            let known = store
                .request(request)?
                .ok_or_else(|| ApiError::not_found(request))?;
            if !asking.may_approve && (approve || known.requester != asking.actor) {
                return Err(ApiError::forbidden(format!(
                    "deciding on {}s is for approvers",
                    request.what()
                )));
            }
            let decision = Decision {
                actor: &asking.actor,
                at: asking.now,
            };
            store.decide_request(request, approve, &input.note, &decision)?;
            then(store)
        })
        .await
}

/// Asks for the same until another day, at most `days` from now, and gives the number of the new request.
pub(crate) async fn renew(
    ask: &Ask,
    request: impl Into<Request>,
    input: &Renew,
    days: Option<i64>,
) -> Result<i64, ApiError> {
    let (asking, request) = (Asking::of(ask), request.into());
    let expires = end_of("expires", &input.expires)?;
    within(expires, asking.now, days)?;
    ask.db
        .write(move |store| {
            let decision = Decision {
                actor: &asking.actor,
                at: asking.now,
            };
            let again = store.renew_request(request, expires, &decision)?;
            Ok(again.number())
        })
        .await
}
