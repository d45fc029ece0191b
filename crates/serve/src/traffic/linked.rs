//! Findings about what was found at run time, from the interactions that they are made of.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::Seen;
use stance_store::{
    Estate as _, FindingQuery, FindingRow, FindingState, Sqlite, States, StoreError, Window,
};

use crate::jobs::runtime::{Family, NOT_JUDGED, UNDECLARED, base};

/// The area of the rules whose findings are made of interactions.
const AREA: &str = "runtime";

/// A finding that an interaction belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct FindingLink {
    /// Its number.
    pub(super) number: i64,
    /// Its rule, such as `runtime/attack`.
    pub(super) rule: String,
    /// critical, high, medium, low or info.
    pub(super) severity: String,
    /// open, reopened or accepted.
    pub(super) state: String,
    /// What is wrong, in one sentence.
    pub(super) message: String,
}

impl FindingLink {
    fn of(row: &FindingRow) -> Self {
        Self {
            number: row.number.0,
            rule: row.rule.clone(),
            severity: row.severity.to_string(),
            state: row.state.name().to_owned(),
            message: row.message.clone(),
        }
    }

    /// Its page.
    pub(super) fn href(&self) -> String {
        format!("/findings/{}", self.number)
    }
}

/// The findings of run time that stand.
pub(super) struct Linked(Vec<FindingRow>);

impl Linked {
    /// Those that count, and those that were accepted.
    pub(super) fn read(store: &Sqlite) -> Result<Self, StoreError> {
        let mut all = Vec::new();
        for states in [States::Counting, States::Only(FindingState::Accepted)] {
            let query = FindingQuery {
                states,
                area: Some(AREA.to_owned()),
                ..FindingQuery::default()
            };
            all.extend(store.findings(&query, &Window::first(Window::MOST))?.rows);
        }
        Ok(Self(all))
    }

    /// Those that an interaction belongs to: of the families of its reasons about its model, or its place where none is
    /// about that; and of a model that nobody declared, and a place of which much cannot be judged.
    pub(super) fn of(&self, seen: &Seen) -> Vec<FindingLink> {
        let model = seen.model.as_deref().or(seen.answered.as_deref());
        let mut rules: Vec<&str> = Vec::new();
        for reason in &seen.reasons {
            let rule = Family::of(&reason.rule).map(Family::rule);
            rules.extend(rule.filter(|rule| !rules.contains(rule)));
        }
        let mut found: Vec<&FindingRow> = rules
            .iter()
            .filter_map(|rule| {
                self.about_model(rule, model)
                    .or_else(|| self.about_place(rule, &seen.place))
            })
            .collect();
        found.extend(self.about_model(UNDECLARED, model));
        if seen.unjudged_count > 0 {
            found.extend(self.about_place(NOT_JUDGED, &seen.place));
        }
        found.into_iter().map(FindingLink::of).collect()
    }

    /// Those of the family of a rule, about whatever.
    pub(super) fn of_rule(&self, rule: &str) -> Vec<FindingLink> {
        let Some(family) = Family::of(rule) else {
            return Vec::new();
        };
        let rows = self.0.iter().filter(|row| row.rule == family.rule());
        rows.map(FindingLink::of).collect()
    }

    fn about_model(&self, rule: &str, model: Option<&str>) -> Option<&FindingRow> {
        let model = base(model?);
        self.0
            .iter()
            .find(|row| row.rule == rule && base(&row.asset_name) == model)
    }

    fn about_place(&self, rule: &str, place: &str) -> Option<&FindingRow> {
        self.0
            .iter()
            .find(|row| row.rule == rule && !place.is_empty() && row.asset_name == place)
    }
}
