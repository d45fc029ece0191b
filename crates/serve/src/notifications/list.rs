//! All subscriptions.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::Notifications as _;

use super::view::SubscriptionView;
use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// Who is told of what.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListView {
    /// The notifications.
    notifications: Vec<SubscriptionView>,
    /// Whether a mail server is configured.
    mail: bool,
    #[serde(skip)]
    has_public_url: bool,
    #[serde(skip)]
    may_change: bool,
}

pub(super) async fn list(ask: Ask) -> Result<View<ListView>, ApiError> {
    let all = ask.db.read(|store| Ok(store.subscriptions()?)).await?;
    Ok(View(ListView {
        notifications: all.into_iter().map(SubscriptionView::from).collect(),
        mail: ask.settings.notify.relay.is_some(),
        has_public_url: ask.settings.public_url.is_some(),
        may_change: ask.who.may(Permission::SettingsManage),
    }))
}

#[derive(Template)]
#[template(path = "notifications/list.html")]
struct ListPage<'a> {
    frame: Frame,
    view: &'a ListView,
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Notifications", Section::Settings);
        ListPage { frame, view: self }.render()
    }
}
