//! People: who there is, what each is, and how they come in.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_store::accounts::{Link, NewUser, Role, User, UserChange, UserId};
use stance_store::{Accounts as _, Sqlite};

use crate::account::{checked_email, checked_name};
use crate::ask::{Ask, Input, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::record::Teller;
use crate::secret;
use crate::view::{Done, Page, View};

/// How long a link can be used.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The page of all of this.
const PAGE: &str = "/settings/users";

/// Everybody.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UsersView {
    users: Vec<UserView>,
    /// What each role may.
    roles: Vec<RoleView>,
    #[serde(skip)]
    me: i64,
    #[serde(skip)]
    may_change: bool,
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UserView {
    /// The number.
    id: i64,
    /// The name to sign in with.
    login: String,
    /// What others call the person.
    name: String,
    /// Where mail goes.
    email: Option<String>,
    /// `viewer`, `analyst`, `approver`, `admin` or `auditor`.
    role: &'static str,
    /// `invited` until a password is set, `active`, or `disabled`.
    state: &'static str,
    /// Whether a code is asked for when signing in.
    second_factor: bool,
    /// Since when the person is known.
    created: Timestamp,
    /// When the person last signed in.
    last_sign_in: Option<Timestamp>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let state = match (user.disabled, user.has_password || user.external) {
            (true, _) => "disabled",
            (false, true) => "active",
            (false, false) => "invited",
        };
        Self {
            id: user.id.0,
            login: user.login,
            name: user.name,
            email: user.email,
            role: user.role.name(),
            state,
            second_factor: user.has_totp,
            created: user.created,
            last_sign_in: user.last_sign_in,
        }
    }
}

/// What a role may.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RoleView {
    /// The role.
    name: &'static str,
    /// What it may, in words.
    allows: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "settings/users.html")]
struct UsersPage<'a> {
    frame: Frame,
    view: &'a UsersView,
}

impl Page for UsersView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("People", Section::Settings);
        UsersPage { frame, view: self }.render()
    }
}

pub(super) async fn list(ask: Ask) -> Result<View<UsersView>, ApiError> {
    let users = ask.db.read(|store| Ok(store.users()?)).await?;
    let roles = Role::ALL.into_iter().map(|role| RoleView {
        name: role.name(),
        allows: Permission::scopes()
            .filter(|permission| permission.is_of(role))
            .map(|permission| permission.row().allows)
            .collect(),
    });
    Ok(View(UsersView {
        users: users.into_iter().map(UserView::from).collect(),
        roles: roles.collect(),
        me: ask.who.user().map_or(0, |user| user.id.0),
        may_change: ask.who.may(Permission::UsersManage),
    }))
}

/// Somebody to take in.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Invite {
    /// The name to sign in with: letters, digits, and `.`, `-`, `_`, `@` between.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"))]
    login: String,
    /// What others call the person; the login if it is left out.
    #[serde(default)]
    name: String,
    /// Where mail goes.
    #[serde(default)]
    email: String,
    /// `viewer`, `analyst`, `approver`, `admin` or `auditor`.
    #[schemars(extend("enum" = ["viewer", "analyst", "approver", "admin", "auditor"]))]
    role: String,
}

/// Somebody with a link to come in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct InvitedView {
    /// Who.
    user: UserView,
    /// The link; it is shown this once.
    link: String,
    /// Until when it can be used.
    expires: Timestamp,
}

#[derive(Template)]
#[template(path = "settings/invited.html")]
struct InvitedPage<'a> {
    frame: Frame,
    view: &'a InvitedView,
}

impl Page for InvitedView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("A link to come in", Section::Settings)
            .under("People", PAGE);
        InvitedPage { frame, view: self }.render()
    }
}

pub(super) async fn invite(ask: Ask, Input(input): Input<Invite>) -> Result<Response, ApiError> {
    let login = checked_login(&input.login)?;
    let role: Role = input
        .role
        .parse()
        .map_err(|error: String| ApiError::invalid("role", error))?;
    let name = match input.name.trim() {
        "" => login.clone(),
        name => checked_name(name)?,
    };
    let email = checked_email(&input.email)?;
    let (teller, now) = (Teller::of(&ask), ask.now);
    invited(&ask, move |store| {
        let new = NewUser {
            login: &login,
            name: &name,
            email: email.as_deref(),
            role,
            subject: None,
        };
        let id = store.add_user(&new, now)?;
        let detail = json!({"login": login, "role": role.name()});
        teller.tell(store, "user.add", "user", id, detail)?;
        Ok(id)
    })
    .await
}

pub(super) async fn link(ask: Ask, Path(id): Path<i64>) -> Result<Response, ApiError> {
    let teller = Teller::of(&ask);
    invited(&ask, move |store| {
        let id = store.user(UserId(id))?.id;
        teller.tell(store, "user.link", "user", id, json!({}))?;
        Ok(id)
    })
    .await
}

