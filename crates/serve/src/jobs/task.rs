//! A job in the hands of a worker.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use stance_store::jobs::Job;

use super::books::{Books, BooksError};
use super::worker::Office;
use crate::notify::Courier;

/// A kind of job.
pub trait Work: Send + Sync {
    /// Its name in the database.
    fn kind(&self) -> &'static str;

    /// Does one. It may be done again after a crash at any moment: what it does, it does idempotently. A job that
    /// takes long looks at [`Task::stop`] at least every second.
    ///
    /// # Errors
    ///
    /// Why it could not be done, and whether another try may help.
    fn run(&self, task: &Task<'_>) -> Result<(), Failure>;
}

/// Why a job was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Another try would fail in the same way.
    ForGood(String),
    /// Another try may help.
    ForNow(String),
    /// It was stopped.
    Stopped(Stop),
}

impl From<BooksError> for Failure {
    fn from(error: BooksError) -> Self {
        Self::ForNow(error.to_string())
    }
}

/// Why a job is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody wants it.
    Cancelled,
    /// Another worker has the job.
    Lost,
    /// The process ends; the job waits for the next one.
    Leaving,
}

/// What the thread that does a job and the one that speaks for it share.
#[derive(Debug, Default)]
pub(super) struct Signals {
    stop: AtomicU8,
    progress: Mutex<Option<Value>>,
}

impl Signals {
    pub(super) fn say(&self, stop: Stop) {
        let number = match stop {
            Stop::Cancelled => 1,
            Stop::Lost => 2,
            Stop::Leaving => 3,
        };
        // The first reason counts.
        let _ = self
            .stop
            .compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Relaxed) {
            1 => Some(Stop::Cancelled),
            2 => Some(Stop::Lost),
            3 => Some(Stop::Leaving),
            _ => None,
        }
    }

    pub(super) fn progress(&self) -> Option<Value> {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// A job, and what is needed to do it.
#[derive(Debug)]
pub struct Task<'a> {
    /// The job.
    pub job: &'a Job,
    /// The database.
    pub books: &'a Books,
    pub(super) signals: &'a Signals,
    pub(super) office: &'a Office,
}

impl Task<'_> {
    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.office.clock.now()
    }

    /// Whether to stop, and why.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.signals.stop()
    }

    /// Says how far it is; people see it with the next sign of life.
    pub fn progress(&self, progress: Value) {
        *self
            .signals
            .progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// Tells the pages that are open that something of this topic is new.
    pub fn tell(&self, topic: &'static str) {
        (self.office.tell)(topic);
    }

    /// Wakes those who do other jobs: this one asked for some.
    pub(super) fn wake(&self) {
        self.office.bell.ring();
    }

    /// How people reach the service, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.office.base_url
    }

    /// Who takes messages to where they belong.
    #[must_use]
    pub fn courier(&self) -> &Courier {
        &self.office.courier
    }

    /// A number of the body of the job.
    ///
    /// # Errors
    ///
    /// When the body has none of this name.
    pub fn number(&self, name: &str) -> Result<i64, Failure> {
        let number = self.job.body.get(name).and_then(Value::as_i64);
        number.ok_or_else(|| Failure::ForGood(format!("the job does not say which {name}")))
    }
}
