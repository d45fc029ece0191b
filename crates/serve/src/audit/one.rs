//! One entry.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::audit::AuditLog as _;

use super::line::Line;
use crate::ask::{Ask, Path};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::people::People;
use crate::view::{Page, View};

/// An entry with what binds it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EntryView {
    /// The entry.
    entry: Line,
    /// Its hash, SHA-256 in hexadecimal digits.
    hash: String,
    /// The hash of the entry before it.
    previous: String,
}

pub(super) async fn show(ask: Ask, Path(seq): Path<u64>) -> Result<View<EntryView>, ApiError> {
    let view = ask
        .db
        .read(move |store| {
            let size = store.audit_status()?.size;
            if seq == 0 || seq > size {
                return Err(ApiError::not_found(format_args!("entry {seq}")));
            }
            let entry = store.audit_entry(seq)?;
            Ok(EntryView {
                entry: Line::of(&entry, &People::all(store)?),
                hash: stance_core::digest::hex(&entry.hash),
                previous: stance_core::digest::hex(&entry.previous),
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "audit/one.html")]
struct EntryPage<'a> {
    frame: Frame,
    view: &'a EntryView,
    entry: &'a Line,
}

impl Page for EntryView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let title = format!("Entry {}", crate::format::count(self.entry.seq));
        let frame = frame.page(title, Section::Audit);
        EntryPage {
            frame: frame.under("Audit log", "/audit"),
            view: self,
            entry: &self.entry,
        }
        .render()
    }
}

impl EntryPage<'_> {
    /// All entries about the same thing.
    fn about(&self) -> String {
        Address::new("/audit")
            .with("kind", &self.entry.object_kind)
            .with("object", &self.entry.object)
            .to_string()
    }
}
