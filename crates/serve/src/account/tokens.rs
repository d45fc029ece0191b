//! Tokens for programs.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::{NewToken, Role, Token, TokenId};

use super::{AccountView, checked_name, done, own};
use crate::ask::{Ask, Input, Path};
use crate::auth::{Permission, TOKEN_PREFIX};
use crate::error::ApiError;
use crate::frame::{ACCOUNT, Frame};
use crate::record::Teller;
use crate::secret;
use crate::view::{Done, Page, View};

/// Longest life of a token.
const LONGEST: u16 = 366;

/// Most tokens of one person that live.
const MOST: usize = 50;

/// A token, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenView {
    /// The number.
    pub(crate) id: i64,
    /// What its owner calls it.
    pub(crate) name: String,
    /// Whose it is.
    pub(crate) owner: String,
    /// What it may, as far as its owner may.
    pub(crate) scopes: Vec<String>,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it ends by itself.
    pub(crate) expires: Option<Timestamp>,
    /// When it was last used; minutes are exact enough.
    pub(crate) last_used: Option<Timestamp>,
    /// `active`, `expired` or `revoked`.
    pub(crate) state: &'static str,
}

impl TokenView {
    pub(crate) fn of(token: Token, now: Timestamp) -> Self {
        let state = match (token.revoked, token.expires) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            _ => "active",
        };
        Self {
            id: token.id.0,
            name: token.name,
            owner: token.owner_login,
            scopes: token.scopes,
            created: token.created,
            expires: token.expires,
            last_used: token.last_used,
            state,
        }
    }
}

/// What a token can be made for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ScopeView {
    /// The word.
    pub(super) name: &'static str,
    /// What it allows.
    pub(super) allows: &'static str,
}

impl ScopeView {
    /// What people of a role can give.
    pub(super) fn all(role: Role) -> Vec<Self> {
        Permission::scopes()
            .filter(|permission| permission.is_of(role))
            .map(|permission| Self {
                name: permission.name(),
                allows: permission.row().allows,
            })
            .collect()
    }
}

/// A token to make.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Make {
    /// What it is called: what it is for, best.
    name: String,
    /// What it may.
    #[serde(default)]
    scopes: Vec<String>,
    /// How many days it lives: 1 to 366.
    #[schemars(range(min = 1, max = 366))]
    days: u16,
}

/// A token that was just made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MadeView {
    /// The token itself; it is shown this once.
    token: String,
    /// What else there is to know.
    made: TokenView,
}

#[derive(Template)]
#[template(path = "account/token.html")]
struct MadePage<'a> {
    frame: Frame,
    view: &'a MadeView,
}

impl Page for MadeView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.beside("Your token").under("Account", ACCOUNT);
        MadePage { frame, view: self }.render()
    }
}

pub(super) async fn make(ask: Ask, Input(input): Input<Make>) -> Result<Response, ApiError> {
    let user = own(&ask)?.clone();
    let name = checked_name(&input.name)?;
    if input.scopes.is_empty() {
        return Err(ApiError::invalid("scopes", "choose what the token may"));
    }
    for scope in &input.scopes {
        let known = Permission::scope(scope).is_some_and(|permission| permission.is_of(user.role));
        if !known {
            let message = format!("`{scope}` is nothing that you may give");
            return Err(ApiError::invalid("scopes", message));
        }
    }
    if !(1..=LONGEST).contains(&input.days) {
        return Err(ApiError::invalid("days", format!("1 to {LONGEST}")));
    }
    let lasts = SignedDuration::from_hours(24 * i64::from(input.days));
    let expires = ask.now.checked_add(lasts).map_err(ApiError::internal)?;
    let token = format!("{TOKEN_PREFIX}{}", secret::new()?);
    let (digest, now) = (secret::digest(&token), ask.now);
    let teller = Teller::of(&ask);
    let made = ask
        .db
        .write(move |store| {
            let living = store.tokens(Some(user.id))?;
            let living = living.iter().filter(|token| {
                token.revoked.is_none() && token.expires.is_none_or(|end| end > now)
            });
            if living.count() >= MOST {
                let full = format!("you have {MOST} tokens; end one that nobody needs first");
                return Err(ApiError::conflict(full));
            }
            let new = NewToken {
                secret: &digest,
                name: &name,
                owner: user.id,
                scopes: &input.scopes,
                expires: Some(expires),
            };
            let id = store.add_token(&new, now)?;
            let detail =
                json!({"name": name, "scopes": input.scopes, "expires": expires.to_string()});
            teller.tell(store, "token.make", "token", id, detail)?;
            Ok(Token {
                id,
                name,
                owner: user.id,
                owner_login: user.login,
                scopes: input.scopes,
                created: now,
                expires: Some(expires),
                last_used: None,
                revoked: None,
            })
        })
        .await?;
    let made = MadeView {
        token,
        made: TokenView::of(made, now),
    };
    // A page, not a redirect: the token must not be kept anywhere to be shown later.
    let keep = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, keep, View(made)).into_response())
}

pub(super) async fn revoke_own(
    ask: Ask,
    Path(id): Path<i64>,
) -> Result<Done<AccountView>, ApiError> {
    let user = own(&ask)?.id;
    let (teller, now) = (Teller::of(&ask), ask.now);
    ask.db
        .write(move |store| {
            if !store.revoke_token(TokenId(id), Some(user), now)? {
                return Err(ApiError::not_found(format_args!(
                    "living token {id} of yours"
                )));
            }
            teller.tell(store, "token.revoke", "token", id, json!({}))
        })
        .await?;
    done(&ask, "The token ended.").await
}
