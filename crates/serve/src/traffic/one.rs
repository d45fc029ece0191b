//! One interaction.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::{Action, Reason, Seen, Teller};
use stance_store::traffic::{SeenFilter, SeenQuery};
use stance_store::{Sqlite, Traffic as _};

use super::WORDS;
use super::figures::{micros_if, said, usd};
use super::item::{Item, told_by};
use super::linked::{FindingLink, Linked};
use super::piece::{PieceView, pieces};
use crate::ask::{Ask, Path};
use crate::error::ApiError;
use crate::format;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::telemetry::tell_read;
use crate::view::{Page, View};

/// Most interactions of the same session that are shown beside it.
const THREAD: usize = 50;

/// One interaction, whole.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct InteractionView {
    /// What names it.
    id: String,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
    /// When it began by the clock of whoever told, where that cannot be: `at` is then when it came.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    said: Option<Timestamp>,
    /// Who told: `gateway`, `mcp_proxy` or `telemetry`.
    teller: &'static str,
    /// `allow`, `flag`, `redact`, `ask` or `block`.
    decision: &'static str,
    /// Why, the sternest first.
    reasons: Vec<ReasonView>,
    /// The findings that it is part of.
    findings: Vec<FindingLink>,
    /// The version of the policy.
    policy: String,
    /// The upstream or the service.
    place: String,
    /// What was done.
    operation: String,
    /// Who serves the model.
    provider: Option<String>,
    /// Who asked.
    identity: Option<String>,
    /// What it belongs together with.
    session: Option<String>,
    /// Its trace, in hexadecimal.
    trace: Option<String>,
    /// The agent that did it.
    agent: Option<String>,
    /// The model that was asked for.
    model: Option<String>,
    /// The model that answered.
    answered: Option<String>,
    /// Whether the answer came as a stream.
    stream: bool,
    /// The status that the caller got.
    status: Option<u16>,
    /// What went wrong.
    error: Option<String>,
    /// What could not be judged, up to sixteen.
    unjudged: Vec<UnjudgedView>,
    /// How much of that there was in all.
    unjudged_count: u64,
    /// The pieces in their order.
    pieces: Vec<PieceView>,
    /// Whether words are told: `kept`, `not_kept`, or `hidden` from whoever asks.
    words: &'static str,
    /// How many tools the request offers.
    tools: u64,
    /// Tools that were called.
    calls: Vec<String>,
    /// Bytes of the request.
    request_bytes: u64,
    /// Bytes of the answer.
    answer_bytes: u64,
    /// Tokens of the request.
    tokens_in: Option<u64>,
    /// Tokens of the answer, reasoning included.
    tokens_out: Option<u64>,
    /// Tokens of the request that came from a cache.
    tokens_cached: Option<u64>,
    /// Tokens that went into reasoning.
    tokens_reasoning: Option<u64>,
    /// Millionths of a US dollar, where the price is known.
    cost: Option<u64>,
    /// Microseconds until the first byte of the answer.
    first_byte_us: Option<u64>,
    /// Microseconds until the last byte.
    total_us: Option<u64>,
    /// Microseconds of that which judging took.
    judging_us: Option<u64>,
    /// Interactions of the same session, or else of the same trace, the oldest first, with this one among them; at most 50,
    /// the newest.
    thread: Vec<Item>,
    #[serde(skip)]
    action: Action,
    #[serde(skip)]
    told: Teller,
}

/// Why it was decided so.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct ReasonView {
    /// The rule.
    rule: String,
    /// What the policy does about it.
    action: &'static str,
    /// How sure the rule is, 0 to 1.
    score: f64,
    /// One clause, without any of the matched text.
    note: String,
    /// Whether the rule could not judge, and this follows from its failure mode.
    failed: bool,
    /// In how many places it was found.
    places: usize,
    #[serde(skip)]
    action_of: Action,
}

impl ReasonView {
    fn of(reason: &Reason) -> Self {
        Self {
            rule: reason.rule.clone(),
            action: reason.action.name(),
            score: f64::from(reason.score.share()),
            note: reason.note.clone(),
            failed: reason.failed,
            places: reason.places.len(),
            action_of: reason.action,
        }
    }

    fn said(&self) -> &'static str {
        said(self.action_of)
    }

    fn href(&self) -> String {
        Address::new("/traffic/interactions")
            .with("rule", &self.rule)
            .to_string()
    }
}

/// Something that was there and could not be judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct UnjudgedView {
    /// JSON pointer of it, empty for the whole.
    pointer: String,
    /// What it is, and why it was not judged.
    what: String,
}

pub(super) async fn show(
    ask: Ask,
    Path(id): Path<String>,
) -> Result<View<InteractionView>, ApiError> {
    let may_read = ask.who.may(WORDS);
    let view = ask
        .db
        .read(move |store| {
            let seen = store.seen(&id)?;
            let seen = seen.ok_or_else(|| ApiError::not_found(format_args!("interaction {id}")))?;
            let thread = thread(store, &seen)?;
            let findings = Linked::read(store)?.of(&seen);
            Ok(InteractionView {
                findings,
                ..of(seen, thread, may_read)
            })
        })
        .await?;
    if view.words == "kept" {
        tell_read(&ask, &view.id).await?;
    }
    Ok(View(view))
}

/// What belongs together with it, the oldest first.
fn thread(store: &Sqlite, seen: &Seen) -> Result<Vec<Item>, ApiError> {
    let filter = match (&seen.session, &seen.trace) {
        (None, None) => return Ok(Vec::new()),
        (Some(session), _) => SeenFilter {
            session: Some(session.clone()),
            ..SeenFilter::default()
        },
        (None, Some(trace)) => SeenFilter {
            trace: Some(trace.clone()),
            ..SeenFilter::default()
        },
    };
    let slice = store.seen_list(&SeenQuery::newest(filter, THREAD))?;
    Ok(slice.rows.into_iter().rev().map(Item::of).collect())
}

