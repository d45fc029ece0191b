//! All deliveries.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Notifications as _;
use stance_store::notifications::{
    DeliveryFilter, DeliveryNumber, DeliveryState, SubscriptionNumber,
};

use super::PAGE;
use super::view::DeliveryView;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, one_of};
use crate::view::{Page, View};

/// Rows of a page.
const ROWS: usize = 50;

/// Which deliveries.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filter {
    /// Of this notification only.
    #[serde(default)]
    notification: Option<i64>,
    /// In this state only: `waiting`, `delivered`, `failed` or `cancelled`.
    #[serde(default)]
    state: Option<String>,
    /// Behind the page before: the cursor that it gave as `next`.
    #[serde(default)]
    after: Option<String>,
}

/// Deliveries, the latest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListView {
    /// The deliveries of this page.
    deliveries: Vec<DeliveryView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The notification whose deliveries these are, where it is one.
    #[serde(skip)]
    of: Option<(i64, String)>,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ListView>, ApiError> {
    let state = one_of(
        "state",
        filter.state.as_deref(),
        DeliveryState::ALL,
        DeliveryState::name,
    )?;
    let before: Option<i64> = filter.after.as_deref().map(cursor::decode).transpose()?;
    let subscription = filter.notification.map(SubscriptionNumber);
    let wanted = DeliveryFilter {
        subscription,
        state,
        before: before.map(DeliveryNumber),
        limit: ROWS + 1,
    };
    let (mut found, of) = ask
        .db
        .read(move |store| {
            let of = match subscription {
                Some(number) => {
                    let known = store.subscription(number)?;
                    Some((known.number.0, known.settings.name))
                }
                None => None,
            };
            Ok((store.deliveries(&wanted)?, of))
        })
        .await?;
    let next = cursor::cut(&mut found, ROWS, |last| last.number.0)?;
    Ok(View(ListView {
        deliveries: found.into_iter().map(DeliveryView::from).collect(),
        next,
        of,
    }))
}

#[derive(Template)]
#[template(path = "notifications/deliveries.html")]
struct ListPage<'a> {
    address: Address,
    frame: Frame,
    view: &'a ListView,
    states: [&'static str; 4],
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Deliveries", Section::Settings)
            .under("Notifications", PAGE);
        ListPage {
            address: Address::parse(&frame.path),
            frame,
            view: self,
            states: DeliveryState::ALL.map(DeliveryState::name),
        }
        .render()
    }
}
