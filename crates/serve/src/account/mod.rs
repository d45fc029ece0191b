//! The own account: who one is, sessions, tokens, password and second factor.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{ACCOUNT, Frame};
use crate::route::{Routes, view};
use crate::view::{Page, View};

pub(crate) fn routes() -> Routes {
    Routes::of("Own account").add(
        view(ACCOUNT, Permission::SignedIn, show)
            .about("The own account", "Who the session or token belongs to.")
            .gives::<AccountView>(),
    )
}

/// The own account.
#[derive(Debug, Serialize, JsonSchema)]
struct AccountView {
    /// The name to sign in with.
    login: String,
    /// What others call the person.
    name: String,
    /// What the person is here.
    role: String,
}

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage<'a> {
    frame: Frame,
    view: &'a AccountView,
}

impl Page for AccountView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.beside("Account");
        AccountPage { frame, view: self }.render()
    }
}

async fn show(ask: Ask) -> Result<View<AccountView>, ApiError> {
    let user = ask.who.user().ok_or_else(ApiError::unauthenticated)?;
    Ok(View(AccountView {
        login: user.login.clone(),
        name: user.name.clone(),
        role: user.role.to_string(),
    }))
}
