//! What can be wrong with a log.

use std::fmt;

use serde::Serialize;

/// Kinds of what can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The contents of an entry do not give its hash.
    Edited,
    /// Entries are not there although later ones are.
    Missing,
    /// An entry stands at another place than its own.
    Misplaced,
    /// An entry names another hash than that of the entry before it.
    BrokenChain,
    /// An entry has not the form of one.
    Malformed,
    /// The log ends before an end that was told.
    Truncated,
    /// The log is not the one that a checkpoint was signed for.
    Rewritten,
    /// A checkpoint is not signed by who should have signed it, or is about another log.
    Checkpoint,
    /// What the tree or the next entry builds on is not that of the entries.
    Tree,
    /// What keeps the log from being changed by mistake is gone.
    Guard,
    /// What is kept elsewhere in the database is not what the log says was recorded.
    Contents,
}

impl FaultKind {
    /// The word for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::Misplaced => "misplaced",
            Self::BrokenChain => "broken_chain",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Rewritten => "rewritten",
            Self::Checkpoint => "checkpoint",
            Self::Tree => "tree",
            Self::Guard => "guard",
            Self::Contents => "contents",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind of thing.
    pub kind: FaultKind,
    /// The entry at which it shows, where it is one.
    pub seq: Option<u64>,
    /// One sentence for people.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "entry {seq}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}
