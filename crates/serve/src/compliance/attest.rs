//! Answering for a control, and deciding on that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::control;
use stance_store::{
    Attestation, AttestationNumber, Attestations as _, Claim, Decision, NewAttestation, Sqlite,
};

use crate::ask::{Ask, Input, Path};
use crate::error::ApiError;
use crate::parts::Address;
use crate::requests::{self, Asking, Decide, Renew, end_of, within};
use crate::view::Done;

/// Longest time for which somebody can answer, in days.
const MOST_DAYS: i64 = 2 * 366;

/// What somebody answers for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Attest {
    /// The control, `framework:id`.
    control: String,
    /// `met` or `not_applicable`.
    claim: String,
    /// Why.
    reason: String,
    /// Address of what proves it, if there is one.
    evidence: String,
    /// Last day on which it holds, UTC; at most two years ahead.
    expires: String,
}

/// Why an attestation is taken back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Withdraw {
    /// Why.
    note: String,
}

/// The attestation that was made or decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Attested {
    /// Its number.
    number: i64,
    /// The control that it is about.
    control: String,
}

impl Attested {
    fn of(store: &Sqlite, number: i64) -> Result<Self, ApiError> {
        let control = known(store, number)?.control;
        Ok(Self { number, control })
    }

    fn done(self, notice: &str) -> Done<Self> {
        let to = Address::new("/compliance/control").with("id", &self.control);
        Done::to(to.to_string(), self).notice(notice)
    }
}

pub(super) async fn attest(
    ask: Ask,
    Input(input): Input<Attest>,
) -> Result<Done<Attested>, ApiError> {
    if control::find(&input.control).is_none() {
        return Err(ApiError::invalid(
            "control",
            "a control such as iso-42001-2023:A.2.2",
        ));
    }
    let claim = Claim::named(&input.claim)
        .ok_or_else(|| ApiError::invalid("claim", "met or not_applicable"))?;
    if input.reason.trim().is_empty() {
        return Err(ApiError::invalid("reason", "a sentence that says why"));
    }
    let evidence = input.evidence.trim();
    let expires = end_of("expires", &input.expires)?;
    within(expires, ask.now, Some(MOST_DAYS))?;
    let new = NewAttestation {
        control: input.control.clone(),
        claim,
        reason: input.reason.clone(),
        evidence: Some(evidence.to_owned()).filter(|it| !it.is_empty()),
        expires,
    };
    let (actor, now) = (ask.who.name(), ask.now);
    let number = ask
        .db
        .write(move |store| {
            let decision = Decision {
                actor: &actor,
                at: now,
            };
            Ok(store.attest(&new, &decision)?)
        })
        .await?;
    let attested = Attested {
        number: number.0,
        control: input.control,
    };
    Ok(attested.done("Noted. It counts once somebody else approves it."))
}

pub(super) async fn decide(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Decide>,
) -> Result<Done<Attested>, ApiError> {
    let approves = input.approves()?;
    let request = AttestationNumber(number);
    let attested = requests::decide(&ask, request, input, move |store| {
        Attested::of(store, number)
    });
    Ok(attested.await?.done(if approves {
        "It holds until the day that was named."
    } else {
        "It does not count."
    }))
}

pub(super) async fn renew(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Renew>,
) -> Result<Done<Attested>, ApiError> {
    let again = requests::renew(&ask, AttestationNumber(number), &input, Some(MOST_DAYS)).await?;
    let attested = ask.db.read(move |store| Attested::of(store, again)).await?;
    Ok(attested.done("Noted. It counts once somebody else approves it."))
}

pub(super) async fn withdraw(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Withdraw>,
) -> Result<Done<Attested>, ApiError> {
    let asking = Asking::of(&ask);
    let attested = ask
        .db
        .write(move |store| {
            let known = known(store, number)?;
            if !asking.may_approve && known.asked.requester != asking.actor {
                return Err(ApiError::forbidden(
                    "only who made an attestation, or an approver, takes it back",
                ));
            }
            if input.note.trim().is_empty() {
                return Err(ApiError::invalid("note", "a sentence that says why"));
            }
            let decision = Decision {
                actor: &asking.actor,
                at: asking.now,
            };
            store.withdraw_attestation(known.number, &input.note, &decision)?;
            Ok(Attested {
                number,
                control: known.control,
            })
        })
        .await?;
    Ok(attested.done("Taken back. It does not count any more."))
}

fn known(store: &Sqlite, number: i64) -> Result<Attestation, ApiError> {
    store
        .attestation(AttestationNumber(number))?
        .ok_or_else(|| ApiError::not_found(format_args!("attestation {number}")))
}
