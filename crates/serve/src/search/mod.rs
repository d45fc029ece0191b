//! One box for everything: assets, findings, rules and sources that hold a text, and interactions that it names.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::traffic::{SeenFilter, SeenQuery, Traffic as _};
use stance_store::{
    AssetQuery, Counted, Estate as _, FindingQuery, Inventory as _, Slice, Sqlite, States,
    StoreError, Window,
};

use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::findings::Item as Finding;
use crate::frame::Frame;
use crate::inventory::Item as Asset;
use crate::parts::Address;
use crate::people::People;
use crate::route::{Routes, view};
use crate::rules::{Summary, holding};
use crate::traffic::Item as Interaction;
use crate::view::{Page, View};

/// Hits of each sort.
const HITS: usize = 10;

/// Hits are counted up to this.
const COUNTED: u64 = 1_000;

/// Shortest beginning of an id by which interactions are looked for, in bytes.
const SHORTEST_ID: usize = 8;

/// Longest text, in characters.
const LONGEST: usize = 200;

pub(crate) fn routes() -> Routes {
    Routes::of("Search").add(
        view("/search", Permission::EstateRead, search)
            .about(
                "Search",
                "Assets, findings, rules and sources that hold a text, and interactions whose id begins with it or whose answer, trace \
                 or session has it as its id; the first 10 of each.",
            )
            .query::<Asked>()
            .gives::<SearchView>(),
    )
}

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    /// A text, at most 200 characters.
    q: String,
}

/// What holds the text.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct SearchView {
    /// The text.
    text: String,
    /// Assets by what they take from the score.
    assets: Vec<Asset>,
    /// How many assets there are at least, counted up to 1,000.
    asset_count: u64,
    /// Whether there may be more assets than that.
    more_assets: bool,
    /// Open findings, the worst first.
    findings: Vec<Finding>,
    /// How many open findings there are at least, counted up to 1,000.
    finding_count: u64,
    /// Whether there may be more findings than that.
    more_findings: bool,
    /// Whether the text is too short to look for it among so many assets and findings.
    too_short: bool,
    /// Rules.
    rules: Vec<Summary>,
    /// How many rules there are.
    rule_count: u64,
    /// Sources.
    sources: Vec<Source>,
    /// Interactions that the text names, the newest first.
    interactions: Vec<Interaction>,
}

/// A source that holds the text in its name.
#[derive(Debug, Serialize, JsonSchema)]
struct Source {
    /// Its number.
    number: i64,
    /// What people call it.
    name: String,
    /// directory, git, bom, logs, host or push.
    kind: String,
}

async fn search(ask: Ask, Query(asked): Query<Asked>) -> Result<View<SearchView>, ApiError> {
    let text = asked.q.trim().to_owned();
    if text.chars().count() > LONGEST {
        return Err(ApiError::invalid("q", "at most 200 characters"));
    }
    if text.is_empty() {
        return Ok(View(SearchView::default()));
    }
    let view = ask.db.read(move |store| read(store, text)).await?;
    Ok(View(view))
}

fn read(store: &Sqlite, text: String) -> Result<SearchView, ApiError> {
    let totals = store.tally()?.totals;
    let people = People::all(store)?;
    let assets = AssetQuery {
        text: Some(text.clone()),
        ..AssetQuery::default()
    };
    let findings = FindingQuery {
        text: Some(text.clone()),
        states: States::Counting,
        ..FindingQuery::default()
    };
    let (rules, rule_count) = holding(store, &text, HITS)?;
    let window = Window::first(HITS);
    let (assets, asset_count) = hits(store.assets(&assets, &window), &window, || {
        store.count_assets(&assets, COUNTED)
    })?;
    let (findings, finding_count) = hits(store.findings(&findings, &window), &window, || {
        store.count_findings(&findings, COUNTED)
    })?;
    Ok(SearchView {
        too_short: assets.is_none() || findings.is_none(),
        assets: assets
            .unwrap_or_default()
            .into_iter()
            .map(|row| Asset::of(row, &totals))
            .collect(),
        asset_count: asset_count.count,
        more_assets: asset_count.more,
        findings: findings
            .unwrap_or_default()
            .into_iter()
            .map(|row| Finding::of(row, &totals, &people))
            .collect(),
        finding_count: finding_count.count,
        more_findings: finding_count.more,
        rules,
        rule_count,
        sources: store
            .source_names(&text, HITS)?
            .into_iter()
            .map(|it| Source {
                number: it.number.0,
                name: it.name,
                kind: it.kind,
            })
            .collect(),
        interactions: interactions(store, &text)?,
        text,
    })
}

/// Interactions that a text names: the beginning of an id, of eight characters or more, or the whole id of an answer, a trace or a
/// session.
fn interactions(store: &Sqlite, text: &str) -> Result<Vec<Interaction>, ApiError> {
    if text.len() < SHORTEST_ID || text.contains(char::is_whitespace) {
        return Ok(Vec::new());
    }
    let name = || Some(text.to_owned());
    let filters = [
        SeenFilter {
            id: name(),
            ..SeenFilter::default()
        },
        SeenFilter {
            answer: name(),
            ..SeenFilter::default()
        },
        SeenFilter {
            trace: name(),
            ..SeenFilter::default()
        },
        SeenFilter {
            session: name(),
            ..SeenFilter::default()
        },
    ];
    for filter in filters {
        let found = store.seen_list(&SeenQuery::newest(filter, HITS))?.rows;
        if !found.is_empty() {
            return Ok(found.into_iter().map(Interaction::of).collect());
        }
    }
    Ok(Vec::new())
}

/// The first hits, and how many there are; none when the text is too short to look for it among so many.
fn hits<T>(
    slice: Result<Slice<T>, StoreError>,
    window: &Window,
    count: impl FnOnce() -> Result<Counted, StoreError>,
) -> Result<(Option<Vec<T>>, Counted), ApiError> {
    let slice = match slice {
        Ok(slice) => slice,
        Err(StoreError::ShortText) => return Ok((None, Counted::default())),
        Err(error) => return Err(error.into()),
    };
    let counted = slice.counted(window, count)?;
    Ok((Some(slice.rows), counted))
}

#[derive(Template)]
#[template(path = "search/search.html")]
struct SearchPage<'a> {
    frame: Frame,
    view: &'a SearchView,
}

impl Page for SearchView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame.beside("Search");
        frame.query.clone_from(&self.text);
        SearchPage { frame, view: self }.render()
    }
}

impl SearchPage<'_> {
    /// A list of everything that holds the text.
    fn list(&self, path: &str) -> String {
        Address::new(path).with("q", &self.view.text).to_string()
    }

    fn is_empty(&self) -> bool {
        let view = self.view;
        view.assets.is_empty()
            && view.findings.is_empty()
            && view.rules.is_empty()
            && view.sources.is_empty()
            && view.interactions.is_empty()
    }

    /// The same of what is counted to its end.
    fn all_of(&self, shown: usize, count: &u64) -> String {
        self.of(shown, count, &false)
    }

    /// `10 of 34`, `10 of 1,000 and more`, or how many are shown when that is all.
    fn of(&self, shown: usize, count: &u64, more: &bool) -> String {
        let shown = shown as u64;
        if *count <= shown && !more {
            return crate::format::count(shown);
        }
        let more = if *more { " and more" } else { "" };
        format!(
            "{} of {}{more}",
            crate::format::count(shown),
            crate::format::count(*count)
        )
    }
}
