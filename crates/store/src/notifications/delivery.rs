//! Messages, and what became of them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Channel, SubscriptionNumber};

/// The number of a delivery; none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryNumber(pub i64);

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It was not taken yet, and is tried again.
    Waiting,
    /// The other side took it.
    Delivered,
    /// It was tried often enough.
    Failed,
    /// It is wanted no more.
    Cancelled,
}

impl DeliveryState {
    /// All states.
    pub const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Delivered,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A message to be delivered.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// To whom.
    pub subscription: SubscriptionNumber,
    /// By which whoever gets it knows it again.
    pub message: &'a str,
    /// Of what it tells: the name of an event, or `test`.
    pub event: &'a str,
    /// What is sent, as JSON.
    pub body: &'a str,
    /// The kind of the job that delivers it.
    pub job: &'a str,
}

impl NewDelivery<'_> {
    /// How often a message is tried: over about half a day, with the longest pauses of jobs.
    pub const TRIES: u32 = 18;
    /// The pause after the first failure.
    pub const PAUSE: SignedDuration = SignedDuration::from_secs(30);
}

/// A delivery as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub number: DeliveryNumber,
    /// To whom.
    pub subscription: SubscriptionNumber,
    /// What people call that.
    pub subscription_name: String,
    /// How that is told.
    pub channel: Channel,
    /// By which whoever gets it knows it again.
    pub message: String,
    /// Of what it tells.
    pub event: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// The last try.
    pub last: Option<Attempt>,
    /// When it is tried next.
    pub next: Option<Timestamp>,
    /// The delivery that it repeats.
    pub repeats: Option<DeliveryNumber>,
    /// When it was taken in.
    pub created: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which one, from 1; 0 in one to be written down takes the next.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long the other side took, in milliseconds.
    pub millis: u64,
    /// What it answered: the status of HTTP or the code of SMTP.
    pub status: Option<u16>,
    /// How the answer begins.
    pub answer: Option<String>,
    /// Why it was not taken.
    pub error: Option<String>,
}

/// All that is known of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryDetail {
    /// What lists show.
    pub delivery: Delivery,
    /// What is sent.
    pub body: String,
    /// Each try, the first one first.
    pub attempts: Vec<Attempt>,
}

/// Deliveries that are wanted.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// To this subscription only.
    pub subscription: Option<SubscriptionNumber>,
    /// In this state only.
    pub state: Option<DeliveryState>,
    /// Older than this one only: the last of the page before.
    pub before: Option<DeliveryNumber>,
    /// At most so many.
    pub limit: usize,
}
