//! What a rule asks about is held until a person or a program decides, or until a deadline.
//!
//! A request waits before it goes up, an answer before it goes on; of a stream, what came before goes on meanwhile. Whoever
//! decides is told who wants what and which rules ask; never words, but for the arguments of a tool where the settings say
//! so. A question ends with the first decision, with its deadline, when the caller goes away, and when settings change or
//! the gateway is told to stop; how it ended stands in the receipt.

mod alive;
mod desk;
mod door;
mod ready;
pub(crate) mod settings;
mod signature;
mod webhook;

pub(crate) use alive::{COMMENT, is_genai};
pub use desk::Waiting;
pub(crate) use door::{Door, PATH, listen};
pub(crate) use ready::Ready;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use stance_core::approval::{Decided, Decision, Desk as _, Held, NotTaken, Question, Way};
use stance_wire::{Framing, Status, Stream};
use tokio::sync::oneshot;

use crate::body::Pieces;
use crate::judge::{Counting, Open};
use crate::proxy::{Exchange, micros, new_id};
use crate::receipt::{Receipt, short};
use crate::settings::{Invalid, Settings};
use crate::upstream::Connections;
use desk::{NoRoom, rules};
use settings::AtDeadline;

/// Longest arguments that are shown, in bytes.
const SHOWN: usize = 16 << 10;

/// How often a client that waits hears that it still does.
pub(crate) const ALIVE: Duration = Duration::from_secs(5);

impl Exchange {
    /// Holds what a rule asks about, if any does; an error is what the caller is told instead of it.
    pub(crate) async fn hold(
        &mut self,
        held: Held,
        gone: impl Future<Output = ()>,
    ) -> Result<(), String> {
        let Some(open) = self.interaction.as_ref().and_then(|it| it.question()) else {
            return Ok(());
        };
        let ready = self.ready.clone();
        let Some(ask) = &ready.ask else {
            return Err("It has to be asked about, and there is nobody to ask.".to_owned());
        };
        let question = question(open, held, ask, &self.receipt);
        let shared = self.shared.clone();
        let place = Place {
            desk: &shared.desk,
            connections: &shared.connections,
            door: None,
        };
        let decided = decide(place, question, ask, gone).await;
        let refusal = self.interaction.as_mut().map(|it| {
            it.decided(decided.allowed);
            it.refusal()
        });
        let allowed = decided.allowed;
        let way = decided.way;
        self.receipt.decided(decided);
        if allowed {
            return Ok(());
        }
        Err(format!("{} {}", refusal.unwrap_or_default(), why(way)))
    }

    /// Holds a stream where an event of it waits, with signs of life for the client where its dialect has any. Gives what
    /// goes on after that, and how the stream stands; `None` for a caller that went away.
    pub(crate) async fn hold_stream(
        &mut self,
        events: &mut Stream,
        framing: Framing,
        pieces: &Pieces,
    ) -> Option<(Bytes, Status)> {
        let operation = self.route.as_ref().map(|route| route.operation);
        let has_begun = self.receipt.answer_bytes > 0;
        let sign = alive::sign(framing, operation, self.is_genai, has_begun);
        let allowed = {
            let holding = self.hold(Held::Answer, pieces.closed());
            let mut holding = std::pin::pin!(holding);
            let mut alive = tokio::time::interval_at(tokio::time::Instant::now() + ALIVE, ALIVE);
            loop {
                tokio::select! {
                    decided = &mut holding => break decided.is_ok(),
                    _ = alive.tick() => {
                        if let Some(sign) = &sign {
                            // Who does not read anyway needs no sign.
                            let _ = pieces.try_send(Ok(sign.clone()));
                        }
                    }
                }
            }
        };
        let mut out = Vec::new();
        if allowed {
            let began = Instant::now();
            let interaction = self.interaction.as_mut()?;
            let mut filter = Counting {
                inner: interaction.answer(),
                counts: &mut self.counts,
                pieces: self.about.as_mut().map(|about| &mut about.pieces),
            };
            events.release(&mut filter, &mut out);
            self.receipt.judging_us = self.receipt.judging_us.saturating_add(micros(began));
        } else {
            events.refuse(&mut out);
        }
        self.receipt.answer_bytes += out.len() as u64;
        if pieces.is_closed() {
            return None;
        }
        Some((out.into(), events.status()))
    }
}

/// Who is asked by these settings, where anybody is.
///
/// # Errors
///
/// What in them means nothing or cannot be had.
pub(crate) fn ready(settings: &Settings) -> Result<Option<Arc<Ready>>, Vec<Invalid>> {
    let Some(ask) = &settings.ask else {
        return Ok(None);
    };
    let invalid = |(part, what)| Invalid {
        place: format!("ask.{part}"),
        what,
    };
    let wrong: Vec<Invalid> = ask.check().into_iter().map(invalid).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    match Ready::new(ask) {
        Ok(ready) => Ok(Some(Arc::new(ready))),
        Err(wrong) => Err(vec![invalid(wrong)]),
    }
}

