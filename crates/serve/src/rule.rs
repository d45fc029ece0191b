//! What the documentation of a rule says, for pages and programs.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::{Framework, control};

/// A rule in words.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct RuleText {
    /// Its id, `area/name`.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// What it finds, in Markdown.
    pub(crate) finds: String,
    /// Why that matters, in Markdown.
    pub(crate) matters: String,
    /// What to do, in Markdown.
    pub(crate) fix: String,
    /// The controls that it is evidence for.
    pub(crate) controls: Vec<ControlText>,
}

/// A control of a framework.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ControlText {
    /// Framework and id, `owasp-llm-2025:LLM01`.
    pub(crate) reference: String,
    /// Framework and id for people.
    pub(crate) label: String,
    /// Its title; empty where the text of the publisher is not free.
    pub(crate) title: String,
}

impl RuleText {
    /// The rule of this id; of one that this version does not know, its name in words.
    #[must_use]
    pub(crate) fn of(id: &str) -> Self {
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
pub(crate) fn control_text(reference: &str) -> ControlText {
    let (key, id) = reference.split_once(':').unwrap_or(("", reference));
    let framework = control::framework(key);
    ControlText {
        reference: reference.to_owned(),
        label: framework.map_or_else(
            || reference.to_owned(),
            |framework| format!("{} {id}", short(framework)),
        ),
        title: control::find(reference)
            .map(|control| control.title.to_owned())
            .unwrap_or_default(),
    }
}

/// The name of a framework as people say it, with its edition where ids depend on it.
pub(crate) fn short(framework: &'static Framework) -> &'static str {
    match framework.key {
        "ccpa-cpra" => "CCPA",
        "eu-ai-act" => "EU AI Act",
        "gdpr" => "GDPR",
        "iso-42001-2023" => "ISO 42001",
        "mitre-atlas" => "ATLAS",
        "nist-ai-600-1" => "NIST AI 600-1",
        "nist-ai-rmf-1.0" => "NIST AI RMF",
        "owasp-agentic-2026" => "OWASP Agentic 2026",
        "owasp-llm-2025" => "OWASP LLM 2025",
        "owasp-llm-2026" => "OWASP LLM 2026",
        "soc2-2017-2022" => "SOC 2",
        _ => framework.title,
    }
}
