//! The link that counts once: whoever has it sets a password and is signed in.

use askama::Template;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Accounts as _;
use stance_store::accounts::{User, UserChange};

use crate::account::checked_name;
use crate::ask::{Ask, Input, Path};
use crate::auth::{check_password, sign_in};
use crate::error::ApiError;
use crate::frame::Frame;
use crate::record::Teller;
use crate::route::redirect;
use crate::secret;
use crate::view::{Page, View};

/// What the form of the link sends.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Begin {
    /// What others call the person.
    name: String,
    /// The password from now on.
    password: String,
    /// Once more.
    again: String,
}

#[derive(Debug, Serialize)]
struct WelcomeView {
    login: String,
    name: String,
    #[serde(skip)]
    secret: String,
}

#[derive(Template)]
#[template(path = "sign_in/welcome.html")]
struct WelcomePage<'a> {
    frame: Frame,
    view: &'a WelcomeView,
}

impl Page for WelcomeView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame.beside("Welcome to Stance");
        frame.viewer = None;
        WelcomePage { frame, view: self }.render()
    }
}

fn ended() -> ApiError {
    ApiError::not_found(
        "such link any more: it was used, a newer one was made, or it is too old; ask an administrator for a new one, \
         or start the service again if there is none yet",
    )
}

pub(super) async fn page(ask: Ask, Path(secret): Path<String>) -> Result<Response, ApiError> {
    let user = find(&ask, &secret).await?;
    let view = WelcomeView {
        login: user.login,
        name: user.name,
        secret,
    };
    Ok(View(view).into_response())
}

async fn find(ask: &Ask, secret: &str) -> Result<User, ApiError> {
    let (digest, now) = (secret::digest(secret), ask.now);
    let found = ask
        .db
        .read(move |store| Ok(store.link(&digest, now)?))
        .await?;
    found.ok_or_else(ended)
}

pub(super) async fn begin(
    ask: Ask,
    Path(secret): Path<String>,
    Input(input): Input<Begin>,
) -> Result<Response, ApiError> {
    let user = find(&ask, &secret).await?;
    check_password(&input.password, &user.login)?;
    if input.password != input.again {
        return Err(ApiError::invalid("again", "the two passwords differ"));
    }
    let name = checked_name(&input.name)?;
    let hash = ask.passwords.hash(&input.password).await?;
    let (digest, now) = (secret::digest(&secret), ask.now);
    let user = ask
        .db
        .write(move |store| {
            let user = store.use_link(&digest, now)?.ok_or_else(ended)?;
            store.set_password(user.id, Some(&hash), None)?;
            let change = UserChange {
                name: Some(&name),
                ..UserChange::default()
            };
            let user = store.change_user(user.id, &change)?;
            let detail = serde_json::json!({"link": true});
            Teller::of_user(&user, now).tell(store, "user.password", "user", user.id, detail)?;
            Ok(user)
        })
        .await?;
    let cookie = sign_in::begin(&ask, user.id).await?;
    Ok(([(SET_COOKIE, cookie)], redirect("/")).into_response())
}
