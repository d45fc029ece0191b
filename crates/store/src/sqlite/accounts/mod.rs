//! Accounts in SQLite.

mod guard;
mod sessions;
mod tokens;
mod users;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};

use super::{Halt, Sqlite};
use crate::accounts::{
    Accounts, Credentials, Digest, Link, NewSession, NewToken, NewUser, Reserved, Session,
    SessionId, Token, TokenId, User, UserChange, UserId,
};
use crate::{Result, StoreError};

/// What a step of a transaction gives.
type Step<T> = std::result::Result<T, Halt>;

fn not_found(what: &'static str, id: impl ToString) -> Halt {
    Halt::Refused(StoreError::NotFound {
        what,
        id: id.to_string(),
    })
}

/// RFC 3339 in UTC with milliseconds: of equal length, so that text sorts as time.
fn text(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    let text: String = row.get(column)?;
    parse_time(&text)
}

fn time_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    text.as_deref().map(parse_time).transpose()
}

fn parse_time(text: &str) -> rusqlite::Result<Timestamp> {
    text.parse().map_err(|error| unreadable(text, error))
}

fn unreadable(text: &str, error: impl std::fmt::Display) -> rusqlite::Error {
    let message = format!("`{text}` cannot be understood: {error}");
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, message.into())
}

/// All rows of a query.
fn all<T>(
    db: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    make: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?
        .query_map(parameters, make)?
        .collect()
}

impl Sqlite {
    fn look<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection).map_err(|error| self.explain(error))
    }
}

impl Accounts for Sqlite {
    fn users(&self) -> Result<Vec<User>> {
        self.look(users::all)
    }

    fn user(&self, id: UserId) -> Result<User> {
        let found = self.look(|db| users::by_id(db, id))?;
        found.ok_or_else(|| StoreError::NotFound {
            what: "user",
            id: id.to_string(),
        })
    }

    fn has_administrator(&self) -> Result<bool> {
        self.look(|db| Ok(users::administrators(db)? > 0))
    }

    fn credentials(&self, login: &str) -> Result<Option<Credentials>> {
        self.look(|db| users::credentials(db, login))
    }

    fn user_of_subject(&self, subject: &str) -> Result<Option<User>> {
        self.look(|db| users::of_subject(db, subject))
    }

    fn add_user(&mut self, user: &NewUser<'_>, now: Timestamp) -> Result<UserId> {
        self.whole(|db| users::add(db, user, now))
    }

    fn change_user(&mut self, id: UserId, change: &UserChange<'_>) -> Result<User> {
        self.whole(|db| users::change(db, id, change))
    }

    fn remove_user(&mut self, id: UserId) -> Result<()> {
        self.whole(|db| users::remove(db, id))
    }

    fn set_password(
        &mut self,
        id: UserId,
        hash: Option<&str>,
        keep: Option<SessionId>,
    ) -> Result<()> {
        self.whole(|db| {
            users::set_password(db, id, hash)?;
            sessions::end_all(db, id, keep)?;
            Ok(())
        })
    }

    fn set_totp(&mut self, id: UserId, secret: Option<&str>) -> Result<()> {
        self.whole(|db| users::set_totp(db, id, secret))
    }

    fn use_totp_step(&mut self, id: UserId, step: i64) -> Result<bool> {
        self.write(|db| users::use_totp_step(db, id, step))
    }

    fn begin_session(&mut self, session: &NewSession<'_>, now: Timestamp) -> Result<SessionId> {
        self.write(|db| sessions::begin(db, session, now))
    }

    fn session(
        &self,
        secret: &Digest,
        now: Timestamp,
        idle: SignedDuration,
    ) -> Result<Option<(Session, User)>> {
        self.look(|db| sessions::of_secret(db, secret, now, idle))
    }

    fn sessions_of(&self, user: UserId) -> Result<Vec<Session>> {
        self.look(|db| sessions::of_user(db, user))
    }

    fn touch(&mut self, sessions: &[SessionId], tokens: &[TokenId], now: Timestamp) -> Result<()> {
        self.write(|db| {
            sessions::touch(db, sessions, now)?;
            tokens::touch(db, tokens, now)
        })
    }

    fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool> {
        self.write(|db| sessions::end(db, user, session))
    }

    fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>) -> Result<usize> {
        self.write(|db| sessions::end_all(db, user, keep))
    }

    fn add_token(&mut self, token: &NewToken<'_>, now: Timestamp) -> Result<TokenId> {
        self.whole(|db| tokens::add(db, token, now))
    }

    fn token(&self, secret: &Digest, now: Timestamp) -> Result<Option<(Token, User)>> {
        self.look(|db| tokens::of_secret(db, secret, now))
    }

    fn tokens(&self, owner: Option<UserId>) -> Result<Vec<Token>> {
        self.look(|db| tokens::list(db, owner))
    }

    fn revoke_token(&mut self, id: TokenId, owner: Option<UserId>, now: Timestamp) -> Result<bool> {
        self.write(|db| tokens::revoke(db, id, owner, now))
    }

    fn add_link(&mut self, link: &Link, now: Timestamp) -> Result<()> {
        self.whole(|db| sessions::add_link(db, link, now))
    }

    fn link(&self, secret: &Digest, now: Timestamp) -> Result<Option<User>> {
        self.look(|db| sessions::link(db, secret, now))
    }

    fn use_link(&mut self, secret: &Digest, now: Timestamp) -> Result<Option<User>> {
        self.write(|db| sessions::use_link(db, secret, now))
    }

    fn note_attempt(&mut self, who: &[&str], now: Timestamp) -> Result<()> {
        self.write(|db| guard::note_attempt(db, who, now))
    }

    fn attempts(
        &self,
        who: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<(usize, Option<Timestamp>)> {
        self.look(|db| guard::attempts(db, who, since, until))
    }

    fn forget_attempts(&mut self, who: &str, at: Option<Timestamp>) -> Result<()> {
        self.write(|db| guard::forget_attempts(db, who, at))
    }

    fn reserve(
        &mut self,
        principal: &str,
        key: &str,
        digest: &Digest,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Reserved> {
        self.write(|db| guard::reserve(db, principal, key, digest, now, expires))
    }

    fn settle(&mut self, principal: &str, key: &str, answer: Option<(u16, &str)>) -> Result<()> {
        self.write(|db| guard::settle(db, principal, key, answer))
    }

    fn forget_expired(&mut self, now: Timestamp) -> Result<usize> {
        self.write(|db| guard::forget_expired(db, now))
    }
}
