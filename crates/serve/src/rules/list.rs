//! The list of rules.

use std::collections::BTreeMap;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::score::Totals;
use stance_store::{Estate as _, FindingGroup, FindingQuery, GroupBy, Sqlite};

use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::findings::points;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::rule::RuleText;
use crate::view::{Page, View};

/// Most rules that findings name.
const MOST: usize = 2_000;

/// Which rules.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Part of the id, title or text, in any case.
    q: String,
    /// An area, such as `model`.
    area: String,
    /// `true` for those with open findings only.
    open: bool,
}

/// A rule of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// Its id, `area/name`.
    pub(crate) id: String,
    /// The part of the id before the slash.
    pub(crate) area: String,
    /// Its title.
    pub(crate) title: String,
    /// How bad its findings are unless one says otherwise.
    pub(crate) severity: String,
    /// Open findings: critical, high, medium, low and informative ones.
    pub(crate) findings: [u64; 5],
    /// By how many points the score rises once all of them are fixed.
    pub(crate) gives_back: f64,
}

impl Summary {
    /// How many open findings there are.
    pub(crate) fn open(&self) -> u64 {
        self.findings.iter().sum()
    }

    /// Open findings by severity, those that there are.
    pub(crate) fn severities(&self) -> Vec<(&'static str, u64)> {
        ["critical", "high", "medium", "low", "info"]
            .into_iter()
            .zip(self.findings)
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

/// A list of rules.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RulesView {
    /// The rules, those with open findings first, the worst in front.
    rules: Vec<Summary>,
    /// Areas, and how many rules each has.
    areas: Vec<Area>,
    #[serde(skip)]
    filter: Filter,
}

/// Rules that belong together.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Area {
    /// The part of their ids before the slash.
    name: String,
    /// How many there are.
    rules: u64,
}

/// Every rule, and those that only findings name; open findings by rule come from sums that are kept.
fn all(store: &Sqlite) -> Result<Vec<Summary>, ApiError> {
    let totals = store.tally()?.totals;
    let groups = store.finding_groups(GroupBy::Rule, &FindingQuery::default(), MOST)?;
    let mut open: BTreeMap<String, FindingGroup> = groups
        .groups
        .into_iter()
        .map(|group| (group.key.clone(), group))
        .collect();
    let mut rules: Vec<Summary> = stance_rules::all()
        .map(|entry| {
            let found = open.remove(entry.meta.id);
            summary(entry.meta.id, found, &totals)
        })
        .collect();
    // Rules of users, and those of other versions.
    rules.extend(
        open.into_iter()
            .map(|(id, group)| summary(&id, Some(group), &totals)),
    );
    rules.sort_by(|a, b| b.findings.cmp(&a.findings).then_with(|| a.id.cmp(&b.id)));
    Ok(rules)
}

fn summary(id: &str, group: Option<FindingGroup>, totals: &Totals) -> Summary {
    let entry = stance_rules::find(id);
    let group = group.map_or(([0; 5], 0), |it| (it.counts, it.gives_back));
    Summary {
        id: id.to_owned(),
        area: id.split('/').next().unwrap_or_default().to_owned(),
        title: RuleText::of(id).title,
        severity: entry.map_or_else(
            || "info".to_owned(),
            |entry| entry.meta.severity.to_string(),
        ),
        findings: group.0,
        gives_back: points(totals, group.1),
    }
}

/// The first rules that hold a text, and how many do.
pub(crate) fn holding(
    store: &Sqlite,
    text: &str,
    most: usize,
) -> Result<(Vec<Summary>, u64), ApiError> {
    let mut found: Vec<Summary> = all(store)?
        .into_iter()
        .filter(|rule| holds(rule, text))
        .collect();
    let count = found.len() as u64;
    found.truncate(most);
    Ok((found, count))
}

fn holds(rule: &Summary, text: &str) -> bool {
    let text = text.to_lowercase();
    rule.id.to_lowercase().contains(&text)
        || rule.title.to_lowercase().contains(&text)
        || stance_rules::find(&rule.id)
            .is_some_and(|entry| entry.meta.text.to_lowercase().contains(&text))
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<RulesView>, ApiError> {
    let view = ask
        .db
        .read(move |store| {
            let rules = all(store)?;
            let mut areas: BTreeMap<String, u64> = BTreeMap::new();
            for rule in &rules {
                *areas.entry(rule.area.clone()).or_default() += 1;
            }
            if !filter.area.is_empty() && !areas.contains_key(&filter.area) {
                return Err(ApiError::invalid("area", "there is no such area"));
            }
            Ok(RulesView {
                rules: rules
                    .into_iter()
                    .filter(|rule| filter.area.is_empty() || rule.area == filter.area)
                    .filter(|rule| !filter.open || rule.open() > 0)
                    .filter(|rule| filter.q.is_empty() || holds(rule, &filter.q))
                    .collect(),
                areas: areas
                    .into_iter()
                    .map(|(name, rules)| Area { name, rules })
                    .collect(),
                filter,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "rules/list.html")]
struct RulesPage<'a> {
    frame: Frame,
    view: &'a RulesView,
    address: Address,
}

impl Page for RulesView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame
            .page("Rules", Section::Findings)
            .under("Findings", "/findings");
        frame.query.clone_from(&self.filter.q);
        let address = Address::parse(&frame.path);
        RulesPage {
            frame,
            view: self,
            address,
        }
        .render()
    }
}

impl RulesPage<'_> {
    fn tabs(&self) -> Vec<(String, String, bool)> {
        let mut tabs = vec![(
            "All".to_owned(),
            self.address.without("area").to_string(),
            self.view.filter.area.is_empty(),
        )];
        tabs.extend(self.view.areas.iter().map(|area| {
            (
                format!("{} {}", crate::format::title(&area.name), area.rules),
                self.address.with("area", &area.name).to_string(),
                self.view.filter.area == area.name,
            )
        }));
        tabs
    }

    fn text(&self) -> String {
        format!("Text: {}", crate::format::shorten(&self.view.filter.q, 32))
    }

    fn said(&self) -> String {
        crate::format::plural(self.view.rules.len() as u64, "rule", "rules")
    }
}
