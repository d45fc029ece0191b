//! Beginning and ending sessions, and what keeps guessing slow.

use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use stance_store::accounts::{NewSession, SessionId, User, UserId};
use stance_store::{Accounts as _, Sqlite};

use super::totp;
use crate::ask::Ask;
use crate::error::ApiError;
use crate::http::{cookie, network};
use crate::record::Teller;
use crate::secret;

/// Failed sign-ins of one account within the window after which it waits.
const PER_ACCOUNT: usize = 5;

/// Failed sign-ins from one network within the window after which it waits.
const PER_ADDRESS: usize = 50;

/// How long failed sign-ins count.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// How far the times of requests that come together may lie apart.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// The longest wait of an account.
const LONGEST: i64 = 15 * 60;

/// What a sign-in came to.
pub(crate) enum Outcome {
    /// The person is who they say.
    Known(User),
    /// The password is right, and a code is asked for.
    CodeNeeded,
    /// Name, password or code is wrong; which one is not told.
    Wrong,
}

/// How the password is proven.
pub(crate) enum Proof<'a> {
    /// It is given.
    Password(&'a str),
    /// It was right some minutes ago; now the code is given.
    Before,
}

/// Checks name, password and code.
///
/// # Errors
///
/// 429 when too many failed before; those of the database.
pub(crate) async fn check(
    ask: &Ask,
    login: &str,
    proof: Proof<'_>,
    code: Option<&str>,
) -> Result<Outcome, ApiError> {
    let login = login.trim().to_lowercase();
    let (account, address) = names(ask, &login);
    note(ask, &account, &address).await?;
    let wanted = login.clone();
    let found = ask
        .db
        .read(move |store| Ok(store.credentials(&wanted)?))
        .await?;
    let found = found.filter(|found| !found.user.disabled);
    let hash = found.as_ref().and_then(|found| found.password.clone());
    let right = match proof {
        Proof::Password(password) => ask.passwords.verify(password, hash).await?,
        Proof::Before => true,
    };
    let now = ask.now;
    let wrong = || {
        ask.metrics.count("stance_sign_ins_failed_total");
        Ok(Outcome::Wrong)
    };
    let Some(found) = found.filter(|_| right) else {
        return wrong();
    };
    if let Some(secret) = &found.totp {
        let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
            forget(ask, account, address, Some(now)).await?;
            return Ok(Outcome::CodeNeeded);
        };
        let user = found.user.id;
        let fresh = match totp::step_of(secret, code, now) {
            None => false,
            Some(step) => {
                ask.db
                    .write(move |store| Ok(store.use_totp_step(user, step)?))
                    .await?
            }
        };
        if !fresh {
            return wrong();
        }
    }
    forget(ask, account, address, None).await?;
    Ok(Outcome::Known(found.user))
}

/// Whether it is the password of a person who is signed in, as slow to guess as signing in.
///
/// # Errors
///
/// 429 when too many failed before; those of the database.
pub(crate) async fn confirm(ask: &Ask, user: &User, password: &str) -> Result<bool, ApiError> {
    let (account, address) = names(ask, &user.login);
    note(ask, &account, &address).await?;
    let login = user.login.clone();
    let found = ask
        .db
        .read(move |store| Ok(store.credentials(&login)?))
        .await?;
    let hash = found.and_then(|found| found.password);
    let right = ask.passwords.verify(password, hash).await?;
    if right {
        forget(ask, account, address, None).await?;
    }
    Ok(right)
}

/// What failed sign-ins are counted by: the account, whether there is one or not, and the network.
fn names(ask: &Ask, login: &str) -> (String, String) {
    (
        format!("login:{}", crate::encode::hex(&secret::digest(login))),
        format!("address:{}", network(ask.request.address)),
    )
}

/// Takes back what was noted of this sign-in, and with it all earlier ones of the account unless `only` this.
async fn forget(
    ask: &Ask,
    account: String,
    address: String,
    only: Option<Timestamp>,
) -> Result<(), ApiError> {
    let now = ask.now;
    ask.db
        .write(move |store| {
            store.forget_attempts(&account, only)?;
            Ok(store.forget_attempts(&address, Some(now))?)
        })
        .await
}

/// Notes the sign-in as failed before it is looked at, so that many at once are as slow as one after the other;
/// refuses while too many failed: an account waits twice as long after each further failure.
async fn note(ask: &Ask, account: &str, address: &str) -> Result<(), ApiError> {
    let now = ask.now;
    let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    // What lies further ahead was noted before the clock was set back: it would lock people out until that time comes.
    let until = now.checked_add(SKEW).unwrap_or(now);
    let (account, address) = (account.to_owned(), address.to_owned());
    ask.db
        .write(move |store| {
            let (of_account, last) = store.attempts(&account, since, until)?;
            let (of_address, _) = store.attempts(&address, since, until)?;
            if of_address >= PER_ADDRESS {
                return Err(later(60));
            }
            if let Some(beyond) = of_account.checked_sub(PER_ACCOUNT) {
                let wait = (10_i64 << beyond.min(7)).min(LONGEST);
                let passed = last.map_or(i64::MAX, |last| now.duration_since(last).as_secs());
                if passed < wait {
                    return Err(later(wait - passed));
                }
            }
            Ok(store.note_attempt(&[&account, &address], now)?)
        })
        .await
}

fn later(seconds: i64) -> ApiError {
    let seconds = u32::try_from(seconds.clamp(1, LONGEST)).unwrap_or(1);
    ApiError::too_many(
        seconds,
        format!("too many sign-ins failed; try again in {seconds} s"),
    )
}

/// Begins a session; any that the browser had ends. Gives the cookie.
///
/// # Errors
///
/// Those of the database.
pub(crate) async fn begin(ask: &Ask, user: UserId) -> Result<HeaderValue, ApiError> {
    let secret = secret::new()?;
    let (now, digest) = (ask.now, secret::digest(&secret));
    let lasts = ask.settings.sessions.longest;
    let expires = now.checked_add(lasts).map_err(ApiError::internal)?;
    let before = ask
        .who
        .person()
        .map(|person| (person.user.id, person.session.id));
    let request = ask.request.clone();
    ask.db
        .write(move |store| {
            end(store, before)?;
            let user = store.user(user)?;
            let id = store.begin_session(
                &NewSession {
                    secret: &digest,
                    user: user.id,
                    expires,
                    agent: &request.agent,
                    address: &request.address.to_string(),
                },
                now,
            )?;
            let detail = serde_json::json!({"address": request.address.to_string()});
            Teller::of_user(&user, now).tell(store, "session.begin", "session", id, detail)
        })
        .await?;
    Ok(cookie::set_session(&ask.settings, &secret, lasts.as_secs()))
}

fn end(store: &mut Sqlite, session: Option<(UserId, SessionId)>) -> Result<(), ApiError> {
    if let Some((user, session)) = session {
        store.end_session(user, session)?;
    }
    Ok(())
}
