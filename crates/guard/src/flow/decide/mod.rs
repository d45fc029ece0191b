//! Whether a proposed call follows from what the user wants or from what strangers wrote.
//!
//! Two readings of the same call are compared. *Support*: does the user's own text ask for such an action upon such a thing,
//! and do the arguments come from there? *Demand*: does a passage that strangers may have written tell somebody to do just
//! this? A call with demand and without support is an attack; a call with support goes on, unless its destination is one
//! that only a demand names. The idea is that of data-flow policies for agents (compare Debenedetti et al., 2025, "Defeating
//! Prompt Injections by Design"); the lexical approximation is ours.

mod arguments;
mod demand;
mod support;

use stance_core::exchange::Origin;
use stance_core::exchange::Unjudged;

use super::call::{Call, flatten};
use super::lexicon::{Actions, Objects};
use super::session::Session;
use crate::policy::{Decide, Finding, Rule, Subject};
use crate::verdict::{Place, Score, Verdict};

use arguments::{Handed, judge};
use demand::{Demand, demand};
use support::{Support, support};

pub use support::Level;

/// The verdict over a proposed call: what the flow of data says of it, and what the lists of the policy do.
///
/// Costs microseconds: proportional to the arguments and to the wishes and commands that are remembered, which are bounded.
#[must_use]
pub fn decide(session: &Session, call: &Call<'_>, policy: &impl Decide) -> Verdict {
    let name = call.server.map(|server| format!("{server}/{}", call.tool));
    let subject = Subject {
        tool: Some(name.as_deref().unwrap_or(call.tool)),
        identity: call.identity,
    };
    let (findings, whole) = findings(session, call);
    let mut verdict = policy.decide(&subject, &findings);
    verdict.looked("flow", Origin::ToolArguments);
    verdict.looked("tool", Origin::ToolArguments);
    if !whole {
        verdict.missed(Unjudged {
            pointer: String::new(),
            what: "more or deeper arguments than are looked at".to_owned(),
        });
    }
    if session.is_unheard() && session.label().is_untrusted() {
        verdict.missed(Unjudged {
            pointer: String::new(),
            what: "whether a user asked for it: no words of one were seen".to_owned(),
        });
    }
    if session.unread() > 0 {
        verdict.missed(Unjudged {
            pointer: String::new(),
            what: format!("{} bytes of parts beyond the limit", session.unread()),
        });
    }
    verdict
}

/// What the flow of data says of a call, and whether all of its arguments were looked at.
#[must_use]
pub fn findings(session: &Session, call: &Call<'_>) -> (Vec<Finding>, bool) {
    let (arguments, whole) = flatten(call.arguments);
    // Before any stranger's word there is nobody who could have led the model astray; what a person approved is approved.
    if !session.label().is_untrusted() && session.commands.is_empty() || session.is_approved(call) {
        return (Vec::new(), whole);
    }
    let handed: Vec<Handed> = arguments
        .iter()
        .map(|argument| judge(session, argument))
        .collect();
    let support = support(session, call.capability, &handed);
    let demand = demand(session, call.capability, &handed);
    let mut findings = Vec::new();
    if session.is_unheard() && call.capability.is_consequent() {
        unheard(&demand, &handed, &mut findings);
    } else if call.capability.is_consequent() {
        consequent(call, &support, &demand, &handed, &mut findings);
    } else {
        reading(call, &support, &demand, &handed, &mut findings);
    }
    leaving(call, &support, &handed, &mut findings);
    if !whole
        && call.capability.is_consequent()
        && support.level < Level::Named
        && !session.is_unheard()
    {
        findings.push(Finding::failed(
            Rule::UnaskedGrave,
            "it has more arguments than are looked at",
        ));
    }
    (findings, whole)
}

/// A call that leaves a mark, in a session in which no words of a user were heard: what is left to ask is what strangers'
/// words demand, for nobody knows what was asked for.
fn unheard(demand: &Demand, handed: &[Handed], findings: &mut Vec<Finding>) {
    let (rule, places, note) = if demand.is_strong && demand.addressed {
        (
            Rule::ObeysContent,
            places(handed, |one| one.addressed),
            "a passage that speaks to the model asks for it",
        )
    } else if demand.is_strong && sends_away(handed) {
        (
            Rule::DestinationFromCommand,
            places(handed, Handed::is_dictated),
            "what was read asks for it, towards an address that only stands there",
        )
    } else {
        return;
    };
    findings.push(Finding {
        rule,
        score: Score::of(demand.score),
        places,
        note: note.to_owned(),
        failed: false,
    });
}

