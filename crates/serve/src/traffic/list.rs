//! The list of interactions.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::{Action, Teller};
use stance_store::{Counted, Traffic as _};

use super::figures::said;
use super::filter::Filter;
use super::item::Item;
use super::span::{Back, tabs};
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::format;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, Choice};
use crate::view::{Page, View};

/// Interactions are counted up to this.
const COUNTED: u64 = 10_000;

/// Interactions that fit, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct InteractionsView {
    /// The interactions.
    interactions: Vec<Item>,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    /// Set where fewer are given than were asked for because enough was looked at: how far back that went. There may be more
    /// behind it.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    looked_back_to: Option<Timestamp>,
    /// How many fit, counted up to 10,000 among the newest that were looked at.
    total: u64,
    /// Whether there may be more than that.
    more: bool,
    /// Interactions that are kept in all, whatever the filter.
    kept: u64,
    /// When the oldest of them began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    oldest: Option<Timestamp>,
    #[serde(skip)]
    filter: Filter,
    #[serde(skip)]
    from: Option<Timestamp>,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<InteractionsView>, ApiError> {
    let query = filter.query(ask.now)?;
    let view = ask
        .db
        .read(move |store| {
            let slice = store.seen_list(&query)?;
            let total = match (query.after, slice.next) {
                // This is all.
                (None, None) => Counted {
                    count: slice.rows.len() as u64,
                    more: false,
                },
                _ => store.count_seen(&query.filter, COUNTED)?,
            };
            let size = store.traffic_size()?;
            Ok(InteractionsView {
                interactions: slice.rows.into_iter().map(Item::of).collect(),
                next: slice.next.as_ref().map(cursor::encode).transpose()?,
                looked_back_to: slice.looked,
                total: total.count,
                more: total.more,
                kept: size.rows,
                oldest: size.oldest,
                from: query.filter.from,
                filter,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "traffic/list.html")]
struct ListPage<'a> {
    frame: Frame,
    view: &'a InteractionsView,
    address: Address,
    decisions: Vec<Choice>,
    tellers: Vec<Choice>,
}

impl Page for InteractionsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Interactions", Section::Traffic);
        let address = Address::parse(&frame.path).without("after");
        ListPage {
            decisions: decisions(&address),
            tellers: tellers(&address),
            address,
            frame: frame.under("Traffic", "/traffic"),
            view: self,
        }
        .render()
    }
}

impl ListPage<'_> {
    /// Whether whoever looks may see how long things are kept.
    fn may_settings(&self) -> bool {
        !self.frame.hidden.contains(&Section::Settings)
    }

    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        tabs("/traffic/interactions", &self.view.filter.span)
    }

    /// Spans of time, of which one or none is on.
    fn spans(&self) -> Vec<(&'static str, String, bool)> {
        let filter = &self.view.filter;
        let any = self.address.without("span").without("from").without("to");
        let is_any = filter.span.is_empty() && filter.from.is_none() && filter.to.is_none();
        let mut spans = vec![("Any time", any.to_string(), is_any)];
        spans.extend(Back::ALL.into_iter().map(|back| {
            let way = any.with("span", back.name()).to_string();
            let is_on = filter.from.is_none() && filter.span == back.name();
            (back.label(), way, is_on)
        }));
        spans
    }

    /// Filters that are on or off.
    fn switches(&self) -> [(&'static str, String, bool); 3] {
        let filter = &self.view.filter;
        let stopped = filter
            .decision
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>();
        let is_stopped = stopped == ["ask", "block"] || stopped == ["block", "ask"];
        let without = self.address.without("decision");
        let stop = if is_stopped {
            without.to_string()
        } else {
            without
                .toggle("decision", "ask")
                .toggle("decision", "block")
                .to_string()
        };
        [
            ("Stopped", stop, is_stopped),
            (
                "Not judged whole",
                self.address.switch("unjudged", "true").to_string(),
                filter.unjudged,
            ),
            (
                "Went wrong",
                self.address.switch("failed", "true").to_string(),
                filter.failed,
            ),
        ]
    }

    /// Filters that are set, with the way to take each away.
    fn set(&self) -> Vec<(String, String)> {
        let filter = &self.view.filter;
        let mut set: Vec<(String, String)> = filter
            .named()
            .into_iter()
            .map(|(key, label, value)| {
                (
                    format!("{label}: {value}"),
                    self.address.without(key).to_string(),
                )
            })
            .collect();
        for (key, label, at) in [("from", "From", filter.from), ("to", "Before", filter.to)] {
            if let Some(at) = at {
                let said = format!("{label} {}", format::spoken(at));
                set.push((said, self.address.without(key).to_string()));
            }
        }
        set
    }

    /// Fields of the form that finds by name.
    fn fields(&self) -> [(&'static str, &'static str, &str); 7] {
        let filter = &self.view.filter;
        [
            ("identity", "Identity", &filter.identity),
            ("model", "Model", &filter.model),
            ("tool", "Tool", &filter.tool),
            ("rule", "Rule", &filter.rule),
            ("place", "Place", &filter.place),
            ("session", "Session", &filter.session),
            ("id", "Begin of the id", &filter.id),
        ]
    }

    /// What the form keeps and does not show.
    fn kept(&self) -> Vec<(&str, &str)> {
        let shown: Vec<&str> = self.fields().iter().map(|(key, _, _)| *key).collect();
        let mut kept = self.address.others("after");
        kept.retain(|(key, _)| !shown.contains(key));
        kept
    }

    /// Whether the span goes back farther than what is kept.
    fn is_cut(&self) -> bool {
        match (self.view.from, self.view.oldest) {
            (Some(from), Some(oldest)) => from < oldest,
            _ => false,
        }
    }

    fn csv(&self) -> String {
        let text = self.address.to_string();
        let query = text.split_once('?').map_or("", |(_, query)| query);
        format!("/traffic/interactions.csv?{query}")
    }

    /// Live only at its head: what is behind does not move.
    fn live(&self) -> &'static str {
        match self.view.filter.after.as_str() {
            "" => "traffic",
            _ => "",
        }
    }

    fn said(&self) -> String {
        let shown = self.view.interactions.len() as u64;
        match self.view.looked_back_to {
            Some(at) => format!(
                "{} so far; looked back to {}, older ones come next",
                format::plural(shown, "interaction", "interactions"),
                format::spoken(at)
            ),
            None if self.view.total <= shown && !self.view.more => {
                format::plural(shown, "interaction", "interactions")
            }
            None => {
                let more = if self.view.more { " and more" } else { "" };
                format!(
                    "{} of {}{more}",
                    format::count(shown),
                    format::plural(self.view.total, "interaction", "interactions")
                )
            }
        }
    }
}

fn decisions(address: &Address) -> Vec<Choice> {
    Action::ALL
        .into_iter()
        .rev()
        .map(|action| Choice {
            value: action.name().to_owned(),
            label: said(action).to_owned(),
            count: None,
            on: address.has("decision", action.name()),
        })
        .collect()
}

fn tellers(address: &Address) -> Vec<Choice> {
    let name = |teller| match teller {
        Teller::Gateway => "the gateway",
        Teller::McpProxy => "an MCP proxy",
        Teller::Telemetry => "telemetry",
    };
    Teller::ALL
        .into_iter()
        .map(|teller| Choice {
            value: teller.name().to_owned(),
            label: name(teller).to_owned(),
            count: None,
            on: address.has("teller", teller.name()),
        })
        .collect()
}
