//! People, how they prove who they are, and programs that act for them.

mod role;
mod sessions;
mod tokens;
mod users;

pub use role::Role;
pub use sessions::{Link, NewSession, Session, SessionId};
pub use tokens::{NewToken, Token, TokenId};
pub use users::{Credentials, NewUser, User, UserChange, UserId};

use jiff::Timestamp;

use crate::Result;

/// SHA-256 of a secret; the secret itself is never kept.
pub type Digest = [u8; 32];

/// What the store answers to a request that is to count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It was not seen before: do it, then say what was answered.
    New,
    /// It was done, and this was answered.
    Done {
        /// The status of HTTP.
        status: u16,
        /// The body.
        body: String,
    },
    /// It is being worked on, or the process ended while it was.
    Unfinished,
    /// The key was used for another request.
    Other,
}

/// Accounts, sessions, tokens, and what keeps guessing slow.
///
/// Every method is one transaction, or a step of the one that is under way.
pub trait Accounts {
    /// Everybody, in order of login.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn users(&self) -> Result<Vec<User>>;

    /// One person.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is none of this number.
    fn user(&self, id: UserId) -> Result<User>;

    /// Whether somebody could administer this: an administrator who is not disabled.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn has_administrator(&self) -> Result<bool>;

    /// What a sign-in is checked against.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn credentials(&self, login: &str) -> Result<Option<Credentials>>;

    /// Whom the identity provider calls by this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn user_of_subject(&self, subject: &str) -> Result<Option<User>>;

    /// Takes somebody in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) when the login is taken.
    fn add_user(&mut self, user: &NewUser<'_>, now: Timestamp) -> Result<UserId>;

    /// Changes what is given; a person who is disabled loses all sessions.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) when nobody would be left to administer.
    fn change_user(&mut self, id: UserId, change: &UserChange<'_>) -> Result<User>;

    /// Removes somebody with sessions and tokens.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) when nobody would be left to administer.
    fn remove_user(&mut self, id: UserId) -> Result<()>;

    /// Sets or takes away the password, and ends all sessions but `keep`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is nobody of this number.
    fn set_password(
        &mut self,
        id: UserId,
        hash: Option<&str>,
        keep: Option<SessionId>,
    ) -> Result<()>;

    /// Sets or takes away the second factor.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is nobody of this number.
    fn set_totp(&mut self, id: UserId, secret: Option<&str>) -> Result<()>;

    /// Uses the code of a time step; `false` when it or a later one was used before.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn use_totp_step(&mut self, id: UserId, step: i64) -> Result<bool>;

    /// Begins a session and notes the sign-in.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn begin_session(&mut self, session: &NewSession<'_>, now: Timestamp) -> Result<SessionId>;

    /// The session of a secret with its person, unless it ended or the person is disabled.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn session(
        &self,
        secret: &Digest,
        now: Timestamp,
        idle: jiff::SignedDuration,
    ) -> Result<Option<(Session, User)>>;

    /// The sessions of a person, the last seen first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn sessions_of(&self, user: UserId) -> Result<Vec<Session>>;

    /// Notes that sessions and tokens were used.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn touch(&mut self, sessions: &[SessionId], tokens: &[TokenId], now: Timestamp) -> Result<()>;

    /// Ends a session of a person; `false` when there was none.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool>;

    /// Ends all sessions of a person but one, and gives how many.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>) -> Result<usize>;

    /// Makes a token.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such owner.
    fn add_token(&mut self, token: &NewToken<'_>, now: Timestamp) -> Result<TokenId>;

    /// The token of a secret with its owner, unless it ended or the owner is disabled.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn token(&self, secret: &Digest, now: Timestamp) -> Result<Option<(Token, User)>>;

    /// All tokens, or those of one person, the newest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn tokens(&self, owner: Option<UserId>) -> Result<Vec<Token>>;

    /// Ends a token, of this owner if one is given; `false` when there is none or it ended before.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn revoke_token(&mut self, id: TokenId, owner: Option<UserId>, now: Timestamp) -> Result<bool>;

    /// Makes a link that signs a person in once; those made before for the person end.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such person.
    fn add_link(&mut self, link: &Link, now: Timestamp) -> Result<()>;

    /// Whom a link is for, if it was neither used nor is too old.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn link(&self, secret: &Digest, now: Timestamp) -> Result<Option<User>>;

    /// Uses a link; `None` when it was used, is too old, or never was.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn use_link(&mut self, secret: &Digest, now: Timestamp) -> Result<Option<User>>;

    /// Notes a sign-in that failed.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn note_attempt(&mut self, who: &[&str], now: Timestamp) -> Result<()>;

    /// How many sign-ins failed since then, and when the last one did.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn attempts(
        &self,
        who: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<(usize, Option<Timestamp>)>;

    /// Forgets failed sign-ins, after one that did not fail: all, or those of one moment.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn forget_attempts(&mut self, who: &str, at: Option<Timestamp>) -> Result<()>;

    /// Begins a request that is to count once.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn reserve(
        &mut self,
        principal: &str,
        key: &str,
        digest: &Digest,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Reserved>;

    /// Notes what was answered; nothing when the request may be tried again.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn settle(&mut self, principal: &str, key: &str, answer: Option<(u16, &str)>) -> Result<()>;

    /// Forgets what is too old to count, and gives how many rows went.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn forget_expired(&mut self, now: Timestamp) -> Result<usize>;
}
