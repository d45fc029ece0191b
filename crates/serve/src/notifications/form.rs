//! The forms: a new subscription, an edit, a removal. For people only: programs have the actions.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::Severity;
use stance_store::Notifications as _;
use stance_store::notifications::{Channel, Event, Subscription, SubscriptionNumber};

use super::PAGE;
use super::act::channel_of;
use super::view::SubscriptionView;
use crate::ask::{Ask, Path, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// Which channel is to be added.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    channel: Option<String>,
}

/// A form, filled in with what is known.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FormView {
    /// The subscription that is edited; absent for a new one.
    notification: Option<SubscriptionView>,
    #[serde(skip)]
    channel: &'static str,
    /// The whole address: whoever may change it may see it.
    #[serde(skip)]
    target: String,
    #[serde(skip)]
    mail: bool,
    #[serde(skip)]
    plain_http: bool,
}

/// The question before a removal.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemoveView {
    notification: SubscriptionView,
}

pub(super) async fn new(ask: Ask, Query(which): Query<Which>) -> Result<View<FormView>, ApiError> {
    let channel = which.channel.as_deref().unwrap_or("webhook");
    Ok(View(FormView {
        notification: None,
        channel: channel_of(channel)?.name(),
        target: String::new(),
        mail: ask.settings.notify.relay.is_some(),
        plain_http: ask.settings.notify.plain_http,
    }))
}

pub(super) async fn edit(ask: Ask, Path(id): Path<i64>) -> Result<View<FormView>, ApiError> {
    let known = living(&ask, id).await?;
    Ok(View(FormView {
        channel: known.channel.name(),
        target: known.settings.target.clone(),
        notification: Some(known.into()),
        mail: ask.settings.notify.relay.is_some(),
        plain_http: ask.settings.notify.plain_http,
    }))
}

pub(super) async fn remove(ask: Ask, Path(id): Path<i64>) -> Result<View<RemoveView>, ApiError> {
    Ok(View(RemoveView {
        notification: living(&ask, id).await?.into(),
    }))
}

/// One that was not removed.
async fn living(ask: &Ask, id: i64) -> Result<Subscription, ApiError> {
    let number = SubscriptionNumber(id);
    let known = ask
        .db
        .read(move |store| Ok(store.subscription(number)?))
        .await?;
    if known.removed.is_some() {
        return Err(ApiError::not_found(format_args!("notification {id}")));
    }
    Ok(known)
}

#[derive(Template)]
#[template(path = "notifications/form.html")]
struct FormPage<'a> {
    frame: Frame,
    view: &'a FormView,
    events: [&'static str; 4],
    severities: [&'static str; 5],
}

#[derive(Template)]
#[template(path = "notifications/remove.html")]
struct RemovePage<'a> {
    frame: Frame,
    view: &'a RemoveView,
}

impl Page for FormView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.under("Notifications", PAGE);
        let (frame, title) = match &self.notification {
            Some(known) => (
                frame.under(known.name.clone(), format!("{PAGE}/{}", known.id)),
                "Edit the notification",
            ),
            None if self.is_webhook() => (frame, "Add a webhook"),
            None => (frame, "Add e-mail"),
        };
        FormPage {
            frame: frame.page(title, Section::Settings),
            view: self,
            events: Event::ALL.map(Event::name),
            severities: Severity::ALL.map(Severity::name),
        }
        .render()
    }
}

impl Page for RemoveView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let known = &self.notification;
        let frame = frame
            .under("Notifications", PAGE)
            .under(known.name.clone(), format!("{PAGE}/{}", known.id))
            .page("Remove the notification?", Section::Settings);
        RemovePage { frame, view: self }.render()
    }
}

impl FormView {
    fn is_webhook(&self) -> bool {
        self.channel == Channel::Webhook.name()
    }
}

impl FormPage<'_> {
    fn known(&self) -> Option<&SubscriptionView> {
        self.view.notification.as_ref()
    }

    fn action(&self) -> String {
        self.known()
            .map_or_else(|| PAGE.to_owned(), |known| format!("{PAGE}/{}", known.id))
    }

    fn name(&self) -> &str {
        self.known().map_or("", |known| &known.name)
    }

    /// A new one tells everything, until somebody chooses.
    fn has(&self, event: &str) -> bool {
        self.known()
            .is_none_or(|known| known.events.contains(&event))
    }

    fn least(&self) -> &str {
        self.known()
            .map_or("critical", |known| known.least_severity)
    }

    fn enabled(&self) -> bool {
        self.known().is_none_or(|known| known.enabled)
    }

    fn hint(&self, event: &str) -> &'static str {
        match Event::named(event) {
            Some(Event::FindingOpened) => {
                "Of the least severity below; also those that stand again."
            }
            Some(Event::FindingOverdue) => {
                "Open longer than their severity allows; looked for every hour."
            }
            Some(Event::ChangeWeakening) => "Drift that nobody approved or announced.",
            Some(Event::WaiverExpiring) => "Seven days before their findings come back.",
            None => "",
        }
    }

    fn address_hint(&self) -> &'static str {
        if self.view.plain_http {
            "Gets a signed POST. http and https are taken."
        } else {
            "Gets a signed POST. https only, but for this machine itself."
        }
    }
}
