//! Changes that somebody announces before they are seen.

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Decision, Drift as _, ExpectedNumber, NewExpectedChange, SourceNumber};

use crate::ask::{Ask, Input, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::people::People;
use crate::view::{Done, Page, View};

/// Most announcements of the list.
const MOST: usize = 500;

/// Announced changes, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ExpectedView {
    /// The announcements.
    expected: Vec<Expected>,
    #[serde(skip)]
    may_announce: bool,
    #[serde(skip)]
    may_approve: bool,
}

/// A change that was announced.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Expected {
    /// Its number.
    number: i64,
    /// Number of the source; of any when there is none.
    source: Option<i64>,
    /// Pattern over ids of assets.
    asset: String,
    /// The field, or `*`.
    field: String,
    /// Why.
    reason: String,
    /// Who announced it.
    requester: String,
    /// Who decided.
    approver: Option<String>,
    /// requested, approved, rejected or withdrawn.
    state: String,
    /// From when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    opens: Timestamp,
    /// Until when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    closes: Timestamp,
    /// How many changes it met.
    met: u64,
    #[serde(skip)]
    own: bool,
}

/// A change to announce.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Announce {
    /// Number of the source; of any when there is none.
    source: Option<i64>,
    /// Pattern over ids of assets, with `*` and `?`.
    asset: String,
    /// The field, or `*` for any.
    field: String,
    /// Why, such as the number of a ticket.
    reason: String,
    /// First day, UTC.
    opens: String,
    /// Last day, UTC.
    closes: String,
}

/// A decision about an announcement.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Decide {
    /// `approve` or `reject`.
    decision: String,
}

/// The announcement that was made or decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Announced {
    /// Its number.
    number: i64,
}

pub(super) async fn list(ask: Ask) -> Result<View<ExpectedView>, ApiError> {
    let who = ask.who.clone();
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let expected = store
                .expected_changes(MOST)?
                .into_iter()
                .map(|it| Expected {
                    number: it.number.0,
                    source: it.source.map(|it| it.0),
                    asset: it.asset,
                    field: it.field,
                    reason: it.reason,
                    own: it.requester == who.name(),
                    requester: people.name(&it.requester),
                    approver: it.approver.map(|name| people.name(&name)),
                    state: it.state.name().to_owned(),
                    opens: it.opens,
                    closes: it.closes,
                    met: it.met,
                })
                .collect();
            Ok(ExpectedView {
                expected,
                may_announce: who.may(Permission::FindingsTriage),
                may_approve: who.may(Permission::DecisionsApprove),
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "changes/expected.html")]
struct ExpectedPage<'a> {
    frame: Frame,
    view: &'a ExpectedView,
}

impl Page for ExpectedView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Announced changes", Section::Changes)
            .under("Changes", "/changes");
        ExpectedPage { frame, view: self }.render()
    }
}

impl ExpectedPage<'_> {
    fn today(&self) -> String {
        self.frame.now.strftime("%Y-%m-%d").to_string()
    }

    fn in_a_week(&self) -> String {
        let then = self.frame.now + jiff::SignedDuration::from_hours(7 * 24);
        then.strftime("%Y-%m-%d").to_string()
    }
}

pub(super) async fn announce(
    ask: Ask,
    Input(input): Input<Announce>,
) -> Result<Done<Announced>, ApiError> {
    let change = NewExpectedChange {
        source: input.source.map(SourceNumber),
        asset: input.asset,
        field: if input.field.trim().is_empty() {
            "*".to_owned()
        } else {
            input.field
        },
        reason: input.reason,
        opens: day("opens", &input.opens, false)?,
        closes: day("closes", &input.closes, true)?,
    };
    let (actor, now) = (ask.who.name(), ask.now);
    let number = ask
        .db
        .write(move |store| {
            let decision = Decision {
                actor: &actor,
                at: now,
            };
            Ok(store.expect_change(&change, &decision)?)
        })
        .await?;
    Ok(
        Done::to("/changes/expected", Announced { number: number.0 })
            .notice("Announced. Somebody else has to approve it."),
    )
}

fn day(field: &str, text: &str, end: bool) -> Result<Timestamp, ApiError> {
    let wrong = || ApiError::invalid(field, "a day such as 2027-02-28");
    let day: Date = text.parse().map_err(|_| wrong())?;
    let zoned = day.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    let zoned = if end {
        zoned.end_of_day().map_err(|_| wrong())?
    } else {
        zoned
    };
    Ok(zoned.timestamp())
}

pub(super) async fn decide(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Decide>,
) -> Result<Done<Announced>, ApiError> {
    let approve = match input.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(ApiError::invalid("decision", "approve or reject")),
    };
    let may_approve = ask.who.may(Permission::DecisionsApprove);
    let (actor, now) = (ask.who.name(), ask.now);
    ask.db
        .write(move |store| {
            let known = store.expected_changes(usize::MAX)?;
            let own = known
                .iter()
                .any(|it| it.number.0 == number && it.requester == actor);
            if !may_approve && (approve || !own) {
                return Err(ApiError::forbidden(
                    "deciding on announced changes is for approvers",
                ));
            }
            let decision = Decision {
                actor: &actor,
                at: now,
            };
            Ok(store.decide_expected(ExpectedNumber(number), approve, &decision)?)
        })
        .await?;
    Ok(Done::to("/changes/expected", Announced { number }).notice("Decided."))
}
