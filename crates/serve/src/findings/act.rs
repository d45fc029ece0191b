//! What people do with findings, one or many.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Decision, Estate as _, FindingNumber, Sqlite, WaiverNumber};

use crate::ask::{Ask, Input, Path};
use crate::error::ApiError;
use crate::people::People;
use crate::requests::{self, Decide, Renew, end_of, within};
use crate::view::Done;

/// Most findings of one action.
const MOST: usize = 1_000;

/// Somebody to work on it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Assign {
    /// `user:7`; nobody when it is empty.
    assignee: String,
}

/// Something to say about it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Say {
    /// Why, or what.
    text: String,
}

/// A risk to accept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Accept {
    /// Why it can be accepted.
    text: String,
    /// Last day, `2027-02-28`, UTC.
    expires: String,
}

/// An action on several findings.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Bulk {
    /// Numbers of the findings.
    id: Vec<i64>,
    /// `assign`, `comment`, `false_positive`, `reopen` or `accept`.
    act: String,
    /// Who works on them, for `assign`.
    assignee: String,
    /// Why, for all but `assign`.
    text: String,
    /// Last day, for `accept`.
    expires: String,
}

/// What an action did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Acted {
    /// How many findings it changed.
    changed: u64,
    /// The waiver that was asked for.
    waiver: Option<i64>,
}

pub(super) async fn assign(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Assign>,
) -> Result<Done<Acted>, ApiError> {
    let bulk = Bulk {
        act: "assign".to_owned(),
        assignee: input.assignee,
        ..Bulk::default()
    };
    one(ask, number, bulk).await
}

pub(super) async fn comment(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Say>,
) -> Result<Done<Acted>, ApiError> {
    let bulk = Bulk {
        act: "comment".to_owned(),
        text: input.text,
        ..Bulk::default()
    };
    one(ask, number, bulk).await
}

pub(super) async fn dismiss(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Say>,
) -> Result<Done<Acted>, ApiError> {
    let bulk = Bulk {
        act: "false_positive".to_owned(),
        text: input.text,
        ..Bulk::default()
    };
    one(ask, number, bulk).await
}

pub(super) async fn reopen(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Say>,
) -> Result<Done<Acted>, ApiError> {
    let bulk = Bulk {
        act: "reopen".to_owned(),
        text: input.text,
        ..Bulk::default()
    };
    one(ask, number, bulk).await
}

pub(super) async fn accept(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Accept>,
) -> Result<Done<Acted>, ApiError> {
    let bulk = Bulk {
        act: "accept".to_owned(),
        text: input.text,
        expires: input.expires,
        ..Bulk::default()
    };
    one(ask, number, bulk).await
}

async fn one(ask: Ask, number: i64, mut bulk: Bulk) -> Result<Done<Acted>, ApiError> {
    let known = ask
        .db
        .read(move |store| Ok(store.finding(FindingNumber(number))?.is_some()))
        .await?;
    if !known {
        return Err(ApiError::not_found(format_args!("finding {number}")));
    }
    bulk.id = vec![number];
    let (acted, notice) = run(ask, bulk).await?;
    Ok(Done::to(format!("/findings/{number}"), acted).notice(notice))
}

pub(super) async fn bulk(ask: Ask, Input(input): Input<Bulk>) -> Result<Done<Acted>, ApiError> {
    let (acted, notice) = run(ask, input).await?;
    Ok(Done::to("/findings", acted).notice(notice))
}

async fn run(ask: Ask, bulk: Bulk) -> Result<(Acted, String), ApiError> {
    if bulk.id.is_empty() {
        return Err(ApiError::invalid("id", "select at least one finding"));
    }
    if bulk.id.len() > MOST {
        return Err(ApiError::invalid("id", format!("at most {MOST} at once")));
    }
    let (actor, now) = (ask.who.name(), ask.now);
    ask.db
        .write(move |store| apply(store, &bulk, &actor, now))
        .await
}

fn apply(
    store: &mut Sqlite,
    bulk: &Bulk,
    actor: &str,
    now: Timestamp,
) -> Result<(Acted, String), ApiError> {
    let findings: Vec<FindingNumber> = bulk.id.iter().copied().map(FindingNumber).collect();
    let decision = Decision { actor, at: now };
    let said = |changed: u64, what: &str| {
        let text = format!(
            "{} {what}.",
            crate::format::plural(changed, "finding", "findings")
        );
        (
            Acted {
                changed,
                waiver: None,
            },
            text,
        )
    };
    Ok(match bulk.act.as_str() {
        "assign" => {
            let people = People::all(store)?;
            let assignee = Some(bulk.assignee.as_str()).filter(|name| !name.is_empty());
            if let Some(name) = assignee
                && !people.knows(name)
            {
                return Err(ApiError::invalid("assignee", "there is no such person"));
            }
            let to = assignee.map_or_else(|| "nobody".to_owned(), |name| people.name(name));
            said(
                store.assign(&findings, assignee, &decision)?,
                &format!("assigned to {to}"),
            )
        }
        "comment" => said(
            store.comment(&findings, &bulk.text, &decision)?,
            "commented",
        ),
        "false_positive" => said(
            store.dismiss(&findings, &bulk.text, &decision)?,
            "dismissed as false positive",
        ),
        "reopen" => said(store.reopen(&findings, &bulk.text, &decision)?, "reopened"),
        "accept" => {
            let expires = end_of("expires", &bulk.expires)?;
            within(expires, decision.at, None)?;
            let waiver = store.request_waiver(&findings, &bulk.text, expires, &decision)?;
            let acted = Acted {
                changed: findings.len() as u64,
                waiver: Some(waiver.0),
            };
            let text = "Asked to accept the risk. It counts until somebody else approves.";
            (acted, text.to_owned())
        }
        _ => return Err(ApiError::invalid("act", "no such action")),
    })
}

pub(super) async fn decide(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Decide>,
) -> Result<Done<Acted>, ApiError> {
    let (number, approves) = (WaiverNumber(number), input.approves()?);
    let changed = requests::decide(&ask, number, input, move |store| {
        Ok(store.waiver(number)?.map_or(0, |it| it.findings))
    })
    .await?;
    let acted = Acted {
        changed,
        waiver: Some(number.0),
    };
    let notice = if approves {
        "The risk is accepted until the day that was asked for."
    } else {
        "The risk is not accepted; its findings count."
    };
    Ok(Done::to("/waivers", acted).notice(notice))
}

pub(super) async fn renew(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Renew>,
) -> Result<Done<Acted>, ApiError> {
    let again = requests::renew(&ask, WaiverNumber(number), &input, None).await?;
    let acted = Acted {
        changed: 0,
        waiver: Some(again),
    };
    Ok(Done::to("/waivers", acted).notice("Asked again. Somebody else has to approve."))
}
