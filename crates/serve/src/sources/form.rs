//! The forms: a new source, an edit, a removal. For people only: programs have the actions.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_core::Environment;
use stance_store::sources::SourceKind;

use super::list::kind_of;
use super::one::read;
use super::view::{SourceView, icon};
use crate::ask::{Ask, Path, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// Which kind is to be added.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    kind: Option<String>,
}

/// A form, filled in with what is known.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FormView {
    /// The kind; absent while it is chosen.
    kind: Option<&'static str>,
    /// The source that is edited; absent for a new one.
    source: Option<SourceView>,
}

/// The question before a removal.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemoveView {
    source: SourceView,
}

pub(super) async fn new(_: Ask, Query(which): Query<Which>) -> Result<View<FormView>, ApiError> {
    let kind = which.kind.as_deref().map(kind_of).transpose()?;
    Ok(View(FormView {
        kind: kind.map(SourceKind::name),
        source: None,
    }))
}

pub(super) async fn edit(ask: Ask, Path(id): Path<i64>) -> Result<View<FormView>, ApiError> {
    let source = read(&ask, id).await?;
    if source.removed.is_some() {
        return Err(ApiError::not_found(format_args!("source {id}")));
    }
    Ok(View(FormView {
        kind: Some(source.kind),
        source: Some(source),
    }))
}

pub(super) async fn remove(ask: Ask, Path(id): Path<i64>) -> Result<View<RemoveView>, ApiError> {
    let source = read(&ask, id).await?;
    if source.removed.is_some() {
        return Err(ApiError::not_found(format_args!("source {id}")));
    }
    Ok(View(RemoveView { source }))
}

#[derive(Template)]
#[template(path = "sources/kinds.html")]
struct KindsPage {
    frame: Frame,
    kinds: Vec<Offer>,
}

/// A kind that can be added.
struct Offer {
    name: &'static str,
    title: &'static str,
    text: &'static str,
    icon: &'static str,
}

#[derive(Template)]
#[template(path = "sources/form.html")]
struct FormPage<'a> {
    frame: Frame,
    kind: &'static str,
    source: Option<&'a SourceView>,
    environments: [&'static str; 5],
}

#[derive(Template)]
#[template(path = "sources/remove.html")]
struct RemovePage<'a> {
    frame: Frame,
    view: &'a RemoveView,
}

impl Page for FormView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.under("Sources", "/sources");
        let Some(kind) = self.kind else {
            return KindsPage {
                frame: frame.page("Add a source", Section::Sources),
                kinds: offers(),
            }
            .render();
        };
        let (frame, title) = match &self.source {
            Some(source) => (
                frame.under(source.name.clone(), format!("/sources/{}", source.id)),
                "Edit the source".to_owned(),
            ),
            None => {
                let offer = offers().into_iter().find(|offer| offer.name == kind);
                let title = offer.map_or("a source", |offer| offer.title);
                (
                    frame.under("Add a source", "/sources/new"),
                    title.to_owned(),
                )
            }
        };
        FormPage {
            frame: frame.page(title, Section::Sources),
            kind,
            source: self.source.as_ref(),
            environments: Environment::ALL.map(Environment::name),
        }
        .render()
    }
}

impl Page for RemoveView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.under("Sources", "/sources").under(
            self.source.name.clone(),
            format!("/sources/{}", self.source.id),
        );
        RemovePage {
            frame: frame.page("Remove the source?", Section::Sources),
            view: self,
        }
        .render()
    }
}

fn offers() -> Vec<Offer> {
    [
        ("directory", "Directory", "A tree of files on this server: code, models, datasets, configuration."),
        ("git", "Git working copy", "A checked-out repository on this server; whoever updates it decides what is seen."),
        ("bom", "Bill of materials", "A CycloneDX or SPDX file on this server, from any tool."),
        ("logs", "Log files", "Proxy, DNS, cloud and audit logs: which AI services people and programs use."),
        ("host", "Host", "This machine, or addresses: AI services that answer, agents, models, extensions."),
        ("push", "Push", "CI jobs and laptops send their own scans with `stance push`; nothing is looked at from here."),
    ]
    .map(|(name, title, text)| Offer {
        name,
        title,
        text,
        icon: icon(name),
    })
    .into()
}

impl FormPage<'_> {
    /// Where it is sent.
    fn action(&self) -> String {
        match self.source {
            Some(source) => format!("/sources/{}", source.id),
            None => "/sources".to_owned(),
        }
    }

    /// Where it leads when it is given up.
    fn back(&self) -> String {
        match self.source {
            Some(source) => format!("/sources/{}", source.id),
            None => "/sources/new".to_owned(),
        }
    }

    /// An option as it is, or what is usual.
    fn option(&self, name: &str, usual: &str) -> String {
        let known = self.source.and_then(|source| source.options.get(name));
        match known {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(yes)) => yes.to_string(),
            Some(Value::Array(items)) => {
                let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                lines.join("\n")
            }
            _ => usual.to_owned(),
        }
    }

    fn enabled(&self) -> bool {
        self.source.is_none_or(|source| source.enabled)
    }

    fn name_hint(&self) -> &'static str {
        match self.kind {
            "push" => "Whoever pushes names it: `stance push --source NAME`.",
            _ => "What people call it.",
        }
    }

    fn path_hint(&self) -> &'static str {
        match self.kind {
            "bom" => "A CycloneDX or SPDX file in JSON, such as /srv/bom/shop.cdx.json.",
            "git" => "The directory of the working copy, such as /srv/checkouts/shop.",
            _ => "Such as /srv/models.",
        }
    }

    /// Another place is another source: an edit leaves it as it is.
    fn fixed(&self) -> &'static str {
        match (self.source.is_some(), self.kind) {
            (true, _) => "readonly",
            (false, "host") => "",
            (false, _) => "required maxlength=4096 spellcheck=false",
        }
    }

    fn schedule(&self) -> &str {
        match self.source {
            Some(source) => source.schedule.as_deref().unwrap_or_default(),
            None => "1h",
        }
    }

    fn environment(&self) -> &str {
        self.source.map_or("unknown", |source| source.environment)
    }

    fn owner(&self) -> &str {
        let owner = self.source.and_then(|source| source.owner.as_deref());
        owner.unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.source.map_or("", |source| &source.name)
    }
}
