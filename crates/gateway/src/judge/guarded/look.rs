//! What the guard says of texts, calls and whole exchanges.

use std::sync::Arc;

use serde_json::Value;
use stance_core::exchange::{Exchange, Origin, Part};
use stance_guard::entities::{self, Category};
use stance_guard::flow::capability::Described;
use stance_guard::flow::{self, Call, Capability, SignalKind, Source, catalogue};
use stance_guard::leak;
use stance_guard::policy::{Decide as _, Finding, Rule, Subject as About, Trust};
use stance_guard::stream::{Redactor, Restorer};
use stance_guard::text;
use stance_guard::theft::{self, Asks, Event, Print};
use stance_guard::verdict::{Place, Score};
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
        let about = About {
            tool: None,
            identity: self.subject.identity.as_deref(),
        };
        let finding = Finding::failed(rule, note);
        let verdict = self.shared.policy.decide(&about, &[finding]);
        self.take(verdict, None);
    }

    /// What a part of a request says about itself.
    pub(super) fn look(&mut self, part: &Part) {
        let mut signals: Vec<flow::Signal> = Vec::new();
        let report = text::judge(part.origin, &part.text, &text::Limits::default());
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
            for entity in entities::find(&part.text) {
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
                .or_else(|| self.capabilities.get(tool).map(|it| it.private))
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
                ^ self.shared.key.0,
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
        let parsed: Value =
            serde_json::from_str(arguments).unwrap_or_else(|_| Value::String(arguments.to_owned()));
        let capability = self.capabilities.entry(tool.to_owned()).or_insert_with(|| {
            Capability::of(&Described {
                name: tool,
                ..Described::default()
            })
        });
        let call = Call {
            tool,
            server: None,
            arguments: &parsed,
            capability,
            identity: self.subject.identity.as_deref(),
        };
        let verdict = flow::decide::decide(&self.session, &call, &self.shared.policy);
        let findings = self
            .schemas
            .get(tool)
            .map(|schema| catalogue::arguments(schema, &parsed))
            .unwrap_or_default();
        let about = About {
            tool: Some(tool),
            identity: self.subject.identity.as_deref(),
        };
        let fits = self.shared.policy.decide(&about, &findings);
        self.take(verdict.join(fits), Some((tool, arguments)));
    }

    pub(super) fn answer(&mut self, key: ChannelKey) -> &mut Answer {
        let restored = self
            .restored
            .get_or_insert_with(|| Arc::new(std::mem::take(&mut self.vault)))
            .clone();
        self.answers.entry(key).or_insert_with(|| Answer {
            redactor: self.shared.answered.as_ref().map(Redactor::new),
            restorer: (!restored.is_empty()).then(|| Restorer::new(restored)),
            whole: String::new(),
            is_cut: false,
        })
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
                let is_secret = entity.kind.category() == Category::Credential;
                let rule = if is_secret {
                    Rule::SecretAnswered
                } else {
                    Rule::PersonalAnswered
                };
                let places = vec![place(pointer, &entity.range)];
                let score = f32::from(entity.confidence) / 100.0;
                self.find(rule, score, places, entity.kind.id(), None);
            }
        }
        for signal in leak::exfiltration(words, &self.read) {
            let places = vec![place(pointer, &signal.range)];
            self.find(
                Rule::Exfiltration,
                f32::from(signal.score) / 100.0,
                places,
                signal.rule,
                None,
            );
        }
        let leaks = self.operator.as_ref().map(|operator| {
            let mut scan = operator.scan();
            scan.push(words);
            scan.finish()
        });
        for signal in leaks.unwrap_or_default() {
            let places = vec![place(pointer, &signal.range)];
            self.find(
                Rule::SystemPrompt,
                f32::from(signal.score) / 100.0,
                places,
                signal.rule,
                None,
            );
        }
    }
}

fn place(pointer: &str, range: &std::ops::Range<usize>) -> Place {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place {
        pointer: pointer.to_owned(),
        start: offset(range.start),
        end: offset(range.end),
    }
}
