//! All sources.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::SourceNumber;
use stance_store::sources::{SourceFilter, SourceKind, Sources as _};

use super::view::SourceView;
use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::{Address, Choice};
use crate::view::{Page, View};

/// Rows of a page.
const PAGE: usize = 50;

/// Which sources.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filter {
    /// Of this kind only: `directory`, `git`, `bom`, `logs`, `host` or `push`.
    #[serde(default)]
    kind: Option<String>,
    /// With this in their name or place only.
    #[serde(default)]
    q: Option<String>,
    /// Those that were removed, instead of the others.
    #[serde(default)]
    removed: Option<bool>,
    /// Behind the page before: the cursor that it gave as `next`.
    #[serde(default)]
    after: Option<String>,
}

/// Sources in order of name.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListView {
    /// The sources of this page.
    sources: Vec<SourceView>,
    /// How many there are in all that were not removed.
    total: u64,
    /// Runs that wait for a worker.
    queued: u64,
    /// Runs that are under way.
    running: u64,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    may_manage: bool,
    #[serde(skip)]
    may_run: bool,
    #[serde(skip)]
    may_see_jobs: bool,
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<ListView>, ApiError> {
    let kind = filter.kind.as_deref().map(kind_of).transpose()?;
    let after: Option<(String, i64)> = filter.after.as_deref().map(cursor::decode).transpose()?;
    let filter = SourceFilter {
        kind,
        text: filter.q.map(|text| text.chars().take(200).collect()),
        removed: filter.removed.unwrap_or_default(),
        after: after.map(|(name, id)| (name, SourceNumber(id))),
        limit: PAGE + 1,
    };
    let (mut found, total, (queued, running)) = ask
        .db
        .read(move |store| {
            Ok((
                store.sources(&filter)?,
                store.count_sources()?,
                store.unfinished_runs()?,
            ))
        })
        .await?;
    let next = cursor::cut(&mut found, PAGE, |last| {
        (last.source.settings.name.clone(), last.source.id.0)
    })?;
    Ok(View(ListView {
        sources: found
            .into_iter()
            .map(|status| SourceView::of(status, ask.now))
            .collect(),
        total,
        queued,
        running,
        next,
        may_manage: ask.who.may(Permission::SourcesManage),
        may_run: ask.who.may(Permission::SourcesRun),
        may_see_jobs: ask.who.may(Permission::SettingsRead),
    }))
}

/// A kind that somebody named.
pub(super) fn kind_of(name: &str) -> Result<SourceKind, ApiError> {
    SourceKind::named(name).ok_or_else(|| {
        let names: Vec<&str> = SourceKind::ALL.iter().map(|kind| kind.name()).collect();
        ApiError::invalid("kind", format!("one of {}", names.join(", ")))
    })
}

#[derive(Template)]
#[template(path = "sources/list.html")]
struct ListPage<'a> {
    now: Timestamp,
    kinds: Vec<Choice>,
    address: Address,
    frame: Frame,
    view: &'a ListView,
}

impl Page for ListView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Sources", Section::Sources);
        let address = Address::parse(&frame.path);
        ListPage {
            now: frame.now,
            kinds: SourceKind::ALL
                .into_iter()
                .map(|kind| Choice {
                    value: kind.name().to_owned(),
                    label: crate::format::title(kind.name()),
                    count: None,
                    on: address.has("kind", kind.name()),
                })
                .collect(),
            address,
            frame,
            view: self,
        }
        .render()
    }
}

impl ListPage<'_> {
    /// Whether a filter hides some.
    fn is_filtered(&self) -> bool {
        ["kind", "q", "removed", "after"]
            .iter()
            .any(|key| !self.address.get(key).is_empty())
    }

    /// The kinds as chips: one of them at a time.
    fn chip(&self, choice: &Choice) -> String {
        if choice.on {
            self.address.without("kind").to_string()
        } else {
            self.address.with("kind", &choice.value).to_string()
        }
    }
}
