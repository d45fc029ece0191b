//! The page of one rule.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::{Estate as _, FindingQuery, Window};

use crate::ask::{Ask, Path};
use crate::error::ApiError;
use crate::findings::Item as Finding;
use crate::frame::{Frame, Section};
use crate::people::People;
use crate::rule::RuleText;
use crate::view::{Page, View};

/// Findings of the page.
const FINDINGS: usize = 20;

/// A rule, and what of it is open.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RuleView {
    /// What it says.
    rule: RuleText,
    /// How bad its findings are unless one says otherwise; nothing for rules that this version does not have.
    severity: Option<String>,
    /// An example, in Markdown.
    example: String,
    /// Where to read on, in Markdown.
    references: String,
    /// Its open findings, the worst first; at most 20.
    findings: Vec<Finding>,
    /// How many there are, counted up to 10,000.
    open_findings: u64,
}

pub(super) async fn show(
    ask: Ask,
    Path((area, name)): Path<(String, String)>,
) -> Result<View<RuleView>, ApiError> {
    let id = format!("{area}/{name}");
    let view = ask
        .db
        .read(move |store| {
            let totals = store.tally()?.totals;
            let people = People::all(store)?;
            let query = FindingQuery {
                rule: Some(id.clone()),
                ..FindingQuery::default()
            };
            let rows = store.findings(&query, &Window::first(FINDINGS))?.rows;
            let entry = stance_rules::find(&id);
            if entry.is_none() && rows.is_empty() {
                return Err(ApiError::not_found(format_args!("rule {id}")));
            }
            let doc = entry.map(|entry| entry.meta.doc());
            let section = |heading: &str| {
                doc.as_ref()
                    .map(|doc| doc.section(heading).trim().to_owned())
                    .unwrap_or_default()
            };
            Ok(RuleView {
                rule: RuleText::of(&id),
                severity: entry.map(|entry| entry.meta.severity.to_string()),
                example: section("Example"),
                references: section("References"),
                open_findings: store.count_findings(&query, 10_000)?.count,
                findings: rows
                    .into_iter()
                    .map(|row| Finding::of(row, &totals, &people))
                    .collect(),
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "rules/one.html")]
struct OnePage<'a> {
    frame: Frame,
    view: &'a RuleView,
}

impl Page for RuleView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(
                crate::format::shorten(&self.rule.title, 160),
                Section::Findings,
            )
            .under("Findings", "/findings")
            .under("Rules", "/rules");
        OnePage { frame, view: self }.render()
    }
}
