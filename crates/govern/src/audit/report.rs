//! What a verification is given, and what it finds.

use jiff::Timestamp;

use super::entry::time;
use super::fault::Fault;
use crate::merkle::{Frontier, Hash};

/// What the next entry would build on, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are.
    pub size: u64,
    /// The hash of the last one.
    pub last: Hash,
    /// The right edge of the tree.
    pub frontier: Frontier,
}

/// Where a checkpoint comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Beside the log.
    Stored,
    /// From elsewhere: whoever changed the log could not change it as well.
    Outside,
}

/// What a pass over a log found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many entries were read.
    pub entries: u64,
    /// The first of them; above 1 when the beginning is not at hand.
    pub first: Option<u64>,
    /// Number, time and hash of the last one.
    pub last: Option<(u64, Timestamp, Hash)>,
    /// The root of the tree, where all entries are at hand.
    pub root: Option<Hash>,
    /// What is wrong, at most a hundred.
    pub faults: Vec<Fault>,
    /// How many more things are wrong.
    pub more_faults: u64,
    /// Sizes of the log for which a checkpoint beside it holds: how many, and the largest.
    pub stored: (u64, Option<u64>),
    /// The same for checkpoints from elsewhere.
    pub outside: (u64, Option<u64>),
    /// Checkpoints that could not be held against the log, because entries before them are missing.
    pub not_compared: u64,
    /// Entries that are dated before the entry before them: the clock was set back.
    pub set_back: u64,
    /// Stored scans that are what the log says was recorded.
    pub scans: u64,
    /// Stored scans of which the log does not tell: they are older than it.
    pub untold_scans: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    /// The last moment that is told, as the log writes times.
    #[must_use]
    pub fn until(&self) -> Option<String> {
        self.last.map(|(_, at, _)| time(at))
    }
}
