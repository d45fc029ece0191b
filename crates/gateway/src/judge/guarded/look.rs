//! What the guard says of texts, calls and whole exchanges.

use std::sync::Arc;

use serde_json::Value;
use stance_core::exchange::{Exchange, Origin, Part};
use stance_guard::entities::{self, Category, Kind};
use stance_guard::flow::capability::Described;
use stance_guard::flow::{self, Call, Capability, SignalKind, Source, catalogue};
use stance_guard::leak::{self, Gate};
use stance_guard::policy::{Decide as _, Finding, Rule, Subject as About, Trust};
use stance_guard::stream::{Redactor, Restorer};
use stance_guard::text;
use stance_guard::theft::{self, Asks, Event, Print};
use stance_guard::verdict::{Action, Place, Score};
use stance_wire::ChannelKey;

use super::answer::Answer;
use super::{Watching, is_told};

impl Watching {
    pub(super) fn find(
        &mut self,
        rule: Rule,
        score: f32,
        places: Vec<Place>,
        note: &str,
        tool: Option<&str>,
    ) {
        let key = (
            rule,
            places
                .first()
                .map_or_else(String::new, |it| format!("{}:{}", it.pointer, it.start)),
        );
        if !self.told.insert(key) {
            return;
        }
        let finding = Finding {
            rule,
            score: Score::of(score),
            places,
            note: note.to_owned(),
            failed: false,
        };
        let about = About {
            tool,
            identity: self.subject.identity.as_deref(),
        };
        let verdict = self.shared.policy.decide(&about, &[finding]);
        self.take(verdict, None);
    }

    /// A rule that could not judge: its failure mode decides.
    pub(super) fn cannot(&mut self, rule: Rule, note: &str) {
        self.decide_alone(&Finding::failed(rule, note));
    }

    /// Decides about one finding that is about the exchange as a whole.
    pub(super) fn decide_alone(&mut self, finding: &Finding) {
        let about = About {
            tool: None,
            identity: self.subject.identity.as_deref(),
        };
        let all = std::slice::from_ref(finding);
        let verdict = self.shared.policy.decide(&about, all);
        self.take(verdict, None);
    }

    /// What a part of a request says about itself.
    pub(super) fn look(&mut self, part: &Part) {
        let mut signals: Vec<flow::Signal> = Vec::new();
        let mut report = text::judge(part.origin, &part.text, &text::Limits::default());
        signals.extend(self.classify(part, &mut report));
        for gap in &report.unscanned {
            self.verdict.missed(stance_core::exchange::Unjudged {
                pointer: part.pointer.clone(),
                what: gap.why.to_owned(),
            });
        }
        if part.origin == Origin::User || part.origin.is_untrusted() {
            self.verdict.looked("text", part.origin);
        }
        for signal in report.signals {
            let is_sure = signal.grade == text::Grade::Block;
            let rule = match (part.origin == Origin::User, is_sure) {
                (true, true) => Rule::Attack,
                (true, false) => Rule::AttackPossible,
                (false, true) => Rule::Instructions,
                (false, false) => Rule::InstructionsPossible,
            };
            let places = vec![place(&part.pointer, &signal.span)];
            self.find(
                rule,
                signal.score.max(0.5),
                places,
                signal.rule,
                part.tool.as_deref(),
            );
            signals.push(flow::Signal {
                rule: signal.rule.to_owned(),
                kind: SignalKind::Injection,
                score: signal.score,
                span: signal.span,
            });
        }
        if !self.shared.seen_asked.is_empty() {
            self.verdict.looked("data", part.origin);
            let found = entities::find(&part.text);
            let hidden = self.shared.asked.as_ref();
            if hidden.is_some_and(|hidden| hidden.leaves(&found)) {
                let hash = self.shared.hash(&part.text);
                self.clean.insert(hash);
            }
            for entity in found {
                let is_secret = entity.kind.category() == Category::Credential;
                if !is_told(entity.kind) {
                    continue;
                }
                signals.push(flow::Signal {
                    rule: entity.kind.id().to_owned(),
                    kind: if is_secret {
                        SignalKind::Secret
                    } else {
                        SignalKind::Personal
                    },
                    score: f32::from(entity.confidence) / 100.0,
                    span: entity.range.clone(),
                });
                let rule = if is_secret {
                    Rule::SecretAsked
                } else {
                    Rule::PersonalAsked
                };
                let places = vec![place(&part.pointer, &entity.range)];
                let score = f32::from(entity.confidence) / 100.0;
                self.find(rule, score, places, entity.kind.id(), part.tool.as_deref());
            }
        }
        self.look_for_leaks(part);
        let source = self.source(part);
        self.session.observe(part, source, &signals);
        if part.origin.is_untrusted() {
            self.read.add(&part.text);
        }
    }

