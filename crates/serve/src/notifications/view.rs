//! Subscriptions and deliveries, as pages and programs see them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::notifications::{Attempt, Channel, Delivery, DeliveryState, Event, Subscription};

use crate::notify::address;

/// A subscription. The address of a webhook may be a secret: only its host is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct SubscriptionView {
    /// Its number.
    pub(super) id: i64,
    /// What people call it.
    pub(super) name: String,
    /// `webhook` or `mail`.
    pub(super) channel: &'static str,
    /// The scheme and host of a webhook; addresses of mail, separated by spaces.
    pub(super) target: String,
    /// Of what it tells.
    pub(super) events: Vec<&'static str>,
    /// Findings of this severity and worse.
    pub(super) least_severity: &'static str,
    /// Whether it tells at all.
    pub(super) enabled: bool,
    /// Counts up with every edit.
    pub(super) revision: i64,
    /// When it was added.
    pub(super) created: Timestamp,
    /// When it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) removed: Option<Timestamp>,
    /// Its last delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<DeliveryView>,
}

impl From<Subscription> for SubscriptionView {
    fn from(one: Subscription) -> Self {
        Self {
            id: one.number.0,
            channel: one.channel.name(),
            target: shown(one.channel, &one.settings.target),
            name: one.settings.name,
            events: one.settings.events.into_iter().map(Event::name).collect(),
            least_severity: one.settings.least.name(),
            enabled: one.settings.enabled,
            revision: one.revision,
            created: one.created,
            removed: one.removed,
            last: one.last.map(DeliveryView::from),
        }
    }
}

impl SubscriptionView {
    /// What it tells, in a line.
    pub(super) fn tells(&self) -> String {
        let words: Vec<String> = self
            .events
            .iter()
            .filter_map(|name| Event::named(name))
            .map(|event| match event {
                Event::FindingOpened => {
                    format!("new findings ({}{})", self.least_severity, self.and_worse())
                }
                Event::FindingOverdue => "overdue findings".to_owned(),
                Event::ChangeWeakening => "weakening changes".to_owned(),
                Event::WaiverExpiring => "accepted risks that end soon".to_owned(),
            })
            .collect();
        words.join(", ")
    }

    fn and_worse(&self) -> &'static str {
        if self.least_severity == "critical" {
            ""
        } else {
            " and worse"
        }
    }

    pub(super) fn icon(&self) -> &'static str {
        icon(self.channel)
    }

    pub(super) fn is_webhook(&self) -> bool {
        self.channel == Channel::Webhook.name()
    }

    pub(super) fn channel_title(&self) -> &'static str {
        channel_title(self.channel)
    }
}

/// The symbol of a channel.
pub(super) fn icon(channel: &str) -> &'static str {
    match channel {
        "webhook" => "endpoint",
        _ => "user",
    }
}

/// A channel in words.
pub(super) fn channel_title(channel: &str) -> &'static str {
    match channel {
        "webhook" => "Webhook",
        _ => "E-mail",
    }
}

/// Where it goes, without what may be a secret.
pub(super) fn shown(channel: Channel, target: &str) -> String {
    match channel {
        Channel::Webhook if target.is_empty() => String::new(),
        Channel::Webhook => address::shown(target),
        Channel::Mail => target.to_owned(),
    }
}

/// An event in words.
pub(super) fn event_title(name: &str) -> &'static str {
    match Event::named(name) {
        Some(Event::FindingOpened) => "New findings",
        Some(Event::FindingOverdue) => "Overdue findings",
        Some(Event::ChangeWeakening) => "Changes that weaken what was approved",
        Some(Event::WaiverExpiring) => "Accepted risks that end soon",
        None => "Test",
    }
}

/// A delivery.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct DeliveryView {
    /// Its number.
    pub(super) id: i64,
    /// The notification that it belongs to.
    pub(super) notification: i64,
    /// What people call that.
    pub(super) notification_name: String,
    /// `webhook` or `mail`.
    pub(super) channel: &'static str,
    /// By which whoever gets it knows it again: `webhook-id`, or the first part of `Message-ID`.
    pub(super) message: String,
    /// Of what it tells; `test` for a test.
    pub(super) event: String,
    /// `waiting`, `delivered`, `failed` or `cancelled`.
    pub(super) state: &'static str,
    /// How often it was tried.
    pub(super) attempts: u32,
    /// The last try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<AttemptView>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<Timestamp>,
    /// The delivery that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repeats: Option<i64>,
    /// When it was made.
    pub(super) created: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finished: Option<Timestamp>,
}

/// A try.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct AttemptView {
    /// Which one, from 1.
    pub(super) number: u32,
    /// When.
    pub(super) at: Timestamp,
    /// How long the other side took.
    pub(super) milliseconds: u64,
    /// The status of HTTP or the code of SMTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// How the answer begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(one: Attempt) -> Self {
        Self {
            number: one.number,
            at: one.at,
            milliseconds: one.millis,
            status: one.status,
            answer: one.answer,
            error: one.error,
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(one: Delivery) -> Self {
        Self {
            id: one.number.0,
            notification: one.subscription.0,
            notification_name: one.subscription_name,
            channel: one.channel.name(),
            message: one.message,
            event: one.event,
            state: one.state.name(),
            attempts: one.attempts,
            last: one.last.map(AttemptView::from),
            next: one.next,
            repeats: one.repeats.map(|it| it.0),
            created: one.created,
            finished: one.finished,
        }
    }
}

impl DeliveryView {
    pub(super) fn tone(&self) -> &'static str {
        match self.state {
            "delivered" => "good",
            "failed" => "bad",
            "waiting" if self.attempts > 0 => "warning",
            "waiting" => "running",
            _ => "muted",
        }
    }

    /// Where it stands, in a word.
    pub(super) fn word(&self) -> &'static str {
        match self.state {
            "waiting" if self.attempts > 0 => "retrying",
            "waiting" => "on its way",
            other => DeliveryState::named(other).map_or("", DeliveryState::name),
        }
    }

    pub(super) fn title(&self) -> &'static str {
        event_title(&self.event)
    }

    pub(super) fn icon(&self) -> &'static str {
        icon(self.channel)
    }

    pub(super) fn is_over(&self) -> bool {
        self.state != DeliveryState::Waiting.name()
    }

    pub(super) fn channel_title(&self) -> &'static str {
        channel_title(self.channel)
    }

    /// When it is tried again, for one that was tried.
    pub(super) fn soon(&self, now: impl crate::format::At) -> Option<String> {
        let next = self.next.filter(|_| self.attempts > 0)?;
        let seconds = next.duration_since(now.at()).as_secs();
        Some(match seconds {
            ..60 => "in a moment".to_owned(),
            _ => format!("in {} min", seconds / 60),
        })
    }

    /// Why the last try failed.
    pub(super) fn trouble(&self) -> &str {
        let last = self.last.as_ref().filter(|_| self.state != "delivered");
        last.and_then(|last| last.error.as_deref())
            .unwrap_or_default()
    }
}
