//! Logs of gateways and providers, as they are handed in: records that are there already, or one after the other as they are
//! written.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use stance_telemetry::logs::{Format, Unread};
use stance_telemetry::otlp::answer::Outcome;

use crate::body::Wrong;
use crate::intake::{Done, Request};
use crate::listen::Receiver;
use crate::take::Form;

/// Records of a log: lines, or one document.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Its format; found out for each record where it is not said.
    pub format: Option<Format>,
    /// Whose log it is, for records that do not say which service they are of.
    pub service: Option<String>,
    /// Whether the body is packed with gzip.
    pub packed: bool,
    /// The records.
    pub body: Vec<u8>,
}

/// What became of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogTaken {
    /// Interactions that it told.
    pub interactions: u64,
    /// Of these, how many were not known before. Those that wait are not counted.
    pub new: u64,
    /// How many wait some seconds for what belongs to them, since they are spans.
    pub waiting: u64,
    /// Records of each format that told interactions.
    pub formats: BTreeMap<Format, u64>,
    /// Records that were understood and told none.
    pub other: u64,
    /// Records that were not understood: why, and how many.
    pub unknown: BTreeMap<&'static str, u64>,
    /// Where the first of these stand.
    pub unread: Vec<Unread>,
}

/// Why a log was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogRefused {
    /// There is no room right now: it may come again.
    #[error("{0}")]
    Later(String),
    /// It is larger than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// It cannot be read.
    #[error("{0}")]
    Bad(String),
}

impl Receiver {
    /// Takes records of a log in; what they tell is kept when this is done. Whoever calls has seen to it that the sender may.
    ///
    /// # Errors
    ///
    /// When there is no room right now, when the log is too large, or when it is not packed as it says.
    pub async fn take_log(&self, log: Log) -> Result<LogTaken, LogRefused> {
        let taken = async {
            let place = self.intake.room().await?;
            let request = Request {
                form: Form::Log(log.format),
                service: log.service,
                packed: log.packed,
                body: log.body,
            };
            let done = self.intake.take(request).await;
            drop(place);
            done
        };
        let taken = taken.await;
        let figures = &self.intake.figures;
        let counter = match &taken {
            Ok(_) => &figures.taken,
            Err(Wrong(Outcome::Later, _)) => &figures.later,
            Err(_) => &figures.refused,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        match taken {
            Ok(done) => Ok(told(done)),
            Err(Wrong(outcome, why)) => Err(match outcome {
                Outcome::Later => LogRefused::Later(why),
                Outcome::TooLarge => LogRefused::TooLarge(why),
                _ => LogRefused::Bad(why),
            }),
        }
    }
}

fn told(done: Done) -> LogTaken {
    let log = done.taken.log;
    LogTaken {
        interactions: done.interactions,
        new: done.new,
        waiting: done.waiting,
        formats: log.formats,
        other: log.other,
        unknown: log.unknown,
        unread: log.unread,
    }
}
