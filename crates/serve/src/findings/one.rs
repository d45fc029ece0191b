//! The page of one finding.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::evidence::Locus;
use stance_store::{Estate as _, FindingNumber, Sqlite, Waiver};

use super::item::Item;
use crate::ask::{Ask, Path};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Line;
use crate::people::People;
use crate::requests::{AskedView, Asking};
use crate::rule::RuleText;
use crate::view::{Page, View};

/// All that is known of a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FindingView {
    /// What lists show.
    pub(super) finding: Item,
    /// The places, the main one first, with what was seen there.
    pub(super) evidence: Vec<Place>,
    /// What else was seen, one sentence each.
    pub(super) notes: Vec<String>,
    /// What to do about this one, where it is more exact than the rule's own fix.
    pub(super) fix: Option<String>,
    /// Why it does not count, as the scanned tree says.
    pub(super) status_reason: Option<String>,
    /// What the rule says.
    pub(super) rule: RuleText,
    /// The waiver that accepts it, or asks to.
    pub(super) waiver: Option<WaiverView>,
    /// How often it came back.
    pub(super) reopened: u64,
    /// What became of it, the latest first.
    pub(super) history: Vec<Moment>,
    #[serde(skip)]
    pub(super) people: Vec<(String, String)>,
    #[serde(skip)]
    pub(super) may_triage: bool,
}

impl FindingView {
    /// Whether somebody asked to accept it, and nobody decided yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiver.as_ref().is_some_and(|it| it.asked.waits())
    }
}

/// A place, and what was seen there.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// File, and line or offset.
    pub(super) place: String,
    /// What stands there, redacted.
    pub(super) excerpt: String,
    #[serde(skip)]
    pub(super) lines: Vec<Line>,
}

impl Place {
    /// Whether it is a list of interactions, which is a page of this service.
    pub(super) fn is_traffic(&self) -> bool {
        self.place.starts_with("/traffic/interactions?")
    }
}

/// A risk that is accepted, or that somebody asks to accept.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WaiverView {
    #[serde(flatten)]
    pub(crate) asked: AskedView,
    /// For how many findings.
    pub(crate) findings: u64,
}

impl WaiverView {
    pub(crate) fn of(waiver: Waiver, people: &People, asking: &Asking) -> Self {
        Self {
            asked: AskedView::of(waiver.number, waiver.asked, people, asking),
            findings: waiver.findings,
        }
    }
}

/// Something that happened to a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Moment {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// Who, or a scan.
    pub(crate) who: String,
    /// What they did.
    pub(crate) what: String,
    /// What they said.
    pub(crate) text: Option<String>,
    /// good, bad or nothing: how it is shown.
    #[serde(skip)]
    pub(crate) class: &'static str,
}

pub(super) async fn show(ask: Ask, Path(number): Path<i64>) -> Result<View<FindingView>, ApiError> {
    let asking = Asking::of(&ask);
    let found = ask
        .db
        .read(move |store| read(store, number, &asking))
        .await?;
    found
        .map(View)
        .ok_or_else(|| ApiError::not_found(format_args!("finding {number}")))
}

/// Reads all that the page of a finding shows.
pub(super) fn read(
    store: &Sqlite,
    number: i64,
    asking: &Asking,
) -> Result<Option<FindingView>, ApiError> {
    let Some(detail) = store.finding(FindingNumber(number))? else {
        return Ok(None);
    };
    let tally = store.tally()?;
    let people = People::all(store)?;
    let history = super::history::of(store, &detail, &people)?;
    let finding = &detail.finding;
    let evidence = std::iter::once(&finding.evidence)
        .chain(&finding.more_evidence)
        .map(|it| {
            let first = match it.locus {
                Locus::Line { line, .. } => u64::from(line),
                Locus::File | Locus::Bytes { .. } => 0,
            };
            let excerpt = it.excerpt.to_string();
            let hit = first..=first;
            Place {
                place: it.place(),
                lines: if excerpt.is_empty() {
                    Vec::new()
                } else {
                    crate::parts::excerpt(&excerpt, first, hit)
                },
                excerpt,
            }
        })
        .collect();
    let rule = RuleText::of(&detail.row.rule);
    // The words of the rule, perhaps in lines of another length, are said once.
    let own = |fix: &String| !fix.split_whitespace().eq(rule.fix.split_whitespace());
    let fix = finding.fix.clone().filter(own);
    Ok(Some(FindingView {
        evidence,
        notes: finding.notes.clone(),
        fix,
        status_reason: finding.status_reason.clone(),
        rule,
        waiver: detail.waiver.map(|it| WaiverView::of(it, &people, asking)),
        reopened: detail.reopened,
        history,
        people: people.choices(),
        may_triage: asking.may_ask,
        finding: Item::of(detail.row, &tally.totals, &people),
    }))
}

#[derive(Template)]
#[template(path = "findings/one.html")]
struct OnePage<'a> {
    frame: Frame,
    view: &'a FindingView,
}

impl Page for FindingView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(self.finding.message.replace('`', ""), Section::Findings)
            .under("Findings", "/findings");
        OnePage { frame, view: self }.render()
    }
}

impl OnePage<'_> {
    fn usual_expiry(&self) -> String {
        crate::requests::after(self.frame.now, 90)
    }
}