fn of(seen: Seen, thread: Vec<Item>, may_read: bool) -> InteractionView {
    let has_words = seen.pieces.iter().any(|piece| piece.text.is_some());
    InteractionView {
        pieces: pieces(&seen, may_read),
        words: match (has_words, may_read) {
            (false, _) => "not_kept",
            (true, false) => "hidden",
            (true, true) => "kept",
        },
        at: seen.at,
        said: seen.said,
        findings: Vec::new(),
        teller: seen.teller.name(),
        decision: seen.decision.name(),
        reasons: seen.reasons.iter().map(ReasonView::of).collect(),
        unjudged: seen
            .unjudged
            .iter()
            .map(|one| UnjudgedView {
                pointer: one.pointer.clone(),
                what: one.what.clone(),
            })
            .collect(),
        unjudged_count: seen.unjudged_count,
        tools: seen.tools,
        request_bytes: seen.request_bytes,
        answer_bytes: seen.answer_bytes,
        tokens_in: seen.usage.input,
        tokens_out: seen.usage.output,
        tokens_cached: seen.usage.cached,
        tokens_reasoning: seen.usage.reasoning,
        cost: seen.cost,
        first_byte_us: seen.first_byte_us,
        total_us: seen.total_us,
        judging_us: seen.judging_us,
        thread,
        action: seen.decision,
        told: seen.teller,
        id: seen.id,
        policy: seen.policy,
        place: seen.place,
        operation: seen.operation,
        provider: seen.provider,
        identity: seen.identity,
        session: seen.session,
        trace: seen.trace,
        agent: seen.agent,
        model: seen.model,
        answered: seen.answered,
        stream: seen.stream,
        status: seen.status,
        error: seen.error,
        calls: seen.calls,
    }
}

#[derive(Template)]
#[template(path = "traffic/one.html")]
struct OnePage<'a> {
    frame: Frame,
    view: &'a InteractionView,
}

impl Page for InteractionView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let title = match self.operation.as_str() {
            "" => "Interaction".to_owned(),
            operation => format!("Interaction: {}", format::shorten(operation, 60)),
        };
        let frame = frame.page(title, Section::Traffic);
        OnePage {
            frame: frame
                .under("Traffic", "/traffic")
                .under("Interactions", "/traffic/interactions"),
            view: self,
        }
        .render()
    }
}

impl OnePage<'_> {
    fn said(&self) -> &'static str {
        said(self.view.action)
    }

    fn told_by(&self) -> &'static str {
        told_by(self.view.told)
    }

    fn list(&self, key: &str, value: &str) -> String {
        Address::new("/traffic/interactions")
            .with(key, value)
            .to_string()
    }

    /// What leads to a list: what it is called, the key of the filter, the name.
    fn facts(&self) -> Vec<(&'static str, &'static str, &str)> {
        let view = self.view;
        [
            ("Identity", "identity", view.identity.as_deref()),
            ("Model", "model", view.model.as_deref()),
            ("Place", "place", Some(view.place.as_str())),
            ("Operation", "operation", Some(view.operation.as_str())),
            ("Session", "session", view.session.as_deref()),
            ("Trace", "trace", view.trace.as_deref()),
        ]
        .into_iter()
        .filter_map(|(label, key, value)| Some((label, key, value?)))
        .filter(|(_, _, value)| !value.is_empty())
        .collect()
    }

    /// What stands for itself.
    fn more(&self) -> Vec<(&'static str, String)> {
        let view = self.view;
        let count = |value: Option<u64>| value.map(format::count);
        let time = |value: Option<u64>| value.map(|value| micros_if(Some(value)));
        let answered = view
            .answered
            .clone()
            .filter(|it| view.model.as_ref() != Some(it));
        [
            ("Answered by", answered),
            ("Provider", view.provider.clone()),
            ("Agent", view.agent.clone()),
            ("Status", view.status.map(|status| status.to_string())),
            ("Went wrong", view.error.clone()),
            ("Tokens of the request", count(view.tokens_in)),
            ("Of these, from a cache", count(view.tokens_cached)),
            ("Tokens of the answer", count(view.tokens_out)),
            ("Of these, reasoning", count(view.tokens_reasoning)),
            ("Cost", view.cost.map(usd)),
            ("Request", Some(format::bytes(view.request_bytes))),
            ("Answer", Some(format::bytes(view.answer_bytes))),
            ("Stream", view.stream.then(|| "yes".to_owned())),
            ("Judging took", time(view.judging_us)),
            ("First byte after", time(view.first_byte_us)),
            ("Last byte after", time(view.total_us)),
            (
                "Tools offered",
                (view.tools > 0).then(|| format::count(view.tools)),
            ),
        ]
        .into_iter()
        .filter_map(|(label, value)| Some((label, value?)))
        .collect()
    }

    /// Whether a receipt of it is in the log of the gateway.
    fn has_receipt(&self) -> bool {
        self.view.told != Teller::Telemetry
    }

    /// What belongs together with it; nothing where it is alone.
    fn thread(&self) -> &[Item] {
        match self.view.thread.as_slice() {
            [_] => &[],
            thread => thread,
        }
    }

    fn all_of_thread(&self) -> String {
        match (&self.view.session, &self.view.trace) {
            (Some(session), _) => self.list("session", session),
            (None, Some(trace)) => self.list("trace", trace),
            (None, None) => "/traffic/interactions".to_owned(),
        }
    }
}
