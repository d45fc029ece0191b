//! Tokens in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Step, not_found, text, time, time_or_none, users};
use crate::accounts::{Digest, NewToken, Token, TokenId, User, UserId};

const COLUMNS: &str = "tokens.id AS token_id, tokens.name AS token_name, owner, scopes, \
     tokens.created AS token_created, expires, last_used, revoked";

fn read(row: &Row<'_>) -> rusqlite::Result<Token> {
    let scopes: String = row.get("scopes")?;
    Ok(Token {
        id: TokenId(row.get("token_id")?),
        name: row.get("token_name")?,
        owner: UserId(row.get("owner")?),
        owner_login: row.get("login")?,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        created: time(row, "token_created")?,
        expires: time_or_none(row, "expires")?,
        last_used: time_or_none(row, "last_used")?,
        revoked: time_or_none(row, "revoked")?,
    })
}

pub(super) fn add(db: &Connection, token: &NewToken<'_>, now: Timestamp) -> Step<TokenId> {
    if users::by_id(db, token.owner)?.is_none() {
        return Err(not_found("user", token.owner));
    }
    db.execute(
        "INSERT INTO tokens (secret, name, owner, scopes, created, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            token.secret,
            token.name,
            token.owner.0,
            token.scopes.join(" "),
            text(now),
            token.expires.map(text),
        ],
    )?;
    Ok(TokenId(db.last_insert_rowid()))
}

pub(super) fn of_secret(
    db: &Connection,
    secret: &Digest,
    now: Timestamp,
) -> rusqlite::Result<Option<(Token, User)>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} FROM tokens JOIN users ON users.id = tokens.owner
         WHERE secret = ?1 AND revoked IS NULL AND (expires IS NULL OR expires > ?2)
         AND NOT disabled",
        users::COLUMNS
    ))?
    .query_row(params![secret, text(now)], |row| {
        Ok((read(row)?, users::read(row)?))
    })
    .optional()
}

pub(super) fn list(db: &Connection, owner: Option<UserId>) -> rusqlite::Result<Vec<Token>> {
    super::all(
        db,
        &format!(
            "SELECT {COLUMNS}, login FROM tokens JOIN users ON users.id = tokens.owner
             WHERE ?1 IS NULL OR owner = ?1 ORDER BY tokens.id DESC"
        ),
        [owner.map(|owner| owner.0)],
        read,
    )
}

pub(super) fn revoke(
    db: &Connection,
    id: TokenId,
    owner: Option<UserId>,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let revoked = db.execute(
        "UPDATE tokens SET revoked = ?3
         WHERE id = ?1 AND revoked IS NULL AND (?2 IS NULL OR owner = ?2)",
        params![id.0, owner.map(|owner| owner.0), text(now)],
    )?;
    Ok(revoked > 0)
}

pub(super) fn touch(db: &Connection, tokens: &[TokenId], now: Timestamp) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE tokens SET last_used = ?2 WHERE id = ?1 AND (last_used IS NULL OR last_used < ?2)",
    )?;
    for token in tokens {
        statement.execute(params![token.0, text(now)])?;
    }
    Ok(())
}
