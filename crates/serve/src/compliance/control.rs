//! One control: how it stands and why.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::control;

use super::read::Row;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::rule::RuleText;
use crate::view::{Page, View};

/// Which control.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// Framework and id, `owasp-llm-2025:LLM01`.
    id: String,
}

/// A control.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ControlView {
    /// The control with its state and the reasons.
    control: Row,
    /// Key of its framework.
    framework: &'static str,
    /// Name of its framework.
    framework_title: &'static str,
    /// The rules that speak of it, those with findings first.
    rules: Vec<Spoken>,
}

/// A rule that speaks of a control.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Spoken {
    /// Its id.
    id: &'static str,
    /// Its title.
    title: String,
    /// Open findings that count.
    failing: u64,
    /// Open findings of low severity, and hints.
    minor: u64,
    /// Accepted findings.
    accepted: u64,
}

pub(super) async fn show(
    ask: Ask,
    Query(which): Query<Which>,
) -> Result<View<ControlView>, ApiError> {
    let known = control::find(&which.id);
    let known = known.ok_or_else(|| ApiError::not_found(format_args!("control {}", which.id)))?;
    let standing = super::standing(&ask).await?;
    let state = standing.states.iter().find(|it| it.control == known);
    let state = state.ok_or_else(|| ApiError::internal("a control without a state"))?;
    let mut rules: Vec<Spoken> = stance_rules::all()
        .filter(|entry| entry.meta.controls.contains(&which.id.as_str()))
        .map(|entry| {
            let shown = standing.rules.get(entry.meta.id).copied();
            let shown = shown.unwrap_or_default();
            Spoken {
                id: entry.meta.id,
                title: RuleText::of(entry.meta.id).title,
                failing: shown.failing,
                minor: shown.minor,
                accepted: shown.accepted,
            }
        })
        .collect();
    rules.sort_by_key(|it| std::cmp::Reverse((it.failing, it.minor, it.accepted)));
    Ok(View(ControlView {
        control: Row::of(state),
        framework: known.framework,
        framework_title: control::framework(known.framework).map_or("", |it| it.title),
        rules,
    }))
}

#[derive(Template)]
#[template(path = "compliance/control.html")]
struct ControlPage<'a> {
    frame: Frame,
    view: &'a ControlView,
    control: &'a Row,
}

impl Page for ControlView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let title = format!("{} {}", self.control.id, self.control.title);
        let up = format!("/compliance/framework/{}", self.framework);
        let frame = frame.page(title.trim(), Section::Compliance);
        ControlPage {
            frame: frame
                .under("Compliance", "/compliance")
                .under(self.framework_title, up),
            view: self,
            control: &self.control,
        }
        .render()
    }
}
