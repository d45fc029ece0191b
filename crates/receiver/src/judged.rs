//! What a judge says of an interaction that is over.

use stance_core::traffic::Action;
use stance_gateway::judge::{Ended, Judge, Subject, Told};
use stance_telemetry::Interaction;

/// Judged, with the pieces as they are kept.
pub(crate) struct Judged {
    pub(crate) told: Told,
    pub(crate) pieces: Vec<stance_core::traffic::Piece>,
}

/// Has both sides of an interaction judged as they would have been on their way. What is decided is what can be done now:
/// to record it.
pub(crate) fn judge(judge: &dyn Judge, it: &Interaction, id: &str, words: bool) -> Judged {
    let mut looking = judge.begin(Subject {
        identity: it.identity.name().map(str::to_owned),
        upstream: it.service.name.clone().unwrap_or_default(),
        operation: it.operation.name().to_owned(),
        id: id.to_owned(),
        session: it.conversation.clone(),
        agent: agent(it),
        ..Subject::default()
    });
    // What is refused here has happened; what comes after is looked at even so.
    let _ = looking.request(&it.request);
    for part in &it.response.parts {
        let _ = looking.answer().part(part);
    }
    let _ = looking.answered(&it.response);
    let at = it.start.unwrap_or_else(jiff::Timestamp::now);
    let status = it
        .failure
        .as_ref()
        .map_or(200, |it| it.status.unwrap_or(500));
    looking.closed(
        at.as_millisecond(),
        &Ended {
            status,
            usage: it.usage,
        },
    );
    let mut told = looking.told();
    told.decision = told.decision.min(Action::Flag);
    for reason in &mut told.reasons {
        reason.action = reason.action.min(Action::Flag);
    }
    let kept = |text: &str| looking.kept(text);
    let (asked, answered) = (&it.request.parts, &it.response.parts);
    let pieces = stance_gateway::witness::pieces(asked, answered, words.then_some(&kept));
    Judged { told, pieces }
}

/// The agent that did it, or the program that told it.
fn agent(it: &Interaction) -> Option<String> {
    let agent = it.agent.as_ref();
    let agent = agent.and_then(|agent| agent.name.as_ref().or(agent.id.as_ref()));
    agent.or(it.service.name.as_ref()).cloned()
}
