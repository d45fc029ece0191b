//! Who is told of what, and what was sent.
//!
//! What is to be told is written with what causes it, in the same transaction; whoever sends gathers what waits into
//! messages ([`Notifications::send`]), each with a job that delivers it. So nothing is lost, and what was acknowledged is
//! not sent again.

mod delivery;
mod subscription;

use std::collections::BTreeMap;

use jiff::Timestamp;
use stance_core::Severity;

pub use delivery::{
    Attempt, Delivery, DeliveryDetail, DeliveryFilter, DeliveryNumber, DeliveryState, NewDelivery,
};
pub use subscription::{
    Channel, Event, NewSubscription, SigningKey, Subscription, SubscriptionNumber,
    SubscriptionSettings,
};

use crate::{ChangeRow, FindingRow, Result, Waiver};

/// Something that waits to be told: to whom, and what kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// To whom.
    pub subscription: SubscriptionNumber,
    /// What kind.
    pub event: Event,
}

/// What is to be told in one message: how much, and the first of it, the worst first.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// How many things.
    pub total: u64,
    /// How many of each severity.
    pub severities: BTreeMap<Severity, u64>,
    /// The first findings.
    pub findings: Vec<FindingRow>,
    /// The first changes.
    pub changes: Vec<ChangeRow>,
    /// The first waivers.
    pub waivers: Vec<Waiver>,
}

/// Something whose time has come and that a subscription was not told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Whom to tell.
    pub subscription: SubscriptionNumber,
    /// What has come.
    pub event: Event,
    /// Number of the finding or waiver.
    pub subject: i64,
    /// When it should have been done, or expires.
    pub mark: Timestamp,
    /// How bad it is.
    pub severity: Severity,
}

/// Subscriptions, the outbox, and messages.
pub trait Notifications {
    /// Adds a subscription; it is told of what happens from now on, and of what is overdue already.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn add_subscription(
        &mut self,
        new: &NewSubscription<'_>,
        now: Timestamp,
    ) -> Result<SubscriptionNumber>;

    /// Changes a subscription. What waits for one that is switched off is dropped.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], [`crate::StoreError::Edited`] when it is of another revision by now, or when the
    /// database cannot be written.
    fn change_subscription(
        &mut self,
        number: SubscriptionNumber,
        settings: &SubscriptionSettings,
        revision: i64,
        now: Timestamp,
    ) -> Result<()>;

    /// Gives a webhook a new secret; the one before signs nothing more.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`] when there is no such webhook, or when the database cannot be written.
    fn renew_key(&mut self, number: SubscriptionNumber, key: &SigningKey) -> Result<()>;

    /// Removes a subscription: what waits for it is dropped, its address and key are forgotten; what was sent stays told.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn remove_subscription(&mut self, number: SubscriptionNumber, now: Timestamp) -> Result<()>;

    /// One subscription, also one that was removed.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn subscription(&self, number: SubscriptionNumber) -> Result<Subscription>;

    /// All subscriptions that are not removed, in order of name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn subscriptions(&self) -> Result<Vec<Subscription>>;

    /// Whether anything waits to be told or delivered.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn unsettled(&self) -> Result<bool>;

    /// What waits to be told.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn waiting(&self) -> Result<Vec<Waiting>>;

    /// All that waits of one kind for one subscription, with at most `most` of each in detail.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn gather(&self, waiting: Waiting, most: usize) -> Result<Gathered>;

    /// Findings that are overdue, and waivers that end before `soon`, of which a subscription that wants to know was not
    /// told; at most `most` of each kind.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn untold(&self, now: Timestamp, soon: Timestamp, most: usize) -> Result<Vec<Untold>>;

    /// Puts these into the outbox, each once however often it is asked.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn tell(&mut self, untold: &[Untold], now: Timestamp) -> Result<()>;

    /// Takes a message in to be delivered, with the job that does it; everything of its event that waits for the
    /// subscription is told by it.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn send(&mut self, new: &NewDelivery<'_>, now: Timestamp) -> Result<DeliveryNumber>;

    /// Sends the message of a delivery once more, as a delivery of its own.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], [`crate::StoreError::Conflict`] when it is under way or its subscription is gone,
    /// or when the database cannot be written.
    fn send_again(
        &mut self,
        number: DeliveryNumber,
        job: &str,
        now: Timestamp,
    ) -> Result<DeliveryNumber>;

    /// Writes down a try, and where the delivery stands after it. One that has ended stays as it is.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn tried(
        &mut self,
        number: DeliveryNumber,
        attempt: &Attempt,
        state: DeliveryState,
    ) -> Result<()>;

    /// Ends deliveries whose jobs ended without them: a process may be lost on the last try, or somebody stopped the job.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn settle_deliveries(&mut self, now: Timestamp) -> Result<usize>;

    /// A delivery with what was sent and each try.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn delivery(&self, number: DeliveryNumber) -> Result<DeliveryDetail>;

    /// Deliveries, the latest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>>;
}
