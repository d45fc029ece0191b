//! All runs.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::sources::{RunFilter, RunState, Sources as _};
use stance_store::{RunNumber, SourceNumber};

use super::view::RunView;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, one_of};
use crate::view::{Page, View};

/// Rows of a page.
const PAGE: usize = 50;

/// Which runs.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filter {
    /// Of this source only.
    #[serde(default)]
    source: Option<i64>,
    /// In this state only: `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    #[serde(default)]
    state: Option<String>,
    /// Behind the page before: the cursor that it gave as `next`.
    #[serde(default)]
    after: Option<String>,
}

/// Runs, the latest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListView {
    /// The runs of this page.
    runs: Vec<RunView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The source whose runs these are, where it is one.
    #[serde(skip)]
    of: Option<(i64, String)>,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ListView>, ApiError> {
    let state = one_of(
        "state",
        filter.state.as_deref(),
        RunState::ALL,
        RunState::name,
    )?;
    let before: Option<i64> = filter.after.as_deref().map(cursor::decode).transpose()?;
    let source = filter.source.map(SourceNumber);
    let wanted = RunFilter {
        source,
        state,
        before: before.map(RunNumber),
        limit: PAGE + 1,
    };
    let (mut found, of) = ask
        .db
        .read(move |store| {
            let of = match source {
                Some(source) => {
                    let known = store.source(source)?.source;
                    Some((known.id.0, known.settings.name))
                }
                None => None,
            };
            Ok((store.runs(&wanted)?, of))
        })
        .await?;
    let next = cursor::cut(&mut found, PAGE, |last| last.id.0)?;
    Ok(View(ListView {
        runs: found.into_iter().map(RunView::from).collect(),
        next,
        of,
    }))
}

#[derive(Template)]
#[template(path = "runs/list.html")]
struct ListPage<'a> {
    address: Address,
    frame: Frame,
    view: &'a ListView,
    states: [&'static str; 5],
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.under("Sources", "/sources");
        let (frame, title) = match &self.of {
            Some((id, name)) => (
                frame.under(name.clone(), format!("/sources/{id}")),
                format!("Runs of {name}"),
            ),
            None => (frame, "Runs".to_owned()),
        };
        let frame = frame.page(title, Section::Sources);
        ListPage {
            address: Address::parse(&frame.path),
            frame,
            view: self,
            states: RunState::ALL.map(RunState::name),
        }
        .render()
    }
}