/// What somebody is asked about an interaction, which its receipt describes.
pub(crate) fn question(open: Open, held: Held, ask: &Ready, receipt: &Receipt) -> Question {
    let at = Timestamp::now();
    let shows = ask.settings.show_arguments;
    Question {
        id: new_id(),
        interaction: receipt.id.clone(),
        at,
        deadline: at.saturating_add(ask.settings.patience()).unwrap_or(at),
        passes_at_deadline: ask.settings.at_deadline == AtDeadline::Pass,
        held,
        identity: receipt.identity.clone(),
        upstream: receipt.upstream.clone(),
        operation: receipt.operation.clone(),
        model: receipt.model.clone(),
        reasons: open.reasons,
        calls: open
            .calls
            .into_iter()
            .map(|call| stance_core::approval::Call {
                tool: short(&call.tool),
                arguments: call.arguments.filter(|_| shows).map(cut),
            })
            .collect(),
    }
}

/// Where a question waits, and by what a webhook is reached.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) desk: &'p Arc<Waiting>,
    pub(crate) connections: &'p Connections,
    /// Where decisions come in, where that is no address that the webhook knows anyway.
    pub(crate) door: Option<&'p str>,
}

/// Waits for whoever decides first.
pub(crate) async fn decide(
    place: Place<'_>,
    question: Question,
    ask: &Ready,
    gone: impl Future<Output = ()>,
) -> Decided {
    let began = Instant::now();
    let desk = place.desk;
    let mut decided = Decided {
        id: question.id.clone(),
        held: question.held,
        allowed: false,
        way: Way::Ended,
        by: None,
        note: None,
        at: question.at,
        waited_ms: 0,
        rules: rules(&question),
    };
    let token = new_id();
    let most = usize::try_from(ask.settings.most_waiting).unwrap_or(usize::MAX);
    if let Some(known) = desk.known(&question) {
        said(&mut decided, Way::Remembered, known);
    } else {
        match desk.seat(
            question.clone(),
            digest(&token),
            most,
            ask.settings.memory(),
        ) {
            Err(NoRoom::Full) => decided.way = Way::Full,
            Err(NoRoom::Ended) => decided.way = Way::Ended,
            Ok(mut seat) => {
                let asking = Asking {
                    place,
                    question: &question,
                    ask,
                    token: &token,
                };
                asking.wait(&mut seat.answer, gone, &mut decided).await;
            }
        }
    }
    decided.at = Timestamp::now();
    decided.waited_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    desk.note(question, decided.clone());
    decided
}

struct Asking<'a> {
    place: Place<'a>,
    question: &'a Question,
    ask: &'a Ready,
    token: &'a str,
}

impl Asking<'_> {
    async fn wait(
        &self,
        answer: &mut oneshot::Receiver<(Way, Decision)>,
        gone: impl Future<Output = ()>,
        decided: &mut Decided,
    ) {
        let told = webhook::tell(self.ask, self.place, self.question, self.token);
        let deadline = tokio::time::sleep(self.ask.settings.patience());
        let (mut told, mut deadline, mut gone) = (
            std::pin::pin!(told),
            std::pin::pin!(deadline),
            std::pin::pin!(gone),
        );
        let mut is_telling = true;
        loop {
            tokio::select! {
                biased;
                answer = &mut *answer => {
                    match answer {
                        Ok((way, decision)) => said(decided, way, decision),
                        Err(_) => decided.way = Way::Ended,
                    }
                    return;
                }
                answer = &mut told, if is_telling => {
                    is_telling = false;
                    match answer {
                        Ok(Some(decision)) => self.answered(decision),
                        Ok(None) => {}
                        // A person may still decide.
                        Err(what) => decided.note = Some(what),
                    }
                }
                () = &mut gone => {
                    decided.way = Way::Withdrawn;
                    break;
                }
                () = &mut deadline => {
                    decided.way = Way::Deadline;
                    decided.allowed = self.question.passes_at_deadline;
                    break;
                }
            }
        }
        // Whoever was told that it counts has it count.
        answer.close();
        if let Ok((way, decision)) = answer.try_recv() {
            said(decided, way, decision);
        }
    }

    /// Takes what the webhook said at once: the question is answered by it, as by anybody.
    fn answered(&self, decision: Decision) {
        let desk = self.place.desk;
        let id = &self.question.id;
        if let Err(NotTaken::NotRemembered) = desk.decide(id, Way::Webhook, decision.clone()) {
            // It decides all the same, and counts once.
            let once = Decision {
                remember: false,
                ..decision
            };
            let _ = desk.decide(id, Way::Webhook, once);
        }
    }
}

fn said(decided: &mut Decided, way: Way, decision: Decision) {
    decided.way = way;
    decided.allowed = decision.allow;
    decided.by = Some(decision.by);
    decided.note = decision.note;
}

/// What a caller is told of how a question ended.
pub(crate) fn why(way: Way) -> &'static str {
    match way {
        Way::Person | Way::Webhook | Way::Remembered => "Whoever was asked said no.",
        Way::Deadline => "Nobody answered in time.",
        Way::Full => "Too many wait for an answer already.",
        Way::Withdrawn => "The caller went away.",
        Way::Ended => "The question ended with the settings or the gateway.",
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Arguments, up to what is shown.
fn cut(mut arguments: String) -> String {
    if arguments.len() > SHOWN {
        let end = (0..=SHOWN)
            .rev()
            .find(|at| arguments.is_char_boundary(*at))
            .unwrap_or(0);
        arguments.truncate(end);
        arguments.push('…');
    }
    arguments
}
