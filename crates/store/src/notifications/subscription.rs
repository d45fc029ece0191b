//! Subscriptions: who is told of what, and how.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::Severity;

/// The number of a subscription; none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubscriptionNumber(pub i64);

/// What somebody can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A finding that was not open before is open, or became as severe as the subscription asks.
    FindingOpened,
    /// A finding is open longer than it may be.
    FindingOverdue,
    /// A source differs from its approved state in a way that weakens it.
    ChangeWeakening,
    /// A waiver ends soon.
    WaiverExpiring,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::FindingOpened,
        Self::FindingOverdue,
        Self::ChangeWeakening,
        Self::WaiverExpiring,
    ];

    /// The name in the database, in messages and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FindingOpened => "finding.opened",
            Self::FindingOverdue => "finding.overdue",
            Self::ChangeWeakening => "change.weakening",
            Self::WaiverExpiring => "waiver.expiring",
        }
    }

    /// The event of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// How somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A POST to an address.
    Webhook,
    /// E-mail.
    Mail,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Webhook, Self::Mail];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Mail => "mail",
        }
    }

    /// The channel of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// From what the secret of a webhook is made again, and how it is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Random bytes.
    pub salt: Vec<u8>,
    /// SHA-256 of the secret.
    pub digest: Vec<u8>,
}

/// What is said of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionSettings {
    /// What people call it.
    pub name: String,
    /// The address of a webhook; addresses of mail, separated by spaces.
    pub target: String,
    /// Of what to tell.
    pub events: Vec<Event>,
    /// Findings of this severity and worse.
    pub least: Severity,
    /// Whether it is told at all.
    pub enabled: bool,
}

/// A subscription to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewSubscription<'a> {
    /// How it is told.
    pub channel: Channel,
    /// What is said of it.
    pub settings: &'a SubscriptionSettings,
    /// The key of a webhook.
    pub key: Option<&'a SigningKey>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its number.
    pub number: SubscriptionNumber,
    /// How it is told.
    pub channel: Channel,
    /// What is said of it.
    pub settings: SubscriptionSettings,
    /// The key of a webhook.
    pub key: Option<SigningKey>,
    /// Counts up with every edit.
    pub revision: i64,
    /// When it was added.
    pub created: Timestamp,
    /// When it was removed.
    pub removed: Option<Timestamp>,
    /// The last message, where there is one.
    pub last: Option<super::Delivery>,
}
