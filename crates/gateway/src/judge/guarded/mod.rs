//! The judge that decides by the guard: texts, data, and what flows where, under one policy.

mod answer;
mod asking;
mod filter;
mod look;
mod sessions;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use stance_core::exchange::{Exchange, Origin};
use stance_guard::entities::{Category, Kind};
use stance_guard::flow::capability::Described;
use stance_guard::flow::catalogue::schema::{self, Schema};
use stance_guard::flow::{self, Capability, Key, Session};
use stance_guard::leak::{self, Overlap};
use stance_guard::policy::{Policy, Rule};
use stance_guard::stream::{self, Vault};
use stance_guard::theft::{self, Event, Outcome, Watch};
use stance_guard::verdict::{Action, Reason, Score, Verdict};
use stance_wire::{ChannelKey, Filter};

use super::{Ended, Interaction, Judge, Open, Ruling, Subject, Told};
use answer::Answer;
use asking::Asking;
use sessions::{Sessions, name_of};

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
    /// Habits of identities, and what looks like theft among many exchanges.
    watch: Mutex<Watch>,
    /// What is hidden in requests and in answers, where anything is.
    asked: Option<stream::Policy>,
    answered: Option<stream::Policy>,
    /// What is looked for in them: what is hidden, and what is only told.
    seen_asked: Vec<Rule>,
    seen_answered: Vec<Rule>,
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
                watch: Mutex::default(),
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
            event: Event::default(),
            strange: Vec::new(),
            vault: Vault::default(),
            restored: None,
            operator: None,
            read: leak::Context::new(),
            answers: BTreeMap::new(),
            told: BTreeSet::new(),
            asking: Asking::default(),
            shared,
        })
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
    capabilities: HashMap<String, Capability>,
    /// What the arguments of offered tools have to be.
    schemas: HashMap<String, Schema>,
    /// What this exchange is among all others.
    event: Event,
    /// What is strange about it among them.
    strange: Vec<Reason>,
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
    /// What somebody has to decide.
    asking: Asking,
}

impl Interaction for Watching {
    fn request(&mut self, exchange: &Exchange) -> Ruling {
        self.event = self.described(exchange);
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
        let mut watch = self
            .shared
            .watch
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.strange = watch
            .observe(at, &event)
            .into_iter()
            .filter(|signal| signal.score >= theft::ALERT)
            .map(|signal| Reason {
                action: Action::Flag,
                rule: signal.rule.id().to_owned(),
                score: Score::of(signal.score),
                places: Vec::new(),
                note: signal.what,
                failed: false,
            })
            .collect();
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
        let rules: Vec<&str> = rules.into_iter().collect();
        format!(
            "Stopped by policy {} ({}).",
            self.verdict.policies().next().unwrap_or_default(),
            rules.join(", ")
        )
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
            policy: self
                .verdict
                .policies()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
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
