//! The list of assets.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::AssetKind;
use stance_store::{Estate as _, Inventory as _};

use super::filter::Filter;
use super::item::Item;
use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, Choice};
use crate::saved::Saved;
use crate::view::{Page, View};

/// Assets are counted up to this; beyond, there are simply more.
const COUNTED: u64 = 10_000;

/// Owners and sources of a menu.
const CHOICES: usize = 60;

/// A list of assets.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListView {
    /// The assets.
    assets: Vec<Item>,
    /// How many fit, counted up to 10,000.
    count: u64,
    /// Whether there are more than `count`.
    more: bool,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    /// All assets that some source sees, by kind.
    kinds: Vec<KindCount>,
    #[serde(skip)]
    filter: Filter,
    #[serde(skip)]
    owners: Vec<String>,
    #[serde(skip)]
    sources: Vec<(String, String)>,
    #[serde(skip)]
    saved: Saved,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_approve: bool,
}

/// How many assets of a kind there are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KindCount {
    /// The kind.
    kind: String,
    /// How many some source sees.
    count: u64,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ListView>, ApiError> {
    let query = filter.query()?;
    let window = filter.window()?;
    let who = ask.who.clone();
    let page = !ask.request.api;
    let view = ask
        .db
        .read(move |store| {
            let tally = store.tally()?;
            let slice = store.assets(&query, &window)?;
            let counted = slice.counted(&window, || store.count_assets(&query, COUNTED))?;
            let mut view = ListView {
                count: counted.count,
                more: counted.more,
                next: slice.next.as_ref().map(cursor::encode).transpose()?,
                assets: slice
                    .rows
                    .into_iter()
                    .map(|row| Item::of(row, &tally.totals))
                    .collect(),
                kinds: AssetKind::ALL
                    .into_iter()
                    .filter_map(|kind| {
                        Some(KindCount {
                            kind: kind.name().to_owned(),
                            count: *tally.assets.get(kind.name()).filter(|it| **it > 0)?,
                        })
                    })
                    .collect(),
                filter,
                owners: Vec::new(),
                sources: Vec::new(),
                saved: Saved::default(),
                may_edit: who.may(Permission::FindingsTriage),
                may_approve: who.may(Permission::DecisionsApprove),
            };
            if page {
                view.owners = store.owners(CHOICES)?;
                view.sources = store
                    .source_names("", CHOICES)?
                    .into_iter()
                    .map(|it| (it.number.to_string(), it.name))
                    .collect();
                view.saved = Saved::of(store, &who, "inventory")?;
            }
            Ok(view)
        })
        .await?;
    Ok(View(view))
}

/// A menu of one filter.
struct Menu {
    label: &'static str,
    key: &'static str,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "inventory/list.html")]
struct ListPage<'a> {
    frame: Frame,
    view: &'a ListView,
    address: &'a Address,
    /// Menus from which several values can be chosen, and those of one value.
    several: &'a [Menu],
    single: &'a [Menu],
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame.page("Inventory", Section::Inventory);
        frame.query.clone_from(&self.filter.q);
        let address = Address::parse(&frame.path).without("after");
        let several = [
            menu(
                &address,
                "Environment",
                "environment",
                &["production", "staging", "development", "test", "unknown"],
            ),
            menu(
                &address,
                "Sensitivity",
                "sensitivity",
                &[
                    "restricted",
                    "confidential",
                    "internal",
                    "public",
                    "unknown",
                ],
            ),
            menu(
                &address,
                "Criticality",
                "criticality",
                &["critical", "high", "medium", "low", "unknown"],
            ),
        ];
        ListPage {
            frame,
            view: self,
            several: &several,
            single: &self.single(&address),
            address: &address,
        }
        .render()
    }
}

