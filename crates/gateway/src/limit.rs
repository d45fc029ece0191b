//! How much a caller may ask for: requests within a minute, tokens and money within a day or a month.

mod kept;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::identity::Held;
use crate::price;

pub use kept::KeptError;

/// Most names that are counted at the same time; what is of no window that runs makes room.
const MOST: usize = 100_000;

/// What was used, by name. It outlives a change of the settings, and with a file the process.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    counts: Mutex<Counts>,
    path: Option<PathBuf>,
    /// Whether something is not in the file yet.
    is_new: AtomicBool,
    /// Whether the file could not be written.
    is_lost: AtomicBool,
}

#[derive(Debug, Default)]
struct Counts {
    used: HashMap<String, Used>,
    /// Requests that may be made at once, by entry of the settings and name.
    rates: HashMap<(String, String), Rate>,
}

/// What was used within the windows that run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Used {
    day: Date,
    tokens: u64,
    /// Millionths of a dollar, of the day and of its month.
    day_micros: u64,
    month_micros: u64,
    /// Of requests under way, at most.
    held: u64,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    left: f64,
    at: Instant,
}

/// Why a request is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    pub(crate) what: &'static str,
    /// Seconds until it is worth asking again.
    pub(crate) after: u64,
}

/// What a request under way may cost at most; given back when it is over.
#[derive(Debug)]
pub(crate) struct Hold {
    limits: Arc<Limits>,
    names: Vec<String>,
    micros: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut counts = self.limits.counts();
        for name in &self.names {
            if let Some(used) = counts.used.get_mut(name) {
                used.held = used.held.saturating_sub(self.micros);
            }
        }
    }
}

/// The names under which a caller is counted, each once.
pub(crate) fn names(held: &[Held]) -> Vec<String> {
    let names: BTreeSet<&str> = held
        .iter()
        .filter(|held| held.allowance.counts())
        .map(|held| held.name.as_str())
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

impl Limits {
    /// Goes on with what a file says was used; without the file, from nothing.
    pub(crate) fn open(path: &Path) -> Result<Self, KeptError> {
        let used = kept::read(path)?;
        Ok(Self {
            counts: Mutex::new(Counts {
                used,
                rates: HashMap::new(),
            }),
            path: Some(path.to_owned()),
            ..Self::default()
        })
    }

    /// Takes one request from what a caller has, if all that holds for it leaves one.
    pub(crate) fn take(&self, held: &[Held], now: Timestamp, instant: Instant) -> Result<(), Over> {
        let counting = || held.iter().filter(|held| held.allowance.counts());
        if counting().next().is_none() {
            return Ok(());
        }
        let mut counts = self.counts();
        for held in counting() {
            let used = counts.of(&held.name, now).ok_or(Over {
                what: "too many identities are counted at once",
                after: 60,
            })?;
            used.allows(held, 0, now)?;
            if self.is_lost.load(Ordering::Relaxed)
                && (held.allowance.tokens_per_day.is_some() || held.allowance.has_budget())
            {
                return Err(Over {
                    what: "what is used cannot be written down",
                    after: 60,
                });
            }
        }
        for held in counting() {
            counts.rate(held, instant)?;
        }
        for held in counting() {
            if let Some(rate) = counts.rates.get_mut(&key(held)) {
                rate.left -= 1.0;
            }
        }
        Ok(())
    }

    /// Sets aside what a request may cost at most, if the budgets have room for it.
    pub(crate) fn hold(
        self: &Arc<Self>,
        held: &[Held],
        micros: u64,
        now: Timestamp,
    ) -> Result<Hold, Over> {
        let names = names(held);
        let mut counts = self.counts();
        for held in held.iter().filter(|held| held.allowance.has_budget()) {
            if let Some(used) = counts.of(&held.name, now) {
                used.allows(held, micros, now)?;
            }
        }
        for name in &names {
            if let Some(used) = counts.used.get_mut(name) {
                used.held = used.held.saturating_add(micros);
            }
        }
        drop(counts);
        Ok(Hold {
            limits: self.clone(),
            names,
            micros,
        })
    }

    /// Counts what an exchange used.
    pub(crate) fn spend(&self, names: &[String], tokens: u64, micros: u64, now: Timestamp) {
        if names.is_empty() || (tokens == 0 && micros == 0) {
            return;
        }
        let mut counts = self.counts();
        for name in names {
            if let Some(used) = counts.of(name, now) {
                used.tokens = used.tokens.saturating_add(tokens);
                used.day_micros = used.day_micros.saturating_add(micros);
                used.month_micros = used.month_micros.saturating_add(micros);
            }
        }
        drop(counts);
        self.is_new.store(true, Ordering::Relaxed);
    }

    /// Writes down what was used since the last time. Blocks; does nothing without a file.
    pub(crate) fn keep(&self, now: Timestamp) {
        let Some(path) = &self.path else { return };
        let is_new = self.is_new.swap(false, Ordering::Relaxed);
        if !is_new && !self.is_lost.load(Ordering::Relaxed) {
            return;
        }
        let used: Vec<(String, Used)> = {
            let mut counts = self.counts();
            for used in counts.used.values_mut() {
                used.turn(now);
            }
            let all = counts
                .used
                .iter()
                .filter(|(_, used)| used.is_worth_keeping());
            all.map(|(name, used)| (name.clone(), used.clone()))
                .collect()
        };
        let written = kept::write(path, &used);
        self.is_lost.store(written.is_err(), Ordering::Relaxed);
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// What a name used within the windows that run; `None` where there is no room for one more.
    fn of(&mut self, name: &str, now: Timestamp) -> Option<&mut Used> {
        if !self.used.contains_key(name) {
            if self.used.len() >= MOST {
                self.used.retain(|_, used| {
                    used.turn(now);
                    used.is_worth_keeping() || used.held > 0
                });
            }
            if self.used.len() >= MOST {
                return None;
            }
            self.used.insert(name.to_owned(), Used::new(now));
        }
        let used = self.used.get_mut(name)?;
        used.turn(now);
        Some(used)
    }

    /// Whether an entry leaves a request now; does not take it yet.
    fn rate(&mut self, held: &Held, instant: Instant) -> Result<(), Over> {
        let Some(most) = held.allowance.requests_per_minute.map(f64::from) else {
            return Ok(());
        };
        if self.rates.len() >= MOST {
            // Whoever did not ask for a minute has all of them again.
            self.rates
                .retain(|_, rate| instant.saturating_duration_since(rate.at).as_secs() < 60);
        }
        let rate = self.rates.entry(key(held)).or_insert(Rate {
            left: most,
            at: instant,
        });
        let passed = instant.saturating_duration_since(rate.at).as_secs_f64();
        rate.left = (rate.left + passed * most / 60.0).min(most.max(1.0));
        rate.at = instant;
        if rate.left < 1.0 {
            let seconds = (1.0 - rate.left) * 60.0 / most.max(f64::MIN_POSITIVE);
            return Err(Over {
                what: "this key makes too many requests",
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most an hour, at least nothing"
                )]
                after: seconds.ceil().clamp(1.0, 3600.0) as u64,
            });
        }
        Ok(())
    }
}

