//! What keeps guessing slow and repeated requests harmless, in SQLite.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{parse_time, text};
use crate::accounts::{Digest, Reserved};

/// How long failed sign-ins are remembered.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// How long links, ended sessions and ended tokens are kept after their end.
const AFTERLIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn note_attempt(db: &Connection, who: &[&str], now: Timestamp) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached("INSERT INTO attempts (who, at) VALUES (?1, ?2)")?;
    for who in who {
        statement.execute(params![who, text(now)])?;
    }
    Ok(())
}

pub(super) fn attempts(
    db: &Connection,
    who: &str,
    since: Timestamp,
    until: Timestamp,
) -> rusqlite::Result<(usize, Option<Timestamp>)> {
    let (count, last): (i64, Option<String>) = db
        .prepare_cached(
            "SELECT count(*), max(at) FROM attempts WHERE who = ?1 AND at > ?2 AND at <= ?3",
        )?
        .query_row(params![who, text(since), text(until)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let last = last.as_deref().map(parse_time).transpose()?;
    Ok((usize::try_from(count).unwrap_or_default(), last))
}

pub(super) fn forget_attempts(
    db: &Connection,
    who: &str,
    at: Option<Timestamp>,
) -> rusqlite::Result<()> {
    db.execute(
        "DELETE FROM attempts WHERE who = ?1 AND (?2 IS NULL OR at = ?2)",
        params![who, at.map(text)],
    )
    .map(drop)
}

pub(super) fn reserve(
    db: &Connection,
    principal: &str,
    key: &str,
    digest: &Digest,
    now: Timestamp,
    expires: Timestamp,
) -> rusqlite::Result<Reserved> {
    db.execute(
        "DELETE FROM idempotency WHERE principal = ?1 AND key = ?2 AND expires <= ?3",
        params![principal, key, text(now)],
    )?;
    let added = db.execute(
        "INSERT INTO idempotency (principal, key, digest, expires) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
        params![principal, key, digest, text(expires)],
    )?;
    if added > 0 {
        return Ok(Reserved::New);
    }
    let found: Option<(Digest, Option<u16>, Option<String>)> = db
        .query_row(
            "SELECT digest, status, body FROM idempotency WHERE principal = ?1 AND key = ?2",
            params![principal, key],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    Ok(match found {
        Some((known, ..)) if known != *digest => Reserved::Other,
        Some((_, Some(status), body)) => Reserved::Done {
            status,
            body: body.unwrap_or_default(),
        },
        Some((_, None, _)) | None => Reserved::Unfinished,
    })
}

pub(super) fn settle(
    db: &Connection,
    principal: &str,
    key: &str,
    answer: Option<(u16, &str)>,
) -> rusqlite::Result<()> {
    match answer {
        Some((status, body)) => db.execute(
            "UPDATE idempotency SET status = ?3, body = ?4 WHERE principal = ?1 AND key = ?2",
            params![principal, key, status, body],
        ),
        None => db.execute(
            "DELETE FROM idempotency WHERE principal = ?1 AND key = ?2",
            params![principal, key],
        ),
    }
    .map(drop)
}

pub(super) fn forget_expired(db: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    let before = |age| text(now.checked_sub(age).unwrap_or(Timestamp::MIN));
    let mut gone = 0;
    for (sql, limit) in [
        ("DELETE FROM sessions WHERE expires <= ?1", text(now)),
        ("DELETE FROM idempotency WHERE expires <= ?1", text(now)),
        ("DELETE FROM attempts WHERE at <= ?1", before(MEMORY)),
        ("DELETE FROM links WHERE expires <= ?1", before(AFTERLIFE)),
        (
            "DELETE FROM tokens WHERE revoked <= ?1 OR expires <= ?1",
            before(AFTERLIFE),
        ),
    ] {
        gone += db.execute(sql, [limit])?;
    }
    Ok(gone)
}
