//! The judge that decides by the guard: texts, data, and what flows where, under one policy.

mod answer;
mod arguments;
mod asking;
mod classifying;
mod filter;
mod look;
mod memory;
mod pins;
mod posture;
mod sessions;
mod tools;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use jiff::Timestamp;
use stance_core::exchange::{Exchange, Origin};
use stance_guard::entities::{Category, Kind};
use stance_guard::flow::{self, Key, Session};
use stance_guard::leak::{self, Fingerprints, Overlap};
use stance_guard::policy::{self, Decide as _, Policy, Rule};
use stance_guard::stream::{self, Vault};
use stance_guard::theft::{self, Event, Outcome};
use stance_guard::verdict::{Action, Reason, Score, Verdict};
use stance_wire::{ChannelKey, Filter};

use crate::posture::Posture;

use super::classify::Classify;
use super::{Ended, Interaction, Judge, Open, Ruling, Subject, Told};
use answer::Answer;
use asking::Asking;
use memory::{Memory, Stop};
use sessions::name_of;
use tools::Sheet;

pub use pins::{Pins, PinsError, edit_pins, read_pins};

/// Largest arguments of one call that are held until they are judged, in bytes.
const ARGUMENTS: usize = 4 << 20;

/// Judges by a policy.
pub struct Guarded {
    shared: Arc<Shared>,
    /// What knows the findings of scans, where something does.
    posture: Option<Arc<dyn Posture>>,
    /// A classifier of the user's own, where there is one.
    classifier: Option<Arc<classifying::Classifier>>,
}

struct Shared {
    policy: Policy,
    memory: Arc<Memory>,
    /// What is done about leaks, and the documents that are known again.
    acts: leak::Acts,
    documents: Option<Arc<Fingerprints>>,
    /// What is hidden in requests and in answers, where anything is.
    asked: Option<stream::Policy>,
    answered: Option<stream::Policy>,
    /// What is hidden in words that are kept: both.
    kept: Option<stream::Policy>,
    /// What is looked for in them: what is hidden, and what is only told.
    seen_asked: Vec<Rule>,
    seen_answered: Vec<Rule>,
    /// By what texts are known again within an exchange.
    hasher: RandomState,
}

impl Shared {
    /// A hash of a text, which nobody outside can aim at.
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }
}

impl Guarded {
    /// A judge with this policy. `key` is random and secret: it keeps what sessions remember from being made by others.
    #[must_use]
    pub fn new(policy: Policy, key: (u64, u64)) -> Self {
        Self::knowing(policy, key, Pins::default(), None)
    }

    /// The same with a catalogue of tools, and documents whose passages are known again.
    #[must_use]
    pub fn knowing(
        policy: Policy,
        key: (u64, u64),
        pins: Pins,
        documents: Option<Fingerprints>,
    ) -> Self {
        let memory = Memory::new(Key(key.0, key.1), pins);
        Self::of(policy, Arc::new(memory), documents)
    }

    /// A judge with another policy that remembers what this one does: sessions, habits of identities, tools. Both may judge at
    /// the same time.
    #[must_use]
    pub fn with_policy(&self, policy: Policy, documents: Option<Fingerprints>) -> Self {
        let posture = self.posture.clone();
        Self::of(policy, self.shared.memory.clone(), documents).with_posture(posture)
    }

    /// The same with something that knows the findings of scans about what requests name, or nothing.
    #[must_use]
    pub fn with_posture(mut self, posture: Option<Arc<dyn Posture>>) -> Self {
        self.posture = posture;
        self
    }

    /// A judge that is the same but for a classifier of the user's own, which scores the texts that the policy says. This one
    /// keeps none of it, so that a classifier ends with the judge that has it.
    #[must_use]
    pub fn with_classifier(&self, classifier: Option<Arc<dyn Classify>>) -> Self {
        Self {
            shared: self.shared.clone(),
            posture: self.posture.clone(),
            classifier: classifier.map(|it| Arc::new(classifying::Classifier::new(it))),
        }
    }

