//! The list of work, for those who run the service.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_store::JobId;
use stance_store::jobs::{Job, JobFilter, JobState, Jobs as _};

use crate::ask::{Ask, Path, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, one_of};
use crate::record::Teller;
use crate::route::{Routes, action, view};
use crate::view::{Done, Page, View};

/// Rows of a page.
const PAGE: usize = 50;

pub(crate) fn routes() -> Routes {
    Routes::of("Jobs")
        .add(
            view("/jobs", Permission::SettingsRead, list)
                .about("Jobs", "What the service does by itself, the latest first.")
                .query::<Filter>()
                .gives::<ListView>(),
        )
        .add(
            action("/jobs/{id}/cancel", Permission::SettingsManage, cancel)
                .about(
                    "Stop a job",
                    "One that waits ends at once, one that runs is told to stop; its run ends with it.",
                )
                .gives::<JobView>(),
        )
}

/// Which jobs.
#[derive(Debug, Deserialize, JsonSchema)]
struct Filter {
    /// In this state only: `waiting`, `running`, `done`, `failed` or `cancelled`.
    #[serde(default)]
    state: Option<String>,
    /// Of this kind only.
    #[serde(default)]
    kind: Option<String>,
    /// Behind the page before: the cursor that it gave as `next`.
    #[serde(default)]
    after: Option<String>,
}

/// Jobs, the latest first.
#[derive(Debug, Serialize, JsonSchema)]
struct ListView {
    /// The jobs of this page.
    jobs: Vec<JobView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    may_stop: bool,
}

/// A job.
#[derive(Debug, Serialize, JsonSchema)]
struct JobView {
    /// Its number.
    id: i64,
    /// What is done.
    kind: String,
    /// What it is about.
    body: serde_json::Value,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// How often it was started, and how often it is at most.
    attempts: u32,
    max_attempts: u32,
    /// When it was asked for.
    created: Timestamp,
    /// When it may start.
    not_before: Timestamp,
    /// When it was last started.
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished: Option<Timestamp>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<serde_json::Value>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The worker that does it, or did last.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    /// Whether somebody wants it to stop.
    stopping: bool,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.0,
            stopping: job.cancel && !job.state.is_final(),
            kind: job.kind,
            body: job.body,
            state: job.state.name(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            created: job.created,
            not_before: job.not_before,
            started: job.started,
            finished: job.finished,
            progress: job.progress,
            error: job.error,
            worker: job.worker,
        }
    }
}

impl JobView {
    /// The page of what it is about.
    fn href(&self) -> String {
        let number = |name: &str| self.body.get(name).and_then(serde_json::Value::as_i64);
        match (number("run"), number("delivery")) {
            (Some(run), _) => format!("/runs/{run}"),
            (None, Some(delivery)) => format!("/settings/notifications/deliveries/{delivery}"),
            (None, None) => format!("/jobs?kind={}", self.kind),
        }
    }

    fn is_unfinished(&self) -> bool {
        self.finished.is_none()
    }

    fn tone(&self) -> &'static str {
        match self.state {
            "done" => "good",
            "failed" => "bad",
            "running" => "running",
            _ => "muted",
        }
    }

    fn title(&self) -> &'static str {
        match self.kind.as_str() {
            super::SCAN => "Look at a source",
            super::INGEST => "Take in a pushed document",
            super::PRUNE => "Forget what is old",
            super::end_requests::KIND => "End accepted risks and requests that ran out",
            super::remind::KIND => "Find what is overdue or ends soon",
            super::runtime::KIND => "Make findings of what was found at run time",
            super::GATHER => "Write messages",
            super::DELIVER => "Deliver a message",
            super::measure::KIND => "Measure the figures of the day",
            crate::deadlines::REDATE => "Work out due dates anew",
            _ => "Other work",
        }
    }

    fn seconds(&self) -> Option<f64> {
        let (started, finished) = self.started.zip(self.finished)?;
        Some(finished.duration_since(started).as_secs_f64().max(0.0))
    }
}

async fn list(ask: Ask, Query(filter): Query<Filter>) -> Result<View<ListView>, ApiError> {
    let state = one_of(
        "state",
        filter.state.as_deref(),
        JobState::ALL,
        JobState::name,
    )?;
    let before: Option<i64> = filter.after.as_deref().map(cursor::decode).transpose()?;
    let wanted = JobFilter {
        state,
        kind: filter.kind,
        before: before.map(JobId),
        limit: PAGE + 1,
    };
    let mut found = ask.db.read(move |store| Ok(store.jobs(&wanted)?)).await?;
    let next = cursor::cut(&mut found, PAGE, |last| last.id.0)?;
    Ok(View(ListView {
        jobs: found.into_iter().map(JobView::from).collect(),
        next,
        may_stop: ask.who.may(Permission::SettingsManage),
    }))
}

async fn cancel(ask: Ask, Path(id): Path<i64>) -> Result<Done<JobView>, ApiError> {
    let (teller, id, now) = (Teller::of(&ask), JobId(id), ask.now);
    let job = ask
        .db
        .write(move |store| {
            let before = store.job(id)?;
            if !before.state.is_final() {
                store.cancel_job(id, now)?;
                let detail = json!({"kind": before.kind});
                teller.tell(store, "job.cancel", "job", id.0, detail)?;
            }
            Ok(store.job(id)?)
        })
        .await?;
    ask.bell.ring();
    Ok(Done::to("/jobs", JobView::from(job)).notice("The job is stopped, or being stopped."))
}

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct ListPage<'a> {
    address: Address,
    frame: Frame,
    view: &'a ListView,
    states: [&'static str; 5],
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Jobs", Section::Sources)
            .under("Sources", "/sources");
        ListPage {
            address: Address::parse(&frame.path),
            frame,
            view: self,
            states: JobState::ALL.map(JobState::name),
        }
        .render()
    }
}
