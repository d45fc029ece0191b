//! One message before the judge: what a model will read, or what it said.

use std::borrow::Cow;
use std::time::Instant;

use stance_core::exchange::{Exchange, Origin, ToolDefinition};
use stance_wire::Filter as _;
use stance_wire::rpc::Read;

use crate::judge::{Counting, Counts, Interaction, Judge, Ruling, Subject, Told};
use crate::proxy::micros;
use crate::receipt::{Receipt, Scanned};

/// What became of a message.
pub(super) struct Judged {
    /// As it goes on, where something was changed.
    pub(super) rewritten: Option<Vec<u8>>,
    /// What its sender or receiver is told instead of it.
    pub(super) refused: Option<String>,
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

/// Judges what a model will read: what a server answers, asks or tells.
pub(super) fn read(judge: &dyn Judge, subject: Subject, read: &Read, body: &[u8]) -> Judged {
    let began = Instant::now();
    let mut interaction = judge.begin(subject);
    let mut counts = Counts::default();
    let judged = |refused, rewritten, counts, interaction: &dyn Interaction| Judged {
        rewritten,
        refused,
        told: interaction.told(),
        counts,
        took: micros(began),
    };
    if let Ruling::Refuse(message) = interaction.request(&read.reading.exchange) {
        return judged(Some(message), None, counts, &*interaction);
    }
    let (rewritten, blocks) = {
        let mut filter = Counting {
            inner: interaction.asked(),
            counts: &mut counts,
            pieces: None,
        };
        let rewritten = changed(read.reading.rewrite(body, &mut filter));
        (rewritten, filter.blocks())
    };
    let refused = blocks.then(|| interaction.refusal());
    judged(refused, rewritten, counts, &*interaction)
}

/// Judges what a model or a person said: a call of a tool, with what is known of that tool, or an answer of the client.
pub(super) fn said(
    judge: &dyn Judge,
    subject: Subject,
    tool: Option<&ToolDefinition>,
    read: &Read,
    body: &[u8],
) -> Judged {
    let began = Instant::now();
    let mut interaction = judge.begin(subject);
    let mut counts = Counts::default();
    let mut refused = None;
    if let Some(tool) = tool {
        let offered = Exchange {
            tools: vec![tool.clone()],
            ..Exchange::default()
        };
        if let Ruling::Refuse(message) = interaction.request(&offered) {
            refused = Some(message);
        }
    }
    if let Ruling::Refuse(message) = interaction.answered(&read.reading.exchange) {
        refused = refused.or(Some(message));
    }
    let (rewritten, blocks) = {
        let mut filter = Counting {
            inner: interaction.answer(),
            counts: &mut counts,
            pieces: None,
        };
        let rewritten = changed(read.reading.rewrite(body, &mut filter));
        (rewritten, filter.blocks())
    };
    if refused.is_none() && blocks {
        refused = Some(interaction.refusal());
    }
    Judged {
        rewritten,
        refused,
        told: interaction.told(),
        counts,
        took: micros(began),
    }
}

/// The names of the offered tools that are refused by themselves.
pub(super) fn culprits(judge: &dyn Judge, subject: &Subject, read: &Read) -> Vec<String> {
    let all = &read.reading.exchange;
    all.tools
        .iter()
        .filter(|tool| {
            let is_of = |part: &&stance_core::Part| {
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
