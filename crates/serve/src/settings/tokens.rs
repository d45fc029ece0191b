//! The tokens of everybody.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::TokenId;

use crate::account::tokens::TokenView;
use crate::ask::{Ask, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::record::Teller;
use crate::view::{Done, Page, View};

/// The tokens of everybody.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TokensView {
    tokens: Vec<TokenView>,
    #[serde(skip)]
    may_change: bool,
}

#[derive(Template)]
#[template(path = "settings/tokens.html")]
struct TokensPage<'a> {
    frame: Frame,
    view: &'a TokensView,
}

impl Page for TokensView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Tokens", Section::Settings);
        TokensPage { frame, view: self }.render()
    }
}

pub(super) async fn list(ask: Ask) -> Result<View<TokensView>, ApiError> {
    seen(&ask).await.map(View)
}

async fn seen(ask: &Ask) -> Result<TokensView, ApiError> {
    let tokens = ask.db.read(|store| Ok(store.tokens(None)?)).await?;
    Ok(TokensView {
        tokens: tokens
            .into_iter()
            .map(|token| TokenView::of(token, ask.now))
            .collect(),
        may_change: ask.who.may(Permission::UsersManage),
    })
}

pub(super) async fn revoke(ask: Ask, Path(id): Path<i64>) -> Result<Done<TokensView>, ApiError> {
    let (teller, now) = (Teller::of(&ask), ask.now);
    ask.db
        .write(move |store| {
            if !store.revoke_token(TokenId(id), None, now)? {
                return Err(ApiError::not_found(format_args!("living token {id}")));
            }
            teller.tell(store, "token.revoke", "token", id, json!({}))
        })
        .await?;
    Ok(Done::to("/settings/tokens", seen(&ask).await?).notice("The token ended."))
}
