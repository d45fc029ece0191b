//! Sessions and links in SQLite.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Step, not_found, text, time, users};
use crate::accounts::{Digest, Link, NewSession, Session, SessionId, User, UserId};

const COLUMNS: &str = "sessions.id AS session_id, sessions.created AS session_created, last_seen, \
     sessions.expires AS session_expires, agent, address";

/// Most sessions of one person; the one that was not used for longest goes.
const MOST: i64 = 20;

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(row.get("session_id")?),
        created: time(row, "session_created")?,
        last_seen: time(row, "last_seen")?,
        expires: time(row, "session_expires")?,
        agent: row.get("agent")?,
        address: row.get("address")?,
    })
}

pub(super) fn begin(
    db: &Connection,
    session: &NewSession<'_>,
    now: Timestamp,
) -> rusqlite::Result<SessionId> {
    db.execute(
        "INSERT INTO sessions (secret, user, created, last_seen, expires, agent, address)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
        params![
            session.secret,
            session.user.0,
            text(now),
            text(session.expires),
            session.agent,
            session.address
        ],
    )?;
    let id = SessionId(db.last_insert_rowid());
    db.execute(
        "DELETE FROM sessions WHERE user = ?1 AND id NOT IN (
             SELECT id FROM sessions WHERE user = ?1 ORDER BY last_seen DESC, id DESC LIMIT ?2
         )",
        params![session.user.0, MOST],
    )?;
    db.execute(
        "UPDATE users SET last_sign_in = ?2 WHERE id = ?1",
        params![session.user.0, text(now)],
    )?;
    Ok(id)
}

pub(super) fn of_secret(
    db: &Connection,
    secret: &Digest,
    now: Timestamp,
    idle: SignedDuration,
) -> rusqlite::Result<Option<(Session, User)>> {
    let since = now.checked_sub(idle).unwrap_or(Timestamp::MIN);
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} FROM sessions JOIN users ON users.id = sessions.user
         WHERE secret = ?1 AND sessions.expires > ?2 AND last_seen > ?3 AND NOT disabled",
        users::COLUMNS
    ))?
    .query_row(params![secret, text(now), text(since)], |row| {
        Ok((read(row)?, users::read(row)?))
    })
    .optional()
}

pub(super) fn of_user(db: &Connection, user: UserId) -> rusqlite::Result<Vec<Session>> {
    super::all(
        db,
        &format!("SELECT {COLUMNS} FROM sessions WHERE user = ?1 ORDER BY last_seen DESC, id DESC"),
        [user.0],
        read,
    )
}

pub(super) fn touch(
    db: &Connection,
    sessions: &[SessionId],
    now: Timestamp,
) -> rusqlite::Result<()> {
    let mut statement =
        db.prepare_cached("UPDATE sessions SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2")?;
    for session in sessions {
        statement.execute(params![session.0, text(now)])?;
    }
    Ok(())
}

pub(super) fn end(db: &Connection, user: UserId, session: SessionId) -> rusqlite::Result<bool> {
    let ended = db.execute(
        "DELETE FROM sessions WHERE id = ?1 AND user = ?2",
        params![session.0, user.0],
    )?;
    Ok(ended > 0)
}

pub(super) fn end_all(
    db: &Connection,
    user: UserId,
    keep: Option<SessionId>,
) -> rusqlite::Result<usize> {
    db.execute(
        "DELETE FROM sessions WHERE user = ?1 AND id IS NOT ?2",
        params![user.0, keep.map(|keep| keep.0)],
    )
}

pub(super) fn add_link(db: &Connection, link: &Link, now: Timestamp) -> Step<()> {
    if users::by_id(db, link.user)?.is_none() {
        return Err(not_found("user", link.user));
    }
    db.execute("DELETE FROM links WHERE user = ?1", [link.user.0])?;
    db.execute(
        "INSERT INTO links (secret, user, created, expires) VALUES (?1, ?2, ?3, ?4)",
        params![link.secret, link.user.0, text(now), text(link.expires)],
    )?;
    Ok(())
}

pub(super) fn link(
    db: &Connection,
    secret: &Digest,
    now: Timestamp,
) -> rusqlite::Result<Option<User>> {
    db.prepare_cached(&format!(
        "SELECT {} FROM links JOIN users ON users.id = links.user
         WHERE secret = ?1 AND used IS NULL AND expires > ?2 AND NOT disabled",
        users::COLUMNS
    ))?
    .query_row(params![secret, text(now)], users::read)
    .optional()
}

pub(super) fn use_link(
    db: &Connection,
    secret: &Digest,
    now: Timestamp,
) -> rusqlite::Result<Option<User>> {
    let user = link(db, secret, now)?;
    db.execute(
        "UPDATE links SET used = ?2 WHERE secret = ?1",
        params![secret, text(now)],
    )?;
    Ok(user)
}
