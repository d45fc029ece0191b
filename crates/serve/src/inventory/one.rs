//! The page of one asset.

use std::collections::BTreeMap;

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::{
    AssetNumber, Direction, Estate as _, FindingQuery, Inventory as _, Sqlite, TieCount, Window,
};

use super::graph::{self, Drawn};
use super::history::{self, Moment};
use super::item::Item;
use super::relations::{Count, Relation, name};
use super::sightings::{Fact, Sighting, facts};
use super::words;
use crate::ask::{Ask, Path};
use crate::auth::{Permission, Principal};
use crate::error::ApiError;
use crate::findings::Item as Finding;
use crate::frame::{Frame, Section};
use crate::people::People;
use crate::rule::{ControlText, RuleText};
use crate::view::{Page, View};

/// Findings of a page.
const FINDINGS: usize = 10;

/// Open findings whose rules are looked at for controls.
const JUDGED: usize = 200;

/// Relations of one kind that the page lists.
const RELATIONS: usize = 8;

/// All that is known of an asset.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssetView {
    /// What lists show.
    pub(super) asset: Item,
    /// Why it was approved or rejected.
    pub(super) approval_reason: Option<String>,
    /// What each source sees, the freshest first; at most 50.
    pub(super) sightings: Vec<Sighting>,
    /// How many relations of each kind there are.
    pub(super) relations: Vec<Count>,
    /// Who can reach it, and as what it acts: the first of each kind of relation.
    pub(super) reach: Vec<Relation>,
    /// Its open findings, the worst first; at most 10.
    pub(super) findings: Vec<Finding>,
    /// How many open findings there are, counted up to 1,000.
    pub(super) open_findings: u64,
    /// The controls that its open findings speak against.
    pub(super) controls: Vec<ControlText>,
    /// What happened to it, the latest first.
    pub(super) history: Vec<Moment>,
    #[serde(skip)]
    groups: Vec<Group>,
    #[serde(skip)]
    facts: Vec<Fact>,
    #[serde(skip)]
    around: Drawn,
    #[serde(skip)]
    way: Drawn,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_approve: bool,
}

/// Relations of one kind.
#[derive(Debug)]
struct Group {
    direction: &'static str,
    kind: String,
    verb: &'static str,
    count: u64,
    first: Vec<Relation>,
    is_reach: bool,
}

impl Group {
    fn more(&self) -> u64 {
        self.count.saturating_sub(self.first.len() as u64)
    }
}

pub(super) async fn show(ask: Ask, Path(number): Path<i64>) -> Result<View<AssetView>, ApiError> {
    let who = ask.who.clone();
    let page = !ask.request.api;
    let found = ask
        .db
        .read(move |store| read(store, AssetNumber(number), &who, page))
        .await?;
    found
        .map(View)
        .ok_or_else(|| ApiError::not_found(format_args!("asset {number}")))
}

/// Reads all that the page of an asset shows; the drawings only where there is a page.
fn read(
    store: &Sqlite,
    number: AssetNumber,
    who: &Principal,
    page: bool,
) -> Result<Option<AssetView>, ApiError> {
    let Some(detail) = store.asset(number)? else {
        return Ok(None);
    };
    let totals = store.tally()?.totals;
    let people = People::all(store)?;
    let counts = store.tie_counts(number)?;
    let groups = groups(store, number, &counts)?;
    let query = FindingQuery {
        asset: Some(number),
        ..FindingQuery::default()
    };
    let open = store.findings(&query, &Window::first(JUDGED))?.rows;
    let mut controls: BTreeMap<String, ControlText> = BTreeMap::new();
    for row in &open {
        for control in RuleText::of(&row.rule).controls {
            controls.insert(control.reference.clone(), control);
        }
    }
    let history = history::of(store, &detail)?;
    let (around, way) = if page {
        (
            graph::around(store, number)?,
            graph::way(store, &detail.row)?,
        )
    } else {
        (Drawn::default(), Drawn::default())
    };
    let sightings: Vec<Sighting> = detail.sightings.into_iter().map(Sighting::of).collect();
    let mut reach = Vec::new();
    for group in groups.iter().filter(|it| it.is_reach) {
        reach.extend(group.first.iter().cloned());
    }
    Ok(Some(AssetView {
        facts: facts(&sightings),
        sightings,
        approval_reason: detail.approval_reason,
        relations: counts.iter().map(Count::of).collect(),
        reach,
        open_findings: store.count_findings(&query, 1_000)?.count,
        findings: open
            .into_iter()
            .take(FINDINGS)
            .map(|row| Finding::of(row, &totals, &people))
            .collect(),
        controls: controls.into_values().collect(),
        history,
        groups,
        around,
        way,
        may_edit: who.may(Permission::FindingsTriage),
        may_approve: who.may(Permission::DecisionsApprove),
        asset: Item::of(detail.row, &totals),
    }))
}

