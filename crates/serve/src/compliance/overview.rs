//! All frameworks at a glance.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::{compliance, control};

use super::read::{self, Count, Standing};
use super::unseen::Unseen;
use crate::ask::Ask;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// All frameworks.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Frameworks {
    /// Each with its counts.
    frameworks: Vec<Summary>,
    /// Sources that could not be looked at: what their rules speak of is met nowhere.
    missing: Vec<Unseen>,
}

/// A framework with its counts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// Its key, edition included: `owasp-llm-2025`.
    pub(crate) key: &'static str,
    /// Its name.
    pub(crate) title: &'static str,
    /// The edition.
    pub(crate) edition: &'static str,
    /// How many controls are in each state.
    pub(crate) states: Vec<Count>,
}

impl Summary {
    /// How many controls are in a state.
    pub(crate) fn count(&self, state: &str) -> u64 {
        let found = self.states.iter().find(|it| it.state == state);
        found.map_or(0, |it| it.count)
    }

    /// How many controls something is known of.
    pub(crate) fn known(&self) -> u64 {
        let all: u64 = self.states.iter().map(|it| it.count).sum();
        all.saturating_sub(self.count("no_evidence"))
    }

    /// How many controls apply.
    pub(crate) fn applicable(&self) -> u64 {
        let all: u64 = self.states.iter().map(|it| it.count).sum();
        all.saturating_sub(self.count("not_applicable"))
    }

    /// The bar without its words.
    pub(crate) fn stack(&self) -> String {
        crate::draw::stack::stack(&read::parts(&self.states))
    }

    fn bar(&self) -> String {
        let parts = read::parts(&self.states);
        let stack = crate::draw::stack::stack(&parts);
        stack + &crate::draw::stack::legend(&parts)
    }
}

pub(super) async fn show(ask: Ask) -> Result<View<Frameworks>, ApiError> {
    let standing = super::standing(&ask).await?;
    Ok(View(Frameworks {
        frameworks: summaries(&standing),
        missing: standing.missing.iter().map(Unseen::of).collect(),
    }))
}

/// Each framework with its counts.
pub(crate) fn summaries(standing: &Standing) -> Vec<Summary> {
    let summary = compliance::summary(&standing.states);
    control::frameworks()
        .iter()
        .map(|it| Summary {
            key: it.key,
            title: it.title,
            edition: it.edition,
            states: read::counts(summary.get(it.key).unwrap_or(&Default::default())),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "compliance/overview.html")]
struct FrameworksPage<'a> {
    frame: Frame,
    view: &'a Frameworks,
}

impl Page for Frameworks {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Compliance", Section::Compliance);
        FrameworksPage { frame, view: self }.render()
    }
}

impl FrameworksPage<'_> {
    /// What it means that a source could not be looked at.
    fn unknown(&self) -> &'static str {
        super::unseen::NO_CONTROL
    }
}