/// A call that leaves a mark.
fn consequent(
    call: &Call<'_>,
    support: &Support,
    demand: &Demand,
    handed: &[Handed],
    findings: &mut Vec<Finding>,
) {
    let score = Score::of(demand.score);
    let found = |rule, places, note: &str| Finding {
        rule,
        score,
        places,
        note: note.to_owned(),
        failed: false,
    };
    let grave = call.capability.actions.meets(Actions::GRAVE);
    let fitting = demand.covers_strange
        || demand.is_exact_upon
        || handed.iter().all(|one| one.strange.is_empty());
    let doubted = support.elsewhere && fitting && (demand.is_strong || demand.is_possible)
        || grave && !support.exact && demand.is_exact_possible;
    if support.level >= Level::Asked && !doubted {
        asked(call, support, demand, handed, findings, found);
        return;
    }
    if demand.is_strong && !support.delegates {
        findings.push(found(
            Rule::ObeysContent,
            places(handed, |one| one.commanded),
            "what was read asks for it, and the user did not",
        ));
    } else if demand.is_strong && demand.addressed {
        findings.push(found(
            Rule::ObeysContent,
            places(handed, |one| one.addressed),
            "a passage that speaks to the model asks for it",
        ));
    } else if support.delegates && demand.is_strong && sends_away(handed) {
        findings.push(found(
            Rule::DestinationFromCommand,
            places(handed, Handed::is_dictated),
            "what was read asks for it, towards an address that the user did not give",
        ));
    } else if support.delegates {
        // The user left it to a text what is done, and the text does not try to take over.
    } else if demand.is_possible {
        findings.push(Finding::sure(
            Rule::UnaskedAfterContent,
            Vec::new(),
            "the user did not ask for it, and what was read speaks of such an action",
        ));
    } else if call.capability.actions.is_empty() || call.capability.actions.meets(Actions::GRAVE) {
        // Who spoke of such things may have asked for it in words that are not in the lists.
        let rule = if support.level == Level::None {
            Rule::UnaskedGrave
        } else {
            Rule::Unasked
        };
        findings.push(Finding::sure(
            rule,
            Vec::new(),
            if support.understood {
                "nobody asked for it in so many words"
            } else {
                "the request of the user was not understood"
            },
        ));
    } else {
        findings.push(Finding::sure(
            Rule::Unasked,
            Vec::new(),
            "the user did not ask for it in so many words",
        ));
    }
}

/// Whether a value is, or holds, an address that only a stranger's command gives.
fn sends_away(handed: &[Handed]) -> bool {
    handed.iter().any(|one| {
        (one.is_dictated() || one.is_link && one.commanded)
            && (one.is_link || one.whole.is_some_and(|(_, kind)| kind.is_destination()))
    })
}

