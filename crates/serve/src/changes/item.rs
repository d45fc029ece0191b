//! A change as lists show it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_core::drift::{self, WHOLE};
use stance_store::{ChangeKind, ChangeRow};

use crate::people::People;

/// Characters of a digest that people are shown: enough to see that it is another one.
const SHOWN: usize = 12;

/// One field of one asset that is not as it was approved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Change {
    /// Its number.
    pub(crate) number: i64,
    /// Number of the source that differs.
    pub(crate) source: i64,
    /// What people call the source.
    pub(crate) source_name: String,
    /// Number of the asset.
    pub(crate) asset: i64,
    /// What people call the asset.
    pub(crate) asset_name: String,
    /// What the asset is.
    pub(crate) asset_kind: String,
    /// Who answers for the asset.
    pub(crate) owner: Option<String>,
    /// Number of the run that saw it.
    pub(crate) run: Option<i64>,
    /// When it was seen.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// appeared, changed or vanished.
    pub(crate) kind: String,
    /// The field, `asset` for the asset as a whole, or the name of a relation.
    pub(crate) field: String,
    /// The approved value.
    pub(crate) before: Option<Value>,
    /// The value that was seen.
    pub(crate) after: Option<Value>,
    /// weakening, neutral or strengthening.
    pub(crate) effect: String,
    /// Whether it is a matter of security.
    pub(crate) security: bool,
    /// Why, in one clause.
    pub(crate) reason: String,
    /// pending, approved, expected, noted, undone or replaced.
    pub(crate) state: String,
    /// Who decided.
    pub(crate) decided_by: Option<String>,
    /// When.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) decided: Option<Timestamp>,
    /// What they said.
    pub(crate) note: Option<String>,
    /// Number of the announcement that it fits.
    pub(crate) expected: Option<i64>,
    /// Number of the finding that stands while nobody approves it.
    pub(crate) finding: Option<i64>,
}

impl Change {
    pub(crate) fn of(row: ChangeRow, people: &People) -> Self {
        Self {
            number: row.number.0,
            source: row.source.0,
            source_name: row.source_name,
            asset: row.asset.0,
            asset_name: row.asset_name,
            asset_kind: row.asset_kind.to_string(),
            owner: row.owner,
            run: row.run.map(|it| it.0),
            at: row.at,
            kind: row.kind.name().to_owned(),
            field: row.field,
            before: row.before,
            after: row.after,
            effect: row.effect.name().to_owned(),
            security: row.security,
            reason: row.reason,
            state: row.state.name().to_owned(),
            decided_by: row.actor.map(|name| people.name(&name)),
            decided: row.decided,
            note: row.note,
            expected: row.expected.map(|it| it.0),
            finding: row.finding.map(|it| it.0),
        }
    }

    /// Whether the asset as a whole appeared or vanished.
    pub(crate) fn is_whole(&self) -> bool {
        self.field == WHOLE
    }

    /// Whether it is about one field, or relation, of an asset that is there before and after.
    pub(crate) fn is_appearance(&self) -> bool {
        self.kind == ChangeKind::Appeared.name()
    }

    /// What people call the field.
    pub(crate) fn called(&self) -> &str {
        drift::called(&self.field)
    }

    /// Whether only that a text is another one is known, not what it says.
    pub(crate) fn is_digest(&self) -> bool {
        drift::is_digest(&self.field)
    }

    /// The approved value in words.
    pub(crate) fn before_text(&self) -> String {
        self.text(self.before.as_ref())
    }

    /// The value that was seen, in words.
    pub(crate) fn after_text(&self) -> String {
        self.text(self.after.as_ref())
    }

    fn text(&self, value: Option<&Value>) -> String {
        let text = words(value);
        if self.is_digest() {
            text.chars().take(SHOWN).collect()
        } else {
            text
        }
    }
}

fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Array(all)) => {
            let words: Vec<String> = all.iter().map(|it| words(Some(it))).collect();
            words.join(", ")
        }
        Some(other) => other.to_string(),
    }
}
