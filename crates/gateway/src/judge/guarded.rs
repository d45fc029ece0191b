//! The judge that decides by the guard: texts, data, and what flows where, under one policy.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use stance_core::exchange::{Exchange, Origin, Part};
use stance_guard::entities::{self, Category, Kind};
use stance_guard::flow::capability::Described;
use stance_guard::flow::catalogue;
use stance_guard::flow::catalogue::schema::{self, Schema};
use stance_guard::flow::{self, Call, Capability, Key, Session, SignalKind, Source};
use stance_guard::leak::{self, Overlap};
use stance_guard::policy::{Decide as _, Finding, Policy, Rule, Subject as About};
use stance_guard::stream::{self, Redactor, Restorer, Vault};
use stance_guard::text;
use stance_guard::verdict::{Action, Place, Score, Verdict};
use stance_wire::{Channel, ChannelKey, ChannelKind, Filter};

use super::{Interaction, Judge, Ruling, Subject, Told};

/// Most sessions that are remembered beyond the history that callers send along; the one used longest ago goes first.
const SESSIONS: usize = 256;

/// Largest arguments of one call that are held until they are judged, in bytes.
const ARGUMENTS: usize = 4 << 20;

/// Judges by a policy.
pub struct Guarded {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Policy,
    key: Key,
    sessions: Mutex<Sessions>,
    /// What is hidden in requests and in answers, where anything is.
    asked: Option<stream::Policy>,
    answered: Option<stream::Policy>,
    /// What is looked for in them: what is hidden, and what is only told.
    seen_asked: Vec<Rule>,
    seen_answered: Vec<Rule>,
}

#[derive(Default)]
struct Sessions {
    known: HashMap<String, Session>,
    order: VecDeque<String>,
}

impl Guarded {
    /// A judge with this policy. `key` is random and secret: it keeps what sessions remember from being made by others.
    #[must_use]
    pub fn new(policy: Policy, key: (u64, u64)) -> Self {
        let hides = |rules: [(Rule, bool); 2]| {
            let kinds: Vec<Kind> = Kind::ALL
                .iter()
                .copied()
                .filter(|kind| {
                    rules.iter().any(|(rule, secret)| {
                        policy.action(*rule) == Action::Redact
                            && is_told(*kind)
                            && (kind.category() == Category::Credential) == *secret
                    })
                })
                .collect();
            // Numbered placeholders: the caller gets its own values back.
            (!kinds.is_empty()).then(|| stream::Policy::of(&kinds))
        };
        let asked = [(Rule::SecretAsked, true), (Rule::PersonalAsked, false)];
        let answered = [
            (Rule::SecretAnswered, true),
            (Rule::PersonalAnswered, false),
        ];
        let acts = |rules: [(Rule, bool); 2]| {
            rules
                .into_iter()
                .map(|(rule, _)| rule)
                .filter(|rule| policy.action(*rule) != Action::Allow)
                .collect()
        };
        Self {
            shared: Arc::new(Shared {
                asked: hides(asked),
                answered: hides(answered),
                seen_asked: acts(asked),
                seen_answered: acts(answered),
                key: Key(key.0, key.1),
                sessions: Mutex::default(),
                policy,
            }),
        }
    }
}

/// Whether a kind tells something about people or opens something: addresses on the web and times are nobody's.
fn is_told(kind: Kind) -> bool {
    !matches!(kind.category(), Category::Web | Category::Time)
}

impl Judge for Guarded {
    fn begin(&self, subject: Subject) -> Box<dyn Interaction> {
        let shared = self.shared.clone();
        let session = shared.session(&subject);
        Box::new(Watching {
            verdict: Verdict::allow(shared.policy.version()),
            session,
            subject,
            phase: Phase::Asked,
            capabilities: HashMap::new(),
            schemas: HashMap::new(),
            vault: Vault::default(),
            restored: None,
            operator: None,
            read: leak::Context::new(),
            answers: BTreeMap::new(),
            told: BTreeSet::new(),
            shared,
        })
    }
}

impl Shared {
    fn session(&self, subject: &Subject) -> Session {
        let new = || Session::new(self.key, flow::Limits::default());
        let Some(name) = name_of(subject) else {
            return new();
        };
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.known.get(&name).cloned().unwrap_or_else(new)
    }

