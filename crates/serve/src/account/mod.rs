//! The own account: who one is, sessions, tokens, password and second factor.

mod factor;
mod password;
mod sessions;
pub(crate) mod tokens;

use askama::Template;
use axum::http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::{User, UserChange};

use crate::ask::{Ask, Input};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{ACCOUNT, Frame};
use crate::record::Teller;
use crate::route::{Route, Routes, action, view};
use crate::view::{Done, Page, View};

use sessions::SessionView;
use tokens::{ScopeView, TokenView};

pub(crate) fn routes() -> Routes {
    let mine = Permission::OwnAccount;
    let all: Vec<Route> = vec![
        view(ACCOUNT, Permission::SignedIn, show)
            .about("The own account", "Who the session or token belongs to, with sessions and tokens.")
            .gives::<AccountView>(),
        action("/account", mine, change)
            .api(Method::PATCH, "/account")
            .about("Change the own name", "Changes the name that others see, and the address of mail.")
            .takes::<Profile>()
            .gives::<AccountView>(),
        action("/account/password", mine, password::change)
            .about("Change the own password", "Ends all other sessions.")
            .takes::<password::Change>()
            .gives::<AccountView>(),
        view("/account/factor", mine, factor::show)
            .about(
                "A secret for a second factor",
                "A new secret each time; it counts once a code of it is sent back.",
            )
            .gives::<factor::FactorView>(),
        action("/account/factor", mine, factor::begin)
            .about("Begin a second factor", "From then on a sign-in asks for a code.")
            .takes::<factor::Begin>()
            .gives::<AccountView>(),
        action("/account/factor/remove", mine, factor::remove)
            .about("End the second factor", "From then on the password is enough.")
            .takes::<factor::Remove>()
            .gives::<AccountView>(),
        action("/account/sessions/{id}/end", mine, sessions::end)
            .api(Method::DELETE, "/account/sessions/{id}")
            .about("End a session of one's own", "The browser with it is signed out.")
            .gives::<AccountView>(),
        action("/account/sessions/end-others", mine, sessions::end_others)
            .about("Sign out everywhere else", "Ends all sessions but the one that asks.")
            .gives::<AccountView>(),
        action("/account/tokens", mine, tokens::make)
            .about(
                "Make a token",
                "The token is shown once, in this answer. It may what its scopes name, and never more than its owner.",
            )
            .takes::<tokens::Make>()
            .gives::<tokens::MadeView>()
            .creates(),
        action("/account/tokens/{id}/revoke", mine, tokens::revoke_own)
            .api(Method::DELETE, "/account/tokens/{id}")
            .about("End a token of one's own", "It is refused from then on.")
            .gives::<AccountView>(),
    ];
    all.into_iter().fold(Routes::of("Own account"), Routes::add)
}

/// The own account.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountView {
    /// The number of the person.
    pub(crate) id: i64,
    /// The name to sign in with.
    login: String,
    /// What others call the person.
    name: String,
    /// Where mail goes.
    email: Option<String>,
    /// What the person is here.
    role: String,
    /// Whether a code is asked for when signing in.
    second_factor: bool,
    /// Whether the person comes from the identity provider, and has no password here.
    external: bool,
    /// What whoever asks may.
    permissions: Vec<&'static str>,
    /// The sessions of the person; none for a token.
    sessions: Vec<SessionView>,
    /// The tokens of the person; none for a token.
    tokens: Vec<TokenView>,
    /// What tokens can be made for.
    scopes: Vec<ScopeView>,
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
    seen(&ask).await.map(View)
}

/// The account as it is now.
async fn seen(ask: &Ask) -> Result<AccountView, ApiError> {
    let user = ask.who.user().ok_or_else(ApiError::unauthenticated)?.id;
    let session = ask.who.person().map(|person| person.session.id);
    let now = ask.now;
    let (user, sessions, tokens) = ask
        .db
        .read(move |store| {
            let user_now = store.user(user)?;
            Ok(match session {
                None => (user_now, Vec::new(), Vec::new()),
                Some(_) => (
                    user_now,
                    store.sessions_of(user)?,
                    store.tokens(Some(user))?,
                ),
            })
        })
        .await?;
    let permissions = Permission::scopes().filter(|permission| ask.who.may(*permission));
    Ok(AccountView {
        id: user.id.0,
        login: user.login,
        name: user.name,
        email: user.email,
        role: user.role.to_string(),
        second_factor: user.has_totp,
        external: user.external,
        permissions: permissions.map(Permission::name).collect(),
        sessions: sessions
            .into_iter()
            .map(|one| SessionView::of(one, session))
            .collect(),
        tokens: tokens
            .into_iter()
            .map(|token| TokenView::of(token, now))
            .collect(),
        scopes: ScopeView::all(user.role),
    })
}

/// What of the own account can be changed; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
struct Profile {
    /// What others call the person: 1 to 100 characters.
    name: Option<String>,
    /// Where mail goes; empty for nowhere.
    email: Option<String>,
}

async fn change(ask: Ask, Input(input): Input<Profile>) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.id;
    let name = input.name.as_deref().map(checked_name).transpose()?;
    let email = input.email.as_deref().map(checked_email).transpose()?;
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            let change = UserChange {
                name: name.as_deref(),
                email: email.as_ref().map(Option::as_deref),
                ..UserChange::default()
            };
            store.change_user(user, &change)?;
            let detail = json!({"name": name, "email_changed": email.is_some()});
            teller.tell(store, "user.change", "user", user, detail)
        })
        .await?;
    done(&ask, "Saved.").await
}

/// The person who asks.
fn own(ask: &Ask) -> Result<&User, ApiError> {
    let person = ask.who.person().ok_or_else(ApiError::unauthenticated)?;
    Ok(&person.user)
}

/// Back to the account, as it is now.
async fn done(ask: &Ask, notice: &str) -> Result<Done<AccountView>, ApiError> {
    Ok(Done::to(ACCOUNT, seen(ask).await?).notice(notice))
}

/// A name of a person or thing: 1 to 100 characters, none of which moves the others.
pub(crate) fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(ApiError::invalid("name", "1 to 100 visible characters"));
    }
    Ok(name.to_owned())
}

/// An address of mail; none if it is empty. Whether mail arrives is seen when it is sent.
pub(crate) fn checked_email(email: &str) -> Result<Option<String>, ApiError> {
    let email = email.trim();
    if email.is_empty() {
        return Ok(None);
    }
    let fine = email.len() <= 254
        && email.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && email.rsplit_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.ends_with('.')
        });
    if !fine {
        return Err(ApiError::invalid(
            "email",
            "an address such as ada@example.org, or nothing",
        ));
    }
    Ok(Some(email.to_owned()))
}
