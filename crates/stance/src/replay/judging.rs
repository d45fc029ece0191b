//! One interaction, judged by one policy.

use std::sync::Arc;

use stance_core::exchange::{Exchange, Origin, Usage};
use stance_core::traffic::{Action, Reason};
use stance_gateway::judge::{Ended, Guarded, Interaction, Judge as _, Ruling, Subject};
use stance_gateway::posture::Posture;
use stance_guard::policy::{Decide as _, Finding, Policy, RULES, Rule, Subject as About};
use stance_guard::verdict::Verdict;
use stance_wire::stream::{Options, Unreadable};
use stance_wire::{Framing, Limits, Route, Stream, read_answer, read_request, recognise};

use super::words::{Calls, Keeping, Words};
use super::{Bytes, Facts, Recorded, What};

/// A policy that is tried.
pub(crate) struct Trial {
    policy: Policy,
    judge: Guarded,
}

/// What the trial is held against.
pub(crate) enum Against {
    /// What was decided when it was recorded.
    Recorded,
    /// That where it is known, and else another policy.
    RecordedOr(Box<Trial>),
    /// Another policy.
    Policy(Box<Trial>),
}

/// What was decided about an interaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub(crate) decision: Action,
    pub(crate) reasons: Vec<Reason>,
    /// The tools that were called, as far as they were seen.
    pub(crate) calls: Vec<String>,
    /// What the record or the guard says was not looked at.
    pub(crate) missed: Vec<String>,
    /// The model that the request names.
    pub(crate) model: Option<String>,
    /// What was asked for.
    pub(crate) operation: Option<String>,
    /// What stands at the first place of each reason, where that is to be shown.
    pub(crate) words: Vec<Option<String>>,
    /// Whether nothing of it could be judged.
    pub(crate) unread: bool,
}

impl Trial {
    pub(crate) fn new(policy: Policy, key: (u64, u64)) -> Self {
        Self {
            judge: Guarded::new(policy.clone(), key),
            policy,
        }
    }

    /// Asks these what scans found.
    pub(crate) fn with_posture(mut self, posture: Option<Arc<dyn Posture>>) -> Self {
        self.judge = self.judge.with_posture(posture);
        self
    }

    /// The preset and a digest of the settings.
    pub(crate) fn version(&self) -> &str {
        self.policy.version()
    }

    /// Judges an interaction as the gateway would have.
    pub(crate) fn judge(&self, it: &Recorded, shows: bool) -> Judged {
        match &it.what {
            What::Facts(facts) => self.again(it, facts),
            What::Words {
                request,
                answer,
                usage,
                missing,
            } => {
                let mut run = self.begin(it, it.operation.clone(), shows);
                run.judged.missed.clone_from(missing);
                run.judged.unread = request.parts.is_empty() && answer.parts.is_empty();
                run.words(request, answer);
                run.end(it, 200, *usage)
            }
            What::Bytes(bytes) => {
                let host = Some(bytes.host.as_str());
                let Some(route) = recognise(&bytes.method, &bytes.target, host) else {
                    return Judged {
                        missed: vec!["an operation that is not known".to_owned()],
                        unread: true,
                        ..Judged::default()
                    };
                };
                let operation = route.operation.name().to_owned();
                let mut run = self.begin(it, operation.clone(), shows);
                run.judged.operation = Some(operation);
                let usage = run.bytes(&route, bytes);
                run.end(it, bytes.status, usage)
            }
        }
    }

    fn begin(&self, it: &Recorded, operation: String, shows: bool) -> Run {
        Run {
            interaction: self.judge.begin(Subject {
                identity: it.identity.clone(),
                upstream: it.upstream.clone(),
                operation,
                id: it.id.clone().unwrap_or_default(),
                session: it.session.clone(),
                address: it.address.clone(),
                agent: it.agent.clone(),
            }),
            judged: Judged::default(),
            words: shows.then(Words::default),
        }
    }

    /// Decides about what a receipt tells: the same findings, and the same calls, by this policy.
    fn again(&self, it: &Recorded, facts: &Facts) -> Judged {
        let mut verdict = Verdict::allow(self.policy.version());
        let identity = it.identity.as_deref();
        for reason in &facts.reasons {
            let known = RULES.iter().find(|about| about.id == reason.rule);
            let Some(about) = known else {
                // Rules over many requests cannot be asked again about one.
                verdict.add(reason.clone());
                continue;
            };
            if matches!(about.rule, Rule::Denied | Rule::NotAllowed) {
                // These follow from lists, and those of this policy are asked below.
                continue;
            }
            let finding = Finding {
                rule: about.rule,
                score: reason.score,
                places: reason.places.clone(),
                note: reason.note.clone(),
                failed: reason.failed,
            };
            let subject = About {
                tool: None,
                identity,
            };
            verdict = verdict.join(self.policy.decide(&subject, &[finding]));
        }
        for tool in &facts.calls {
            let subject = About {
                tool: Some(tool),
                identity,
            };
            verdict = verdict.join(self.policy.decide(&subject, &[]));
        }
        Judged {
            decision: verdict.action(),
            reasons: verdict.reasons().cloned().collect(),
            calls: facts.calls.clone(),
            ..Judged::default()
        }
    }
}

