//! One subscription.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::Notifications as _;
use stance_store::notifications::{DeliveryFilter, SubscriptionNumber};

use super::PAGE;
use super::view::{DeliveryView, SubscriptionView};
use crate::ask::{Ask, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// Deliveries that stand on the page.
const LAST: usize = 10;

/// A subscription with what it sent last.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneView {
    /// The notification.
    notification: SubscriptionView,
    /// Its last deliveries, the latest first.
    deliveries: Vec<DeliveryView>,
    #[serde(skip)]
    may_change: bool,
}

pub(super) async fn show(ask: Ask, Path(id): Path<i64>) -> Result<View<OneView>, ApiError> {
    let number = SubscriptionNumber(id);
    let (one, deliveries) = ask
        .db
        .read(move |store| {
            let filter = DeliveryFilter {
                subscription: Some(number),
                limit: LAST,
                ..DeliveryFilter::default()
            };
            Ok((store.subscription(number)?, store.deliveries(&filter)?))
        })
        .await?;
    Ok(View(OneView {
        notification: one.into(),
        deliveries: deliveries.into_iter().map(DeliveryView::from).collect(),
        may_change: ask.who.may(Permission::SettingsManage),
    }))
}

#[derive(Template)]
#[template(path = "notifications/one.html")]
struct OnePage<'a> {
    frame: Frame,
    view: &'a OneView,
    one: &'a SubscriptionView,
}

impl Page for OneView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(self.notification.name.clone(), Section::Settings)
            .under("Notifications", PAGE);
        OnePage {
            frame,
            view: self,
            one: &self.notification,
        }
        .render()
    }
}
