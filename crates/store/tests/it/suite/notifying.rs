//! Who is told of what: written with what causes it, gathered into one message, told once.

use jiff::{SignedDuration, Timestamp};
use stance_core::Severity;
use stance_store::StoreError;
use stance_store::jobs::{Jobs as _, Retry};
use stance_store::notifications::{
    Attempt, Channel, DeliveryState, Event, NewDelivery, NewSubscription, Notifications,
    SubscriptionNumber, SubscriptionSettings, Waiting,
};

use super::Place;
use super::estates::{Estates, Told, agent};
use crate::fixture::{finding, time};

fn settings(events: &[Event], least: Severity) -> SubscriptionSettings {
    SubscriptionSettings {
        name: "somebody".to_owned(),
        target: "https://hooks.example/x".to_owned(),
        events: events.to_vec(),
        least,
        enabled: true,
    }
}

fn subscribe(
    store: &mut impl Notifications,
    events: &[Event],
    least: Severity,
) -> SubscriptionNumber {
    let settings = settings(events, least);
    let new = NewSubscription {
        channel: Channel::Mail,
        settings: &settings,
        key: None,
    };
    store.add_subscription(&new, Timestamp::UNIX_EPOCH).unwrap()
}

/// An agent with so many findings of high severity.
fn told(findings: u32) -> Told {
    let mut told = agent();
    let asset = told.assets[0].id.clone();
    told.findings.clear();
    for number in 0..findings {
        let mut finding = finding(number);
        finding.asset = asset.clone();
        told.findings.push(finding);
    }
    told
}

fn new(subscription: SubscriptionNumber) -> NewDelivery<'static> {
    NewDelivery {
        subscription,
        message: "msg_1",
        event: Event::FindingOpened.name(),
        body: "{}",
        job: "deliver",
    }
}

fn attempt(status: u16, day: i64) -> Attempt {
    Attempt {
        number: 0,
        at: time(day),
        millis: 7,
        status: Some(status),
        answer: None,
        error: None,
    }
}

pub(crate) fn what_opens_is_gathered_for_whoever_asked_and_told_once<P: Place>() {
    let mut estates = Estates::<P>::new();
    let high = subscribe(&mut estates.store, &[Event::FindingOpened], Severity::High);
    subscribe(
        &mut estates.store,
        &[Event::FindingOpened],
        Severity::Critical,
    );
    subscribe(&mut estates.store, &[Event::FindingOverdue], Severity::Info);
    assert!(!estates.store.unsettled().unwrap());
    estates.tell(1, 1, &told(30));
    let waiting = Waiting {
        subscription: high,
        event: Event::FindingOpened,
    };
    assert_eq!(estates.store.waiting().unwrap(), [waiting], "nobody else");
    let gathered = estates.store.gather(waiting, 4).unwrap();
    assert_eq!((gathered.total, gathered.findings.len()), (30, 4));
    assert_eq!(gathered.severities.get(&Severity::High), Some(&30));
    let number = estates.store.send(&new(high), time(1)).unwrap();
    assert_eq!(estates.store.waiting().unwrap(), []);
    assert!(estates.store.unsettled().unwrap(), "it is to be delivered");

    // The same again tells nothing; what was fixed and stands again does.
    estates.tell(1, 2, &told(30));
    assert_eq!(estates.store.waiting().unwrap(), []);
    estates.tell(1, 3, &told(29));
    estates.tell(1, 4, &told(30));
    assert_eq!(estates.store.gather(waiting, 4).unwrap().total, 1);

    estates
        .store
        .tried(number, &attempt(500, 2), DeliveryState::Waiting)
        .unwrap();
    estates
        .store
        .tried(number, &attempt(200, 3), DeliveryState::Delivered)
        .unwrap();
    let detail = estates.store.delivery(number).unwrap();
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
    let numbers: Vec<u32> = detail.attempts.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2]);
    let again = estates
        .store
        .send_again(number, "deliver", time(5))
        .unwrap();
    let repeated = estates.store.delivery(again).unwrap();
    assert_eq!(repeated.delivery.repeats, Some(number));
    assert_eq!(repeated.delivery.message, "msg_1");
    let twice = estates.store.send_again(again, "deliver", time(5));
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
}

pub(crate) fn what_is_late_is_told_once_until_it_is_late_anew<P: Place>() {
    let mut estates = Estates::<P>::new();
    let all = subscribe(&mut estates.store, &[Event::FindingOverdue], Severity::High);
    subscribe(
        &mut estates.store,
        &[Event::FindingOverdue],
        Severity::Critical,
    );
    estates.tell(1, 1, &told(3));
    let late = |estates: &mut Estates<P>, day: i64| {
        let untold = estates.store.untold(time(day), time(day + 7), 100).unwrap();
        estates.store.tell(&untold, time(day)).unwrap();
        untold.len()
    };
    assert_eq!(late(&mut estates, 31), 0, "the last day has not ended");
    assert_eq!(late(&mut estates, 33), 3);
    assert_eq!(late(&mut estates, 34), 0);
    let waiting = estates.store.waiting().unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].subscription, all);
    assert_eq!(
        estates.store.untold(time(33), time(40), 2).unwrap().len(),
        0
    );
    // Fixed, open again, and late again: that is new.
    estates.tell(1, 40, &told(0));
    estates.tell(1, 41, &told(1));
    assert_eq!(late(&mut estates, 60), 0);
    assert_eq!(late(&mut estates, 80), 1);
    // One that subscribes now is told of what is late already.
    subscribe(&mut estates.store, &[Event::FindingOverdue], Severity::Info);
    assert_eq!(late(&mut estates, 80), 1);
}

pub(crate) fn a_delivery_ends_with_its_job_and_with_its_subscription<P: Place>() {
    let mut estates = Estates::<P>::new();
    let store = &mut estates.store;
    let number = subscribe(store, &[Event::FindingOpened], Severity::Info);
    let lost = store.send(&new(number), time(1)).unwrap();
    let job = store
        .take_job("a", &["deliver"], time(1), SignedDuration::from_secs(60))
        .unwrap()
        .unwrap();
    assert_eq!(store.settle_deliveries(time(1)).unwrap(), 0);
    store
        .fail_job(&job.lease(), "it broke", Retry::Never, time(1))
        .unwrap();
    assert_eq!(store.settle_deliveries(time(1)).unwrap(), 1);
    let state = store.delivery(lost).unwrap().delivery.state;
    assert_eq!(state, DeliveryState::Failed);

    let off = store.send(&new(number), time(2)).unwrap();
    let mut changed = settings(&[Event::FindingOpened], Severity::Info);
    changed.enabled = false;
    store
        .change_subscription(number, &changed, 0, time(2))
        .unwrap();
    let state = store.delivery(off).unwrap().delivery.state;
    assert_eq!(state, DeliveryState::Cancelled);
    let taken = store.take_job("a", &["deliver"], time(2), SignedDuration::from_secs(60));
    assert!(taken.unwrap().is_none(), "nobody delivers it");
    let late = store.change_subscription(number, &changed, 0, time(2));
    assert!(matches!(late, Err(StoreError::Edited { .. })), "{late:?}");

    store.remove_subscription(number, time(3)).unwrap();
    assert_eq!(store.subscriptions().unwrap(), []);
    let removed = store.subscription(number).unwrap();
    assert_eq!(removed.settings.target, "");
    let again = store.send_again(off, "deliver", time(3));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}
