//! Filters that people named, on the lists that have filters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{SavedView, SavedViews as _, Sqlite};

use crate::ask::{Ask, Input, Path, Query};
use crate::auth::{Permission, Principal};
use crate::error::ApiError;
use crate::parts::Address;
use crate::route::{Routes, action, only};
use crate::view::Done;

/// Lists whose filters can be kept.
const PAGES: [&str; 3] = ["inventory", "findings", "changes"];

/// Longest name, in characters, and longest query, in bytes.
const LONGEST_NAME: usize = 80;
const LONGEST_QUERY: usize = 2_000;

pub(crate) fn routes() -> Routes {
    Routes::of("Saved filters")
        .add(
            only(
                axum::http::Method::GET,
                "/api/v1/saved",
                Permission::OwnAccount,
                list,
            )
            .about("Saved filters", "The own filters of a list, by name.")
            .query::<Which>()
            .gives::<Vec<Kept>>(),
        )
        .add(
            action("/saved", Permission::OwnAccount, save)
                .about(
                    "Save a filter",
                    "Keeps the query of a list under a name; one of the same name is replaced.",
                )
                .takes::<Save>()
                .gives::<Kept>(),
        )
        .add(
            action("/saved/{number}/remove", Permission::OwnAccount, remove)
                .about("Remove a saved filter", "Forgets one of the own filters.")
                .gives::<Removed>(),
        )
}

/// The saved filters of whoever looks, for a page with a list.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    /// The list.
    pub(crate) page: &'static str,
    /// The filters.
    pub(crate) views: Vec<Kept>,
    /// Whether whoever looks can keep filters: people can, tokens cannot.
    pub(crate) may: bool,
}

impl Saved {
    /// Those of a person for a page.
    pub(crate) fn of(
        store: &Sqlite,
        who: &Principal,
        page: &'static str,
    ) -> Result<Self, ApiError> {
        if !who.may(Permission::OwnAccount) {
            return Ok(Self::default());
        }
        Ok(Self {
            page,
            views: store
                .saved_views(&who.name(), page)?
                .into_iter()
                .map(|view| Kept::of(view, page))
                .collect(),
            may: true,
        })
    }
}

/// A filter that was saved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its number.
    pub(crate) number: i64,
    /// What it is called.
    pub(crate) name: String,
    /// The query of the list, without `?`.
    pub(crate) query: String,
    /// The list with this filter.
    pub(crate) href: String,
}

impl Kept {
    fn of(view: SavedView, page: &str) -> Self {
        Self {
            number: view.number,
            name: view.name,
            href: format!("/{page}?{}", view.query),
            query: view.query,
        }
    }
}

/// Filters of which list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Which {
    /// inventory, findings or changes; inventory if not given.
    page: String,
}

/// A filter to save.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Save {
    /// inventory, findings or changes.
    page: String,
    /// What to call it.
    name: String,
    /// The query of the list, without `?`.
    query: String,
}

/// What was removed.
#[derive(Debug, Serialize, JsonSchema)]
struct Removed {
    /// The list that it was for.
    page: String,
}

fn page(name: &str) -> Result<&'static str, ApiError> {
    PAGES
        .into_iter()
        .find(|it| *it == name)
        .ok_or_else(|| ApiError::invalid("page", "inventory, findings or changes"))
}

async fn list(ask: Ask, Query(which): Query<Which>) -> Result<axum::Json<Vec<Kept>>, ApiError> {
    let page = match which.page.as_str() {
        "" => "inventory",
        name => page(name)?,
    };
    let who = ask.who.clone();
    let saved = ask
        .db
        .read(move |store| Saved::of(store, &who, page))
        .await?;
    Ok(axum::Json(saved.views))
}

async fn save(ask: Ask, Input(input): Input<Save>) -> Result<Done<Kept>, ApiError> {
    let page = page(&input.page)?;
    let name = input.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(ApiError::invalid("name", "1 to 80 characters"));
    }
    // Read and written again: nothing but pairs is kept, and no place in the list.
    let address = Address::parse(&format!("/{page}?{}", input.query)).without("after");
    let text = address.to_string();
    let query = text.split_once('?').map_or("", |(_, query)| query);
    if query.is_empty() {
        return Err(ApiError::invalid("query", "choose a filter first"));
    }
    if query.len() > LONGEST_QUERY {
        return Err(ApiError::invalid("query", "at most 2,000 bytes"));
    }
    let (who, query) = (ask.who.name(), query.to_owned());
    let view = ask
        .db
        .write(move |store| Ok(store.save_view(&who, page, &name, &query)?))
        .await?;
    let kept = Kept::of(view, page);
    let notice = format!("Saved as “{}”.", crate::format::shorten(&kept.name, 80));
    Ok(Done::to(kept.href.clone(), kept).notice(notice))
}

async fn remove(ask: Ask, Path(number): Path<i64>) -> Result<Done<Removed>, ApiError> {
    let who = ask.who.name();
    let page = ask
        .db
        .write(move |store| Ok(store.remove_view(&who, number)?))
        .await?;
    let to = format!("/{page}");
    Ok(Done::to(to, Removed { page }).notice("Removed the saved filter."))
}
