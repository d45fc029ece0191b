//! The log in slices, and how far it is signed.

use std::path::Path;

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::Sqlite;
use stance_store::audit::{AuditKey, AuditLog as _};

use super::filter::Filter;
use super::line::Line;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::Address;
use crate::people::People;
use crate::view::{Page, View};

/// A slice of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogView {
    /// The entries, the newest first.
    entries: Vec<Line>,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    /// Where the log stands.
    status: Status,
    #[serde(skip)]
    filter: Filter,
    #[serde(skip)]
    people: Vec<(String, String)>,
}

/// Where the log stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Status {
    /// Names the log among all others.
    pub(crate) origin: String,
    /// How many entries there are.
    pub(crate) entries: u64,
    /// How many of them the last checkpoint covers.
    pub(crate) signed: Option<u64>,
    /// When it was signed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) signed_at: Option<Timestamp>,
    /// SHA-256 of the public key that signs.
    pub(crate) key: Option<String>,
}

impl Status {
    pub(crate) fn read(store: &Sqlite, directory: &Path) -> Result<Self, ApiError> {
        let status = store.audit_status()?;
        let key = AuditKey::public(directory)?;
        Ok(Self {
            origin: status.origin,
            entries: status.size,
            signed: status.checkpoint.as_ref().map(|it| it.size),
            signed_at: status.checkpoint.map(|it| it.at),
            key: key.map(|key| key.fingerprint()),
        })
    }

    fn waiting(&self) -> u64 {
        self.entries.saturating_sub(self.signed.unwrap_or_default())
    }
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<LogView>, ApiError> {
    let query = filter.query()?;
    let limit = filter.limit()?;
    let directory = ask.settings.data_dir.clone();
    let view = ask
        .db
        .read(move |store| {
            let people = People::all(store)?;
            let mut found = store.audit_entries(&query, limit + 1)?;
            Ok(LogView {
                next: cursor::cut(&mut found, limit, |entry| entry.seq)?,
                entries: found.iter().map(|it| Line::of(it, &people)).collect(),
                status: Status::read(store, &directory)?,
                people: people.choices(),
                filter,
            })
        })
        .await?;
    Ok(View(view))
}

/// What people ask for: area of actions, and its name.
const AREAS: [(&str, &str); 12] = [
    ("finding", "Findings"),
    ("waiver", "Accepted risks"),
    ("change", "Changes"),
    ("expected_change", "Announced changes"),
    ("asset", "Assets"),
    ("source", "Sources"),
    ("run", "Runs"),
    ("session", "Sessions"),
    ("user", "People"),
    ("token", "Tokens"),
    ("job", "Jobs"),
    ("audit", "This log"),
];

#[derive(Template)]
#[template(path = "audit/list.html")]
struct LogPage<'a> {
    frame: Frame,
    view: &'a LogView,
    status: &'a Status,
    address: Address,
}

impl Page for LogView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Audit log", Section::Audit);
        LogPage {
            address: Address::parse(&frame.path).without("after"),
            frame,
            view: self,
            status: &self.status,
        }
        .render()
    }
}

impl LogPage<'_> {
    fn areas(&self) -> Vec<(&'static str, &'static str, bool)> {
        AREAS
            .into_iter()
            .map(|(key, name)| (key, name, self.view.filter.action == key))
            .collect()
    }

    fn people(&self) -> Vec<(&str, &str, bool)> {
        self.view
            .people
            .iter()
            .map(|(id, name)| (id.as_str(), name.as_str(), *id == self.view.filter.actor))
            .collect()
    }

    fn since(&self) -> &str {
        &self.view.filter.since
    }

    fn until(&self) -> &str {
        &self.view.filter.until
    }

    /// Filters that the form keeps and does not show.
    fn kept(&self) -> [(&'static str, &str); 2] {
        let filter = &self.view.filter;
        [("kind", &filter.kind), ("object", &filter.object)]
    }

    fn file(&self, kind: &str) -> String {
        let text = self.address.to_string();
        let query = text.split_once('?').map_or("", |(_, query)| query);
        format!("/audit.{kind}?{query}")
    }

    fn said(&self) -> String {
        let shown = self.view.entries.len() as u64;
        crate::format::plural(shown, "entry on this page", "entries on this page")
    }
}
