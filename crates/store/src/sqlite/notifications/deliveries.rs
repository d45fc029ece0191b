//! Messages, and what became of them.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use crate::StoreError;
use crate::jobs::NewJob;
use crate::notifications::{
    Attempt, Channel, Delivery, DeliveryDetail, DeliveryFilter, DeliveryNumber, DeliveryState,
    NewDelivery, SubscriptionNumber,
};
use crate::sqlite::Halt;
use crate::sqlite::columns::{named, not_found, time, time_if_any};
use crate::sqlite::jobs::enqueue;

const DELIVERY: &str = "SELECT delivery.id, delivery.subscription, subscription.name, subscription.channel,
    delivery.message, delivery.event, delivery.state, delivery.repeats, delivery.created, delivery.finished,
    (SELECT count(*) FROM delivery_attempt AS made WHERE made.delivery = delivery.id),
    last.number, last.at, last.millis, last.status, last.answer, last.error,
    CASE WHEN delivery.state = 'waiting' AND job.state = 'waiting' THEN job.run_at END
    FROM delivery JOIN subscription ON subscription.id = delivery.subscription
    LEFT JOIN job ON job.id = delivery.job
    LEFT JOIN delivery_attempt AS last ON last.delivery = delivery.id
        AND last.number = (SELECT max(number) FROM delivery_attempt WHERE delivery = delivery.id)";

fn delivery_of(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let tried: Option<u32> = row.get(11)?;
    Ok(Delivery {
        number: DeliveryNumber(row.get(0)?),
        subscription: SubscriptionNumber(row.get(1)?),
        subscription_name: row.get(2)?,
        channel: named(row, 3, Channel::named)?,
        message: row.get(4)?,
        event: row.get(5)?,
        state: named(row, 6, DeliveryState::named)?,
        repeats: row.get::<_, Option<i64>>(7)?.map(DeliveryNumber),
        created: time(row, 8)?,
        finished: time_if_any(row, 9)?,
        attempts: row.get(10)?,
        last: tried.map(|_| attempt_of(row, 11)).transpose()?,
        next: time_if_any(row, 17)?,
    })
}

fn attempt_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        number: row.get(first)?,
        at: time(row, first + 1)?,
        millis: row.get::<_, i64>(first + 2)?.unsigned_abs(),
        status: row.get(first + 3)?,
        answer: row.get(first + 4)?,
        error: row.get(first + 5)?,
    })
}

fn missing(number: DeliveryNumber) -> Halt {
    Halt::Refused(not_found("delivery", number.0))
}

pub(super) fn send(
    db: &Connection,
    new: &NewDelivery<'_>,
    now: Timestamp,
) -> Result<DeliveryNumber, Halt> {
    let number = add(db, new, None, now)?;
    db.prepare_cached(
        "UPDATE notice SET delivery = ?3 WHERE subscription = ?1 AND event = ?2 AND delivery IS NULL",
    )?
    .execute(params![new.subscription.0, new.event, number.0])?;
    Ok(number)
}

fn add(
    db: &Connection,
    new: &NewDelivery<'_>,
    repeats: Option<DeliveryNumber>,
    now: Timestamp,
) -> Result<DeliveryNumber, Halt> {
    let number = db
        .prepare_cached(
            "INSERT INTO delivery (subscription, message, event, body, state, repeats, created)
             VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?6)",
        )?
        .insert(params![
            new.subscription.0,
            new.message,
            new.event,
            new.body,
            repeats.map(|it| it.0),
            now.as_millisecond(),
        ])?;
    let key = number.to_string();
    let job = NewJob {
        max_attempts: NewDelivery::TRIES,
        backoff: NewDelivery::PAUSE,
        ..NewJob::new(new.job, json!({ "delivery": number })).once(&key)
    };
    let job = enqueue(db, &job, now)?;
    db.execute(
        "UPDATE delivery SET job = ?2 WHERE id = ?1",
        [number, job.id.0],
    )?;
    Ok(DeliveryNumber(number))
}