fn groups(store: &Sqlite, asset: AssetNumber, counts: &[TieCount]) -> Result<Vec<Group>, ApiError> {
    let mut groups = Vec::new();
    for count in counts {
        let direction: Direction = count.direction;
        let first = store.ties(
            asset,
            direction,
            Some(count.kind),
            &Window::first(RELATIONS),
        )?;
        // Several sources may tell one relation: then there are no more than these.
        let counted = if first.next.is_some() {
            count.count
        } else {
            first.rows.len() as u64
        };
        groups.push(Group {
            direction: name(direction),
            kind: count.kind.name().to_owned(),
            verb: words::verb(count.kind, direction),
            count: counted,
            first: first
                .rows
                .into_iter()
                .map(|tie| Relation::of(tie, direction))
                .collect(),
            is_reach: words::is_reach(count.kind, direction),
        });
    }
    Ok(groups)
}

#[derive(Template)]
#[template(path = "inventory/one.html")]
struct OnePage<'a> {
    frame: Frame,
    view: &'a AssetView,
    around: String,
    way: String,
}

impl Page for AssetView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(
                crate::format::shorten(&self.asset.name, 160),
                Section::Inventory,
            )
            .under("Inventory", "/inventory")
            .under(
                crate::format::title(&self.asset.kind),
                format!("/inventory?kind={}", self.asset.kind),
            );
        let more = format!("/inventory/{}/relations", self.asset.number);
        let around = if self.around.is_alone() {
            String::new()
        } else {
            graph::draw_around(&self.around, &self.in_a_sentence(), &more)
        };
        let way = if self.way.is_alone() {
            String::new()
        } else {
            let sentence = format!(
                "{} on the way from data to applications, with {}",
                self.asset.name,
                crate::format::plural(self.way.others(), "other asset", "other assets")
            );
            graph::draw_way(&self.way, &sentence, &more)
        };
        OnePage {
            frame,
            view: self,
            around,
            way,
        }
        .render()
    }
}

impl AssetView {
    /// What the drawing of the neighbourhood shows.
    fn in_a_sentence(&self) -> String {
        let all: u64 = self.groups.iter().map(|it| it.count).sum();
        format!(
            "{} with what leads to it on the left and what it leads to on the right; {} in all",
            crate::format::shorten(&self.asset.name, 80),
            crate::format::plural(all, "relation", "relations")
        )
    }

    fn relation_count(&self) -> u64 {
        self.groups.iter().map(|it| it.count).sum()
    }

    /// The facts that the page shows at once, and those behind them.
    fn first_facts(&self) -> &[Fact] {
        self.facts.get(..10).unwrap_or(&self.facts)
    }

    fn other_facts(&self) -> &[Fact] {
        self.facts.get(10..).unwrap_or_default()
    }

    fn how(&self) -> &'static str {
        words::how(&self.asset.how)
    }

    fn confidence(&self) -> &str {
        self.sightings
            .first()
            .map_or("low", |it| it.confidence.as_str())
    }

    /// Other names, over all sources.
    fn aliases(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .sightings
            .iter()
            .flat_map(|it| it.aliases.iter().map(String::as_str))
            .collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(12);
        all
    }

    fn relations_href(&self, group: &Group) -> String {
        format!(
            "/inventory/{}/relations?direction={}&kind={}",
            self.asset.number, group.direction, group.kind
        )
    }
}
