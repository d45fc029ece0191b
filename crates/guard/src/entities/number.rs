//! Numbers that carry their own proof: cards, accounts, and the numbers by which states know people.

use super::card;
use super::finance;
use super::national::{self, Rule};
use super::state::State;
use super::token::{Candidate, Groups};
use super::view::View;
use super::{Entity, device};

/// What the number that begins at `at` is: one entity, or several of the same range and confidence where nothing tells
/// them apart.
pub(crate) fn find(view: &View<'_>, state: &State, at: usize) -> Vec<Entity> {
    let groups = Groups::at(view, at);
    let mut best: Vec<Entity> = Vec::new();
    if groups.is_scattered() {
        return best;
    }
    for count in (1..=groups.count()).rev() {
        let Some(candidate) = groups.first(view, count) else {
            continue;
        };
        judge(state, &candidate, &mut best);
    }
    best
}

/// Where nothing was found: the end of what is written without a blank.
pub(crate) fn past(view: &View<'_>, at: usize) -> usize {
    Groups::at(view, at).joined()
}

/// Another reading of the same place: it replaces a weaker one.
pub(crate) fn rival(best: &mut Vec<Entity>, other: Option<Entity>) {
    let Some(other) = other else { return };
    let known = best.first();
    let better = known.is_none_or(|known| {
        // A number that holds another with it wins over it at the same confidence.
        (other.confidence, other.range.end) > (known.confidence, known.range.end)
    });
    if better {
        best.clear();
        best.push(other);
    } else if known
        .is_some_and(|known| known.confidence == other.confidence && known.range == other.range)
    {
        best.push(other);
    }
}

fn judge(state: &State, candidate: &Candidate, best: &mut Vec<Entity>) {
    if candidate.digits {
        rival(best, card::judge(state, candidate));
        rival(best, device::judge(state, candidate));
    }
    rival(best, finance::judge(state, candidate));
    for rule in national::of_shape(candidate.shape()) {
        rival(best, by_rule(state, candidate, rule));
    }
}

fn by_rule(state: &State, candidate: &Candidate, rule: &Rule) -> Option<Entity> {
    if !(rule.check)(candidate.plain()) {
        return None;
    }
    let hinted = rule
        .hints
        .iter()
        .any(|hint| state.hinted(*hint, candidate.start));
    let confidence = if hinted { rule.hinted } else { rule.alone };
    (confidence > 0).then(|| Entity {
        verified: rule.verified,
        ..Entity::new(rule.kind, candidate.start..candidate.end, confidence)
    })
}
