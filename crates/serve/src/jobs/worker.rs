//! Threads that take jobs and do them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stance_store::jobs::{Beat, Job, Jobs as _, Retry};

use super::books::{Books, BooksError};
use super::task::{Failure, Signals, Stop, Task, Work};
use super::{INGEST, SCAN, Settings, kinds, scheduler};

/// For how long a worker is believed without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// How often it gives one.
const BEAT: Duration = Duration::from_secs(2);
/// How long an idle worker waits before it looks again, should nobody wake it.
const IDLE: Duration = Duration::from_secs(2);

/// All threads that do jobs, and the one that asks for them.
#[derive(Debug)]
pub struct Crew {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    leaving: AtomicBool,
    waker: Condvar,
    gate: Mutex<()>,
}

impl Shared {
    fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Waits until somebody wakes, or for so long.
    fn wait(&self, most: Duration) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_leaving() {
            // Woken or not: whoever waits looks again.
            drop(self.waker.wait_timeout(gate, most));
        }
    }
}

/// Wakes idle workers.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Shared>);

impl Waker {
    /// There may be something to do.
    pub fn wake(&self) {
        self.0.waker.notify_all();
    }
}

impl Crew {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system has no threads left.
    pub fn start(books: &Books, settings: Settings) -> std::io::Result<Self> {
        let settings = Arc::new(settings);
        let shared = Arc::new(Shared::default());
        let mut threads = Vec::new();
        let mut begin = |name: String, work: Box<dyn FnOnce() + Send>| {
            threads.push(std::thread::Builder::new().name(name).spawn(work)?);
            std::io::Result::Ok(())
        };
        let small: Vec<&str> = super::HOUSEKEEPING.iter().map(|(kind, _)| *kind).collect();
        let mut teams = vec![small, vec![INGEST]];
        teams.extend((0..settings.scanners.max(1)).map(|_| vec![SCAN]));
        for (number, team) in teams.into_iter().enumerate() {
            let (books, settings, shared) = (books.clone(), settings.clone(), shared.clone());
            let worker = format!("{}-{number}", std::process::id());
            begin(
                format!("job-{number}"),
                Box::new(move || serve(&books, &settings, &shared, &worker, &team)),
            )?;
        }
        let (books, shared_clock) = (books.clone(), shared.clone());
        begin(
            "clock".to_owned(),
            Box::new(move || {
                while !shared_clock.is_leaving() {
                    // What cannot be asked for now is asked for at the next tick.
                    if scheduler::tick(&books, Timestamp::now()).is_ok_and(|asked| asked > 0) {
                        shared_clock.waker.notify_all();
                    }
                    shared_clock.wait(settings.tick);
                }
            }),
        )?;
        Ok(Self { shared, threads })
    }

    /// What wakes the threads when there is something to do.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker(self.shared.clone())
    }

    /// Stops: running jobs are given back, their children ended.
    pub fn stop(self) {
        self.shared.leaving.store(true, Ordering::Relaxed);
        {
            let _gate = self
                .shared
                .gate
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            self.shared.waker.notify_all();
        }
        for thread in self.threads {
            // A thread that panicked has nothing to give back.
            let _ = thread.join();
        }
    }
}

fn serve(books: &Books, settings: &Arc<Settings>, shared: &Shared, worker: &str, team: &[&str]) {
    let kinds = kinds(settings);
    while !shared.is_leaving() {
        match once(
            books,
            &kinds,
            team,
            worker,
            &|| shared.is_leaving(),
            Timestamp::now,
        ) {
            Ok(true) => {}
            Ok(false) | Err(_) => shared.wait(IDLE),
        }
    }
}

/// Does the next job of any kind whose time has come, for tests and for `stance` without a server; `false` when there
/// is none.
///
/// # Errors
///
/// When the database cannot be written.
pub fn work_once(
    books: &Books,
    settings: &Arc<Settings>,
    now: fn() -> Timestamp,
) -> Result<bool, BooksError> {
    let all = kinds(settings);
    let names: Vec<&str> = all.iter().map(|work| work.kind()).collect();
    once(books, &all, &names, "once", &|| false, now)
}

fn once(
    books: &Books,
    kinds: &[Box<dyn Work>],
    team: &[&str],
    worker: &str,
    leaving: &(dyn Fn() -> bool + Sync),
    now: fn() -> Timestamp,
) -> Result<bool, BooksError> {
    let (owner, names) = (
        worker.to_owned(),
        team.iter().map(ToString::to_string).collect::<Vec<_>>(),
    );
    let taken = books.write(move |store| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        store.take_job(&owner, &names, now(), LEASE)
    })?;
    let Some(job) = taken else { return Ok(false) };
    let work = kinds.iter().find(|work| work.kind() == job.kind);
    let done = match work {
        Some(work) => attended(books, work.as_ref(), &job, leaving, now),
        None => Err(Failure::ForGood(format!("nobody here does `{}`", job.kind))),
    };
    settle(books, &job, done, now)?;
    Ok(true)
}

/// Does a job, while another thread speaks for it.
fn attended(
    books: &Books,
    work: &dyn Work,
    job: &Job,
    leaving: &(dyn Fn() -> bool + Sync),
    now: fn() -> Timestamp,
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
                    beat(books, job, &signals, now);
                }
                silent += step;
                let waited = over.1.wait_timeout(is_over, step);
                is_over = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        });
        let task = Task {
            job,
            books,
            signals: &signals,
            now,
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

fn beat(books: &Books, job: &Job, signals: &Signals, now: fn() -> Timestamp) {
    let (lease, progress) = (job.lease(), signals.progress());
    let heard = books.write(move |store| store.heartbeat(&lease, progress.as_ref(), now(), LEASE));
    match heard {
        Ok(Beat::Cancel) => signals.say(Stop::Cancelled),
        Ok(Beat::Lost) => signals.say(Stop::Lost),
        // A database that is busy for a moment is heard at the next sign.
        Ok(Beat::Held) | Err(_) => {}
    }
}

fn settle(
    books: &Books,
    job: &Job,
    done: Result<(), Failure>,
    now: fn() -> Timestamp,
) -> Result<(), BooksError> {
    let lease = job.lease();
    let random = random(job);
    books.write(move |store| {
        match done {
            Ok(()) => drop(store.finish_job(&lease, now())?),
            Err(Failure::Stopped(Stop::Cancelled)) => drop(store.stop_job(&lease, now())?),
            Err(Failure::Stopped(Stop::Leaving)) => drop(store.release_job(&lease, now())?),
            Err(Failure::Stopped(Stop::Lost)) => {}
            Err(Failure::ForNow(error)) => {
                let retry = Retry::Later { random };
                store.fail_job(&lease, &error, retry, now())?;
            }
            Err(Failure::ForGood(error)) => {
                store.fail_job(&lease, &error, Retry::Never, now())?;
            }
        }
        Ok(())
    })
}

/// Spreads pauses; nothing secret depends on it.
fn random(job: &Job) -> u64 {
    getrandom::u64().unwrap_or_else(|_| job.id.0.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
