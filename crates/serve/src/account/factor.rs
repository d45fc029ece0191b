//! The second factor.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_store::Accounts as _;

use super::password::confirm;
use super::{AccountView, done, own};
use crate::ask::{Ask, Input};
use crate::auth::totp;
use crate::encode::from_base32;
use crate::error::ApiError;
use crate::frame::{ACCOUNT, Frame};
use crate::record::Teller;
use crate::view::{Done, Page, View};

/// A new secret, for an authenticator.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FactorView {
    /// The secret in Base32.
    secret: String,
    /// What an authenticator reads.
    uri: String,
    /// For the browser, which keeps passwords by it.
    #[serde(skip)]
    login: String,
    #[serde(skip)]
    size: i32,
    #[serde(skip)]
    path: String,
}

#[derive(Template)]
#[template(path = "account/factor.html")]
struct FactorPage<'a> {
    frame: Frame,
    view: &'a FactorView,
}

impl Page for FactorView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.beside("Second factor").under("Account", ACCOUNT);
        FactorPage { frame, view: self }.render()
    }
}

pub(super) async fn show(ask: Ask) -> Result<View<FactorView>, ApiError> {
    let user = own(&ask)?;
    let secret = totp::new_secret()?;
    let host = ask.settings.public_host().unwrap_or("localhost");
    let uri = totp::uri(&secret, &user.login, host);
    let (size, path) = totp::drawing(&uri).unwrap_or_default();
    Ok(View(FactorView {
        secret,
        uri,
        login: user.login.clone(),
        size,
        path,
    }))
}

/// The secret, a code of it, and the password.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Begin {
    /// The secret that was given.
    secret: String,
    /// A code of it.
    code: String,
    /// The password once more.
    password: String,
}

pub(super) async fn begin(
    ask: Ask,
    Input(input): Input<Begin>,
) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.id;
    let strong = from_base32(&input.secret).is_some_and(|key| (20..=64).contains(&key.len()));
    if !strong {
        return Err(ApiError::invalid("secret", "take the one that was given"));
    }
    confirm(&ask, "password", &input.password).await?;
    let step = totp::step_of(&input.secret, &input.code, ask.now);
    let step = step.ok_or_else(|| {
        ApiError::invalid(
            "code",
            "this is no code of now; check the clock of the telephone",
        )
    })?;
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            store.set_totp(user, Some(&input.secret))?;
            store.use_totp_step(user, step)?;
            teller.tell(store, "user.factor.begin", "user", user, json!({}))
        })
        .await?;
    done(&ask, "From now on a code is asked for when you sign in.").await
}

/// The password once more.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Remove {
    /// The password.
    password: String,
}

pub(super) async fn remove(
    ask: Ask,
    Input(input): Input<Remove>,
) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.id;
    confirm(&ask, "password", &input.password).await?;
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            store.set_totp(user, None)?;
            teller.tell(store, "user.factor.end", "user", user, json!({}))
        })
        .await?;
    done(&ask, "The second factor ended.").await
}