    fn of(policy: Policy, memory: Arc<Memory>, documents: Option<Fingerprints>) -> Self {
        let hides = |rules: &[(Rule, bool)]| {
            let kinds: Vec<Kind> = Kind::ALL
                .iter()
                .copied()
                .filter(|kind| {
                    rules.iter().any(|(rule, secret)| {
                        let action = policy.action(*rule);
                        // What stops an answer is looked for while it comes, and held until it is known.
                        let is_acted_on = action == Action::Redact
                            || action == Action::Block
                                && matches!(rule, Rule::SecretAnswered | Rule::PersonalAnswered);
                        is_acted_on
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
            posture: None,
            classifier: None,
            shared: Arc::new(Shared {
                kept: hides(&[asked, answered].concat()),
                asked: hides(&asked),
                answered: hides(&answered),
                seen_asked: acts(asked),
                seen_answered: acts(answered),
                acts: policy.leaks(),
                documents: documents.filter(|it| !it.is_empty()).map(Arc::new),
                hasher: RandomState::new(),
                memory,
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
        let session = shared.memory.session(&subject);
        Box::new(Watching {
            verdict: Verdict::allow(shared.policy.version()),
            session,
            subject,
            phase: Phase::Asked,
            sheets: HashMap::new(),
            event: Event::default(),
            strange: Vec::new(),
            vault: Vault::default(),
            restored: None,
            operator: None,
            read: leak::Context::new(),
            known: None,
            is_stopped: false,
            answers: BTreeMap::new(),
            called: HashSet::new(),
            told: BTreeSet::new(),
            asking: Asking::default(),
            posture: self.posture.clone(),
            classifier: self.classifier.clone(),
            classifying: classifying::Asking::default(),
            stand: Vec::new(),
            is_posture_unknown: false,
            clean: HashSet::new(),
            shared,
        })
    }

    fn may_call(&self, subject: &Subject, tool: &str, holds: bool) -> bool {
        let about = policy::Subject {
            tool: Some(tool),
            identity: subject.identity.as_deref(),
        };
        let policy = &self.shared.policy;
        let action = policy.decide(&about, &[]).action();
        !action.stops() || holds && action == Action::Ask
    }
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
    /// Tools that are offered, by name.
    sheets: HashMap<String, Arc<Sheet>>,
    /// What this exchange is among all others.
    event: Event,
    /// What is strange about it among them.
    strange: Vec<Reason>,
    /// What was hidden in the request, to be put back in the answer.
    vault: Vault,
    restored: Option<Arc<Vault>>,
    /// What the operator said, which an answer must not repeat.
    operator: Option<Arc<Overlap>>,
    /// What was read, which must not leave in an address.
    read: leak::Context,
    /// Both, and what else an answer is compared with, once there is one.
    known: Option<leak::Known>,
    /// Whether who asks was stopped before.
    is_stopped: bool,
    answers: BTreeMap<ChannelKey, Answer>,
    /// Calls whose arguments were looked at as parts.
    called: HashSet<String>,
    /// Findings that were told already, by rule and place.
    told: BTreeSet<(Rule, String)>,
    /// What somebody has to decide.
    asking: Asking,
    posture: Option<Arc<dyn Posture>>,
    classifier: Option<Arc<classifying::Classifier>>,
    /// What was asked of it.
    classifying: classifying::Asking,
    /// Findings of scans that were told, as rule and id.
    stand: Vec<String>,
    is_posture_unknown: bool,
    /// Texts of the request in which nothing is to be hidden, by their hashes.
    clean: HashSet<u64>,
}

impl Interaction for Watching {
    fn request(&mut self, exchange: &Exchange) -> Ruling {
        self.event = self.described(exchange);
        if let Some(refused) = self.stopped() {
            return refused;
        }
        self.posture(exchange.model.as_deref());
        self.offers(&exchange.tools, self.is_server());
        let mut operator = String::new();
        for part in &exchange.parts {
            if part.origin == Origin::Operator {
                operator.push_str(&part.text);
                operator.push('\n');
            }
            self.look(part);
        }
        if !operator.is_empty() && self.shared.policy.action(Rule::SystemPrompt) != Action::Allow {
            let words = self.shared.memory.operator(&operator);
            self.shared.memory.spoke(&self.subject, &words);
            self.operator = Some(words);
        }
        self.read.allow_named(&operator);
        for host in &self.shared.policy.settings().hosts {
            self.read.allow(host);
        }
        self.subjects(exchange);
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
        // What a client of MCP says comes this way alone.
        if self.is_server() {
            self.posture(None);
            if self.stops() {
                return Ruling::Refuse(self.refusal());
            }
        }
        Ruling::Pass
    }

    fn closed(&mut self, at: i64, ended: &Ended) {
        let count = |tokens: Option<u64>| u32::try_from(tokens.unwrap_or(0)).unwrap_or(u32::MAX);
        let event = Event {
            outcome: match ended.status {
                _ if self.stops() => Outcome::Refused,
                200..300 => Outcome::Answered,
                _ => Outcome::Failed,
            },
            input: count(ended.usage.input),
            output: count(ended.usage.output),
            ..self.event
        };
        if self.is_stopped {
            // Who is stopped has no habits meanwhile.
            return;
        }
        let signals = self.shared.memory.watch().observe(at, &event);
        for signal in signals {
            let (action, mark) = self.shared.policy.misuse(signal.rule);
            if action == Action::Allow || signal.score < mark {
                continue;
            }
            let mut note = signal.what;
            if action.stops() && signal.subject != theft::Subject::Everybody {
                note.push_str("; the requests that follow are stopped");
                self.stop(signal.rule.id(), at);
            }
            self.strange.push(Reason {
                // This exchange is over; what is stopped are those that follow.
                action: Action::Flag,
                rule: signal.rule.id().to_owned(),
                score: Score::of(signal.score),
                places: Vec::new(),
                note,
                failed: false,
            });
        }
    }

    fn can_hold(&mut self) {
        self.asking.holds = true;
    }

    fn question(&self) -> Option<Open> {
        self.asked_about()
    }

    fn decided(&mut self, allowed: bool) {
        self.settle(allowed);
    }

    fn refusal(&self) -> String {
        // The names of rules are ours; they say what to look for in the policy, and nothing of the words.
        let rules: BTreeSet<&str> = self
            .verdict
            .reasons()
            .filter(|reason| reason.action.stops())
            .map(|reason| reason.rule.as_str())
            .collect();
        let rules: Vec<String> = rules.into_iter().map(|rule| self.named(rule)).collect();
        let policy = self.verdict.policies().next().unwrap_or_default();
        let rules = rules.join(", ");
        match self.is_stopped {
            true => format!("Stopped for a while by policy {policy} ({rules})."),
            false => format!("Stopped by policy {policy} ({rules})."),
        }
    }

    fn kept(&self, words: &str) -> String {
        match &self.shared.kept {
            Some(policy) => stream::redact(words, policy).0,
            None => words.to_owned(),
        }
    }

    fn told(&self) -> Told {
        let strange = match self.strange.is_empty() {
            true => Action::Allow,
            false => Action::Flag,
        };
        Told {
            decision: self.verdict.action().max(strange),
            reasons: self
                .verdict
                .reasons()
                .cloned()
                .chain(self.strange.iter().cloned())
                .collect(),
            classifier: self.classified(),
            policy: self
                .verdict
                .policies()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl Watching {
    /// A rule for whoever is refused; of a finding of a scan with that finding, so that it can be looked up.
    fn named(&self, rule: &str) -> String {
        if rule != Rule::Posture.id() || self.stand.is_empty() {
            return rule.to_owned();
        }
        format!("{rule}: {}", self.stand.join("; "))
    }

    /// Stops the requests of who asks, for as long as policy says.
    fn stop(&self, rule: &'static str, at: i64) {
        let minutes = i64::from(self.shared.policy.settings().misuse.stop_minutes);
        let until = at.saturating_add(minutes.saturating_mul(60_000));
        let identity = self.subject.identity.as_deref().unwrap_or_default();
        self.shared.memory.stop(identity, Stop { until, rule }, at);
    }

    /// Refuses who was stopped, as long as policy still would.
    fn stopped(&mut self) -> Option<Ruling> {
        let now = Timestamp::now().as_millisecond();
        let identity = self.subject.identity.as_deref().unwrap_or_default();
        let stop = self.shared.memory.stopped(identity, now)?;
        let rule = theft::Rule::ALL
            .iter()
            .find(|rule| rule.id() == stop.rule)?;
        let (action, _) = self.shared.policy.misuse(*rule);
        if !action.stops() {
            return None;
        }
        let minutes = stop.until.saturating_sub(now).div_euclid(60_000);
        self.is_stopped = true;
        self.verdict.add(Reason {
            action,
            rule: stop.rule.to_owned(),
            score: Score::FULL,
            places: Vec::new(),
            note: format!("stopped after an alert, for {} more minutes", minutes + 1),
            failed: false,
        });
        Some(Ruling::Refuse(self.refusal()))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if name_of(&self.subject).is_some() {
            let session = std::mem::replace(
                &mut self.session,
                Session::new(self.shared.memory.key, flow::Limits::default()),
            );
            self.shared.memory.keep(&self.subject, session);
        }
    }
}
