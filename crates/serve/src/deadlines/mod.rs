//! Deadlines: until when findings have to be fixed, by severity.

use askama::Template;
use axum::http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_core::Severity;
use stance_core::due::Deadlines;
use stance_store::jobs::{JobFilter, Jobs as _, NewJob};
use stance_store::{Estate as _, FindingQuery, Objectives as _, Sqlite};

use crate::ask::{Ask, Input};
use crate::auth::Permission;
use crate::error::{ApiError, FieldError};
use crate::frame::{Frame, Section};
use crate::record::Teller;
use crate::route::{Routes, action, view};
use crate::view::{Done, Page, View};

/// The kind of the job that works out due dates anew.
pub(crate) const REDATE: &str = "redate";

const PAGE: &str = "/settings/deadlines";

pub(crate) fn routes() -> Routes {
    let (see, change) = (Permission::SettingsRead, Permission::SettingsManage);
    Routes::of("Deadlines")
        .add(
            view(PAGE, see, show)
                .api_path("/deadlines")
                .about(
                    "Deadlines",
                    "Days until a finding has to be fixed, by severity.",
                )
                .gives::<DeadlinesView>(),
        )
        .add(
            action(PAGE, change, set)
                .api(Method::PUT, "/deadlines")
                .about(
                    "Set deadlines",
                    "Sets days until a finding has to be fixed. Due dates of open findings are worked out anew by a job.",
                )
                .takes::<NewDeadlines>()
                .gives::<DeadlinesView>(),
        )
}

/// Deadlines as they are set.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeadlinesView {
    /// By severity, the worst first.
    severities: Vec<Deadline>,
    /// Whether due dates of open findings are being worked out anew.
    redating: bool,
    #[serde(skip)]
    may_change: bool,
}

/// The deadline of a severity.
#[derive(Debug, Serialize, JsonSchema)]
struct Deadline {
    /// The severity.
    severity: &'static str,
    /// Days from when a finding is opened, or reopened, to its last day.
    days: u16,
    /// Days by default.
    default_days: u16,
    /// Open findings.
    open: u64,
    /// Of these, those that are overdue: at least as many, exactly below 10,000.
    overdue: u64,
}

/// Days until a finding has to be fixed, 1 to 3,650.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDeadlines {
    /// Days for critical ones.
    #[schemars(range(min = 1, max = 3650))]
    critical: u16,
    /// Days for high ones.
    #[schemars(range(min = 1, max = 3650))]
    high: u16,
    /// Days for medium ones.
    #[schemars(range(min = 1, max = 3650))]
    medium: u16,
    /// Days for low ones.
    #[schemars(range(min = 1, max = 3650))]
    low: u16,
}

impl NewDeadlines {
    fn checked(self) -> Result<Deadlines, ApiError> {
        let all = [
            ("critical", self.critical),
            ("high", self.high),
            ("medium", self.medium),
            ("low", self.low),
        ];
        let mut wrong: Vec<FieldError> = all
            .iter()
            .filter(|(_, days)| !(1..=3650).contains(days))
            .map(|(field, _)| FieldError {
                field: (*field).to_owned(),
                message: "1 to 3650 days".to_owned(),
            })
            .collect();
        for ((_, worse), (field, days)) in all.iter().zip(all.iter().skip(1)) {
            if wrong.is_empty() && days < worse {
                wrong.push(FieldError {
                    field: (*field).to_owned(),
                    message: "no sooner than what is worse".to_owned(),
                });
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::invalid_fields(wrong));
        }
        Ok(Deadlines {
            critical: self.critical,
            high: self.high,
            medium: self.medium,
            low: self.low,
        })
    }
}

/// Overdue findings are counted up to this.
const COUNTED: u64 = 10_000;

fn seen(store: &Sqlite, now: jiff::Timestamp, may_change: bool) -> Result<DeadlinesView, ApiError> {
    let set = store.deadlines()?;
    let open = store.tally()?.findings;
    let worst_first = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];
    let mut severities = Vec::new();
    for (severity, open) in worst_first.into_iter().zip(open) {
        let overdue = FindingQuery {
            severities: vec![severity],
            due_before: Some(now),
            ..FindingQuery::default()
        };
        severities.push(Deadline {
            severity: severity.name(),
            days: set.days(severity).unwrap_or_default(),
            default_days: Deadlines::default().days(severity).unwrap_or_default(),
            open,
            overdue: store.count_findings(&overdue, COUNTED)?.count,
        });
    }
    let last = store.jobs(&JobFilter {
        kind: Some(REDATE.to_owned()),
        limit: 1,
        ..JobFilter::default()
    })?;
    Ok(DeadlinesView {
        severities,
        redating: last.first().is_some_and(|job| !job.state.is_final()),
        may_change,
    })
}

async fn show(ask: Ask) -> Result<View<DeadlinesView>, ApiError> {
    let (now, may_change) = (ask.now, ask.who.may(Permission::SettingsManage));
    let view = ask
        .db
        .read(move |store| seen(store, now, may_change))
        .await?;
    Ok(View(view))
}

async fn set(ask: Ask, Input(new): Input<NewDeadlines>) -> Result<Done<DeadlinesView>, ApiError> {
    let deadlines = new.checked()?;
    let (teller, now) = (Teller::of(&ask), ask.now);
    let (changed, view) = ask
        .db
        .write(move |store| {
            let before = store.deadlines()?;
            let changed = before != deadlines;
            if changed {
                store.set_deadlines(&deadlines)?;
                let detail = json!({ "before": before, "after": deadlines });
                teller.tell(store, "deadlines.set", "deadlines", "findings", detail)?;
                // One job for each set of deadlines: those that are set while a job runs ask for another one.
                let Deadlines {
                    critical,
                    high,
                    medium,
                    low,
                } = deadlines;
                let key = format!("{critical}/{high}/{medium}/{low}");
                let job = NewJob {
                    lane: Some(REDATE),
                    ..NewJob::new(REDATE, json!({})).once(&key)
                };
                store.enqueue(&job, now)?;
            }
            Ok((changed, seen(store, now, true)?))
        })
        .await?;
    ask.bell.ring();
    let notice = if changed {
        "The deadlines are set. Due dates of open findings follow in a moment."
    } else {
        "The deadlines are as they were."
    };
    Ok(Done::to(PAGE, view).notice(notice))
}

#[derive(Template)]
#[template(path = "settings/deadlines.html")]
struct DeadlinesPage<'a> {
    frame: Frame,
    view: &'a DeadlinesView,
}

impl Page for DeadlinesView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Deadlines", Section::Settings);
        DeadlinesPage { frame, view: self }.render()
    }
}