/// Whether a parameter sets how somebody gets in.
fn names_a_credential(pointer: &str) -> bool {
    let name = pointer.to_ascii_lowercase();
    [
        "password", "passcode", "secret", "token", "pin", "role", "owner",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// A call that leaves a mark and that the user asked for: what is left to ask is whether it goes where the user meant.
fn asked(
    call: &Call<'_>,
    support: &Support,
    demand: &Demand,
    handed: &[Handed],
    findings: &mut Vec<Finding>,
    found: impl Fn(Rule, Vec<Place>, &str) -> Finding,
) {
    let dictated = places(handed, Handed::is_dictated);
    let addressed = places(handed, |one| one.is_dictated() && one.addressed);
    let fits = demand.is_strong && demand.covers_strange && !support.covers;
    if fits && demand.addressed && (!addressed.is_empty() || !support.exact) {
        findings.push(found(
            Rule::ObeysContent,
            addressed,
            "a passage that speaks to the model asks for it, with values that the user did not give",
        ));
    } else if fits && demand.exact && !support.exact && !support.delegates && !dictated.is_empty() {
        findings.push(found(
            Rule::ObeysContent,
            dictated,
            "what was read asks for just this, and the user for something else",
        ));
    } else if support.gave_another {
        findings.push(Finding::sure(
            Rule::DestinationFromCommand,
            places(handed, Handed::is_strange_destination),
            "the user gave a destination, and it goes to another one",
        ));
    } else if demand.is_strong && !dictated.is_empty() {
        // An invoice says where to pay; nothing that is read has a reason to say what is deleted or who gets access.
        let usual =
            Actions::PAY | Actions::UPDATE | Actions::CREATE | Actions::SCHEDULE | Actions::READ;
        let consequent = call.capability.actions.and(Actions::CONSEQUENT);
        let within = consequent.without(usual).is_empty();
        let outward = consequent.meets(Actions::OUTWARD);
        let credential = handed
            .iter()
            .any(|one| one.is_dictated() && names_a_credential(&one.pointer));
        let meant = support.delegates
            || !support.names_another
                && !demand.is_ambiguous
                && !credential
                && (within || outward && support.points);
        let (rule, note) = if meant {
            (
                Rule::DestinationFromContent,
                "its destination stands only in what was read",
            )
        } else {
            (
                Rule::DestinationFromCommand,
                "its destination is named only where a stranger's text asks for such an action",
            )
        };
        findings.push(found(rule, dictated, note));
    } else {
        let strange = places(handed, Handed::is_strange_destination);
        if !strange.is_empty() {
            findings.push(Finding::sure(
                Rule::DestinationFromContent,
                strange,
                "its destination stands only in what was read",
            ));
        }
    }
}

/// A call that only looks.
fn reading(
    call: &Call<'_>,
    support: &Support,
    demand: &Demand,
    handed: &[Handed],
    findings: &mut Vec<Finding>,
) {
    if !demand.is_strong || support.delegates {
        return;
    }
    let grave = demand.addressed || demand.outward;
    let private = call.capability.private || call.capability.objects == Objects::NONE;
    let dictated = demand.covers_strange && support.level < Level::Named;
    if grave && (dictated || support.covered < demand.covered) && (private || demand.addressed) {
        findings.push(Finding {
            rule: Rule::ReadObeysContent,
            score: Score::of(demand.score),
            places: places(handed, |one| one.commanded),
            note: "what was read asks to look this up, and the user did not".to_owned(),
            failed: false,
        });
    }
}

/// Data on its way out.
fn leaving(call: &Call<'_>, support: &Support, handed: &[Handed], findings: &mut Vec<Finding>) {
    let outward = call.capability.actions.meets(Actions::OUTWARD)
        || call.capability.actions.is_empty()
        || handed.iter().any(|one| one.is_link);
    if !outward {
        return;
    }
    let secret = places(handed, |one| one.label.secret);
    let strange = handed.iter().any(Handed::is_strange_destination);
    if !secret.is_empty() && (strange || support.level < Level::Asked) {
        findings.push(Finding::sure(
            Rule::SecretOut,
            secret,
            "it would hand over a credential that was read",
        ));
    }
    let extended = places(handed, |one| one.extended && one.label.is_private());
    if !extended.is_empty() {
        findings.push(Finding::sure(
            Rule::PrivateDataOut,
            extended,
            "it would hand over private data in a link to a host that only a stranger's text names",
        ));
        return;
    }
    let private = places(handed, |one| one.label.is_private() && !one.sink);
    let commanded = handed
        .iter()
        .any(|one| one.is_strange_destination() && one.commanded);
    if !private.is_empty() && commanded && support.level < Level::Named {
        findings.push(Finding::sure(
            Rule::PrivateDataOut,
            private,
            "it would hand over private data to a destination that a stranger's text names",
        ));
    }
}

/// Where the values stand that `which` picks.
fn places(handed: &[Handed], which: impl Fn(&Handed) -> bool) -> Vec<Place> {
    handed
        .iter()
        .filter(|one| which(one))
        .take(8)
        .map(|one| Place {
            pointer: one.pointer.clone(),
            start: 0,
            end: u32::try_from(one.length).unwrap_or(u32::MAX),
        })
        .collect()
}
