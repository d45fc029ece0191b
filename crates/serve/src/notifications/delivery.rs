//! One delivery.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stance_store::Notifications as _;
use stance_store::notifications::{DeliveryDetail, DeliveryNumber};

use super::PAGE;
use super::view::{AttemptView, DeliveryView};
use crate::ask::{Ask, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::jobs::DELIVER;
use crate::notify::plain;
use crate::record::Teller;
use crate::view::{Done, Page, View};

/// A delivery with what was sent and each try.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DetailView {
    /// The delivery.
    delivery: DeliveryView,
    /// Each try, the first one first.
    attempts: Vec<AttemptView>,
    /// What is sent: to a webhook as it stands here, as mail as text made of it.
    body: Value,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    may_change: bool,
}

pub(super) async fn show(ask: Ask, Path(id): Path<i64>) -> Result<View<DetailView>, ApiError> {
    let detail = ask
        .db
        .read(move |store| Ok(store.delivery(DeliveryNumber(id))?))
        .await?;
    let may_change = ask.who.may(Permission::SettingsManage);
    Ok(View(of(detail, may_change)))
}

fn of(detail: DeliveryDetail, may_change: bool) -> DetailView {
    let body: Value = serde_json::from_str(&detail.body).unwrap_or_default();
    let delivery = DeliveryView::from(detail.delivery);
    let text = if delivery.channel == "mail" {
        plain(&detail.body).unwrap_or_default()
    } else {
        serde_json::to_string_pretty(&body).unwrap_or_default()
    };
    DetailView {
        delivery,
        attempts: detail.attempts.into_iter().map(AttemptView::from).collect(),
        body,
        text,
        may_change,
    }
}

pub(super) async fn again(ask: Ask, Path(id): Path<i64>) -> Result<Done<DeliveryView>, ApiError> {
    let (teller, now) = (Teller::of(&ask), ask.now);
    let delivery = ask
        .db
        .write(move |store| {
            let number = store.send_again(DeliveryNumber(id), DELIVER, now)?;
            let delivery = store.delivery(number)?.delivery;
            let detail = json!({"delivery": id, "again": number.0});
            let subscription = delivery.subscription.0;
            teller.tell(
                store,
                "notification.redeliver",
                "notification",
                subscription,
                detail,
            )?;
            Ok(DeliveryView::from(delivery))
        })
        .await?;
    ask.bell.ring();
    let page = format!("{PAGE}/deliveries/{}", delivery.id);
    Ok(Done::to(page, delivery)
        .notice("The message is on its way once more.")
        .created())
}

#[derive(Template)]
#[template(path = "notifications/delivery.html")]
struct DetailPage<'a> {
    frame: Frame,
    view: &'a DetailView,
    one: &'a DeliveryView,
}

impl Page for DetailView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(format!("Delivery {}", self.delivery.id), Section::Settings)
            .under("Notifications", PAGE)
            .under("Deliveries", format!("{PAGE}/deliveries"));
        DetailPage {
            frame,
            view: self,
            one: &self.delivery,
        }
        .render()
    }
}
