//! Changes that somebody announces before they are seen.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{
    Decision, Drift as _, ExpectedChange, ExpectedNumber, NewExpectedChange, SourceNumber,
};

use crate::ask::{Ask, Input, Path};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::people::People;
use crate::requests::{self, AskedView, Asking, Decide, Renew, after, end_of, start_of};
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
}

/// A change that was announced.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Expected {
    #[serde(flatten)]
    asked: AskedView,
    /// Number of the source; of any when there is none.
    source: Option<i64>,
    /// Pattern over ids of assets.
    asset: String,
    /// The field, or `*`.
    field: String,
    /// Who decided.
    approver: Option<String>,
    /// From when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    opens: Timestamp,
    /// Until when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    closes: Timestamp,
    /// How many changes it met.
    met: u64,
}

impl Expected {
    fn of(it: ExpectedChange, people: &People, asking: &Asking) -> Self {
        let asked = AskedView::of(it.number, it.asked, people, asking);
        Self {
            source: it.source.map(|it| it.0),
            asset: it.asset,
            field: it.field,
            approver: asked.decider.clone(),
            opens: it.opens,
            closes: asked.expires,
            met: it.met,
            asked,
        }
    }
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

/// The announcement that was made or decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Announced {
    /// Its number.
    number: i64,
}

pub(super) async fn list(ask: Ask) -> Result<View<ExpectedView>, ApiError> {
    let asking = Asking::of(&ask);
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let expected = store.expected_changes(MOST)?.into_iter();
            Ok(ExpectedView {
                expected: expected
                    .map(|it| Expected::of(it, &people, &asking))
                    .collect(),
                may_announce: asking.may_ask,
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
        after(self.frame.now, 0)
    }

    fn in_a_week(&self) -> String {
        after(self.frame.now, 7)
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
        opens: start_of("opens", &input.opens)?,
        closes: end_of("closes", &input.closes)?,
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

pub(super) async fn decide(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Decide>,
) -> Result<Done<Announced>, ApiError> {
    requests::decide(&ask, ExpectedNumber(number), input, |_| Ok(())).await?;
    Ok(Done::to("/changes/expected", Announced { number }).notice("Decided."))
}

pub(super) async fn renew(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Renew>,
) -> Result<Done<Announced>, ApiError> {
    let number = requests::renew(&ask, ExpectedNumber(number), &input, None).await?;
    let again = Done::to("/changes/expected", Announced { number });
    Ok(again.notice("Announced again. Somebody else has to approve it."))
}
