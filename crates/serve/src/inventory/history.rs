//! What became of an asset: what scans saw, and what people did.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_core::drift::Effect;
use stance_store::audit::{AuditLog as _, AuditQuery, Entry};
use stance_store::{AssetDetail, ChangeKind, ChangeQuery, ChangeRow, Drift as _, Sqlite, Window};

use super::words;
use crate::error::ApiError;

/// Most changes, and most decisions, of one page.
const MOST: usize = 50;

/// Something that happened to an asset.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Moment {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) at: Timestamp,
    /// Who, or the source.
    pub(super) who: String,
    /// What happened.
    pub(super) what: String,
    /// The field that changed.
    pub(super) field: Option<String>,
    /// Its value before.
    pub(super) before: Option<String>,
    /// Its value afterwards.
    pub(super) after: Option<String>,
    /// weakening, neutral or strengthening, for a change of a field.
    pub(super) effect: Option<String>,
    /// What was said about it.
    pub(super) text: Option<String>,
    /// Number of the change, where it was one.
    pub(super) change: Option<i64>,
    #[serde(skip)]
    pub(super) class: &'static str,
}

impl Moment {
    fn plain(at: Timestamp, who: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at,
            who: who.into(),
            what: what.into(),
            field: None,
            before: None,
            after: None,
            effect: None,
            text: None,
            change: None,
            class: "",
        }
    }
}

/// The latest first.
pub(super) fn of(store: &Sqlite, detail: &AssetDetail) -> Result<Vec<Moment>, ApiError> {
    let query = ChangeQuery {
        asset: Some(detail.row.number),
        ..ChangeQuery::default()
    };
    let changes = store.changes(&query, &Window::first(MOST))?.rows;
    let mut history: Vec<Moment> = changes.iter().map(change).collect();
    for sighting in &detail.sightings {
        let told = |kind: ChangeKind| {
            changes
                .iter()
                .any(|it| it.kind == kind && it.source == sighting.source)
        };
        if !told(ChangeKind::Appeared) {
            let who = sighting.source_name.clone();
            history.push(Moment::plain(sighting.first_seen, who, "first saw it"));
        }
        if !sighting.present && !told(ChangeKind::Vanished) {
            let who = sighting.source_name.clone();
            history.push(Moment::plain(sighting.last_seen, who, "no longer sees it"));
        }
    }
    history.extend(decisions(store, detail)?);
    history.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    Ok(history)
}

fn change(row: &ChangeRow) -> Moment {
    let text = |value: Option<&Value>| value.map(|it| words::value(&row.field, it));
    let (what, field) = match row.kind {
        ChangeKind::Appeared => ("saw it for the first time", None),
        ChangeKind::Vanished => ("no longer sees it", None),
        ChangeKind::Changed => ("saw a change", Some(row.field.clone())),
    };
    let shows_values = field.is_some();
    Moment {
        field,
        before: text(row.before.as_ref().filter(|_| shows_values)),
        after: text(row.after.as_ref().filter(|_| shows_values)),
        effect: (row.effect != Effect::Neutral).then(|| row.effect.name().to_owned()),
        text: row.note.clone(),
        change: Some(row.number.0),
        class: match row.effect {
            Effect::Weakening => "bad",
            Effect::Strengthening => "good",
            Effect::Neutral => "",
        },
        ..Moment::plain(row.at, row.source_name.clone(), what)
    }
}

/// What people did, from the audit log.
fn decisions(store: &Sqlite, detail: &AssetDetail) -> Result<Vec<Moment>, ApiError> {
    let query = AuditQuery {
        object_kind: Some("asset".to_owned()),
        object_id: Some(detail.row.number.to_string()),
        newest_first: true,
        ..AuditQuery::default()
    };
    let entries = store.audit_entries(&query, MOST)?;
    Ok(entries.iter().map(decision).collect())
}

fn decision(entry: &Entry) -> Moment {
    let detail: Value = serde_json::from_str(entry.detail.as_str()).unwrap_or_default();
    let mut said: Vec<String> = Vec::new();
    for (name, value) in detail.as_object().into_iter().flatten() {
        if name == "reason" {
            continue;
        }
        let value = match value {
            Value::Null => "what the source says".to_owned(),
            other => words::value(name, other),
        };
        said.push(format!("{} to {value}", crate::format::title(name)));
    }
    let approval = detail.get("approval").and_then(Value::as_str);
    let (what, class) = match approval {
        Some("approved") if said.len() == 1 => ("approved it".to_owned(), "good"),
        Some("rejected") if said.len() == 1 => ("rejected it".to_owned(), "bad"),
        _ if entry.action == "asset.edit" => (format!("set {}", said.join(", ")), ""),
        _ => (entry.action.replace('.', " "), ""),
    };
    Moment {
        text: detail
            .get("reason")
            .and_then(Value::as_str)
            .map(str::to_owned),
        class,
        ..Moment::plain(entry.at, entry.actor.name.clone(), what)
    }
}
