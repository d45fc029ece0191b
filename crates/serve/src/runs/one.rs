//! One run.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stance_store::RunNumber;
use stance_store::sources::Sources as _;

use super::view::RunView;
use crate::ask::{Ask, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::record::Teller;
use crate::view::{Done, Page, View};

/// A run, with what the scanner wrote.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneView {
    #[serde(flatten)]
    run: RunView,
    /// The last lines that the scanner wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(skip)]
    may_stop: bool,
}

pub(super) async fn show(ask: Ask, Path(id): Path<i64>) -> Result<View<OneView>, ApiError> {
    let id = RunNumber(id);
    let (run, log) = ask
        .db
        .read(move |store| Ok((store.run(id)?, store.run_log(id)?)))
        .await?;
    Ok(View(OneView {
        run: RunView::from(run),
        log,
        may_stop: ask.who.may(Permission::SourcesRun),
    }))
}

pub(super) async fn cancel(ask: Ask, Path(id): Path<i64>) -> Result<Done<RunView>, ApiError> {
    let (teller, id, now) = (Teller::of(&ask), RunNumber(id), ask.now);
    let run = ask
        .db
        .write(move |store| {
            let before = store.run(id)?;
            if !before.state.is_final() {
                store.cancel_run(id, now)?;
                let detail = json!({"source": before.source.0});
                teller.tell(store, "run.cancel", "run", id, detail)?;
            }
            Ok(store.run(id)?)
        })
        .await?;
    ask.bell.ring();
    let view = RunView::from(run);
    let notice = match view.state {
        "cancelled" => "The run was stopped.",
        "running" | "queued" => "The run is being stopped.",
        _ => "The run had ended already.",
    };
    Ok(Done::to(format!("/runs/{}", view.id), view).notice(notice))
}

#[derive(Template)]
#[template(path = "runs/one.html")]
struct RunPage<'a> {
    frame: Frame,
    view: &'a OneView,
}

impl Page for OneView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(format!("Run {}", self.run.id), Section::Sources)
            .under("Sources", "/sources")
            .under(
                self.run.source_name.clone(),
                format!("/sources/{}", self.run.source),
            );
        RunPage { frame, view: self }.render()
    }
}

impl RunPage<'_> {
    /// What the scanner wrote, line by line.
    fn lines(&self) -> Vec<(usize, &str)> {
        let log = self.view.log.as_deref().unwrap_or_default();
        log.lines()
            .enumerate()
            .map(|(number, line)| (number + 1, line))
            .collect()
    }
}
