//! Threads that take jobs and do them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use stance_store::jobs::{Beat, Job, Jobs as _, Retry};

use super::books::{Books, BooksError};
use super::task::{Failure, Signals, Stop, Task, Work};
use super::{DELIVER, INGEST, SCAN, Settings, kinds, scheduler};
use crate::clock::Clock;
use crate::log::Log;
use crate::notify::Courier;

/// For how long a worker is believed without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// How often it gives one.
const BEAT: Duration = Duration::from_secs(2);
/// How long an idle worker waits before it looks again, should nobody wake it.
const IDLE: Duration = Duration::from_secs(2);

/// What all workers share.
pub struct Office {
    /// The database.
    pub books: Books,
    /// How jobs are done.
    pub settings: Settings,
    /// The clock.
    pub clock: Clock,
    /// The log of operation.
    pub log: Log,
    /// Takes messages to where they belong.
    pub courier: Courier,
    /// How long what happens is gathered before a message tells it.
    pub gather: Duration,
    /// How people reach the service, without a slash at the end.
    pub base_url: String,
    /// Wakes idle workers.
    pub bell: Bell,
    /// Tells the pages that are open that something of a topic is new.
    pub tell: Box<dyn Fn(&'static str) + Send + Sync>,
    /// Counts a try of a job of a kind: how it ended, and how long it took.
    pub count: Box<Count>,
}

/// Counts a try of a job: its kind, how it ended, and how long it took.
pub(super) type Count = dyn Fn(&str, &'static str, Duration) + Send + Sync;

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Office").finish_non_exhaustive()
    }
}

/// All threads that do jobs, and the one that asks for them.
#[derive(Debug)]
pub struct Crew {
    bell: Bell,
    threads: Vec<JoinHandle<()>>,
}

/// Wakes idle workers, and tells them when to leave.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    leaving: AtomicBool,
    waker: Condvar,
    gate: Mutex<()>,
}

impl Bell {
    /// There may be something to do.
    pub fn ring(&self) {
        let _gate = self.gate();
        self.0.waker.notify_all();
    }

    fn leave(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
        self.ring();
    }

    fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }

    /// Waits until somebody rings, or for so long.
    fn wait(&self, most: Duration) {
        let gate = self.gate();
        if !self.is_leaving() {
            // Woken or not: whoever waits looks again.
            drop(self.0.waker.wait_timeout(gate, most));
        }
    }

    fn gate(&self) -> MutexGuard<'_, ()> {
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system has no threads left.
    pub fn start(office: Office) -> std::io::Result<Self> {
        let office = Arc::new(office);
        let bell = office.bell.clone();
        let all = kinds(&office.settings);
        let small: Vec<&str> = all
            .iter()
            .map(|work| work.kind())
            .filter(|kind| ![SCAN, INGEST, DELIVER].contains(kind))
            .collect();
        // Whoever waits for the answer of another server holds up nobody else.
        let mut teams = vec![small, vec![INGEST], vec![DELIVER], vec![DELIVER]];
        teams.extend((0..office.settings.scanners.max(1)).map(|_| vec![SCAN]));
        let mut crew = Self {
            bell,
            threads: Vec::new(),
        };
        for (number, team) in teams.into_iter().enumerate() {
            let (office, bell) = (office.clone(), crew.bell.clone());
            let worker = format!("{}-{number}", std::process::id());
            crew.begin(format!("job-{number}"), move || {
                serve(&office, &bell, &worker, &team);
            })?;
        }
        let bell = crew.bell.clone();
        crew.begin("clock".to_owned(), move || clock(&office, &bell))?;
        Ok(crew)
    }

    fn begin(&mut self, name: String, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let thread = std::thread::Builder::new().name(name).spawn(work)?;
        self.threads.push(thread);
        Ok(())
    }

    /// Stops: running jobs are given back, their children ended.
    pub fn stop(self) {
        self.bell.leave();
        for thread in self.threads {
            // A thread that panicked has nothing to give back.
            let _ = thread.join();
        }
    }
}

fn clock(office: &Office, bell: &Bell) {
    while !bell.is_leaving() {
        match scheduler::tick(&office.books, office.clock.now()) {
            Ok(0) => {}
            Ok(_) => {
                (office.tell)("sources");
                bell.ring();
            }
            // What cannot be asked for now is asked for at the next tick.
            Err(error) => complain(office, "jobs cannot be asked for", &error),
        }
        if let Err(error) = scheduler::outbox(&office.books, office.clock.now(), office.gather) {
            complain(office, "messages cannot be asked for", &error);
        }
        bell.wait(office.settings.tick);
    }
}

fn serve(office: &Office, bell: &Bell, worker: &str, team: &[&str]) {
    let kinds = kinds(&office.settings);
    while !bell.is_leaving() {
        match once(office, &kinds, team, worker, &|| bell.is_leaving()) {
            Ok(true) => {}
            Ok(false) => bell.wait(IDLE),
            Err(error) => {
                complain(office, "a job cannot be taken", &error);
                bell.wait(IDLE);
            }
        }
    }
}

