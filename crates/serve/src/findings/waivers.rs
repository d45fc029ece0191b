//! Waivers: risks that somebody asks to accept, and those that are accepted.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Estate as _, WaiverState};

use super::one::WaiverView;
use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::people::People;
use crate::view::{Page, View};

/// Most waivers of one list.
const MOST: usize = 500;

/// Which waivers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// requested, approved, rejected, withdrawn or expired; all if not given.
    state: String,
}

/// A list of waivers, the one that ends first in front.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WaiversView {
    /// The waivers.
    waivers: Vec<WaiverView>,
    #[serde(skip)]
    own: Vec<i64>,
    #[serde(skip)]
    may_approve: bool,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<WaiversView>, ApiError> {
    let state = match filter.state.as_str() {
        "" => None,
        name => Some(
            WaiverState::named(name).ok_or_else(|| ApiError::invalid("state", "no such state"))?,
        ),
    };
    let who = ask.who.clone();
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let waivers = store.waivers(state, MOST)?;
            let own = waivers
                .iter()
                .filter(|it| it.requester == who.name())
                .map(|it| it.number.0)
                .collect();
            Ok(WaiversView {
                waivers: waivers
                    .into_iter()
                    .map(|it| WaiverView::of(it, &people))
                    .collect(),
                own,
                may_approve: who.may(Permission::DecisionsApprove),
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "findings/waivers.html")]
struct WaiversPage<'a> {
    frame: Frame,
    view: &'a WaiversView,
    address: Address,
}

impl Page for WaiversView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Accepted risks", Section::Findings)
            .under("Findings", "/findings");
        let address = Address::parse(&frame.path);
        WaiversPage {
            frame,
            view: self,
            address,
        }
        .render()
    }
}

impl WaiversPage<'_> {
    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let mut states = vec![(
            "All",
            self.address.without("state").to_string(),
            self.address.get("state").is_empty(),
        )];
        for (name, label) in [
            ("requested", "Waiting"),
            ("approved", "Accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
        ] {
            states.push((
                label,
                self.address.with("state", name).to_string(),
                self.address.has("state", name),
            ));
        }
        states
    }

    fn is_own(&self, number: &i64) -> bool {
        self.view.own.contains(number)
    }
}
