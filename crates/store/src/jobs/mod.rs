//! Work that is done in the background: kept until it is done, taken by one worker at a time.

mod backoff;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;

pub use backoff::pause;

/// The longest time for which a worker is believed without a sign of life. A lease that runs longer comes from a
/// clock that was set back, and counts as run out.
pub const LONGEST_LEASE: SignedDuration = SignedDuration::from_mins(5);

/// The number of a job; none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its time has not come, or no worker is free.
    Waiting,
    /// A worker does it.
    Running,
    /// It was done.
    Done,
    /// It failed for good.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name used in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// What is to be done.
    pub kind: &'a str,
    /// What the kind needs.
    pub body: Value,
    /// What must not be done twice at a time: while a job of this kind and key is unfinished, there is no second one.
    pub key: Option<&'a str>,
    /// Jobs of one lane are done one after the other, in the order in which they were asked for.
    pub lane: Option<&'a str>,
    /// Higher goes first.
    pub priority: i64,
    /// When it may start; `None` as soon as a worker is free.
    pub not_before: Option<Timestamp>,
    /// How often it is tried in all, at least once. A worker that is lost counts as a try.
    pub max_attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub backoff: SignedDuration,
}

impl<'a> NewJob<'a> {
    /// A job that is tried three times, ten seconds apart at first.
    #[must_use]
    pub fn new(kind: &'a str, body: Value) -> Self {
        Self {
            kind,
            body,
            key: None,
            lane: None,
            priority: 0,
            not_before: None,
            max_attempts: 3,
            backoff: SignedDuration::from_secs(10),
        }
    }

    /// The same job, of which there is one at a time.
    #[must_use]
    pub const fn once(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }
}

/// A job that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// Its number, or that of the unfinished job of the same key.
    pub id: JobId,
    /// Whether it is new.
    pub new: bool,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// What the kind needs.
    pub body: Value,
    /// What must not be done twice at a time.
    pub key: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// Higher goes first.
    pub priority: i64,
    /// When it may start or was allowed to.
    pub not_before: Timestamp,
    /// How often it was started.
    pub attempts: u32,
    /// How often it is started at most.
    pub max_attempts: u32,
    /// The worker that does it, or did last.
    pub worker: Option<String>,
    /// How far it is, in the words of its kind.
    pub progress: Option<Value>,
    /// What went wrong last.
    pub error: Option<String>,
    /// Whether somebody wants it to stop.
    pub cancel: bool,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was last started.
    pub started: Option<Timestamp>,
    /// When it ended for good.
    pub finished: Option<Timestamp>,
}

/// The right of a worker to do a job. It ends with the next try, whoever does that: what an old holder still says is
/// not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// The worker.
    pub worker: String,
    /// Which try of the job it is.
    pub attempt: u32,
}

impl Job {
    /// The right of the worker that has taken it.
    #[must_use]
    pub fn lease(&self) -> Lease {
        Lease {
            job: self.id,
            worker: self.worker.clone().unwrap_or_default(),
            attempt: self.attempts,
        }
    }
}

/// What a worker learns when it gives a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Go on.
    Held,
    /// Somebody wants the job to stop.
    Cancel,
    /// The job is no longer this worker's.
    Lost,
}

/// What to do with a job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Try again after a pause, as long as tries are left. The number makes the pause random.
    Later {
        /// Any number; evenly distributed ones spread the pauses evenly.
        random: u64,
    },
    /// It would fail again.
    Never,
}

/// Jobs that are wanted.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// In this state only.
    pub state: Option<JobState>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Older than this one only: the last of the page before.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: usize,
}

/// What became of jobs whose workers are lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// They wait for the next try.
    pub waiting: Vec<JobId>,
    /// They were tried often enough.
    pub failed: Vec<JobId>,
}

/// The list of work. The time is an argument everywhere; a clock that is set back delays nothing by more than
/// [`LONGEST_LEASE`].
pub trait Jobs {
    /// Asks for a job.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn enqueue(&mut self, job: &NewJob<'_>, now: Timestamp) -> Result<Enqueued>;

    /// Gives the worker the next job of one of these kinds whose time has come: the highest priority first, then the
    /// longest due. No two workers get one job.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn take_job(
        &mut self,
        worker: &str,
        kinds: &[&str],
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Job>>;

    /// A sign of life: the lease starts anew, and how far the job is stands where people see it.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn heartbeat(
        &mut self,
        lease: &Lease,
        progress: Option<&Value>,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Beat>;

    /// The job is done. `false` when it was no longer this worker's.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn finish_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool>;

    /// The job failed; gives where it stands now, or `None` when it was no longer this worker's.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn fail_job(
        &mut self,
        lease: &Lease,
        error: &str,
        retry: Retry,
        now: Timestamp,
    ) -> Result<Option<JobState>>;

    /// The worker stopped the job because it was asked to. `false` when it was no longer this worker's.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn stop_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool>;

    /// Gives a job back untouched, because the worker goes: the try does not count. `false` when it was no longer this
    /// worker's.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn release_job(&mut self, lease: &Lease, now: Timestamp) -> Result<bool>;

    /// Somebody wants a job to stop: one that waits is cancelled at once, one that runs is told to. Gives where it
    /// stands now.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn cancel_job(&mut self, id: JobId, now: Timestamp) -> Result<JobState>;

    /// Takes the jobs of lost workers back: they wait again, or fail when they were tried often enough, and so do
    /// their runs.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn recover_jobs(&mut self, now: Timestamp) -> Result<Recovered>;

    /// Takes back every job that is under way, without waiting for leases to end: for a process that begins and knows
    /// that no other one works.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn reclaim_jobs(&mut self, now: Timestamp) -> Result<Recovered>;

    /// One job.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn job(&self, id: JobId) -> Result<Job>;

    /// Jobs, the latest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn jobs(&self, filter: &JobFilter) -> Result<Vec<Job>>;

    /// When the next waiting job may start, if there is one.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn next_job_at(&self) -> Result<Option<Timestamp>>;
}
