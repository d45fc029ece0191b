//! How far the user's own text asks for a call.

use super::super::asks::Ask;
use super::super::capability::Capability;
use super::super::lexicon::{Actions, Objects};
use super::super::session::Session;
use super::arguments::Handed;

/// How far the user asked for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    #[default]
    None,
    /// Spoke of such things, not of such an action.
    Related,
    /// Asked for such an action.
    Asked,
    /// Asked for such an action upon such a thing.
    Named,
}

/// What the user's text says for a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Support {
    pub(super) level: Level,
    /// The user left it to some text what is done.
    pub(super) delegates: bool,
    /// The sentence that asks for it names somebody or something, and the destination is not that.
    pub(super) names_another: bool,
    /// The user gave an address or number of that kind, and the call goes to another that only strangers gave.
    pub(super) gave_another: bool,
    /// It points at what the text says.
    pub(super) points: bool,
    /// The user asked for such an action upon other things: who asks for the light has not asked for the door.
    pub(super) elsewhere: bool,
    /// The very action was asked for, not one that it implies.
    pub(super) exact: bool,
    /// Most of the values come from the user.
    pub(super) covers: bool,
    /// Which share of what the tool is called after the user spoke of.
    pub(super) covered: f32,
    /// Some action was understood in what the user said.
    pub(super) understood: bool,
}

/// Asks what the user's text says for a call.
pub(super) fn support(session: &Session, tool: &Capability, handed: &[Handed]) -> Support {
    let mut support = Support::default();
    let nouns: Vec<u64> = tool.tokens(session.key()).collect();
    let verb = tool.verb_token(session.key());
    let mut spoken = vec![false; nouns.len()];
    let spoken_of = session
        .asked()
        .fold(Objects::NONE, |all, ask| all | ask.objects);
    let elsewhere =
        !spoken_of.is_empty() && !tool.objects.is_empty() && !spoken_of.meets(tool.objects.kin());
    for ask in session.asked() {
        support.understood |= !ask.actions.is_empty();
        support.delegates |= ask.delegates;
        for (spoken, noun) in spoken.iter_mut().zip(&nouns) {
            *spoken |= ask.tokens.contains(noun);
        }
        let by_name = verb.is_some_and(|verb| ask.tokens.contains(&verb));
        let level = level(ask, tool, &nouns, handed, by_name);
        if level >= Level::Asked && level >= support.level {
            let named = handed
                .iter()
                .any(|one| one.said.iter().any(|token| ask.particular.contains(token)));
            support.names_another = !ask.particular.is_empty() && !named;
            support.points = ask.points;
            support.gave_another = gave_another(ask, handed);
        }
        support.exact |= by_name || ask.actions.meets(tool.actions.and(Actions::CONSEQUENT));
        support.level = support.level.max(level);
    }
    support.elsewhere = elsewhere && support.level == Level::Asked;
    support.covered = share(spoken.iter().filter(|spoken| **spoken).count(), nouns.len());
    let said: usize = handed.iter().map(|one| one.said.len()).sum();
    let strange: usize = handed.iter().map(|one| one.strange.len()).sum();
    support.covers = said > strange;
    support
}

/// Whether the user gave a destination and the call goes to another one of the same kind.
fn gave_another(ask: &Ask, handed: &[Handed]) -> bool {
    handed
        .iter()
        .filter(|one| one.is_strange_destination())
        .filter_map(|one| one.whole)
        .any(|(value, kind)| {
            let mut same = ask.values.iter().filter(|(_, other)| *other == kind);
            let given: Vec<u64> = same.by_ref().map(|(other, _)| *other).collect();
            !given.is_empty() && !given.contains(&value)
        })
}

fn level(ask: &Ask, tool: &Capability, nouns: &[u64], handed: &[Handed], by_name: bool) -> Level {
    let object = ask.objects.meets(tool.objects)
        || nouns.iter().any(|noun| ask.tokens.contains(noun))
        || handed
            .iter()
            .any(|one| one.said.iter().any(|token| ask.names.contains(token)));
    let consequent = tool.actions.and(Actions::CONSEQUENT);
    let action = if by_name {
        true
    } else if tool.actions.is_empty() {
        ask.actions.meets(Actions::CONSEQUENT) && object
    } else if consequent.is_empty() {
        ask.actions.meets(tool.actions)
    } else {
        ask.actions.implied().meets(consequent)
    };
    match (action, object) {
        (true, true) => Level::Named,
        (true, false) => Level::Asked,
        (false, true) => Level::Related,
        (false, false) => Level::None,
    }
}

/// A share of 0 to 1; of nothing, nothing.
pub(super) fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 {
        return 0.0;
    }
    part as f32 / whole as f32
}
