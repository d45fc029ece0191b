//! The overview: how we stand, what moved it, what to do first.

mod page;
mod read;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Estate as _;

use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::compliance::Summary;
use crate::error::ApiError;
use crate::findings::Item;
use crate::note::note;
use crate::objectives::Figure;
use crate::route::{Routes, view};
use crate::view::View;

pub(crate) fn routes() -> Routes {
    Routes::of("Overview").add(
        view("/", Permission::EstateRead, show)
            .api_path("/overview")
            .about(
                "Overview",
                "The posture score with its interval, its history and what moved it; open findings; what to fix first; \
                 what is new since the last visit; figures with their targets; controls by framework.",
            )
            .query::<Span>()
            .gives::<Overview>(),
    )
}

/// How far back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Span {
    /// Days, 1 to 730; 14 if not given.
    days: Option<u32>,
}

/// How the estate stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Overview {
    /// The posture score; none before anything was seen.
    score: Option<Score>,
    /// How it stood, the oldest first.
    history: Vec<Point>,
    /// By how many points it moved in the span.
    moved: Option<f64>,
    /// What moved it most, the largest first.
    movements: Vec<Movement>,
    /// Open findings: critical, high, medium, low, info.
    findings: [u64; 5],
    /// Open findings by area of rules, the most first.
    areas: Vec<Area>,
    /// Findings whose due date is over.
    overdue: u64,
    /// Assets that are there.
    assets: u64,
    /// Of these, those with an owner, counted up to 10,000 of each.
    owned: Option<f64>,
    /// What was looked at.
    coverage: Coverage,
    /// What gives the score most back, the most first.
    first: Vec<Item>,
    /// What is new since the last visit.
    news: News,
    /// Figures with targets, as of the last measure.
    objectives: Vec<Figure>,
    /// Frameworks of which something is known, with how many controls are in each state, the least met first.
    frameworks: Vec<Summary>,
    /// How many frameworks there are in all.
    all_frameworks: usize,
    /// How many days back the history goes.
    days: u32,
}

/// The posture score, 0 to 100, with its interval.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(super) struct Score {
    /// The score.
    value: f64,
    /// The least that it can be: what was not looked at is lost.
    lower: f64,
    /// The most that it can be: what was not looked at is as good as what is known of it.
    upper: f64,
}

/// The score at a time.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(super) struct Point {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
    /// The score and its interval.
    #[serde(flatten)]
    score: Score,
}

/// What an asset moved the score by.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Movement {
    /// Points; above 0 is better.
    value: f64,
    /// Why, in words.
    what: String,
    /// Number of the asset.
    asset: i64,
    /// What people call the asset.
    asset_name: String,
    /// Number of the finding that did most.
    finding: Option<i64>,
    /// What it says.
    message: Option<String>,
}

/// Open findings of an area of rules.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Area {
    /// The area.
    area: String,
    /// Critical, high, medium, low, info.
    findings: [u64; 5],
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(super) struct Coverage {
    /// Sources that are looked at.
    sources: u64,
    /// Those whose last look failed.
    failing: u64,
    /// Those at which nobody looked yet.
    unseen: u64,
    /// Files that the last looks met.
    files: u64,
    /// Of these, what was left out or not judged.
    left_out: u64,
    /// When a source was last looked at.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last_scan: Option<Timestamp>,
    /// Which part of the importance was not seen, 0 to 1.
    unscanned: f64,
}

/// What is new since somebody last looked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct News {
    /// Since when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    since: Timestamp,
    /// Whether that is the last visit; otherwise it is the beginning of the span.
    visit: bool,
    /// New findings that are open, counted up to 10,000.
    findings: u64,
    /// New assets, counted up to 10,000.
    assets: u64,
    /// Changes that wait for a decision, seen since then.
    changes: u64,
    /// Of these, those that weaken.
    weakening: u64,
    /// Waivers that wait for a decision.
    waivers: u64,
}

async fn show(ask: Ask, Query(span): Query<Span>) -> Result<View<Overview>, ApiError> {
    let days = span.days.unwrap_or(14);
    if !(1..=730).contains(&days) {
        return Err(ApiError::invalid("days", "1 to 730"));
    }
    let now = ask.now;
    let person = ask.who.person().filter(|_| !ask.request.api);
    let person = person.map(|_| ask.who.name());
    let looked = person.clone();
    let app = ask.app().clone();
    let overview = ask
        .db
        .read(move |store| {
            let visited = match &looked {
                Some(person) => store.last_visit(person, now)?,
                None => None,
            };
            let standing = app.standing.standing(store, now)?;
            read::overview(store, &standing, days, visited, now)
        })
        .await?;
    if let Some(person) = person {
        note(ask.app(), &format!("visit:{person}"), now, move |store| {
            store.visit(&person, now)?;
            Ok(())
        })
        .await;
    }
    Ok(View(overview))
}
