//! From a request to what is kept: read, joined, judged, kept, and only then acknowledged.

mod joining;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use stance_core::traffic::Seen;
use stance_gateway::judge::Judge;
use stance_telemetry::Limits;
use stance_telemetry::otlp::answer::Outcome;
use tokio::sync::Semaphore;

use crate::body::{Wrong, unpacked};
use crate::keep::{Keeper, Kept};
use crate::seen;
use crate::take::{Form, Taken, take};
use joining::Joining;

/// Bodies that are read at the same time, and those that are taken apart and judged.
const READING: usize = 32;
const WORKING: usize = 2;

/// How long a request waits for one of these places.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether something waited long enough.
const LOOK: Duration = Duration::from_millis(500);

/// How the receiver takes things in.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether the words of interactions are kept, without what policy hides.
    pub words: bool,
    /// What one request may cost.
    pub limits: Limits,
    /// How long an interaction waits for what belongs to it.
    pub wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            words: false,
            limits: Limits::default(),
            wait: Duration::from_secs(5),
        }
    }
}

/// What operation looks at; counts since the start.
#[derive(Debug, Default)]
pub struct Figures {
    /// Requests that were acknowledged.
    pub taken: AtomicU64,
    /// Requests that were told to come back.
    pub later: AtomicU64,
    /// Requests that cannot be read, or that may not be sent.
    pub refused: AtomicU64,
    /// Interactions that were acknowledged.
    pub interactions: AtomicU64,
    /// Records and points of metrics that are about no model, agent or tool: they are not kept.
    pub passed: AtomicU64,
    /// Records that cannot be read.
    pub rejected: AtomicU64,
}

/// What judges, and whether words are kept.
#[derive(Clone)]
struct Policy {
    judge: Arc<dyn Judge>,
    words: bool,
}

/// A request that is to be taken in.
pub(crate) struct Request {
    pub(crate) form: Form,
    /// The name of whoever sends, for records that do not say it.
    pub(crate) service: Option<String>,
    pub(crate) packed: bool,
    pub(crate) body: Vec<u8>,
}

/// What became of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done {
    /// What it told, without its interactions.
    pub(crate) taken: Taken,
    /// Interactions that it told, of which so many wait for what belongs to them.
    pub(crate) interactions: u64,
    pub(crate) waiting: u64,
    /// Of those that do not wait, how many were not known before.
    pub(crate) new: u64,
}

pub(crate) struct Intake {
    limits: Limits,
    policy: RwLock<Policy>,
    keeper: Arc<dyn Keeper>,
    joining: Mutex<Joining>,
    reading: Arc<Semaphore>,
    working: Arc<Semaphore>,
    pub(crate) figures: Figures,
}

impl Intake {
    pub(crate) fn new(settings: Settings, judge: Arc<dyn Judge>, keeper: Arc<dyn Keeper>) -> Self {
        Self {
            limits: settings.limits,
            policy: RwLock::new(Policy {
                judge,
                words: settings.words,
            }),
            keeper,
            joining: Mutex::new(Joining::new(settings.wait)),
            reading: Arc::new(Semaphore::new(READING)),
            working: Arc::new(Semaphore::new(WORKING)),
            figures: Figures::default(),
        }
    }

    /// Judges by another policy from now on.
    pub(crate) fn judge_by(&self, judge: Arc<dyn Judge>, words: bool) {
        let mut policy = self.policy.write().unwrap_or_else(PoisonError::into_inner);
        *policy = Policy { judge, words };
    }

    /// Most bytes of a body, packed or not.
    pub(crate) fn most(&self) -> usize {
        self.limits.bytes
    }

    /// A place for a body that is to be read; held while it is.
    pub(crate) async fn room(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Wrong> {
        if self.joining().is_full() {
            return Err(later("what came before cannot be written"));
        }
        place(&self.reading).await
    }

    /// Takes a request in; what it tells is kept when this is done.
    pub(crate) async fn take(self: &Arc<Self>, request: Request) -> Result<Done, Wrong> {
        let working = place(&self.working).await?;
        let intake = self.clone();
        let work = move || {
            let done = intake.work(&request);
            drop(working);
            done
        };
        let (kept, mut done) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Wrong(Outcome::Bad, "the request cannot be read".to_owned()))??;
        let count = kept.done.len().saturating_add(kept.waiting.len());
        if !kept.is_empty() {
            let keeping = self.keeper.keep(kept).await;
            done.new = keeping.map_err(|full| later(&full.to_string()))? as u64;
        }
        let figures = &self.figures;
        figures
            .interactions
            .fetch_add(count as u64, Ordering::Relaxed);
        figures
            .passed
            .fetch_add(done.taken.passed, Ordering::Relaxed);
        figures
            .rejected
            .fetch_add(done.taken.rejected.count, Ordering::Relaxed);
        Ok(done)
    }

