//! An interaction that telemetry tells, as it is kept.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use stance_core::exchange::{Origin, Part, Unjudged};
use stance_core::traffic::{Seen, Teller};
use stance_gateway::judge::Judge;
use stance_telemetry::{Dialect, Interaction};

use crate::judged;

/// Most things that could not be judged that are listed.
const UNJUDGED: usize = 16;

/// Most calls of tools that are listed.
const CALLS: usize = 64;

/// Longest name of somebody else's, in characters.
const NAME: usize = 200;

/// What names an interaction for good: its trace and span in one, so that a batch that is sent again tells nothing new; the name
/// of its record where a log tells it; where it has neither, the place in its request.
pub(crate) fn id(it: &Interaction, body: &[u8; 32], at: usize) -> String {
    match (it.trace, it.span, &it.record) {
        (Some(trace), Some(span), _) => format!("{trace}{span}"),
        (_, _, Some(record)) => record.clone(),
        _ => {
            let mut hash = Sha256::new();
            hash.update(body);
            hash.update(at.to_be_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let (digest, _) = digest.split_at(16);
            hex(digest)
        }
    }
}

/// Judges an interaction and makes its record. `now` is when it came, for one that does not say when it was.
pub(crate) fn seen(
    it: &Interaction,
    id: String,
    judge: &dyn Judge,
    words: bool,
    now: Timestamp,
) -> Seen {
    let judged = judged::judge(judge, it, &id, words);
    let (unjudged, unjudged_count) = unjudged(it);
    let micros = |took: std::time::Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    Seen {
        place: short(it.service.name.as_deref().unwrap_or(unnamed(it))),
        operation: short(it.operation.name()),
        provider: it.provider.as_deref().map(short),
        identity: it.identity.name().map(short),
        session: it.conversation.as_deref().map(short),
        trace: it.trace.map(|trace| trace.to_string()),
        agent: it
            .agent
            .as_ref()
            .and_then(|agent| agent.name.as_deref().or(agent.id.as_deref()))
            .map(short),
        model: it.asked.as_deref().map(short),
        answered: it.answered.as_deref().map(short),
        answer: it.answer.as_deref().map(short),
        stream: it.request.stream || it.response.stream,
        status: it.failure.as_ref().and_then(|failure| failure.status),
        decision: judged.told.decision,
        reasons: judged.told.reasons,
        policy: judged.told.policy,
        unjudged,
        unjudged_count,
        pieces: judged.pieces,
        tools: it.request.tools.len() as u64,
        calls: calls(it),
        request_bytes: bytes(&it.request.parts),
        answer_bytes: bytes(&it.response.parts),
        usage: it.usage,
        cost: cost(it),
        // The message of an error may repeat what was asked; its kind does not.
        error: it.failure.as_ref().map(|failure| short(&failure.kind)),
        total_us: it.duration.map(micros),
        ..Seen::new(id, it.start.unwrap_or(now), Teller::Telemetry)
    }
}

/// What stands for the name of a service that does not say it: what wrote the log.
fn unnamed(it: &Interaction) -> &'static str {
    let logs = it.dialects.iter().filter_map(|dialect| match dialect {
        Dialect::Log(format) => Some(format.name()),
        _ => None,
    });
    logs.into_iter().next().unwrap_or("unknown service")
}

fn unjudged(it: &Interaction) -> (Vec<Unjudged>, u64) {
    let mut all = it.not_judged();
    let count = all.len() as u64;
    all.truncate(UNJUDGED);
    (all, count)
}

/// Tools that ran, and those that the model wants to have run.
fn calls(it: &Interaction) -> Vec<String> {
    let ran = it.tool.iter().map(|tool| tool.name.as_str());
    let wanted = it.response.parts.iter().filter_map(|part| {
        let is_call = part.origin == Origin::ToolArguments;
        part.tool.as_deref().filter(|_| is_call)
    });
    let all = ran.chain(wanted).filter(|name| !name.is_empty());
    all.take(CALLS).map(short).collect()
}

fn bytes(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.text.len() as u64).sum()
}

/// In millionths of a dollar; other currencies are not converted.
fn cost(it: &Interaction) -> Option<u64> {
    let cost = it.cost.as_ref().filter(|cost| cost.currency == "USD")?;
    let millionths = (cost.amount * 1e6).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float beyond the range becomes the end of it"
    )]
    (millionths >= 0.0).then_some(millionths as u64)
}

pub(crate) fn short(name: &str) -> String {
    name.chars().take(NAME).collect()
}
