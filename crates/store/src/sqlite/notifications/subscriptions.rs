//! Who is told of what.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::deliveries;
use crate::StoreError;
use crate::notifications::{
    Channel, DeliveryFilter, Event, NewSubscription, SigningKey, Subscription, SubscriptionNumber,
    SubscriptionSettings,
};
use crate::sqlite::Halt;
use crate::sqlite::columns::{named, not_found, time, time_if_any};
use crate::sqlite::estate::row::{severity, severity_number};

const SUBSCRIPTION: &str =
    "SELECT id, channel, name, target, events, least, enabled, salt, digest, revision, created, removed
     FROM subscription";

fn subscription_of(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let events: String = row.get(4)?;
    let (salt, digest): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(7)?, row.get(8)?);
    Ok(Subscription {
        number: SubscriptionNumber(row.get(0)?),
        channel: named(row, 1, Channel::named)?,
        settings: SubscriptionSettings {
            name: row.get(2)?,
            target: row.get(3)?,
            // An event that an earlier version knew is told to nobody.
            events: events.split(' ').filter_map(Event::named).collect(),
            least: severity(row.get(5)?)?,
            enabled: row.get(6)?,
        },
        key: salt
            .zip(digest)
            .map(|(salt, digest)| SigningKey { salt, digest }),
        revision: row.get(9)?,
        created: time(row, 10)?,
        removed: time_if_any(row, 11)?,
        last: None,
    })
}

fn words(events: &[Event]) -> String {
    let names: Vec<&str> = Event::ALL
        .into_iter()
        .filter(|event| events.contains(event))
        .map(Event::name)
        .collect();
    names.join(" ")
}

fn missing(number: SubscriptionNumber) -> Halt {
    Halt::Refused(not_found("subscription", number.0))
}

pub(super) fn add(
    db: &Connection,
    new: &NewSubscription<'_>,
    now: Timestamp,
) -> Result<SubscriptionNumber, Halt> {
    let settings = new.settings;
    let number = db
        .prepare_cached(
            "INSERT INTO subscription (name, channel, target, salt, digest, events, least, enabled, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            settings.name,
            new.channel.name(),
            settings.target,
            new.key.map(|key| &key.salt),
            new.key.map(|key| &key.digest),
            words(&settings.events),
            severity_number(settings.least),
            settings.enabled,
            now.as_millisecond(),
        ])?;
    Ok(SubscriptionNumber(number))
}

pub(super) fn change(
    db: &Connection,
    number: SubscriptionNumber,
    settings: &SubscriptionSettings,
    revision: i64,
    now: Timestamp,
) -> Result<(), Halt> {
    let known: i64 = db
        .query_row(
            "SELECT revision FROM subscription WHERE id = ?1 AND removed IS NULL",
            [number.0],
            |row| row.get(0),
        )
        .optional()?
        .ok_or_else(|| missing(number))?;
    if known != revision {
        return Err(StoreError::Edited {
            what: format!("`{}`", settings.name),
        }
        .into());
    }
    db.execute(
        "UPDATE subscription SET name = ?2, target = ?3, events = ?4, least = ?5, enabled = ?6, revision = revision + 1
         WHERE id = ?1",
        params![
            number.0,
            settings.name,
            settings.target,
            words(&settings.events),
            severity_number(settings.least),
            settings.enabled,
        ],
    )?;
    if !settings.enabled {
        drop_waiting(db, number, now)?;
    }
    Ok(())
}

pub(super) fn renew(
    db: &Connection,
    number: SubscriptionNumber,
    key: &SigningKey,
) -> Result<(), Halt> {
    let renewed = db.execute(
        "UPDATE subscription SET salt = ?2, digest = ?3, revision = revision + 1
         WHERE id = ?1 AND removed IS NULL AND channel = 'webhook'",
        params![number.0, key.salt, key.digest],
    )?;
    if renewed == 0 {
        return Err(Halt::Refused(not_found("webhook", number.0)));
    }
    Ok(())
}

pub(super) fn remove(
    db: &Connection,
    number: SubscriptionNumber,
    now: Timestamp,
) -> Result<(), Halt> {
    let removed = db.execute(
        "UPDATE subscription SET removed = ?2, enabled = 0, target = '', salt = NULL, digest = NULL
         WHERE id = ?1 AND removed IS NULL",
        params![number.0, now.as_millisecond()],
    )?;
    if removed == 0 {
        return Err(missing(number));
    }
    drop_waiting(db, number, now)
}

/// Nobody wants to know any more.
fn drop_waiting(db: &Connection, number: SubscriptionNumber, now: Timestamp) -> Result<(), Halt> {
    db.execute(
        "DELETE FROM notice WHERE subscription = ?1 AND delivery IS NULL",
        [number.0],
    )?;
    db.execute(
        "UPDATE job SET cancel = 1, state = 'cancelled', finished = ?2 WHERE state = 'waiting'
             AND id IN (SELECT job FROM delivery WHERE subscription = ?1 AND state = 'waiting')",
        params![number.0, now.as_millisecond()],
    )?;
    db.execute(
        "UPDATE delivery SET state = 'cancelled', finished = ?2 WHERE subscription = ?1 AND state = 'waiting'",
        params![number.0, now.as_millisecond()],
    )?;
    Ok(())
}

pub(super) fn one(db: &Connection, number: SubscriptionNumber) -> Result<Subscription, Halt> {
    let found = db
        .prepare_cached(&format!("{SUBSCRIPTION} WHERE id = ?1"))?
        .query_row([number.0], subscription_of)
        .optional()?
        .ok_or_else(|| missing(number))?;
    with_last(db, found)
}

pub(super) fn all(db: &Connection) -> Result<Vec<Subscription>, Halt> {
    let found: Vec<Subscription> = db
        .prepare_cached(&format!(
            "{SUBSCRIPTION} WHERE removed IS NULL ORDER BY name COLLATE NOCASE, id"
        ))?
        .query_map([], subscription_of)?
        .collect::<rusqlite::Result<_>>()?;
    found.into_iter().map(|one| with_last(db, one)).collect()
}

fn with_last(db: &Connection, mut subscription: Subscription) -> Result<Subscription, Halt> {
    let filter = DeliveryFilter {
        subscription: Some(subscription.number),
        limit: 1,
        ..DeliveryFilter::default()
    };
    subscription.last = deliveries::list(db, &filter)?.pop();
    Ok(subscription)
}
