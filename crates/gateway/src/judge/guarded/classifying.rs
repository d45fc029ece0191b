//! What a classifier of the user's own says of the texts of a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use stance_core::exchange::{Part, Unjudged};
use stance_guard::flow::{self, SignalKind};
use stance_guard::policy::{ClassifierMode, Rule};
use stance_guard::text;

use crate::judge::classify::{Asked, Classify, NotAsked, Scored};

use super::Watching;
use super::look::place;

/// Rules that speak by the score that comes with Stance.
const OWN: [&str; 2] = ["text/direct-score", "text/untrusted-score"];

/// Texts that are known again: clients send a whole conversation with every turn of it.
const MOST_KNOWN: usize = 4_096;

/// How many texts of one exchange may take as long as they may.
const MOST_SLOW: u32 = 8;

/// A classifier, and what it said lately.
pub(super) struct Classifier {
    inner: Arc<dyn Classify>,
    known: Mutex<HashMap<u64, Scored>>,
}

impl Classifier {
    pub(super) fn new(inner: Arc<dyn Classify>) -> Self {
        Self {
            inner,
            known: Mutex::default(),
        }
    }

    /// The score of a text with this hash.
    fn score(&self, hash: u64, text: &str, timeout: Duration) -> Result<Scored, NotAsked> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scored) = known().get(&hash) {
            return Ok(scored.clone());
        }
        let scored = waiting(|| self.inner.score(text, timeout))?;
        if scored.is_whole {
            let mut known = known();
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(hash, scored.clone());
        }
        Ok(scored)
    }
}

/// Does what waits without keeping others of this thread waiting.
fn waiting<T>(act: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(act),
        _ => act(),
    }
}

/// What one exchange asked of a classifier.
#[derive(Default)]
pub(super) struct Asking {
    told: Asked,
    spent: Duration,
}

impl Watching {
    /// Asks the classifier about a part, and gives what follows from it. `report` loses what the classifier stands in for.
    pub(super) fn classify(
        &mut self,
        part: &Part,
        report: &mut text::Report,
    ) -> Option<flow::Signal> {
        let classifier = self.classifier.clone()?;
        let settings = self.shared.policy.settings().classifier.clone()?;
        if !settings.scores(part.origin) || part.text.trim().is_empty() {
            return None;
        }
        let most = settings.timeout().saturating_mul(MOST_SLOW);
        let began = Instant::now();
        let said = match self.classifying.spent >= most {
            true => Err(NotAsked::TooLong),
            false => {
                let hash = self.shared.hash(&part.text);
                classifier.score(hash, &part.text, settings.timeout())
            }
        };
        let asking = &mut self.classifying;
        asking.spent = asking.spent.saturating_add(began.elapsed());
        classifier
            .inner
            .sha256()
            .clone_into(&mut asking.told.sha256);
        let is_whole = said.as_ref().is_ok_and(|scored| scored.is_whole);
        let count = match is_whole {
            true => &mut asking.told.scored,
            false => &mut asking.told.missed,
        };
        *count = count.saturating_add(1);
        if !is_whole {
            let why = said
                .as_ref()
                .err()
                .copied()
                .unwrap_or(NotAsked::TooLong)
                .what();
            let what = format!("the classifier was not consulted: {why}");
            self.cannot(Rule::Classifier, &what);
            self.verdict.missed(Unjudged {
                pointer: part.pointer.clone(),
                what,
            });
        }
        let scored = said.ok()?;
        if is_whole && settings.mode == ClassifierMode::Instead {
            report.signals.retain(|signal| !OWN.contains(&signal.rule));
        }
        let rule = match scored.score {
            score if score >= settings.block => Rule::Classifier,
            score if score >= settings.log => Rule::ClassifierPossible,
            _ => return None,
        };
        let places = vec![place(&part.pointer, &scored.span)];
        let model: String = classifier.inner.sha256().chars().take(12).collect();
        let note = format!("{} by model {model}", scored.label);
        self.find(rule, scored.score, places, &note, part.tool.as_deref());
        Some(flow::Signal {
            rule: rule.id().to_owned(),
            kind: SignalKind::Injection,
            score: scored.score,
            span: scored.span,
        })
    }

    /// For the receipt.
    pub(super) fn classified(&self) -> Option<Asked> {
        let told = &self.classifying.told;
        (!told.sha256.is_empty()).then(|| told.clone())
    }
}