/// Makes a link for a person whom `who` finds or makes in the same transaction.
async fn invited(
    ask: &Ask,
    who: impl FnOnce(&mut Sqlite) -> Result<UserId, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    let secret = secret::new()?;
    let digest = secret::digest(&secret);
    let now = ask.now;
    let expires = now.checked_add(LASTS).map_err(ApiError::internal)?;
    let user = ask
        .db
        .write(move |store| {
            let user = who(store)?;
            let link = Link {
                secret: digest,
                user,
                expires,
            };
            store.add_link(&link, now)?;
            Ok(store.user(user)?)
        })
        .await?;
    let link = format!("{}/welcome/{secret}", ask.base_url());
    let view = InvitedView {
        user: user.into(),
        link,
        expires,
    };
    let keep = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, keep, View(view)).into_response())
}

/// What is to change about a person; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Change {
    /// What others call the person.
    name: Option<String>,
    /// Where mail goes; empty for nowhere.
    email: Option<String>,
    /// `viewer`, `analyst`, `approver`, `admin` or `auditor`.
    #[schemars(extend("enum" = ["viewer", "analyst", "approver", "admin", "auditor", null]))]
    role: Option<String>,
    /// Whether the person may not sign in.
    disabled: Option<bool>,
}

pub(super) async fn change(
    ask: Ask,
    Path(id): Path<i64>,
    Input(input): Input<Change>,
) -> Result<Done<UserView>, ApiError> {
    let name = input.name.as_deref().map(checked_name).transpose()?;
    let email = input.email.as_deref().map(checked_email).transpose()?;
    let role: Option<Role> = input
        .role
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: String| ApiError::invalid("role", error))?;
    let disabled = input.disabled;
    let teller = Teller::of(&ask);
    let user = ask
        .db
        .write(move |store| {
            let change = UserChange {
                name: name.as_deref(),
                email: email.as_ref().map(Option::as_deref),
                role,
                disabled,
            };
            let before = store.user(UserId(id))?;
            let user = store.change_user(UserId(id), &change)?;
            let detail = json!({
                "role": {"before": before.role.name(), "after": user.role.name()},
                "disabled": {"before": before.disabled, "after": user.disabled},
            });
            teller.tell(store, "user.change", "user", id, detail)?;
            Ok(user)
        })
        .await?;
    let notice = format!("{} is saved.", user.login);
    Ok(Done::to(PAGE, user.into()).notice(notice))
}

pub(super) async fn sign_out(ask: Ask, Path(id): Path<i64>) -> Result<Done<UserView>, ApiError> {
    changed(
        ask,
        id,
        "session.end_all",
        "is signed out everywhere.",
        |store, id| store.end_sessions(id, None).map(drop),
    )
    .await
}

pub(super) async fn remove_factor(
    ask: Ask,
    Path(id): Path<i64>,
) -> Result<Done<UserView>, ApiError> {
    changed(
        ask,
        id,
        "user.factor.end",
        "has no second factor any more.",
        |store, id| store.set_totp(id, None),
    )
    .await
}

async fn changed(
    ask: Ask,
    id: i64,
    action: &'static str,
    notice: &str,
    work: impl FnOnce(&mut Sqlite, UserId) -> stance_store::Result<()> + Send + 'static,
) -> Result<Done<UserView>, ApiError> {
    let teller = Teller::of(&ask);
    let user = ask
        .db
        .write(move |store| {
            store.user(UserId(id))?;
            work(store, UserId(id))?;
            teller.tell(store, action, "user", id, json!({}))?;
            Ok(store.user(UserId(id))?)
        })
        .await?;
    let notice = format!("{} {notice}", user.login);
    Ok(Done::to(PAGE, user.into()).notice(notice))
}

/// That somebody is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemovedView {
    /// The number of the person.
    removed: i64,
}

pub(super) async fn remove(ask: Ask, Path(id): Path<i64>) -> Result<Done<RemovedView>, ApiError> {
    let teller = Teller::of(&ask);
    let login = ask
        .db
        .write(move |store| {
            let user = store.user(UserId(id))?;
            store.remove_user(user.id)?;
            let detail = json!({"login": user.login, "role": user.role.name()});
            teller.tell(store, "user.remove", "user", id, detail)?;
            Ok(user.login)
        })
        .await?;
    Ok(Done::to(PAGE, RemovedView { removed: id }).notice(format!("{login} is removed.")))
}

/// A name to sign in with, in lower case.
fn checked_login(login: &str) -> Result<String, ApiError> {
    let login = login.trim().to_lowercase();
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@".contains(c);
    let fine = (1..=64).contains(&login.len())
        && login.chars().all(inner)
        && login.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !fine {
        return Err(ApiError::invalid(
            "login",
            "1 to 64 small letters, digits, and `.`, `-`, `_`, `@` between",
        ));
    }
    Ok(login)
}
