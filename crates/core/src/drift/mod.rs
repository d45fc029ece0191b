//! What changed between two states of the inventory, and whether that made anything weaker.
//!
//! One table, [`TABLE`], says of each field that matters how its values compare; a field without a row changes
//! neutrally and is no matter of security. What only moved (line numbers, the number of places, names beside the
//! name) is no change at all. A change that makes weaker is not necessarily wrong: it is one that somebody should
//! have approved.

mod reading;
mod relations;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::{Asset, AssetId, Scope};
use crate::digest;

pub use reading::Reading;
pub use relations::{RELATIONS, RelationRow, relation_changes};
pub use table::{EXISTENCE, ExistenceRow, Row, TABLE};

/// What a change does to the posture; ordered, the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A protection more, or less that can be reached.
    Strengthening,
    /// Neither.
    Neutral,
    /// A protection less, more that can be reached, or something else in the place of what was judged.
    Weakening,
}

impl Effect {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Weakening, Self::Neutral, Self::Strengthening];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strengthening => "strengthening",
            Self::Neutral => "neutral",
            Self::Weakening => "weakening",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One field of one asset that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The asset; for a relation, where it starts.
    pub asset: AssetId,
    /// The attribute; `asset` for the asset as a whole, `scope` for what part of the tree it belongs to, and the name
    /// of a relation such as `calls`.
    pub field: String,
    /// The value before; `None` if there was none. The name of an asset that vanished, the id that a relation led to.
    pub before: Option<Value>,
    /// The value after; `None` if there is none any more.
    pub after: Option<Value>,
    /// What it does to the posture.
    pub effect: Effect,
    /// Whether a table has a row for it; what has none is always neutral.
    pub security: bool,
    /// Why, in one clause without a period.
    pub reason: String,
}

/// The field of an asset that appeared or vanished as a whole.
pub const WHOLE: &str = "asset";

/// What changed from one state of an asset to another, the worst first, then by field; nothing for two states that
/// are the same, and nothing for two that are not there.
///
/// Both are taken to be states of the same asset. What people say of it (`sanctioned`, `owner`, `environment` and so
/// on) is compared like what scans see, if it is among the attributes.
#[must_use]
pub fn changes(before: Option<&Asset>, after: Option<&Asset>) -> Vec<FieldChange> {
    let mut changes = match (before, after) {
        (None, None) => Vec::new(),
        (Some(before), Some(after)) => fields(before, after),
        (before, Some(asset)) | (before @ Some(asset), None) => {
            vec![existence(asset, before.is_none())]
        }
    };
    changes.sort_by(|a, b| (b.effect, &a.field).cmp(&(a.effect, &b.field)));
    changes
}

/// The worst effect of all; `None` for no change.
#[must_use]
pub fn worst(changes: &[FieldChange]) -> Option<Effect> {
    changes.iter().map(|change| change.effect).max()
}

fn existence(asset: &Asset, appeared: bool) -> FieldChange {
    let name = Some(Value::from(asset.name.as_str()));
    let row = EXISTENCE.iter().find(|row| row.kind == asset.kind);
    let (mut effect, mut reason) = row.map_or((Effect::Neutral, ""), |row| row.of(asset, appeared));
    if asset.scope != Scope::Production && effect != Effect::Neutral {
        (effect, reason) = (Effect::Neutral, NOT_RUN);
    }
    if reason.is_empty() {
        reason = if appeared { "it is new" } else { "it is gone" };
    }
    let (before, after) = if appeared { (None, name) } else { (name, None) };
    FieldChange {
        asset: asset.id.clone(),
        field: WHOLE.to_owned(),
        before,
        after,
        effect,
        security: row.is_some(),
        reason: reason.to_owned(),
    }
}

/// Why what would weaken does not.
const NOT_RUN: &str = "it is part of tests or documentation only";

fn fields(before: &Asset, after: &Asset) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut names: Vec<&String> = before.attributes.keys().collect();
    names.extend(
        after
            .attributes
            .keys()
            .filter(|name| !before.attributes.contains_key(*name)),
    );
    for name in names {
        let (old, new) = (before.attributes.get(name), after.attributes.get(name));
        if old == new {
            continue;
        }
        let row = TABLE.iter().find(|row| {
            row.field == name && (row.kinds.is_empty() || row.kinds.contains(&after.kind))
        });
        // Another field tells the same more exactly.
        if let Some(better) = row.and_then(|row| row.unless)
            && before.attributes.contains_key(better)
            && after.attributes.contains_key(better)
        {
            changes.push(change(after, name, old, new, Effect::Neutral, false, PLAIN));
            continue;
        }
        let (effect, reason) = match row {
            Some(row) => row.judge(old, new),
            None => (Effect::Neutral, PLAIN),
        };
        let runs = before.scope == Scope::Production || after.scope == Scope::Production;
        let (effect, reason) = if runs || effect == Effect::Neutral {
            (effect, reason)
        } else {
            (Effect::Neutral, NOT_RUN)
        };
        let digest = row.is_some_and(|row| row.reading == Reading::Digest);
        // What is shown of a description tells its change better than a digest of all of it.
        let told = name == digest::DESCRIPTION
            && before.attributes.get("description") != after.attributes.get("description");
        if digest && (old.is_none() || told) {
            changes.push(change(after, name, old, new, Effect::Neutral, false, PLAIN));
            continue;
        }
        let security = row.is_some();
        changes.push(change(after, name, old, new, effect, security, reason));
    }
    if before.scope != after.scope {
        let (old, new) = (before.scope.name().into(), after.scope.name().into());
        changes.push(change(
            after,
            "scope",
            Some(&old),
            Some(&new),
            Effect::Neutral,
            true,
            "it is seen in another part of the tree",
        ));
    }
    changes
}

/// What people call a field: digests stand for what they are made of.
#[must_use]
pub fn called(field: &str) -> &str {
    match field {
        digest::TEXT => "text",
        digest::DESCRIPTION => "description",
        field => field,
    }
}

/// Whether a field tells two texts apart without showing them.
#[must_use]
pub fn is_digest(field: &str) -> bool {
    matches!(field, digest::TEXT | digest::DESCRIPTION)
}

/// What is said of a change that no table speaks of.
const PLAIN: &str = "a detail changed";

fn change(
    asset: &Asset,
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    effect: Effect,
    security: bool,
    reason: &str,
) -> FieldChange {
    FieldChange {
        asset: asset.id.clone(),
        field: field.to_owned(),
        before: before.cloned(),
        after: after.cloned(),
        effect,
        security,
        reason: reason.to_owned(),
    }
}
