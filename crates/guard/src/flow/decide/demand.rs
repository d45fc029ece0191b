//! How far a passage that strangers may have written asks for a call.

use super::super::asks::Ask;
use super::super::capability::Capability;
use super::super::lexicon::Actions;
use super::super::session::Session;
use super::arguments::Handed;
use super::support::share;

/// What strangers' words say for a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    /// A passage asks for this action with these values or upon this thing.
    pub(super) is_strong: bool,
    /// A passage speaks of such an action and of such a thing.
    pub(super) is_possible: bool,
    /// The strongest passage speaks to the model.
    pub(super) addressed: bool,
    /// The strongest passage also asks for something to be sent out.
    pub(super) outward: bool,
    /// Most values that the user did not say stand in it.
    pub(super) covers_strange: bool,
    /// Some passage asks for the very action upon such a thing.
    pub(super) is_exact_possible: bool,
    /// Some passage asks for the very action and names such a thing.
    pub(super) is_exact_upon: bool,
    /// It asks for the very action.
    pub(super) exact: bool,
    /// Other passages ask for such an action with another address or number of the same kind.
    pub(super) is_ambiguous: bool,
    /// Which share of what the tool is called after it speaks of.
    pub(super) covered: f32,
    /// How well the strongest passage fits, 0 to 1.
    pub(super) score: f32,
}

/// Asks what strangers' words say for a call.
pub(super) fn demand(session: &Session, tool: &Capability, handed: &[Handed]) -> Demand {
    let nouns: Vec<u64> = tool.tokens(session.key()).collect();
    let verb = tool.verb_token(session.key());
    let strange: Vec<u64> = handed
        .iter()
        .flat_map(|one| one.strange.iter().copied())
        .take(64)
        .collect();
    let mut best = Demand::default();
    let forgotten = session.forgotten;
    if forgotten.0.meets(tool.actions.and(Actions::CONSEQUENT)) {
        best.is_possible = true;
    }
    for command in &session.commands {
        let found = fit(command, tool, &nouns, verb, &strange, handed);
        best.is_possible |= found.is_possible;
        best.is_exact_upon |= found.is_exact_upon;
        best.is_exact_possible |= found.exact && found.is_possible;
        let better = (found.is_strong, found.addressed, found.covers_strange)
            > (best.is_strong, best.addressed, best.covers_strange)
            || found.is_strong == best.is_strong
                && found.addressed == best.addressed
                && found.covers_strange == best.covers_strange
                && found.score > best.score;
        if better {
            best = Demand {
                is_possible: best.is_possible,
                is_exact_possible: best.is_exact_possible,
                is_exact_upon: best.is_exact_upon,
                ..found
            };
        }
    }
    best.is_ambiguous = is_ambiguous(session, tool, handed);
    best
}

/// Whether strangers' passages name several destinations of one kind for such an action, of which this is one.
fn is_ambiguous(session: &Session, tool: &Capability, handed: &[Handed]) -> bool {
    let wanted = tool.actions.and(Actions::CONSEQUENT);
    let dictated = handed.iter().filter(|one| one.is_dictated());
    let mut values = dictated.filter_map(|one| one.whole);
    values.any(|(value, kind)| {
        session
            .commands
            .iter()
            .filter(|command| command.actions.implied().meets(wanted))
            .flat_map(|command| &command.values)
            .any(|(other, other_kind)| {
                *other_kind == kind && *other != value && session.said.get(*other).is_empty()
            })
    })
}

fn fit(
    command: &Ask,
    tool: &Capability,
    nouns: &[u64],
    verb: Option<u64>,
    strange: &[u64],
    handed: &[Handed],
) -> Demand {
    let holds = |token: &u64| command.tokens.binary_search(token).is_ok();
    let consequent = tool.is_consequent();
    let action = if verb.is_some_and(|verb| holds(&verb)) {
        true
    } else if tool.actions.is_empty() {
        command.actions.meets(Actions::CONSEQUENT)
    } else if consequent {
        command
            .actions
            .implied()
            .meets(tool.actions.and(Actions::CONSEQUENT))
    } else {
        command.actions.meets(tool.actions) || command.addressed
    };
    let exact = command.actions.meets(tool.actions.and(Actions::CONSEQUENT));
    let object = command.objects.meets(tool.objects);
    let covered = share(nouns.iter().filter(|noun| holds(noun)).count(), nouns.len());
    let strange_here = share(
        strange.iter().filter(|token| holds(token)).count(),
        strange.len(),
    );
    let covers_strange = !strange.is_empty() && strange_here >= 0.5
        || handed.iter().any(|one| {
            (one.sink || one.short) && !one.strange.is_empty() && one.strange.iter().all(holds)
        });
    let covers_strange = covers_strange
        || handed.iter().any(|one| {
            one.values
                .iter()
                .any(|value| command.values.iter().any(|(known, _)| known == value))
        });
    let upon = covered >= 0.5 || object;
    let is_strong = action
        && (covers_strange
            || strange.is_empty() && upon
            || covered >= 0.6 && object
            || !consequent && upon);
    Demand {
        is_strong,
        is_possible: action && (upon || strange_here > 0.0),
        addressed: command.addressed,
        exact,
        is_ambiguous: false,
        is_exact_possible: false,
        is_exact_upon: exact && object,
        outward: command.actions.meets(Actions::OUTWARD),
        covers_strange,
        covered,
        score: if is_strong {
            0.5 + 0.25 * strange_here + 0.25 * covered.max(if object { 0.5 } else { 0.0 })
        } else {
            0.0
        },
    }
}