impl ListView {
    fn single(&self, address: &Address) -> Vec<Menu> {
        let of = |label, key, values: &[(&str, &str)]| Menu {
            label,
            key,
            choices: values
                .iter()
                .map(|(value, label)| choice(address, key, value, label))
                .collect(),
        };
        let mut menus = vec![
            of(
                "Approval",
                "approval",
                &[
                    ("approved", "Sanctioned"),
                    ("rejected", "Unsanctioned"),
                    ("unreviewed", "Not reviewed"),
                ],
            ),
            of(
                "Findings",
                "severity",
                &[
                    ("critical", "Critical"),
                    ("high", "High or worse"),
                    ("medium", "Medium or worse"),
                    ("low", "Any open finding"),
                ],
            ),
            of(
                "Seen in",
                "part",
                &[
                    ("production", "Production code"),
                    ("test", "Tests"),
                    ("documentation", "Documentation"),
                ],
            ),
        ];
        let mut owners = vec![choice(address, "owner", "-", "No owner")];
        owners.extend(
            self.owners
                .iter()
                .map(|owner| choice(address, "owner", owner, owner)),
        );
        menus.push(Menu {
            label: "Owner",
            key: "owner",
            choices: owners,
        });
        if self.sources.len() > 1 {
            menus.push(Menu {
                label: "Source",
                key: "source",
                choices: self
                    .sources
                    .iter()
                    .map(|(number, name)| choice(address, "source", number, name))
                    .collect(),
            });
        }
        menus
    }
}

fn menu(address: &Address, label: &'static str, key: &'static str, values: &[&str]) -> Menu {
    let choices = values
        .iter()
        .map(|value| choice(address, key, value, value))
        .collect();
    Menu {
        label,
        key,
        choices,
    }
}

fn choice(address: &Address, key: &str, value: &str, label: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        count: None,
        on: address.has(key, value),
    }
}

impl ListPage<'_> {
    /// Each kind that there is, with its figure and address; all of them first.
    fn tabs(&self) -> Vec<(String, String, bool)> {
        let chosen = &self.view.filter.kind;
        let all: u64 = self.view.kinds.iter().map(|it| it.count).sum();
        let mut tabs = vec![(
            format!("All {}", crate::format::compact(all)),
            self.address.without("kind").to_string(),
            chosen.is_empty(),
        )];
        for it in &self.view.kinds {
            let kind: Option<AssetKind> = it.kind.parse().ok();
            let name = kind.map_or("", AssetKind::plural);
            tabs.push((
                format!("{} {}", capital(name), crate::format::compact(it.count)),
                self.address.with("kind", &it.kind).to_string(),
                *chosen == [it.kind.clone()],
            ));
        }
        tabs
    }

    /// Filters that are set and have no menu of their own, with the address without them.
    fn set(&self) -> Vec<(String, String)> {
        let mut set = Vec::new();
        for (key, label) in [("q", "Text"), ("since", "First seen since")] {
            let value = self.address.get(key);
            if !value.is_empty() && !self.is_new() | (key != "since") {
                let text = format!("{label}: {}", crate::format::shorten(value, 32));
                set.push((text, self.address.without(key).to_string()));
            }
        }
        if self.view.filter.kind.len() > 1 {
            let text = format!("Kinds: {}", self.view.filter.kind.join(", "));
            set.push((
                crate::format::shorten(text, 60),
                self.address.without("kind").to_string(),
            ));
        }
        set
    }

    /// Midnight seven days ago: stays the same for a day, so that the address can be kept.
    fn week(&self) -> String {
        let then = self.frame.now - jiff::SignedDuration::from_hours(24 * 7);
        then.strftime("%Y-%m-%dT00:00:00Z").to_string()
    }

    fn is_new(&self) -> bool {
        self.address.has("since", self.week())
    }

    fn order(&self, key: &str) -> &'static str {
        match (self.view.filter.sort.as_str(), key) {
            ("" | "risk", "risk") | ("first_seen", "first_seen") => "descending",
            ("name", "name") => "ascending",
            _ => "",
        }
    }

    fn said(&self) -> String {
        let of = if self.view.more {
            format!("more than {}", crate::format::count(self.view.count))
        } else {
            crate::format::count(self.view.count)
        };
        let shown = self.view.assets.len() as u64;
        format!("{} of {of}", crate::format::count(shown))
    }

    fn first(&self) -> String {
        if self.view.filter.after.is_empty() {
            String::new()
        } else {
            self.address.to_string()
        }
    }

    /// The query without the place in the list.
    fn query(&self) -> String {
        let text = self.address.to_string();
        let query = text.split_once('?').map_or("", |(_, query)| query);
        query.to_owned()
    }

    fn download(&self, file: &str) -> String {
        let address = self.address.without("limit");
        let text = address.to_string();
        match text.split_once('?') {
            Some((_, query)) => format!("/{file}?{query}"),
            None => format!("/{file}"),
        }
    }

    /// Whether there is nothing at all, for whatever filter.
    fn is_bare(&self) -> bool {
        self.view.kinds.is_empty() && self.query().is_empty()
    }
}

/// With a capital first letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