pub(super) fn send_again(
    db: &Connection,
    number: DeliveryNumber,
    job: &str,
    now: Timestamp,
) -> Result<DeliveryNumber, Halt> {
    let found: Option<(i64, String, String, String, String, bool)> = db
        .query_row(
            "SELECT subscription, message, event, body, state, removed IS NULL
             FROM delivery JOIN subscription ON subscription.id = subscription WHERE delivery.id = ?1",
            [number.0],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            },
        )
        .optional()?;
    let Some((subscription, message, event, body, state, is_there)) = found else {
        return Err(missing(number));
    };
    if !is_there {
        let text = "nobody gets this any more: the subscription was removed";
        return Err(StoreError::Conflict(text.to_owned()).into());
    }
    if state == DeliveryState::Waiting.name() {
        let text = "this is being delivered; wait until it has ended";
        return Err(StoreError::Conflict(text.to_owned()).into());
    }
    let new = NewDelivery {
        subscription: SubscriptionNumber(subscription),
        message: &message,
        event: &event,
        body: &body,
        job,
    };
    add(db, &new, Some(number), now)
}

pub(super) fn tried(
    db: &Connection,
    number: DeliveryNumber,
    attempt: &Attempt,
    state: DeliveryState,
) -> Result<(), Halt> {
    let known: i64 = db.query_row(
        "SELECT count(*) FROM delivery WHERE id = ?1",
        [number.0],
        |row| row.get(0),
    )?;
    if known == 0 {
        return Err(missing(number));
    }
    db.prepare_cached(
        "INSERT INTO delivery_attempt (delivery, number, at, millis, status, answer, error)
         SELECT ?1, 1 + coalesce(max(number), 0), ?2, ?3, ?4, ?5, ?6 FROM delivery_attempt WHERE delivery = ?1",
    )?
    .execute(params![
        number.0,
        attempt.at.as_millisecond(),
        i64::try_from(attempt.millis).unwrap_or(i64::MAX),
        attempt.status,
        attempt.answer,
        attempt.error,
    ])?;
    if state != DeliveryState::Waiting {
        db.execute(
            "UPDATE delivery SET state = ?2, finished = ?3 WHERE id = ?1 AND (state = 'waiting' OR ?2 = 'delivered')",
            params![number.0, state.name(), attempt.at.as_millisecond()],
        )?;
    }
    Ok(())
}

pub(super) fn settle(db: &Connection, now: Timestamp) -> Result<usize, Halt> {
    Ok(db.execute(
        "UPDATE delivery SET finished = ?1, state = CASE (SELECT state FROM job WHERE job.id = delivery.job)
             WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END
         WHERE state = 'waiting' AND NOT EXISTS (
             SELECT 1 FROM job WHERE job.id = delivery.job AND job.state IN ('waiting', 'running'))",
        [now.as_millisecond()],
    )?)
}

pub(super) fn one(db: &Connection, number: DeliveryNumber) -> Result<DeliveryDetail, Halt> {
    let delivery = db
        .prepare_cached(&format!("{DELIVERY} WHERE delivery.id = ?1"))?
        .query_row([number.0], delivery_of)
        .optional()?
        .ok_or_else(|| missing(number))?;
    let body = db.query_row(
        "SELECT body FROM delivery WHERE id = ?1",
        [number.0],
        |row| row.get(0),
    )?;
    let attempts = db
        .prepare_cached(
            "SELECT number, at, millis, status, answer, error FROM delivery_attempt
             WHERE delivery = ?1 ORDER BY number",
        )?
        .query_map([number.0], |row| attempt_of(row, 0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(DeliveryDetail {
        delivery,
        body,
        attempts,
    })
}

pub(super) fn list(db: &Connection, filter: &DeliveryFilter) -> Result<Vec<Delivery>, Halt> {
    // Each condition is there only where it is asked for, so that an index serves it.
    let subscription = filter
        .subscription
        .map_or("?1 IS NULL", |_| "delivery.subscription = ?1");
    let state = filter.state.map_or("?2 IS NULL", |_| "delivery.state = ?2");
    let sql = format!(
        "{DELIVERY} WHERE {subscription} AND {state} AND delivery.id < ?3 ORDER BY delivery.id DESC LIMIT ?4"
    );
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            filter.subscription.map(|it| it.0),
            filter.state.map(DeliveryState::name),
            filter.before.map_or(i64::MAX, |it| it.0),
            limit
        ],
        delivery_of,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