fn key(held: &Held) -> (String, String) {
    (held.place.clone(), held.name.clone())
}

impl Used {
    fn new(now: Timestamp) -> Self {
        Self {
            day: day(now),
            tokens: 0,
            day_micros: 0,
            month_micros: 0,
            held: 0,
        }
    }

    /// Begins days and months anew.
    fn turn(&mut self, now: Timestamp) {
        let today = day(now);
        if self.day == today {
            return;
        }
        if self.day.first_of_month() != today.first_of_month() {
            self.month_micros = 0;
        }
        self.day = today;
        self.tokens = 0;
        self.day_micros = 0;
    }

    const fn is_worth_keeping(&self) -> bool {
        self.tokens > 0 || self.day_micros > 0 || self.month_micros > 0
    }

    /// Whether tokens and money leave room for `more` millionths of a dollar beside what is under way.
    fn allows(&self, held: &Held, more: u64, now: Timestamp) -> Result<(), Over> {
        let allowance = &held.allowance;
        let over = |what, after| Err(Over { what, after });
        if allowance
            .tokens_per_day
            .is_some_and(|most| self.tokens >= most)
        {
            return over(
                "the tokens of this key for today are used up",
                until_tomorrow(now),
            );
        }
        // Without anything to come, what is used up exactly has no room either.
        let is_over = |budget: Option<f64>, used: u64| {
            let coming = self.held.saturating_add(more);
            budget
                .map(price::micros)
                .is_some_and(|most| used >= most || used.saturating_add(coming) > most)
        };
        if is_over(allowance.budget_per_month, self.month_micros) {
            return over("the budget of this month is used up", until_next_month(now));
        }
        if is_over(allowance.budget_per_day, self.day_micros) {
            return over("the budget of today is used up", until_tomorrow(now));
        }
        Ok(())
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn until_tomorrow(now: Timestamp) -> u64 {
    let passed = now.as_second().rem_euclid(86_400);
    u64::try_from(86_400 - passed).unwrap_or(86_400)
}

fn until_next_month(now: Timestamp) -> u64 {
    let today = day(now);
    let days = i64::from(today.days_in_month()) - i64::from(today.day());
    until_tomorrow(now).saturating_add(u64::try_from(days * 86_400).unwrap_or(0))
}

#[cfg(test)]
mod tests;
