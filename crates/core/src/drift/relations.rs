//! Relations that appeared or vanished: who reaches, reads and changes what.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Effect::{self, Neutral, Strengthening, Weakening};
use super::FieldChange;
use crate::asset::{AssetId, AssetKind};
use crate::relation::{Relation, RelationKind};

/// What it means that a relation appears or vanishes.
#[derive(Clone, Copy, Debug)]
pub struct RelationRow {
    /// The kind of relation; `None` for any.
    pub kind: Option<RelationKind>,
    /// What it leads to; `None` for anything.
    pub to: Option<AssetKind>,
    /// What appearing does, and why.
    pub appears: (Effect, &'static str),
    /// What vanishing does, and why.
    pub vanishes: (Effect, &'static str),
}

const fn row(
    kind: Option<RelationKind>,
    to: Option<AssetKind>,
    appears: (Effect, &'static str),
    vanishes: (Effect, &'static str),
) -> RelationRow {
    RelationRow {
        kind,
        to,
        appears,
        vanishes,
    }
}

/// Relations that matter; the first row that fits counts, and what has none is neutral.
#[rustfmt::skip]
pub const RELATIONS: &[RelationRow] = &[
    row(None, Some(AssetKind::Guardrail), (Strengthening, "a guardrail more looks at it"), (Weakening, "a guardrail less looks at it")),
    row(None, Some(AssetKind::Evaluator), (Strengthening, "what it answers is scored"), (Weakening, "what it answers is no longer scored")),
    row(Some(RelationKind::Calls), Some(AssetKind::Model), (Neutral, "it uses another model as well"), (Neutral, "it no longer uses the model")),
    row(Some(RelationKind::Calls), None, (Weakening, "it reaches something more"), (Strengthening, "it reaches something less")),
    row(Some(RelationKind::Configures), None, (Weakening, "its agents can reach something more"), (Strengthening, "its agents can reach something less")),
    row(Some(RelationKind::DelegatesTo), None, (Weakening, "it hands work over to another one"), (Strengthening, "it hands work over to one less")),
    row(Some(RelationKind::Exposes), None, (Weakening, "others can use something more of it"), (Strengthening, "others can use something less of it")),
    row(Some(RelationKind::HoldsSecret), None, (Weakening, "it holds the value of a credential"), (Strengthening, "it no longer holds the value of a credential")),
    row(Some(RelationKind::RunsAs), None, (Weakening, "it acts under one account more"), (Strengthening, "it acts under one account less")),
    row(Some(RelationKind::Reads), None, (Weakening, "it can read something more"), (Strengthening, "it can read something less")),
    row(Some(RelationKind::Writes), None, (Weakening, "it can change something more"), (Strengthening, "it can change something less")),
    row(Some(RelationKind::LoadsArtifactFrom), None, (Weakening, "it loads something that was not judged as part of it"), (Strengthening, "it loads something less")),
    row(Some(RelationKind::TrainedOn), None, (Weakening, "it learned from something that was not judged as part of it"), (Neutral, "it is no longer told that it learned from it")),
    row(Some(RelationKind::FineTunedFrom), None, (Weakening, "it started from another model"), (Neutral, "it is no longer told that it started from it")),
    row(Some(RelationKind::ProvidedBy), None, (Weakening, "somebody else provides it"), (Neutral, "somebody else no longer provides it")),
];

/// What changed among relations, the worst first, then by asset, relation and end. Where a relation was seen, and how
/// often, does not matter.
#[must_use]
pub fn relation_changes<'a>(
    before: impl IntoIterator<Item = &'a Relation>,
    after: impl IntoIterator<Item = &'a Relation>,
) -> Vec<FieldChange> {
    type Edge<'a> = (&'a AssetId, RelationKind, &'a AssetId);
    fn edge(relation: &Relation) -> Edge<'_> {
        (&relation.from, relation.kind, &relation.to)
    }
    let before: BTreeSet<Edge<'_>> = before.into_iter().map(edge).collect();
    let after: BTreeSet<Edge<'_>> = after.into_iter().map(edge).collect();
    let gone = before.difference(&after).map(|edge| (*edge, false));
    let new = after.difference(&before).map(|edge| (*edge, true));
    let mut changes: Vec<FieldChange> = gone
        .chain(new)
        .map(|((from, kind, to), appeared)| {
            let row = RELATIONS.iter().find(|row| {
                row.kind.is_none_or(|wanted| wanted == kind)
                    && row.to.is_none_or(|wanted| wanted.name() == to.kind_name())
            });
            let (effect, reason) = match (row, appeared) {
                (Some(row), true) => row.appears,
                (Some(row), false) => row.vanishes,
                (None, _) => (Neutral, "how they hang together changed"),
            };
            let end = Some(Value::from(to.as_str()));
            let (before, after) = if appeared { (None, end) } else { (end, None) };
            FieldChange {
                asset: from.clone(),
                field: kind.name().to_owned(),
                before,
                after,
                effect,
                security: row.is_some(),
                reason: reason.to_owned(),
            }
        })
        .collect();
    // Stable: edges of one effect keep their order.
    changes.sort_by_key(|change| std::cmp::Reverse(change.effect));
    changes
}
