//! The list of changes, and the timeline.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::drift::Effect;
use stance_store::{
    AssetNumber, ChangeQuery, ChangeSort, ChangeState, Drift as _, RunNumber, SourceNumber, Window,
};

use super::item::Change;
use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, Choice};
use crate::people::People;
use crate::view::{Page, View};

/// Changes are counted up to this.
const COUNTED: u64 = 10_000;

/// Which changes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// `pending` (if not given), approved, expected, noted, undone, replaced, or `all` for the timeline.
    state: String,
    /// weakening, neutral or strengthening.
    effect: String,
    /// Number of a source.
    source: Option<i64>,
    /// Number of an asset.
    asset: Option<i64>,
    /// Number of a run.
    run: Option<i64>,
    /// Seen at this time or later, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    since: Option<Timestamp>,
    /// Where the list goes on, as the slice before gave it.
    after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    limit: Option<usize>,
}

impl Filter {
    fn query(&self) -> Result<ChangeQuery, ApiError> {
        let state = match self.state.as_str() {
            "" => Some(ChangeState::Pending),
            "all" => None,
            name => Some(
                ChangeState::named(name)
                    .ok_or_else(|| ApiError::invalid("state", "no such state"))?,
            ),
        };
        let effect = match self.effect.as_str() {
            "" => None,
            name => Some(
                Effect::ALL
                    .into_iter()
                    .find(|effect| effect.name() == name)
                    .ok_or_else(|| ApiError::invalid("effect", "no such effect"))?,
            ),
        };
        Ok(ChangeQuery {
            state,
            effect,
            source: self.source.map(SourceNumber),
            asset: self.asset.map(AssetNumber),
            run: self.run.map(RunNumber),
            security: false,
            since: self.since,
            sort: if state == Some(ChangeState::Pending) {
                ChangeSort::Effect
            } else {
                ChangeSort::Newest
            },
        })
    }

    fn window(&self) -> Result<Window, ApiError> {
        cursor::window(&self.after, self.limit)
    }
}

/// A list of changes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChangesView {
    /// The changes: those that wait by effect, all others the newest first.
    changes: Vec<Change>,
    /// How many fit, counted up to 10,000.
    count: u64,
    /// Whether there are more than `count`.
    more: bool,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    #[serde(skip)]
    may_approve: bool,
    #[serde(skip)]
    waiting: u64,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ChangesView>, ApiError> {
    let query = filter.query()?;
    let window = filter.window()?;
    let may_approve = ask.who.may(Permission::DecisionsApprove);
    let view = ask
        .db
        .read(move |store| {
            use stance_store::Estate as _;

            let people = People::all(store)?;
            let slice = store.changes(&query, &window)?;
            let counted = slice.counted(&window, || store.count_changes(&query, COUNTED))?;
            Ok(ChangesView {
                next: slice.next.as_ref().map(cursor::encode).transpose()?,
                changes: slice
                    .rows
                    .into_iter()
                    .map(|row| Change::of(row, &people))
                    .collect(),
                count: counted.count,
                more: counted.more,
                may_approve,
                waiting: store.tally()?.changes,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "changes/list.html")]
struct ListPage<'a> {
    frame: Frame,
    view: &'a ChangesView,
    address: &'a Address,
    effects: &'a [Choice],
}

impl Page for ChangesView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Changes", Section::Changes);
        let address = Address::parse(&frame.path).without("after");
        let effects: Vec<Choice> = Effect::ALL
            .into_iter()
            .map(|effect| Choice {
                value: effect.name().to_owned(),
                label: crate::format::title(effect.name()),
                count: None,
                on: address.has("effect", effect.name()),
            })
            .collect();
        ListPage {
            frame,
            view: self,
            address: &address,
            effects: &effects,
        }
        .render()
    }
}

impl ListPage<'_> {
    /// The day of a row, where it begins in the timeline.
    fn day(&self, place: impl std::borrow::Borrow<usize>) -> Option<String> {
        let place = *place.borrow();
        if self.is_waiting() {
            return None;
        }
        let of = |row: &Change| crate::format::date(row.at);
        let day = of(self.view.changes.get(place)?);
        let before = place
            .checked_sub(1)
            .and_then(|it| self.view.changes.get(it));
        (before.map(of).as_ref() != Some(&day)).then_some(day)
    }

    fn tabs(&self) -> Vec<(String, String, bool)> {
        let waiting = match self.view.waiting {
            0 => "Waiting".to_owned(),
            count => format!("Waiting {}", crate::format::compact(count)),
        };
        let mut tabs = vec![(
            waiting,
            self.address.without("state").to_string(),
            self.address.get("state").is_empty(),
        )];
        for (state, label) in [
            ("all", "Timeline"),
            ("approved", "Approved"),
            ("expected", "As announced"),
            ("undone", "Undone"),
        ] {
            tabs.push((
                label.to_owned(),
                self.address.with("state", state).to_string(),
                self.address.has("state", state),
            ));
        }
        tabs
    }

    fn set(&self) -> Vec<(String, String)> {
        let first = self.view.changes.first();
        let mut set = Vec::new();
        for (key, label) in [
            ("source", "Source"),
            ("asset", "Asset"),
            ("run", "Run"),
            ("since", "Since"),
        ] {
            let value = self.address.get(key);
            if value.is_empty() {
                continue;
            }
            let shown = match (key, first) {
                ("source", Some(first)) => first.source_name.clone(),
                ("asset", Some(first)) => first.asset_name.clone(),
                _ => value.to_owned(),
            };
            let text = format!("{label}: {}", crate::format::shorten(shown, 32));
            set.push((text, self.address.without(key).to_string()));
        }
        set
    }

    fn is_waiting(&self) -> bool {
        self.address.get("state").is_empty()
    }

    fn said(&self) -> String {
        let of = if self.view.more {
            format!("more than {}", crate::format::count(self.view.count))
        } else {
            crate::format::count(self.view.count)
        };
        format!("{} of {of}", self.view.changes.len())
    }
}
