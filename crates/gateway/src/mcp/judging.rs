//! One message before the judge: what a model will read, or what it said.

use std::borrow::Cow;
use std::time::Instant;

use stance_core::exchange::{Exchange, Origin, Part, ToolDefinition};
use stance_wire::Filter as _;
use stance_wire::rpc::Read;

use crate::judge::{Counting, Counts, Interaction, Judge, Open, Ruling, Subject, Told};
use crate::proxy::micros;
use crate::receipt::{Receipt, Scanned};

/// What a verdict has done with a message.
pub(super) enum Fate {
    /// It goes on.
    Passes,
    /// Somebody has to decide; without that, its sender or receiver is told this instead of it.
    Asked(Open, String),
    /// Its sender or receiver is told this instead of it.
    Refused(String),
}

/// What became of a message.
pub(super) struct Judged {
    /// As it goes on, where something was changed.
    pub(super) rewritten: Option<Vec<u8>>,
    pub(super) fate: Fate,
    told: Told,
    counts: Counts,
    took: u64,
}

impl Judged {
    /// Notes in a receipt what was looked at and what was decided.
    pub(super) fn note(&self, read: &Read, receipt: &mut Receipt) {
        receipt.decision = receipt.decision.max(self.told.decision);
        receipt.reasons.extend(self.told.reasons.iter().cloned());
        receipt.policy.clone_from(&self.told.policy);
        if let Some(told) = &self.told.classifier {
            let known = receipt.classifier.get_or_insert_default();
            known.sha256.clone_from(&told.sha256);
            known.scored = known.scored.saturating_add(told.scored);
            known.missed = known.missed.saturating_add(told.missed);
        }
        receipt.missed(&read.reading.exchange.unjudged);
        receipt.judging_us = receipt.judging_us.saturating_add(self.took);
        for (origin, bytes) in &self.counts.bytes {
            match receipt.scanned.iter_mut().find(|it| it.origin == *origin) {
                Some(known) => known.bytes = known.bytes.saturating_add(*bytes),
                None => receipt.scanned.push(Scanned {
                    origin,
                    bytes: *bytes,
                }),
            }
        }
    }
}

/// A message before the judge, whose verdict is about to be told. What is remembered of the session is put back when this is
/// dropped, so that nothing of it may wait for a person.
struct Judging {
    interaction: Box<dyn Interaction>,
    counts: Counts,
    began: Instant,
}

impl Judging {
    /// `holds` says whether somebody can be asked about it.
    fn begin(judge: &dyn Judge, subject: Subject, holds: bool) -> Self {
        let began = Instant::now();
        let mut interaction = judge.begin(subject);
        if holds {
            interaction.can_hold();
        }
        Self {
            interaction,
            counts: Counts::default(),
            began,
        }
    }

    fn end(self, refused: Option<String>, rewritten: Option<Vec<u8>>) -> Judged {
        let fate = match refused {
            Some(message) => Fate::Refused(message),
            None => match self.interaction.question() {
                Some(open) => Fate::Asked(open, self.interaction.refusal()),
                None => Fate::Passes,
            },
        };
        Judged {
            rewritten,
            fate,
            told: self.interaction.told(),
            counts: self.counts,
            took: micros(self.began),
        }
    }
}

/// Judges what a model will read: what a server answers, asks or tells.
pub(super) fn read(
    judge: &dyn Judge,
    subject: Subject,
    read: &Read,
    body: &[u8],
    holds: bool,
) -> Judged {
    let mut judging = Judging::begin(judge, subject, holds);
    if let Ruling::Refuse(message) = judging.interaction.request(&read.reading.exchange) {
        return judging.end(Some(message), None);
    }
    let (rewritten, blocks) = {
        let mut filter = Counting {
            inner: judging.interaction.asked(),
            counts: &mut judging.counts,
            pieces: None,
        };
        let rewritten = changed(read.reading.rewrite(body, &mut filter));
        (rewritten, filter.blocks())
    };
    let refused = blocks.then(|| judging.interaction.refusal());
    judging.end(refused, rewritten)
}

/// Judges what a model or a person said: a call of a tool, with what is known of that tool, or an answer of the client.
pub(super) fn said(
    judge: &dyn Judge,
    subject: Subject,
    tool: Option<&ToolDefinition>,
    read: &Read,
    body: &[u8],
    holds: bool,
) -> Judged {
    let mut judging = Judging::begin(judge, subject, holds);
    let mut refused = None;
    if let Some(tool) = tool {
        let offered = Exchange {
            tools: vec![tool.clone()],
            ..Exchange::default()
        };
        if let Ruling::Refuse(message) = judging.interaction.request(&offered) {
            refused = Some(message);
        }
    }
    if let Ruling::Refuse(message) = judging.interaction.answered(&read.reading.exchange) {
        refused = refused.or(Some(message));
    }
    let (rewritten, blocks) = {
        let mut filter = Counting {
            inner: judging.interaction.answer(),
            counts: &mut judging.counts,
            pieces: None,
        };
        let rewritten = changed(read.reading.rewrite(body, &mut filter));
        if let Some(call) = without_arguments(read) {
            filter.part(&call);
        }
        (rewritten, filter.blocks())
    };
    if refused.is_none() && blocks {
        refused = Some(judging.interaction.refusal());
    }
    judging.end(refused, rewritten)
}

/// A call of a tool whose message has no arguments, which none of its parts tells.
fn without_arguments(read: &Read) -> Option<Part> {
    let message = &read.message;
    let parts = &read.reading.exchange.parts;
    let is_told = parts.iter().any(|it| it.origin == Origin::ToolArguments);
    let is_call = message.method.as_deref() == Some("tools/call");
    let tool = message.name.clone().filter(|_| is_call && !is_told)?;
    Some(Part {
        origin: Origin::ToolArguments,
        pointer: "/params".to_owned(),
        tool: Some(tool),
        call: message.id.clone(),
        text: "{}".to_owned(),
    })
}

/// The names of the offered tools that are refused by themselves.
pub(super) fn culprits(judge: &dyn Judge, subject: &Subject, read: &Read) -> Vec<String> {
    let all = &read.reading.exchange;
    all.tools
        .iter()
        .filter(|tool| {
            let is_of = |part: &&Part| {
                part.origin == Origin::ToolDefinition
                    && part.pointer.starts_with(&format!("{}/", tool.pointer))
            };
            let alone = Exchange {
                tools: vec![(*tool).clone()],
                parts: all.parts.iter().filter(is_of).cloned().collect(),
                ..Exchange::default()
            };
            let mut interaction = judge.begin(subject.clone());
            interaction.request(&alone) != Ruling::Pass
        })
        .map(|tool| tool.name.clone())
        .collect()
}

fn changed(body: Cow<'_, [u8]>) -> Option<Vec<u8>> {
    match body {
        Cow::Borrowed(_) => None,
        Cow::Owned(body) => Some(body),
    }
}
