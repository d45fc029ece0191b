//! Who is told of what, and what was sent.

mod deliveries;
mod outbox;
mod subscriptions;

use jiff::Timestamp;

use super::Sqlite;
use crate::Result;
use crate::notifications::{
    Attempt, Delivery, DeliveryDetail, DeliveryFilter, DeliveryNumber, DeliveryState, Gathered,
    NewDelivery, NewSubscription, Notifications, SigningKey, Subscription, SubscriptionNumber,
    SubscriptionSettings, Untold, Waiting,
};

impl Notifications for Sqlite {
    fn add_subscription(
        &mut self,
        new: &NewSubscription<'_>,
        now: Timestamp,
    ) -> Result<SubscriptionNumber> {
        self.whole(|db| subscriptions::add(db, new, now))
    }

    fn change_subscription(
        &mut self,
        number: SubscriptionNumber,
        settings: &SubscriptionSettings,
        revision: i64,
        now: Timestamp,
    ) -> Result<()> {
        self.whole(|db| subscriptions::change(db, number, settings, revision, now))
    }

    fn renew_key(&mut self, number: SubscriptionNumber, key: &SigningKey) -> Result<()> {
        self.whole(|db| subscriptions::renew(db, number, key))
    }

    fn remove_subscription(&mut self, number: SubscriptionNumber, now: Timestamp) -> Result<()> {
        self.whole(|db| subscriptions::remove(db, number, now))
    }

    fn subscription(&self, number: SubscriptionNumber) -> Result<Subscription> {
        self.reading(|db| subscriptions::one(db, number))
    }

    fn subscriptions(&self) -> Result<Vec<Subscription>> {
        self.reading(subscriptions::all)
    }

    fn unsettled(&self) -> Result<bool> {
        self.reading(outbox::unsettled)
    }

    fn waiting(&self) -> Result<Vec<Waiting>> {
        self.reading(outbox::waiting)
    }

    fn gather(&self, waiting: Waiting, most: usize) -> Result<Gathered> {
        self.reading(|db| outbox::gather(db, waiting, most))
    }

    fn untold(&self, now: Timestamp, soon: Timestamp, most: usize) -> Result<Vec<Untold>> {
        self.reading(|db| outbox::untold(db, now, soon, most))
    }

    fn tell(&mut self, untold: &[Untold], now: Timestamp) -> Result<()> {
        self.whole(|db| outbox::tell(db, untold, now))
    }

    fn send(&mut self, new: &NewDelivery<'_>, now: Timestamp) -> Result<DeliveryNumber> {
        self.whole(|db| deliveries::send(db, new, now))
    }

    fn send_again(
        &mut self,
        number: DeliveryNumber,
        job: &str,
        now: Timestamp,
    ) -> Result<DeliveryNumber> {
        self.whole(|db| deliveries::send_again(db, number, job, now))
    }

    fn tried(
        &mut self,
        number: DeliveryNumber,
        attempt: &Attempt,
        state: DeliveryState,
    ) -> Result<()> {
        self.whole(|db| deliveries::tried(db, number, attempt, state))
    }

    fn settle_deliveries(&mut self, now: Timestamp) -> Result<usize> {
        self.whole(|db| deliveries::settle(db, now))
    }

    fn delivery(&self, number: DeliveryNumber) -> Result<DeliveryDetail> {
        self.reading(|db| deliveries::one(db, number))
    }

    fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>> {
        self.reading(|db| deliveries::list(db, filter))
    }
}