    /// What is known of where a part comes from.
    pub(super) fn source(&self, part: &Part) -> Source {
        let Some(tool) = &part.tool else {
            return Source::default();
        };
        let settings = self.shared.policy.settings().tool(tool);
        Source {
            trusted: settings.is_some_and(|it| it.trust == Trust::Trusted),
            private: settings
                .and_then(|it| it.private)
                .or_else(|| self.sheet(tool).map(|it| it.capability.private))
                .unwrap_or_default(),
        }
    }

    /// What a request is among all others.
    pub(super) fn described(&self, exchange: &Exchange) -> Event {
        let last = exchange
            .parts
            .iter()
            .rev()
            .find(|part| part.origin == Origin::User);
        let operation = match self.subject.operation.as_str() {
            name if name.contains("embed") => theft::Operation::Embed,
            _ => theft::Operation::Generate,
        };
        Event {
            identity: theft::identity(self.subject.identity.as_deref().unwrap_or_default())
                ^ self.shared.memory.key.0,
            model: theft::name(exchange.model.as_deref().unwrap_or_default()),
            operation,
            asks: Asks {
                probabilities: exchange.probabilities,
                many: exchange.answers.is_some_and(|answers| answers > 1),
                ..Asks::default()
            },
            limit: exchange
                .limit
                .map_or(0, |limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            prompt: last.map(|part| Print::of(&part.text)),
            ..Event::default()
        }
    }

    /// What a call of a tool would do.
    pub(super) fn call(&mut self, tool: &str, arguments: &str) {
        // Some say that there are none by saying nothing.
        let parsed: Value = match arguments.trim().is_empty() {
            true => Value::Object(serde_json::Map::new()),
            false => serde_json::from_str(arguments)
                .unwrap_or_else(|_| Value::String(arguments.to_owned())),
        };
        let sheet = self.sheet(tool);
        let mut capability = sheet.as_ref().map_or_else(
            || {
                Capability::of(&Described {
                    name: tool,
                    ..Described::default()
                })
            },
            |sheet| sheet.capability.clone(),
        );
        if let Some(settings) = self.shared.policy.settings().tool(tool) {
            capability = capability.overridden(settings);
        }
        let call = Call {
            tool,
            server: None,
            arguments: &parsed,
            capability: &capability,
            identity: self.subject.identity.as_deref(),
        };
        let verdict = flow::decide::decide(&self.session, &call, &self.shared.policy);
        let schema = sheet
            .as_ref()
            .and_then(|sheet| sheet.schema.as_ref()?.as_ref().ok());
        let mut findings = schema
            .map(|schema| catalogue::arguments(schema, &parsed))
            .unwrap_or_default();
        findings.extend(self.outside(tool));
        let about = About {
            tool: Some(tool),
            identity: self.subject.identity.as_deref(),
        };
        let fits = self.shared.policy.decide(&about, &findings);
        self.take(verdict.join(fits), Some((tool, arguments)));
    }

    pub(super) fn answer(&mut self, key: ChannelKey) -> &mut Answer {
        if !self.answers.contains_key(&key) {
            let new = self.new_answer();
            self.answers.insert(key, new);
        }
        self.answers.entry(key).or_default()
    }

    /// What is done about leaks in an answer.
    pub(super) fn acts(&self) -> leak::Acts {
        match self.can_ask() {
            true => self.shared.acts,
            false => self.shared.acts.unasked(),
        }
    }

    /// What a channel of the answer goes through.
    pub(super) fn new_answer(&mut self) -> Answer {
        self.answer_by(self.acts())
    }

    /// The same with something else done about leaks.
    pub(super) fn answer_by(&mut self, acts: leak::Acts) -> Answer {
        let restored = self
            .restored
            .get_or_insert_with(|| Arc::new(std::mem::take(&mut self.vault)))
            .clone();
        // Nobody speaks for the operator to a server of MCP; who did in the same session did it to a model.
        if self.is_server() && self.operator.is_none() && self.known.is_none() {
            self.operator = self.shared.memory.spoken(&self.subject);
        }
        let known = self.known.get_or_insert_with(|| {
            let mut read = std::mem::take(&mut self.read);
            restored.names().for_each(|name| read.add_name(name));
            leak::Known {
                read: Arc::new(read),
                operator: self.operator.take(),
                markers: self.shared.policy.markers().cloned(),
                documents: self.shared.documents.clone(),
                reader: self.subject.identity.clone(),
            }
        });
        Answer {
            gate: Gate::new(acts, known),
            redactor: self.shared.answered.as_ref().map(Redactor::new),
            restorer: (!restored.is_empty()).then(|| Restorer::new(restored)),
            ..Answer::default()
        }
    }

    /// Takes over what would leak.
    pub(super) fn leaked(&mut self, signals: Vec<leak::Signal>, pointer: &str) {
        for signal in signals {
            let places = vec![place(pointer, &signal.range)];
            let note = match &signal.about {
                Some(about) => format!("{}: {about}", signal.rule),
                None => signal.rule.to_owned(),
            };
            let score = f32::from(signal.score) / 100.0;
            self.find(signal.kind().rule(), score, places, &note, None);
        }
    }

    /// Takes over the first value in a channel that stops it; none of what is only hidden, which is told at the end.
    pub(super) fn found(&mut self, key: ChannelKey, pointer: &str) {
        let Some(answer) = self.answers.get_mut(&key) else {
            return;
        };
        let Some(redactor) = &answer.redactor else {
            return;
        };
        let policy = &self.shared.policy;
        let new = redactor.found().iter().skip(answer.looked);
        let stops = new
            .filter(|entity| policy.action(answered_rule(entity.kind)) == Action::Block)
            .map(|entity| (entity.kind, entity.range.clone(), entity.confidence))
            .next();
        answer.looked = redactor.found().len();
        if let Some((kind, range, confidence)) = stops {
            let places = vec![place(pointer, &range)];
            let score = f32::from(confidence) / 100.0;
            self.find(answered_rule(kind), score, places, kind.id(), None);
        }
    }

    /// What leaks by a part of a request.
    fn look_for_leaks(&mut self, part: &Part) {
        if let Some((mut gate, _)) = self.asked_gate(part) {
            let mut out = String::new();
            gate.push(&part.text, &mut out);
            gate.finish(&mut out);
            let signals = gate.take_signals();
            self.leaked(signals, &part.pointer);
        }
    }

    /// Whether a server of tools is on the other side: messages of MCP, in which what it says is what is asked.
    pub(super) fn is_server(&self) -> bool {
        self.subject.operation.starts_with("mcp")
    }

    /// Subjects of what the user asks now.
    pub(super) fn subjects(&mut self, exchange: &Exchange) {
        if self.shared.policy.topics().is_none() {
            return;
        }
        let last = exchange
            .parts
            .iter()
            .rposition(|part| part.origin.is_generated())
            .map_or(0, |at| at + 1);
        for part in exchange.parts.iter().skip(last) {
            if part.origin == Origin::User {
                self.about(part.origin, &part.text, &part.pointer);
            }
        }
    }

    /// What a text is about.
    fn about(&mut self, origin: Origin, words: &str, pointer: &str) {
        let Some(topics) = self.shared.policy.topics() else {
            return;
        };
        self.verdict.looked("topic", origin);
        for reason in topics.judge(words, pointer) {
            self.verdict.add(reason);
        }
    }

    /// What the words of an answer hold.
    pub(super) fn said(&mut self, origin: Origin, words: &str, pointer: &str) {
        self.verdict.looked("leak", origin);
        if !self.shared.seen_answered.is_empty() {
            self.verdict.looked("data", origin);
            for entity in entities::find(words) {
                if !is_told(entity.kind) {
                    continue;
                }
                let rule = answered_rule(entity.kind);
                let places = vec![place(pointer, &entity.range)];
                let score = f32::from(entity.confidence) / 100.0;
                self.find(rule, score, places, entity.kind.id(), None);
            }
        }
        if origin == Origin::Model {
            self.about(origin, words, pointer);
        }
    }
}

/// The rule about a value of this kind in an answer.
fn answered_rule(kind: Kind) -> Rule {
    match kind.category() {
        Category::Credential => Rule::SecretAnswered,
        _ => Rule::PersonalAnswered,
    }
}

pub(super) fn place(pointer: &str, range: &std::ops::Range<usize>) -> Place {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place {
        pointer: pointer.to_owned(),
        start: offset(range.start),
        end: offset(range.end),
    }
}
