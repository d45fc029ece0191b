//! The list of findings, and its groups.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::Severity;
use stance_core::score::Totals;
use stance_store::{Estate as _, FindingGroup, GroupBy};

use super::filter::Filter;
use super::item::{Item, points};
use super::one::{self, FindingView};
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, Choice};
use crate::people::People;
use crate::requests::{Asking, after};
use crate::rule::RuleText;
use crate::saved::Saved;
use crate::view::{Page, View};

/// Findings are counted up to this; beyond, there are simply more.
const COUNTED: u64 = 10_000;

/// Most groups of one list.
const GROUPS: usize = 200;

/// A list of findings.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListView {
    /// The findings; empty where groups were asked for.
    findings: Vec<Item>,
    /// The groups that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
    /// How many fit, counted up to 10,000.
    count: u64,
    /// Whether there are more than `count`.
    more: bool,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    #[serde(skip)]
    filter: Filter,
    #[serde(skip)]
    open: Option<Box<FindingView>>,
    #[serde(skip)]
    people: Vec<(String, String)>,
    #[serde(skip)]
    tally: [u64; 5],
    #[serde(skip)]
    may_triage: bool,
    #[serde(skip)]
    saved: Saved,
}

/// Findings that have something in common.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Group {
    /// What they have in common, as the filter of that name takes it.
    key: String,
    /// The same for people.
    title: String,
    /// What stands below the title.
    note: String,
    /// How many critical, high, medium, low and informative ones.
    counts: [u64; 5],
    /// By how many points the score rises once all of them are fixed.
    gives_back: f64,
}

