//! What people and programs do with subscriptions.

use std::path::Path as Directory;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stance_core::Severity;
use stance_store::notifications::{
    Channel, Event, NewDelivery, NewSubscription, SubscriptionNumber, SubscriptionSettings,
};
use stance_store::{Notifications as _, Sqlite};

use super::PAGE;
use super::view::{DeliveryView, SubscriptionView, shown};
use crate::ask::{Ask, Input as Sent, Path};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::jobs::DELIVER;
use crate::notify::{address, mailbox, message, signature};
use crate::record::Teller;
use crate::view::{Done, Page, View};

/// Most subscriptions.
const MOST: usize = 100;
/// Most addresses of mail of one.
const RECIPIENTS: usize = 20;

/// What is said of a subscription; what is absent stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Input {
    /// `webhook` or `mail`; needed for a new one, which keeps it.
    channel: Option<String>,
    /// What people call it; up to 100 characters.
    name: Option<String>,
    /// The address of a webhook, `https://hooks.example.org/stance`; up to 20 addresses of mail, separated by spaces,
    /// commas or lines.
    target: Option<String>,
    /// Of what to tell: `finding.opened`, `finding.overdue`, `change.weakening`, `waiver.expiring`.
    events: Vec<String>,
    /// Findings of this severity and worse: critical, high, medium, low or info; critical if it is left out.
    least_severity: Option<String>,
    /// Whether it tells at all.
    enabled: Option<bool>,
    /// The revision that was seen; an edit of another one is refused.
    revision: Option<i64>,
    /// Whether a form sent it: no box that is ticked says that there is none.
    #[schemars(skip)]
    form: Option<String>,
}

/// A subscription that was just made, or has a new secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MadeView {
    /// What a webhook is signed with; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// The notification.
    notification: SubscriptionView,
}

/// That a subscription is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemovedView {
    /// Its number.
    removed: i64,
}

#[derive(Template)]
#[template(path = "notifications/secret.html")]
struct SecretPage<'a> {
    frame: Frame,
    view: &'a MadeView,
}

impl Page for MadeView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let known = &self.notification;
        let frame = frame
            .page("The secret of the webhook", Section::Settings)
            .under("Notifications", PAGE)
            .under(known.name.clone(), format!("{PAGE}/{}", known.id));
        SecretPage { frame, view: self }.render()
    }
}

/// The channel of this name.
pub(super) fn channel_of(name: &str) -> Result<Channel, ApiError> {
    Channel::named(name).ok_or_else(|| ApiError::invalid("channel", "webhook or mail"))
}

impl Input {
    /// What is known, with what was said laid over it.
    fn over(
        &self,
        ask: &Ask,
        channel: Channel,
        known: Option<&SubscriptionSettings>,
    ) -> Result<SubscriptionSettings, ApiError> {
        let name = self.name.as_deref().or(known.map(|it| it.name.as_str()));
        let name = name.unwrap_or_default().trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(ApiError::invalid(
                "name",
                "between 1 and 100 characters, on one line",
            ));
        }
        let target = match (&self.target, known) {
            (Some(target), _) => checked_target(ask, channel, target)?,
            (None, Some(known)) => known.target.clone(),
            (None, None) => checked_target(ask, channel, "")?,
        };
        let mut events = Vec::new();
        for name in &self.events {
            let event = Event::named(name).ok_or_else(|| {
                let names = Event::ALL.map(Event::name).join(", ");
                ApiError::invalid("events", format!("some of {names}"))
            })?;
            events.push(event);
        }
        if events.is_empty() {
            match known {
                Some(known) if self.form.is_none() => events.clone_from(&known.events),
                _ => return Err(ApiError::invalid("events", "choose at least one")),
            }
        }
        let least = match (self.least_severity.as_deref(), known) {
            (Some(name), _) => name
                .parse()
                .map_err(|_| ApiError::invalid("least_severity", "no such severity"))?,
            (None, Some(known)) => known.least,
            (None, None) => Severity::Critical,
        };
        Ok(SubscriptionSettings {
            name: name.to_owned(),
            target,
            events,
            least,
            enabled: self.enabled.unwrap_or(known.is_none_or(|it| it.enabled)),
        })
    }
}

