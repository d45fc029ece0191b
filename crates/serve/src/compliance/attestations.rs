//! What people answer for, over all controls.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{AttestationQuery, Attestations as _, RequestState};

use super::attestation::AttestationView;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::people::People;
use crate::requests::{Asking, state, tabs};
use crate::view::{Page, View};

/// Most attestations of one list.
const MOST: usize = 500;

/// Which attestations.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// requested, approved, rejected, withdrawn or lapsed; all if not given.
    state: String,
}

/// A list of attestations, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AttestationsView {
    /// The attestations.
    attestations: Vec<AttestationView>,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<AttestationsView>, ApiError> {
    let state = state(&filter.state)?;
    let asking = Asking::of(&ask);
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let query = AttestationQuery {
                control: None,
                state,
            };
            Ok(AttestationsView {
                attestations: store
                    .attestations(&query, MOST)?
                    .into_iter()
                    .map(|it| AttestationView::of(it, &people, &asking))
                    .collect(),
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "compliance/attestations.html")]
struct AttestationsPage<'a> {
    frame: Frame,
    view: &'a AttestationsView,
    address: Address,
}

impl Page for AttestationsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Attestations", Section::Compliance)
            .under("Compliance", "/compliance");
        let address = Address::parse(&frame.path);
        AttestationsPage {
            frame,
            view: self,
            address,
        }
        .render()
    }
}

impl AttestationsPage<'_> {
    fn states(&self) -> Vec<(&'static str, String, bool)> {
        tabs(
            &self.address,
            &[
                (RequestState::Requested, "Waiting"),
                (RequestState::Approved, "Approved"),
                (RequestState::Rejected, "Rejected"),
                (RequestState::Withdrawn, "Taken back"),
                (RequestState::Lapsed, "Lapsed"),
            ],
        )
    }
}