    fn keep(&self, subject: &Subject, session: Session) {
        let Some(name) = name_of(subject) else { return };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.order.retain(|other| *other != name);
        if sessions.order.len() >= SESSIONS
            && let Some(oldest) = sessions.order.pop_front()
        {
            sessions.known.remove(&oldest);
        }
        sessions.order.push_back(name.clone());
        sessions.known.insert(name, session);
    }
}

/// What tells a session apart: who, and what they call it.
fn name_of(subject: &Subject) -> Option<String> {
    let session = subject.session.as_deref()?;
    Some(format!(
        "{} {session}",
        subject.identity.as_deref().unwrap_or_default()
    ))
}

/// Which way the texts go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Asked,
    Answered,
}

struct Watching {
    shared: Arc<Shared>,
    subject: Subject,
    session: Session,
    verdict: Verdict,
    phase: Phase,
    capabilities: HashMap<String, Capability>,
    /// What the arguments of offered tools have to be.
    schemas: HashMap<String, Schema>,
    /// What was hidden in the request, to be put back in the answer.
    vault: Vault,
    restored: Option<Arc<Vault>>,
    /// What the operator said, which an answer must not repeat.
    operator: Option<Overlap>,
    /// What was read, which must not leave in an address.
    read: leak::Context,
    answers: BTreeMap<ChannelKey, Answer>,
    /// Findings that were told already, by rule and place.
    told: BTreeSet<(Rule, String)>,
}

/// A channel of an answer that is under way.
struct Answer {
    /// None where nothing is hidden, or nothing is to be put back: then nothing is held either.
    redactor: Option<Redactor>,
    restorer: Option<Restorer<Arc<Vault>>>,
    /// All that was said, where it has to be looked at as a whole: arguments, and words with addresses.
    whole: String,
    is_cut: bool,
}

impl Answer {
    /// Hides what is to be hidden, and then puts back what the caller brought.
    fn push(&mut self, text: &str, out: &mut String) {
        let mut hidden = String::new();
        let text = match &mut self.redactor {
            Some(redactor) => {
                redactor.push(text, &mut hidden);
                hidden.as_str()
            }
            None => text,
        };
        match &mut self.restorer {
            Some(restorer) => restorer.push(text, out),
            None => out.push_str(text),
        }
    }

    fn finish(&mut self, out: &mut String) {
        let mut hidden = String::new();
        if let Some(redactor) = &mut self.redactor {
            redactor.finish(&mut hidden);
        }
        match &mut self.restorer {
            Some(restorer) => {
                restorer.push(&hidden, out);
                restorer.finish(out);
            }
            None => out.push_str(&hidden),
        }
    }
}

impl Watching {
    fn find(&mut self, rule: Rule, score: f32, places: Vec<Place>, note: &str, tool: Option<&str>) {
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
        self.verdict = std::mem::take(&mut self.verdict).join(verdict);
    }