fn checked_target(ask: &Ask, channel: Channel, target: &str) -> Result<String, ApiError> {
    let wrong = |message: String| ApiError::invalid("target", message);
    let notify = &ask.settings.notify;
    match channel {
        Channel::Webhook => {
            let target = target.trim();
            address::parse(target, notify.plain_http, &notify.allowed)
                .map_err(|error| wrong(error.to_string()))?;
            Ok(target.to_owned())
        }
        Channel::Mail => {
            let addresses: Vec<&str> = target
                .split(|c: char| c.is_whitespace() || ",;".contains(c))
                .filter(|part| !part.is_empty())
                .collect();
            if !(1..=RECIPIENTS).contains(&addresses.len()) {
                return Err(wrong(format!("1 to {RECIPIENTS} addresses of mail")));
            }
            for address in &addresses {
                if address.len() > 254 {
                    return Err(wrong("an address has at most 254 characters".to_owned()));
                }
                mailbox(address).map_err(wrong)?;
            }
            Ok(addresses.join(" "))
        }
    }
}

/// What the audit log says of it: for ever, so without what may be a secret, and without the names of people.
fn told(channel: Channel, settings: &SubscriptionSettings) -> Value {
    let target = match channel {
        Channel::Webhook => shown(channel, &settings.target),
        Channel::Mail => {
            let domains: std::collections::BTreeSet<&str> = settings
                .target
                .split_whitespace()
                .filter_map(|address| address.rsplit('@').next())
                .collect();
            domains.into_iter().collect::<Vec<_>>().join(" ")
        }
    };
    let events: Vec<&str> = settings.events.iter().map(|event| event.name()).collect();
    json!({
        "name": settings.name,
        "channel": channel.name(),
        "target": target,
        "recipients": settings.target.split_whitespace().count(),
        "events": events,
        "least_severity": settings.least.name(),
        "enabled": settings.enabled,
    })
}

/// Makes a key beside the database.
fn new_key(
    data_dir: &Directory,
) -> Result<(stance_store::notifications::SigningKey, signature::Secret), ApiError> {
    signature::make(data_dir).map_err(ApiError::internal)
}

fn once(made: MadeView) -> Response {
    // A page, not a redirect: the secret must not be kept anywhere to be shown later.
    let keep = [(CACHE_CONTROL, "no-store")];
    (StatusCode::CREATED, keep, View(made)).into_response()
}

pub(super) async fn add(ask: Ask, Sent(input): Sent<Input>) -> Result<Response, ApiError> {
    let channel = channel_of(input.channel.as_deref().unwrap_or_default())?;
    if channel == Channel::Mail && ask.settings.notify.relay.is_none() {
        return Err(ApiError::conflict(
            "no mail server is configured; start the service with --smtp-host and --mail-from",
        ));
    }
    let settings = input.over(&ask, channel, None)?;
    let (teller, now) = (Teller::of(&ask), ask.now);
    let directory = ask.settings.data_dir.clone();
    let (one, secret) = ask
        .db
        .write(move |store| {
            if store.subscriptions()?.len() >= MOST {
                let full =
                    format!("there are {MOST} notifications; remove one that nobody needs first");
                return Err(ApiError::conflict(full));
            }
            let made = match channel {
                Channel::Webhook => Some(new_key(&directory)?),
                Channel::Mail => None,
            };
            let (key, secret) = made.unzip();
            let new = NewSubscription {
                channel,
                settings: &settings,
                key: key.as_ref(),
            };
            let number = store.add_subscription(&new, now)?;
            let detail = told(channel, &settings);
            teller.tell(store, "notification.add", "notification", number.0, detail)?;
            Ok((store.subscription(number)?, secret))
        })
        .await?;
    ask.bell.ring();
    let made = MadeView {
        secret: secret.map(|secret| secret.text()),
        notification: one.into(),
    };
    if made.secret.is_some() {
        return Ok(once(made));
    }
    let page = format!("{PAGE}/{}", made.notification.id);
    Ok(Done::to(page, made)
        .notice("The notification is set. Send a test to see whether it arrives.")
        .created()
        .into_response())
}