    /// Reads, joins and judges. Gives what is to be kept, and what became of the request as far as that is known by now.
    fn work(&self, request: &Request) -> Result<(Kept, Done), Wrong> {
        let plain;
        let body = if request.packed {
            plain = unpacked(&request.body, self.limits.bytes)?;
            &plain
        } else {
            &request.body
        };
        let mut taken = take(&request.form, body, self.limits)?;
        let interactions = std::mem::take(&mut taken.interactions);
        let mut done = Done {
            taken,
            interactions: interactions.len() as u64,
            ..Done::default()
        };
        let digest: [u8; 32] = Sha256::digest(body).into();
        let now = Timestamp::now();
        let policy = self.policy();
        let judged = |it: &_, id| seen::seen(it, id, &*policy.judge, policy.words, now);
        let mut kept = Kept {
            measured: std::mem::take(&mut done.taken.measured),
            ..Kept::default()
        };
        // A batch that comes again, since its answer was lost, must not be added to itself.
        let is_new = self.joining().is_new(digest);
        for (at, mut it) in interactions.into_iter().enumerate() {
            if it.service.name.is_none() {
                it.service.name.clone_from(&request.service);
            }
            // What scans found is asked by the model that the request names.
            if it.request.model.is_none() {
                it.request.model.clone_from(&it.asked);
            }
            let id = seen::id(&it, &digest, at);
            let joined = self.joining().join(it, is_new, now);
            if let Some(evicted) = joined.evicted {
                kept.done.push(match evicted.seen {
                    Some(seen) => seen,
                    None => judged(
                        &evicted.interaction,
                        seen::id(&evicted.interaction, &digest, at),
                    ),
                });
            }
            if let Some(single) = joined.single {
                kept.done.push(judged(&single, id));
            } else if let Some((whole, version)) = joined.whole {
                let seen = judged(&whole, id);
                self.joining().judged(&whole, version, &seen);
                // Of two records of one span in one request the later one knows both.
                kept.waiting.retain(|other: &Seen| other.id != seen.id);
                kept.waiting.push(seen);
            }
        }
        done.waiting = kept.waiting.len() as u64;
        Ok((kept, done))
    }

    /// Keeps what waited long enough, until `stop` is there; then all.
    pub(crate) async fn settle(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let ends = tokio::select! {
                () = tokio::time::sleep(LOOK) => false,
                () = &mut stop => true,
            };
            let intake = self.clone();
            let taking = move || {
                let policy = intake.policy();
                let now = Timestamp::now();
                let ready = intake.joining().ready(now, ends);
                let judged = ready.into_iter().map(|one| match one.seen {
                    Some(seen) => seen,
                    None => {
                        let id = seen::id(&one.interaction, &[0; 32], 0);
                        seen::seen(&one.interaction, id, &*policy.judge, policy.words, now)
                    }
                });
                judged.collect::<Vec<_>>()
            };
            let done = tokio::task::spawn_blocking(taking)
                .await
                .unwrap_or_default();
            let mut done = self.joining().with_owed(done);
            while !done.is_empty() {
                let rest = done.split_off(done.len().min(BATCH));
                let kept = Kept {
                    done: done.clone(),
                    ..Kept::default()
                };
                if self.keeper.keep(kept).await.is_err() {
                    // They are kept as they were known when they came, and come up again.
                    done.extend(rest);
                    self.joining().owe(done);
                    break;
                }
                done = rest;
            }
            if ends {
                return;
            }
        }
    }

    fn policy(&self) -> Policy {
        let policy = self.policy.read().unwrap_or_else(PoisonError::into_inner);
        policy.clone()
    }

    fn joining(&self) -> MutexGuard<'_, Joining> {
        self.joining.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Most interactions that are kept at once when they have waited.
const BATCH: usize = 500;

async fn place(places: &Arc<Semaphore>) -> Result<tokio::sync::OwnedSemaphorePermit, Wrong> {
    let waiting = places.clone().acquire_owned();
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(Ok(place)) => Ok(place),
        Ok(Err(_)) | Err(_) => Err(later("too many send at once")),
    }
}

fn later(why: &str) -> Wrong {
    Wrong(Outcome::Later, format!("{why}; send it again in a moment"))
}
