//! People in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Step, not_found, sessions, text, time, time_or_none, unreadable};
use crate::StoreError;
use crate::accounts::{Credentials, NewUser, User, UserChange, UserId};

/// The columns of [`read`], for a query that calls the table `users`.
pub(super) const COLUMNS: &str = "users.id AS user_id, login, users.name AS user_name, email, role, \
     password IS NOT NULL AS has_password, totp IS NOT NULL AS has_totp, subject IS NOT NULL AS external, \
     disabled, users.created AS user_created, last_sign_in";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get("role")?;
    Ok(User {
        id: UserId(row.get("user_id")?),
        login: row.get("login")?,
        name: row.get("user_name")?,
        email: row.get("email")?,
        role: role
            .parse()
            .map_err(|error: String| unreadable(&role, error))?,
        has_password: row.get("has_password")?,
        has_totp: row.get("has_totp")?,
        external: row.get("external")?,
        disabled: row.get("disabled")?,
        created: time(row, "user_created")?,
        last_sign_in: time_or_none(row, "last_sign_in")?,
    })
}

pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<User>> {
    super::all(
        db,
        &format!("SELECT {COLUMNS} FROM users ORDER BY login"),
        [],
        read,
    )
}

pub(super) fn by_id(db: &Connection, id: UserId) -> rusqlite::Result<Option<User>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?
        .query_row([id.0], read)
        .optional()
}

pub(super) fn of_subject(db: &Connection, subject: &str) -> rusqlite::Result<Option<User>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE subject = ?1"))?
        .query_row([subject], read)
        .optional()
}

/// How many could administer: those who are not disabled and can sign in, or were sent a link to.
pub(super) fn administrators(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row(
        "SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled
         AND (password IS NOT NULL OR subject IS NOT NULL)",
        [],
        |row| row.get(0),
    )
}

pub(super) fn credentials(db: &Connection, login: &str) -> rusqlite::Result<Option<Credentials>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, password, totp FROM users WHERE login = ?1"
    ))?
    .query_row([login], |row| {
        Ok(Credentials {
            user: read(row)?,
            password: row.get("password")?,
            totp: row.get("totp")?,
        })
    })
    .optional()
}

pub(super) fn add(db: &Connection, user: &NewUser<'_>, now: Timestamp) -> Step<UserId> {
    let added = db.execute(
        "INSERT INTO users (login, name, email, role, subject, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        params![
            user.login,
            user.name,
            user.email,
            user.role.name(),
            user.subject,
            text(now)
        ],
    )?;
    if added == 0 {
        return Err(StoreError::Conflict(format!(
            "there is a user `{}` already; choose another name to sign in with",
            user.login
        ))
        .into());
    }
    Ok(UserId(db.last_insert_rowid()))
}

pub(super) fn change(db: &Connection, id: UserId, change: &UserChange<'_>) -> Step<User> {
    let before = administrators(db)?;
    let changed = db.execute(
        "UPDATE users SET name = coalesce(?2, name), role = coalesce(?3, role),
             disabled = coalesce(?4, disabled), email = iif(?5, ?6, email) WHERE id = ?1",
        params![
            id.0,
            change.name,
            change.role.map(crate::accounts::Role::name),
            change.disabled,
            change.email.is_some(),
            change.email.flatten(),
        ],
    )?;
    if changed == 0 {
        return Err(not_found("user", id));
    }
    keep_one(db, before)?;
    if change.disabled == Some(true) {
        sessions::end_all(db, id, None)?;
    }
    by_id(db, id)?.ok_or_else(|| not_found("user", id))
}

pub(super) fn remove(db: &Connection, id: UserId) -> Step<()> {
    let before = administrators(db)?;
    if db.execute("DELETE FROM users WHERE id = ?1", [id.0])? == 0 {
        return Err(not_found("user", id));
    }
    keep_one(db, before)
}

pub(super) fn set_password(db: &Connection, id: UserId, hash: Option<&str>) -> Step<()> {
    let before = administrators(db)?;
    let changed = db.execute(
        "UPDATE users SET password = ?2 WHERE id = ?1",
        params![id.0, hash],
    )?;
    if changed == 0 {
        return Err(not_found("user", id));
    }
    keep_one(db, before)
}

pub(super) fn set_totp(db: &Connection, id: UserId, secret: Option<&str>) -> Step<()> {
    let changed = db.execute(
        "UPDATE users SET totp = ?2 WHERE id = ?1",
        params![id.0, secret],
    )?;
    if changed == 0 {
        return Err(not_found("user", id));
    }
    Ok(())
}

pub(super) fn use_totp_step(db: &Connection, id: UserId, step: i64) -> rusqlite::Result<bool> {
    // A code is taken one step early or late. One that was used further ahead was used before the clock was set back, and
    // must not lock its owner out until that time comes.
    let used = db.execute(
        "UPDATE users SET totp_step = ?2 WHERE id = ?1 AND (totp_step < ?2 OR totp_step > ?2 + 2)",
        params![id.0, step],
    )?;
    Ok(used > 0)
}

/// Refuses what took away the last administrator.
fn keep_one(db: &Connection, before: i64) -> Step<()> {
    if before > 0 && administrators(db)? == 0 {
        return Err(StoreError::Conflict(
            "this is the last administrator; make somebody else an administrator first".to_owned(),
        )
        .into());
    }
    Ok(())
}
