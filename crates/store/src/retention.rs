//! How long what passes is kept: looks at sources, work that was done, messages, decided drift, the score in detail,
//! interactions.
//!
//! Never removed: the audit log, findings and assets with what became of them, waivers, and what waits for a decision.

use jiff::{SignedDuration, Timestamp};

use crate::Result;

/// What is kept for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passing {
    /// Looks at sources that ended; of each source the last one, and the last one that succeeded, stay.
    Runs,
    /// What scanners wrote, and the keys by which a document that is pushed again is known.
    Logs,
    /// Jobs that ended.
    Jobs,
    /// Messages and their tries.
    Deliveries,
    /// Changes of sources that were decided, or needed no decision.
    Changes,
    /// Every movement of the score; later one point a day stays.
    Score,
    /// Interactions of run time.
    Traffic,
    /// Their words, where they are kept.
    Words,
    /// The figures of them.
    TrafficSums,
}

impl Passing {
    /// All of it.
    pub const ALL: [Self; 9] = [
        Self::Runs,
        Self::Logs,
        Self::Jobs,
        Self::Deliveries,
        Self::Changes,
        Self::Score,
        Self::Traffic,
        Self::Words,
        Self::TrafficSums,
    ];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Logs => "logs",
            Self::Jobs => "jobs",
            Self::Deliveries => "deliveries",
            Self::Changes => "changes",
            Self::Score => "score",
            Self::Traffic => "traffic",
            Self::Words => "words",
            Self::TrafficSums => "traffic_sums",
        }
    }

    /// The fewest and the most days for which it can be kept. Drift is evidence of a year's audit, and the clock of daily
    /// jobs is read from the last ones.
    #[must_use]
    pub const fn bounds(self) -> (u16, u16) {
        match self {
            Self::Runs | Self::Deliveries => (7, 3650),
            Self::Logs | Self::Traffic | Self::Words => (1, 3650),
            Self::Jobs => (2, 365),
            Self::Changes => (365, 3650),
            Self::Score | Self::TrafficSums => (30, 3650),
        }
    }
}

/// For how many days each is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSettings {
    days: [u16; 9],
    /// Most interactions: when there are more, the oldest go at once.
    pub rows: u64,
    /// Counts up with every edit.
    pub revision: i64,
}

impl RetentionSettings {
    /// The fewest and the most of [`Self::rows`].
    pub const ROWS: (u64, u64) = (1_000, 1_000_000_000);

    /// These days, in the order of [`Passing::ALL`].
    #[must_use]
    pub const fn new(days: [u16; 9], rows: u64, revision: i64) -> Self {
        Self {
            days,
            rows,
            revision,
        }
    }

    /// For how many days it is kept.
    #[must_use]
    pub fn days(&self, passing: Passing) -> u16 {
        let [
            runs,
            logs,
            jobs,
            deliveries,
            changes,
            score,
            traffic,
            words,
            sums,
        ] = self.days;
        match passing {
            Passing::Runs => runs,
            Passing::Logs => logs,
            Passing::Jobs => jobs,
            Passing::Deliveries => deliveries,
            Passing::Changes => changes,
            Passing::Score => score,
            Passing::Traffic => traffic,
            Passing::Words => words,
            Passing::TrafficSums => sums,
        }
    }

    /// The time before which it goes.
    #[must_use]
    pub fn before(&self, passing: Passing, now: Timestamp) -> Timestamp {
        let kept = SignedDuration::from_hours(24 * i64::from(self.days(passing)));
        now.checked_sub(kept).unwrap_or(Timestamp::MIN)
    }
}

/// What would go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Old {
    /// How much, counted up to a bound.
    pub count: u64,
    /// The oldest of it.
    pub oldest: Option<Timestamp>,
}

/// How large the database is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// The file, without what was written last.
    pub bytes: u64,
    /// Of that, what is free and is used for what comes.
    pub free: u64,
    /// Whether what is free can be given back to the system bit by bit; a database that an older version made keeps it.
    pub gives_back: bool,
}

/// Keeping and forgetting.
pub trait Retention {
    /// For how many days each is kept.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn retention(&self) -> Result<RetentionSettings>;

    /// Sets that; the revision is that of the settings that were seen.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Edited`] when they are of another revision by now, [`crate::StoreError::Refused`] when a
    /// number is out of its bounds, or when the database cannot be written.
    fn set_retention(&mut self, settings: &RetentionSettings) -> Result<()>;

    /// What of it is from before a time; counted to `most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn old(&self, passing: Passing, before: Timestamp, most: u64) -> Result<Old>;

    /// Removes at most so many rows of it from before a time; gives how many. Fewer than `most`: that was all.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn forget(&mut self, passing: Passing, before: Timestamp, most: usize) -> Result<usize>;

    /// How large the database is.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn space(&self) -> Result<Space>;

    /// Gives at most so many free pages back to the system; gives how many. Takes part in no larger step.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn give_back(&mut self, pages: u32) -> Result<u64>;
}
