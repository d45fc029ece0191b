//! The own password.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use stance_store::Accounts as _;

use super::{AccountView, done, own};
use crate::ask::{Ask, Input};
use crate::auth::{check_password, sign_in};
use crate::error::ApiError;
use crate::record::Teller;
use crate::view::Done;

/// The old password and the new one.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Change {
    /// The password so far.
    current: String,
    /// The password from now on: 12 characters or more.
    password: String,
    /// Once more; programs may leave it out.
    #[serde(default)]
    again: Option<String>,
}

pub(super) async fn change(
    ask: Ask,
    Input(input): Input<Change>,
) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.clone();
    check_password(&input.password, &user.login)?;
    if input.again.is_some_and(|again| again != input.password) {
        return Err(ApiError::invalid("again", "the two passwords differ"));
    }
    confirm(&ask, "current", &input.current).await?;
    let hash = ask.passwords.hash(&input.password).await?;
    let keep = ask.who.person().map(|person| person.session.id);
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            store.set_password(user.id, Some(&hash), keep)?;
            teller.tell(store, "user.password", "user", user.id, json!({}))
        })
        .await?;
    done(
        &ask,
        "The password is changed, and all other sessions ended.",
    )
    .await
}

/// Whether it is really the person who sits there: the password once more, with the same throttle as signing in.
pub(super) async fn confirm(ask: &Ask, field: &str, password: &str) -> Result<(), ApiError> {
    let user = own(ask)?;
    if sign_in::confirm(ask, user, password).await? {
        Ok(())
    } else {
        Err(ApiError::invalid(field, "this is not your password"))
    }
}
