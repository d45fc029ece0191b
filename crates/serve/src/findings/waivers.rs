//! Waivers: risks that somebody asks to accept, and those that are accepted.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Estate as _, RequestState};

use super::one::WaiverView;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::people::People;
use crate::requests::{Asking, state, tabs};
use crate::view::{Page, View};

/// Most waivers of one list.
const MOST: usize = 500;

/// Which waivers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// requested, approved, rejected, withdrawn, lapsed or expired; all if not given.
    state: String,
}

/// A list of waivers, the one that ends first in front.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WaiversView {
    /// The waivers.
    waivers: Vec<WaiverView>,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<WaiversView>, ApiError> {
    let state = state(&filter.state)?;
    let asking = Asking::of(&ask);
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let waivers = store.waivers(state, MOST)?.into_iter();
            Ok(WaiversView {
                waivers: waivers
                    .map(|it| WaiverView::of(it, &people, &asking))
                    .collect(),
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
        tabs(
            &self.address,
            &[
                (RequestState::Requested, "Waiting"),
                (RequestState::Approved, "Accepted"),
                (RequestState::Rejected, "Rejected"),
                (RequestState::Withdrawn, "Withdrawn"),
                (RequestState::Lapsed, "Lapsed"),
                (RequestState::Expired, "Expired"),
            ],
        )
    }
}