    /// What a part of a request says about itself.
    fn look(&mut self, part: &Part) {
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
    fn source(&self, part: &Part) -> Source {
        let Some(tool) = &part.tool else {
            return Source::default();
        };
        let settings = self.shared.policy.settings().tool(tool);
        Source {
            trusted: settings.is_some_and(|it| it.trust == stance_guard::policy::Trust::Trusted),
            private: settings
                .and_then(|it| it.private)
                .or_else(|| self.capabilities.get(tool).map(|it| it.private))
                .unwrap_or_default(),
        }
    }

    /// What a call of a tool would do.
    fn call(&mut self, tool: &str, arguments: &str) {
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
        self.verdict = std::mem::take(&mut self.verdict).join(verdict).join(fits);
    }

    fn answer(&mut self, key: ChannelKey) -> &mut Answer {
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
    fn said(&mut self, origin: Origin, words: &str, pointer: &str) {
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

    fn stops(&self) -> bool {
        self.verdict.action().stops()
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

impl Interaction for Watching {
    fn request(&mut self, exchange: &Exchange) -> Ruling {
        for tool in &exchange.tools {
            let schema = tool
                .schema
                .as_deref()
                .and_then(|schema| serde_json::from_str(schema).ok());
            let described = Described {
                name: &tool.name,
                description: &tool.description,
                schema: schema.as_ref(),
                ..Described::default()
            };
            let mut capability = Capability::of(&described);
            if let Some(settings) = self.shared.policy.settings().tool(&tool.name) {
                capability = capability.overridden(settings);
            }
            self.capabilities.insert(tool.name.clone(), capability);
            if let Some(schema) = &schema {
                match Schema::new(schema, schema::Limits::default()) {
                    Ok(schema) => drop(self.schemas.insert(tool.name.clone(), schema)),
                    Err(refused) => self.verdict.missed(stance_core::exchange::Unjudged {
                        pointer: tool.pointer.clone(),
                        what: format!("the schema of a tool: {refused}"),
                    }),
                }
            }
        }
        let mut operator = String::new();
        for part in &exchange.parts {
            if part.origin == Origin::Operator {
                operator.push_str(&part.text);
                operator.push('\n');
            }
            self.look(part);
        }
        if !operator.is_empty() {
            self.operator = Some(Overlap::of(&operator));
        }
        if self.stops() {
            return Ruling::Refuse(self.refusal());
        }
        Ruling::Pass
    }

    fn asked(&mut self) -> &mut dyn Filter {
        self.phase = Phase::Asked;
        self
    }

    fn answer(&mut self) -> &mut dyn Filter {
        self.phase = Phase::Answered;
        self
    }

    fn answered(&mut self, _: &Exchange) -> Ruling {
        Ruling::Pass
    }

    fn refusal(&self) -> String {
        // The names of rules are ours; they say what to look for in the policy, and nothing of the words.
        let rules: BTreeSet<&str> = self
            .verdict
            .reasons()
            .filter(|reason| reason.action.stops())
            .map(|reason| reason.rule.as_str())
            .collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        format!(
            "Stopped by policy {} ({}).",
            self.verdict.policies().next().unwrap_or_default(),
            rules.join(", ")
        )
    }

    fn told(&self) -> Told {
        Told {
            decision: self.verdict.action().name(),
            reasons: self
                .verdict
                .reasons()
                .filter_map(|reason| serde_json::to_value(reason).ok())
                .collect(),
            policy: self
                .verdict
                .policies()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl Filter for Watching {
    fn part(&mut self, part: &Part) -> Option<String> {
        if self.phase == Phase::Asked {
            // What the operator wrote and what defines a tool are theirs.
            if matches!(part.origin, Origin::Operator | Origin::ToolDefinition) {
                return None;
            }
            let hidden = self.shared.asked.as_ref()?;
            let vault = std::mem::take(&mut self.vault);
            let mut redactor = Redactor::with_vault(hidden, vault);
            let mut out = String::with_capacity(part.text.len());
            redactor.push(&part.text, &mut out);
            redactor.finish(&mut out);
            self.vault = redactor.into_vault();
            return Some(out);
        }
        self.said(part.origin, &part.text, &part.pointer);
        if part.origin == Origin::ToolArguments
            && let Some(tool) = &part.tool
        {
            self.call(tool, &part.text);
        }
        let key = ChannelKey {
            kind: ChannelKind::Content,
            answer: u64::MAX,
            index: self.answers.len() as u64,
        };
        let answer = self.answer(key);
        let mut out = String::with_capacity(part.text.len());
        answer.push(&part.text, &mut out);
        answer.finish(&mut out);
        self.answers.remove(&key);
        Some(out)
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        let holds = channel.key.kind == ChannelKind::Arguments;
        let answer = self.answer(channel.key);
        if answer.whole.len().saturating_add(text.len()) <= ARGUMENTS {
            answer.whole.push_str(text);
        } else {
            answer.is_cut = true;
        }
        if holds {
            // A call goes on when it is judged as a whole.
            return;
        }
        answer.push(text, out);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        let Some(mut answer) = self.answers.remove(&channel.key) else {
            return;
        };
        let pointer = format!("/{}/{}", channel.key.answer, channel.key.index);
        let origin = channel.key.origin();
        let whole = std::mem::take(&mut answer.whole);
        self.said(origin, &whole, &pointer);
        if answer.is_cut {
            self.verdict.missed(stance_core::exchange::Unjudged {
                pointer: pointer.clone(),
                what: "more than is looked at in one piece".to_owned(),
            });
        }
        if channel.key.kind == ChannelKind::Arguments {
            if let Some(tool) = &channel.tool {
                self.call(tool, &whole);
            }
            answer.push(&whole, out);
        }
        answer.finish(out);
    }

    fn blocks(&self) -> bool {
        self.stops()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if name_of(&self.subject).is_some() {
            let session = std::mem::replace(
                &mut self.session,
                Session::new(self.shared.key, flow::Limits::default()),
            );
            self.shared.keep(&self.subject, session);
        }
    }
}
