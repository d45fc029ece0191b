//! The watch over all identities.

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use super::group::Group;
use super::hour::Hour;
use super::identity::{Identity, Standing};
use super::settings::Settings;
use super::signal::{Found, NOTICE, Rule, Signal, Subject, graded};
use super::simhash::mix;
use super::sketch::Sizes;
use super::table::Table;

/// Everything that is remembered, with its settings. It can be stored and read back, and goes on as if it had not been.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Watch {
    settings: Settings,
    identities: Table<Identity>,
    groups: Table<Group>,
    churn: Churn,
}

/// How many identities are new in an hour.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Churn {
    hour: i64,
    new: u32,
    hours: u32,
    usual: Sizes,
    told: u32,
}

impl Watch {
    /// A watch that has seen nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Changes the settings and keeps what was seen.
    pub fn configure(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Takes a request with its time, in milliseconds since 1970, and gives the patterns that it completes. Most give none, and allocate
    /// nothing but the state of an identity that is new.
    pub fn observe(&mut self, at: i64, event: &Event) -> Vec<Signal> {
        let mut found = Vec::new();
        let mut signals = Vec::new();
        let Some((identity, new)) =
            self.identities
                .entry(at, event.identity, self.settings.identities)
        else {
            return signals;
        };
        identity.observe(at, event, &self.settings, &mut found);
        let known = identity.standing(&self.settings) == Standing::Known;
        let young = identity.baseline.requests <= self.settings.young;
        signals.extend(
            found
                .drain(..)
                .filter_map(|one| tell(one, Subject::Identity(event.identity), at, known)),
        );
        if young {
            let shape = shape(event);
            if let Some((group, _)) = self.groups.entry(at, shape, self.settings.groups) {
                let keys = group.observe(at, event, &self.settings, &mut found);
                let subject = Subject::Together {
                    shape,
                    keys,
                    last: event.identity,
                };
                signals.extend(
                    found
                        .drain(..)
                        .filter_map(|one| tell(one, subject, at, false)),
                );
            }
        }
        if event.outcome != Outcome::Running {
            let churn = self.churn.observe(at, new, &self.settings);
            signals.extend(churn.and_then(|one| tell(one, Subject::Everybody, at, true)));
        }
        signals
    }

    /// Whether the habits of an identity are known.
    #[must_use]
    pub fn standing(&self, identity: u64) -> Standing {
        self.identities
            .get(identity)
            .map_or(Standing::Unknown, |kept| kept.standing(&self.settings))
    }

    /// How many identities are remembered.
    #[must_use]
    pub const fn identities(&self) -> usize {
        self.identities.len()
    }

    /// How many identities were forgotten since the cap was reached: each begins anew if it comes again.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.identities.forgotten
    }

    /// Bytes of state, and those of the largest identity or group.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        let (mut all, mut most) = (size_of::<Self>(), 0);
        let each = self
            .identities
            .iter()
            .map(Identity::bytes)
            .chain(self.groups.iter().map(Group::bytes));
        for bytes in each {
            all = all.saturating_add(bytes);
            most = most.max(bytes);
        }
        (all, most)
    }
}

fn tell(found: Found, subject: Subject, at: i64, known: bool) -> Option<Signal> {
    (found.score >= NOTICE).then_some(Signal {
        rule: found.rule,
        subject,
        at,
        score: found.score,
        known,
        what: found.what,
        figures: found.figures,
    })
}

/// What young identities of one thief have in common: the model, the operation, what is asked for beside, the limit.
fn shape(event: &Event) -> u64 {
    let beside = u64::from(event.asks.bits())
        | u64::from(event.class.is_some()) << 8
        | (event.operation as u64) << 16;
    mix(mix(u64::from(event.model) << 32 | u64::from(event.limit)) ^ beside)
}

impl Churn {
    fn observe(&mut self, at: i64, new: bool, settings: &Settings) -> Option<Found> {
        let hour = Hour::of(at);
        if hour > self.hour {
            if self.hour != 0 {
                let most = self.usual.quantile(0.95) * 2.0 + 2.0;
                let value = f64::from(self.new);
                self.usual.add(
                    if self.hours > 72 {
                        value.min(most)
                    } else {
                        value
                    },
                    336,
                );
                self.hours = self.hours.saturating_add(1);
            }
            self.hour = hour;
            self.new = 0;
            self.told = 0;
        }
        if !new {
            return None;
        }
        self.new = self.new.saturating_add(1);
        // On the first days everybody is new.
        if self.hours < 72 {
            return None;
        }
        let usual = self.usual.quantile(0.95);
        let alert = f64::from(settings.churn).max(usual * 8.0);
        let score = graded(f64::from(self.new), alert);
        if score < NOTICE || self.new < self.told.saturating_mul(2) {
            return None;
        }
        self.told = self.new;
        Some(
            Found::new(
                Rule::Churn,
                score,
                format!(
                    "{} identities were seen for the first time in this hour; {usual:.0} are many",
                    self.new
                ),
            )
            .figure("new identities in the hour", f64::from(self.new), alert),
        )
    }
}
