//! One source.

use askama::Template;
use stance_store::SourceNumber;
use stance_store::sources::Sources as _;

use super::view::SourceView;
use crate::ask::{Ask, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

pub(super) async fn show(ask: Ask, Path(id): Path<i64>) -> Result<View<SourceView>, ApiError> {
    Ok(View(read(&ask, id).await?))
}

/// The source of a number.
pub(super) async fn read(ask: &Ask, id: i64) -> Result<SourceView, ApiError> {
    let status = ask
        .db
        .read(move |store| Ok(store.source(SourceNumber(id))?))
        .await?;
    Ok(SourceView::of(status, ask.now))
}

#[derive(Template)]
#[template(path = "sources/one.html")]
struct SourcePage<'a> {
    may_manage: bool,
    may_run: bool,
    origin: &'static str,
    shell_name: String,
    frame: Frame,
    view: &'a SourceView,
}

impl Page for SourceView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(self.name.clone(), Section::Sources)
            .under("Sources", "/sources");
        // What a role may not do is refused anyway; here it is not offered either.
        let role = frame
            .viewer
            .as_ref()
            .and_then(|viewer| viewer.role.parse().ok());
        let may = |permission: Permission| role.is_some_and(|role| permission.is_of(role));
        let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
        SourcePage {
            may_manage: may(Permission::SourcesManage),
            may_run: may(Permission::SourcesRun),
            origin: "https://THIS-SERVER",
            // As a shell takes it.
            shell_name: if self.name.chars().all(plain) {
                self.name.clone()
            } else {
                format!("'{}'", self.name.replace('\'', "'\\''"))
            },
            frame,
            view: self,
        }
        .render()
    }
}

impl SourcePage<'_> {
    /// What was left out, by reason; the first ones.
    fn left_out(&self) -> Vec<(String, u64)> {
        let mut reasons = self.view.left_out();
        reasons.truncate(12);
        reasons
    }

    /// The options that are no path, as name and value.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let options = &self.view.options;
        let text = |name: &str| {
            options
                .get(name)
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
        };
        let yes = |name: &str| options.get(name).and_then(serde_json::Value::as_bool);
        let mut told = Vec::new();
        if let Some(hidden) = yes("pseudonymise") {
            let words = if hidden {
                "shown as pseudonyms"
            } else {
                "named"
            };
            told.push(("People", words.to_owned()));
        }
        if let Some(since) = text("since") {
            told.push(("Looks back", since));
        }
        let sanctioned = options
            .get("sanctioned")
            .and_then(serde_json::Value::as_array);
        if let Some(keys) = sanctioned.filter(|keys| !keys.is_empty()) {
            let keys: Vec<&str> = keys.iter().filter_map(serde_json::Value::as_str).collect();
            told.push(("Sanctioned", keys.join(", ")));
        }
        if let (Some(probe), true) = (yes("probe"), self.view.kind == "host") {
            let words = if probe {
                "asked what they are, with GET requests"
            } else {
                "not asked"
            };
            told.push(("Services that listen", words.to_owned()));
        }
        told
    }
}