fn complain(office: &Office, what: &str, error: &BooksError) {
    let details = serde_json::json!({"cause": error.to_string()});
    office.log.say("warning", what, &details);
}

/// Takes the next job and does it; `false` when there is none.
fn once(
    office: &Office,
    kinds: &[Box<dyn Work>],
    team: &[&str],
    worker: &str,
    leaving: &(dyn Fn() -> bool + Sync),
) -> Result<bool, BooksError> {
    let now = office.clock.now();
    let (owner, names) = (
        worker.to_owned(),
        team.iter().map(ToString::to_string).collect::<Vec<_>>(),
    );
    let taken = office.books.write(move |store| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(store.take_job(&owner, &names, now, LEASE)?)
    })?;
    let Some(job) = taken else { return Ok(false) };
    let work = kinds.iter().find(|work| work.kind() == job.kind);
    let began = Instant::now();
    let done = match work {
        Some(work) => attended(office, work.as_ref(), &job, leaving),
        None => Err(Failure::ForGood(format!("nobody here does `{}`", job.kind))),
    };
    if let Err(Failure::ForNow(error) | Failure::ForGood(error)) = &done {
        let details = serde_json::json!({"job": job.id.0, "kind": job.kind, "cause": error});
        office.log.say("warning", "a job failed", &details);
    }
    (office.count)(&job.kind, outcome(&done), began.elapsed());
    settle(office, &job, done)?;
    Ok(true)
}

/// How a try ended, as it is counted.
fn outcome(done: &Result<(), Failure>) -> &'static str {
    match done {
        Ok(()) => "done",
        Err(Failure::ForNow(_)) => "failed_for_now",
        Err(Failure::ForGood(_)) => "failed",
        Err(Failure::Stopped(Stop::Cancelled)) => "cancelled",
        Err(Failure::Stopped(Stop::Lost)) => "lost",
        Err(Failure::Stopped(Stop::Leaving)) => "given_back",
    }
}

/// Does a job, while another thread speaks for it.
fn attended(
    office: &Office,
    work: &dyn Work,
    job: &Job,
    leaving: &(dyn Fn() -> bool + Sync),
) -> Result<(), Failure> {
    let signals = Signals::default();
    let over = (Mutex::new(false), Condvar::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut is_over = over.0.lock().unwrap_or_else(PoisonError::into_inner);
            let mut silent = Duration::ZERO;
            let step = Duration::from_millis(100);
            while !*is_over {
                if leaving() {
                    signals.say(Stop::Leaving);
                }
                if silent >= BEAT {
                    silent = Duration::ZERO;
                    beat(office, job, &signals);
                }
                silent += step;
                let waited = over.1.wait_timeout(is_over, step);
                is_over = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        });
        let task = Task {
            job,
            books: &office.books,
            signals: &signals,
            office,
        };
        // The job of one must not end the thread of all.
        let done = catch_unwind(AssertUnwindSafe(|| work.run(&task))).unwrap_or_else(|_| {
            Err(Failure::ForNow(
                "something broke in the service itself; its log tells more".to_owned(),
            ))
        });
        *over.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        over.1.notify_all();
        done
    })
}

fn beat(office: &Office, job: &Job, signals: &Signals) {
    let (lease, progress, now) = (job.lease(), signals.progress(), office.clock.now());
    let is_news = progress.is_some();
    let heard = office
        .books
        .write(move |store| Ok(store.heartbeat(&lease, progress.as_ref(), now, LEASE)?));
    if is_news {
        (office.tell)("runs");
    }
    match heard {
        Ok(Beat::Cancel) => signals.say(Stop::Cancelled),
        Ok(Beat::Lost) => signals.say(Stop::Lost),
        // A database that is busy for a moment is heard at the next sign.
        Ok(Beat::Held) | Err(_) => {}
    }
}

fn settle(office: &Office, job: &Job, done: Result<(), Failure>) -> Result<(), BooksError> {
    let (lease, now) = (job.lease(), office.clock.now());
    let random = random(job);
    office.books.write(move |store| {
        match done {
            Ok(()) => drop(store.finish_job(&lease, now)?),
            Err(Failure::Stopped(Stop::Cancelled)) => drop(store.stop_job(&lease, now)?),
            Err(Failure::Stopped(Stop::Leaving)) => drop(store.release_job(&lease, now)?),
            Err(Failure::Stopped(Stop::Lost)) => {}
            Err(Failure::ForNow(error)) => {
                let retry = Retry::Later { random };
                store.fail_job(&lease, &error, retry, now)?;
            }
            Err(Failure::ForGood(error)) => {
                store.fail_job(&lease, &error, Retry::Never, now)?;
            }
        }
        Ok(())
    })
}

/// Spreads pauses; nothing secret depends on it.
fn random(job: &Job) -> u64 {
    getrandom::u64().unwrap_or_else(|_| job.id.0.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