pub(super) async fn change(
    ask: Ask,
    Path(id): Path<i64>,
    Sent(input): Sent<Input>,
) -> Result<Done<SubscriptionView>, ApiError> {
    let number = SubscriptionNumber(id);
    let known = ask
        .db
        .read(move |store| Ok(store.subscription(number)?))
        .await?;
    if known.removed.is_some() {
        return Err(ApiError::not_found(format_args!("notification {id}")));
    }
    let settings = input.over(&ask, known.channel, Some(&known.settings))?;
    let (teller, now) = (Teller::of(&ask), ask.now);
    let one = ask
        .db
        .write(move |store| {
            // What was read before is what is edited: another edit in between is another revision.
            let revision = input.revision.unwrap_or(known.revision);
            store.change_subscription(number, &settings, revision, now)?;
            let detail = json!({
                "before": told(known.channel, &known.settings),
                "after": told(known.channel, &settings),
                "target_changed": known.settings.target != settings.target,
            });
            teller.tell(store, "notification.edit", "notification", id, detail)?;
            Ok(store.subscription(number)?)
        })
        .await?;
    let view = SubscriptionView::from(one);
    Ok(Done::to(format!("{PAGE}/{id}"), view).notice("The change is kept."))
}

pub(super) async fn renew(ask: Ask, Path(id): Path<i64>) -> Result<Response, ApiError> {
    let (teller, number) = (Teller::of(&ask), SubscriptionNumber(id));
    let directory = ask.settings.data_dir.clone();
    let (one, secret) = ask
        .db
        .write(move |store| {
            let (key, secret) = new_key(&directory)?;
            store.renew_key(number, &key)?;
            teller.tell(store, "notification.secret", "notification", id, json!({}))?;
            Ok((store.subscription(number)?, secret))
        })
        .await?;
    Ok(once(MadeView {
        secret: Some(secret.text()),
        notification: one.into(),
    }))
}

pub(super) async fn remove(ask: Ask, Path(id): Path<i64>) -> Result<Done<RemovedView>, ApiError> {
    let (teller, number, now) = (Teller::of(&ask), SubscriptionNumber(id), ask.now);
    let name = ask
        .db
        .write(move |store| {
            let known = store.subscription(number)?;
            store.remove_subscription(number, now)?;
            let detail = told(known.channel, &known.settings);
            teller.tell(store, "notification.remove", "notification", id, detail)?;
            Ok(known.settings.name)
        })
        .await?;
    let notice = format!("{name} was removed; what it sent stays in the list of deliveries.");
    Ok(Done::to(PAGE, RemovedView { removed: id }).notice(notice))
}

pub(super) async fn test(ask: Ask, Path(id): Path<i64>) -> Result<Done<DeliveryView>, ApiError> {
    let (teller, number, now) = (Teller::of(&ask), SubscriptionNumber(id), ask.now);
    let base = ask.base_url();
    let delivery = ask
        .db
        .write(move |store| {
            let known = store.subscription(number)?;
            if known.removed.is_some() {
                return Err(ApiError::not_found(format_args!("notification {id}")));
            }
            let body = message::test(&known.settings.name, &base, now);
            let sent = send(store, number, &body, now)?;
            let detail = json!({ "delivery": sent.id });
            teller.tell(store, "notification.test", "notification", id, detail)?;
            Ok(sent)
        })
        .await?;
    ask.bell.ring();
    let page = format!("{PAGE}/deliveries/{}", delivery.id);
    Ok(Done::to(page, delivery)
        .notice("The test is on its way.")
        .created())
}

fn send(
    store: &mut Sqlite,
    subscription: SubscriptionNumber,
    body: &message::Body,
    now: jiff::Timestamp,
) -> Result<DeliveryView, ApiError> {
    let new = NewDelivery {
        subscription,
        message: &message::number().map_err(ApiError::internal)?,
        event: &body.kind,
        body: &serde_json::to_string(body).map_err(ApiError::internal)?,
        job: DELIVER,
    };
    let number = store.send(&new, now)?;
    Ok(store.delivery(number)?.delivery.into())
}