impl Against {
    /// As it is told.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Recorded => "recorded".to_owned(),
            Self::RecordedOr(trial) => format!("recorded, else {}", trial.version()),
            Self::Policy(trial) => trial.version().to_owned(),
        }
    }

    /// What it was decided before; none where that is not known.
    pub(crate) fn judge(&self, it: &Recorded) -> Option<Judged> {
        let recorded = match &it.what {
            What::Facts(facts) => Some(Judged {
                decision: facts.decision,
                reasons: facts.reasons.clone(),
                calls: facts.calls.clone(),
                ..Judged::default()
            }),
            _ => None,
        };
        match self {
            Self::Recorded => recorded,
            Self::RecordedOr(trial) => recorded.or_else(|| Some(trial.judge(it, false))),
            Self::Policy(trial) => Some(trial.judge(it, false)),
        }
    }
}

/// An interaction that is being judged.
struct Run {
    interaction: Box<dyn Interaction>,
    judged: Judged,
    words: Option<Words>,
}

impl Run {
    /// Of words that are taken apart already; gives whether the request was let through.
    fn words(&mut self, request: &Exchange, answer: &Exchange) {
        self.asked(request);
        if let Ruling::Refuse(_) = self.interaction.request(request) {
            return;
        }
        let filter = self.interaction.asked();
        for part in &request.parts {
            filter.part(part);
        }
        if filter.blocks() {
            return;
        }
        self.answered(answer);
        let filter = self.interaction.answer();
        for part in &answer.parts {
            filter.part(part);
        }
    }

    fn asked(&mut self, request: &Exchange) {
        self.judged.model.clone_from(&request.model);
        if let Some(words) = &mut self.words {
            words.add(request);
        }
    }

    fn answered(&mut self, answer: &Exchange) {
        let calls = answer
            .parts
            .iter()
            .filter(|part| part.origin == Origin::ToolArguments);
        self.judged
            .calls
            .extend(calls.filter_map(|part| part.tool.clone()));
        if let Some(words) = &mut self.words {
            words.add(answer);
        }
        // Nobody is asked here: what is refused is told with the rest.
        let _ = self.interaction.answered(answer);
    }

    /// Of bytes, as the gateway does; gives what was used up.
    fn bytes(&mut self, route: &Route, bytes: &Bytes) -> Usage {
        let limits = Limits::default();
        if bytes.request.is_empty() {
            self.miss(route.operation.name());
            self.judged.unread = true;
        } else {
            let reading = match read_request(route, &bytes.request, &limits) {
                Ok(reading) => reading,
                Err(fault) => {
                    self.miss(&format!("the request cannot be read: {fault}"));
                    self.judged.unread = true;
                    return Usage::default();
                }
            };
            self.judged.unread = reading.exchange.parts.is_empty();
            self.gaps(&reading.exchange);
            self.asked(&reading.exchange);
            if let Ruling::Refuse(_) = self.interaction.request(&reading.exchange) {
                return Usage::default();
            }
            let filter = self.interaction.asked();
            let _ = reading.rewrite(&bytes.request, filter);
            if filter.blocks() {
                return Usage::default();
            }
        }
        if !(200..300).contains(&bytes.status) {
            self.miss("an answer that is an error");
            return Usage::default();
        }
        let framing = route
            .framing(&bytes.content_type)
            .or_else(|| Framing::of(&bytes.content_type));
        match framing {
            Some(framing) => self.stream(route, framing, &bytes.answer),
            None => self.answer(route, &bytes.answer),
        }
    }

    fn answer(&mut self, route: &Route, body: &[u8]) -> Usage {
        let reading = match read_answer(route, body, &Limits::default()) {
            Ok(reading) => reading,
            Err(fault) => {
                self.miss(&format!("the answer cannot be read: {fault}"));
                return Usage::default();
            }
        };
        self.judged.unread &= reading.exchange.parts.is_empty();
        self.gaps(&reading.exchange);
        self.answered(&reading.exchange);
        let _ = reading.rewrite(body, self.interaction.answer());
        reading.exchange.usage
    }

    fn stream(&mut self, route: &Route, framing: Framing, body: &[u8]) -> Usage {
        let options = Options {
            unreadable: Unreadable::Pass,
            ..Options::default()
        };
        let mut stream = Stream::new(route, framing, options);
        let mut calls = Calls::default();
        {
            let mut keeping = Keeping {
                inner: self.interaction.answer(),
                words: self.words.as_mut(),
                calls: &mut calls,
            };
            let mut out = Vec::new();
            stream.push(body, &mut keeping, &mut out);
            stream.finish(&mut keeping, &mut out);
        }
        self.judged.unread &= !calls.any;
        self.judged.calls.extend(calls.tools);
        let exchange = stream.exchange();
        self.gaps(exchange);
        let _ = self.interaction.answered(exchange);
        exchange.usage
    }

    fn gaps(&mut self, exchange: &Exchange) {
        for gap in &exchange.unjudged {
            self.miss(&gap.what);
        }
    }

    fn miss(&mut self, what: &str) {
        if !self.judged.missed.iter().any(|known| known == what) {
            self.judged.missed.push(what.to_owned());
        }
    }

    fn end(mut self, it: &Recorded, status: u16, usage: Usage) -> Judged {
        // Patterns over many requests need to know when each was.
        if let Some(at) = it.at {
            self.interaction
                .closed(at.as_millisecond(), &Ended { status, usage });
        }
        let told = self.interaction.told();
        if let Some(words) = &self.words {
            self.judged.words = told
                .reasons
                .iter()
                .map(|reason| reason.places.first().and_then(|place| words.at(place)))
                .collect();
        }
        self.judged.decision = told.decision;
        self.judged.reasons = told.reasons;
        self.judged
    }
}