impl Group {
    fn of(by: GroupBy, group: FindingGroup, totals: &Totals) -> Self {
        let (title, note) = match by {
            GroupBy::Rule => (RuleText::of(&group.key).title, group.key.clone()),
            GroupBy::Owner if group.key.is_empty() => ("no owner".to_owned(), String::new()),
            GroupBy::Fix => match stance_rules::find(&group.title) {
                Some(_) => (RuleText::of(&group.title).title, group.title),
                None => (group.title, String::new()),
            },
            GroupBy::Owner | GroupBy::Asset => (group.title, String::new()),
        };
        Self {
            key: if group.key.is_empty() {
                "-".to_owned()
            } else {
                group.key
            },
            title,
            note,
            counts: group.counts,
            gives_back: points(totals, group.gives_back),
        }
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn severities(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Severity::ALL
            .iter()
            .map(|it| it.name())
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ListView>, ApiError> {
    let query = filter.query(ask.now)?;
    let group = filter.group()?;
    let window = filter.window()?;
    let open = filter.open.filter(|_| !ask.request.api);
    let (who, asking) = (ask.who.clone(), Asking::of(&ask));
    let view = ask
        .db
        .read(move |store| {
            let tally = store.tally()?;
            let people = People::all(store)?;
            let mut view = ListView {
                findings: Vec::new(),
                groups: Vec::new(),
                count: 0,
                more: false,
                next: None,
                open: None,
                people: people.choices(),
                tally: tally.findings,
                may_triage: asking.may_ask,
                saved: Saved::of(store, &who, "findings")?,
                filter,
            };
            if let Some(by) = group {
                let counted = store.count_findings(&query, COUNTED)?;
                (view.count, view.more) = (counted.count, counted.more);
                let found = store.finding_groups(by, &query, GROUPS)?;
                view.groups = found
                    .groups
                    .into_iter()
                    .map(|group| Group::of(by, group, &tally.totals))
                    .collect();
                return Ok(view);
            }
            let slice = store.findings(&query, &window)?;
            let counted = slice.counted(&window, || store.count_findings(&query, COUNTED))?;
            (view.count, view.more) = (counted.count, counted.more);
            view.next = slice.next.as_ref().map(cursor::encode).transpose()?;
            view.findings = slice
                .rows
                .into_iter()
                .map(|row| Item::of(row, &tally.totals, &people))
                .collect();
            if let Some(number) = open {
                view.open = one::read(store, number, &asking)?.map(Box::new);
            }
            Ok(view)
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "findings/list.html")]
struct ListPage<'a> {
    frame: Frame,
    view: &'a ListView,
    address: &'a Address,
    states: &'a [Choice],
    severities: &'a [Choice],
    groups: &'a [Choice],
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame.page("Findings", Section::Findings);
        frame.query.clone_from(&self.filter.q);
        let address = Address::parse(&frame.path).without("after");
        let states = [
            ("counting", "Open"),
            ("accepted", "Accepted"),
            ("false_positive", "False positive"),
            ("fixed", "Fixed"),
            ("gone", "Source removed"),
            ("all", "All"),
        ];
        let groups = [
            ("rule", "Rule"),
            ("asset", "Asset"),
            ("owner", "Owner"),
            ("fix", "Fix"),
        ];
        ListPage {
            frame,
            view: self,
            states: &choices(&address, "state", &states),
            severities: &severities(&address, self.tally),
            groups: &choices(&address, "group", &groups),
            address: &address,
        }
        .render()
    }
}

impl ListPage<'_> {
    /// Filters that are set by links from elsewhere, with the address without them.
    fn set(&self) -> Vec<(String, String)> {
        let mut set = Vec::new();
        for (key, label) in [
            ("q", "Text"),
            ("rule", "Rule"),
            ("area", "Area"),
            ("asset", "Asset"),
            ("kind", "Kind"),
            ("source", "Source"),
            ("owner", "Owner"),
            ("assignee", "Assignee"),
            ("due", "Due"),
            ("since", "Since"),
            ("fix", "Same fix"),
            ("waiver", "Waiver"),
        ] {
            let value = self.address.get(key);
            if value.is_empty() {
                continue;
            }
            let shown = match (key, value) {
                ("fix", _) => String::new(),
                (_, "-") => "none".to_owned(),
                ("asset", _) => self
                    .view
                    .findings
                    .first()
                    .map_or_else(|| value.to_owned(), |it| it.asset_name.clone()),
                ("source", _) => self
                    .view
                    .findings
                    .first()
                    .map_or_else(|| value.to_owned(), |it| it.source_name.clone()),
                ("assignee", _) => self
                    .view
                    .people
                    .iter()
                    .find(|(id, _)| id == value)
                    .map_or_else(|| value.to_owned(), |(_, name)| name.clone()),
                _ => value.to_owned(),
            };
            let text = if shown.is_empty() {
                label.to_owned()
            } else {
                format!("{label}: {}", crate::format::shorten(&shown, 32))
            };
            set.push((text, self.address.without(key).to_string()));
        }
        set
    }

    fn said(&self) -> String {
        let count = self.view.count;
        if !self.view.groups.is_empty() {
            let groups = self.view.groups.len();
            return format!(
                "{}, {}",
                crate::format::plural(groups as u64, "group", "groups"),
                crate::format::plural(count, "finding", "findings")
            );
        }
        let shown = self.view.findings.len() as u64;
        let of = if self.view.more {
            format!("more than {}", crate::format::count(count))
        } else {
            crate::format::count(count)
        };
        format!("{} of {of}", crate::format::count(shown))
    }

    /// The address that shows a finding beside the list.
    fn beside(&self, number: &i64) -> String {
        let path = &self.frame.path;
        let mut kept: Vec<&str> = path.split_once('?').map_or_else(Vec::new, |(_, query)| {
            query
                .split('&')
                .filter(|pair| !pair.is_empty() && !pair.starts_with("open="))
                .collect()
        });
        let open = format!("open={number}");
        kept.push(&open);
        format!("/findings?{}", kept.join("&"))
    }

    fn within(&self, group: &Group) -> String {
        let key = self.view.filter.group.as_str();
        self.address
            .without("group")
            .with(key, &group.key)
            .to_string()
    }

    fn csv(&self) -> String {
        format!("/findings.csv?{}", self.query())
    }

    /// The query without the place in the list and the finding beside it.
    fn query(&self) -> String {
        let text = self.address.without("open").to_string();
        let query = text.split_once('?').map_or("", |(_, query)| query);
        query.to_owned()
    }

    fn is_open(&self, number: &i64) -> bool {
        self.view.filter.open == Some(*number)
    }

    fn may_triage(&self) -> bool {
        self.view.may_triage
    }

    fn least_expiry(&self) -> String {
        after(self.frame.now, 1)
    }

    fn usual_expiry(&self) -> String {
        after(self.frame.now, 90)
    }
}

fn severities(address: &Address, tally: [u64; 5]) -> Vec<Choice> {
    Severity::ALL
        .iter()
        .zip(tally)
        .map(|(severity, count)| Choice {
            value: severity.name().to_owned(),
            label: severity.name().to_owned(),
            count: Some(count),
            on: address.has("severity", severity.name()),
        })
        .collect()
}

fn choices(address: &Address, key: &str, values: &[(&str, &str)]) -> Vec<Choice> {
    values
        .iter()
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            count: None,
            on: address.has(key, value),
        })
        .collect()
}
