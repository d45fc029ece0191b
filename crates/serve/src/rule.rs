//! What the documentation of a rule says, for pages and programs.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::control;

/// A rule in words.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct RuleText {
    /// Its id, `area/name`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it finds, in Markdown.
    pub finds: String,
    /// Why that matters, in Markdown.
    pub matters: String,
    /// What to do, in Markdown.
    pub fix: String,
    /// The controls that it is evidence for.
    pub controls: Vec<ControlText>,
}

/// A control of a framework.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ControlText {
    /// Framework and id, `owasp-llm-2025:LLM01`.
    pub reference: String,
    /// Framework and id for people.
    pub label: String,
    /// Its title; empty where the text of the publisher is not free.
    pub title: String,
}

impl RuleText {
    /// The rule of this id; of one that this version does not know, its name in words.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let Some(entry) = stance_rules::find(id) else {
            let name = id.rsplit('/').next().unwrap_or(id);
            return Self {
                id: id.to_owned(),
                title: name.replace('-', " "),
                ..Self::default()
            };
        };
        let doc = entry.meta.doc();
        Self {
            id: id.to_owned(),
            title: doc.title.clone(),
            finds: doc.section("What it finds").trim().to_owned(),
            matters: doc.section("Why it matters").trim().to_owned(),
            fix: doc.section("Fix").trim().to_owned(),
            controls: entry
                .meta
                .controls
                .iter()
                .map(|it| control_text(it))
                .collect(),
        }
    }
}

/// A control by its reference.
#[must_use]
pub fn control_text(reference: &str) -> ControlText {
    let (key, id) = reference.split_once(':').unwrap_or(("", reference));
    let framework = control::framework(key);
    ControlText {
        reference: reference.to_owned(),
        label: framework.map_or_else(
            || reference.to_owned(),
            |framework| format!("{} {id}", short(framework.title)),
        ),
        title: control::find(reference)
            .map(|control| control.title.to_owned())
            .unwrap_or_default(),
    }
}

/// The name of a framework as people say it.
fn short(title: &str) -> &str {
    match title.find(" (") {
        Some(end) => title.get(..end).unwrap_or(title),
        None => title,
    }
}
