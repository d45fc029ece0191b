//! What the receiver asks of whoever runs it: who may send, and where things are kept.

use std::net::IpAddr;

use futures_util::future::BoxFuture;
use hyper::HeaderMap;
use stance_core::traffic::{Measured, Seen};

/// Interactions to be kept, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Those that nothing more will be told about.
    pub done: Vec<Seen>,
    /// Those for which more may come within seconds, each as it is known by now. When it is done it comes again, with the
    /// same id; should this process end before, it is done as it is.
    pub waiting: Vec<Seen>,
    /// Points of metrics: one that comes again, or is older than one of its series, counts nothing.
    pub measured: Vec<Measured>,
}

impl Kept {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.waiting.is_empty() && self.measured.is_empty()
    }
}

/// Nothing can be kept right now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no room right now: {0}")]
pub struct NoRoom(pub String);

/// Where interactions are kept.
pub trait Keeper: Send + Sync {
    /// Keeps interactions and gives how many of those that are done were not known before. They are on disk when it is done.
    fn keep(&self, kept: Kept) -> BoxFuture<'_, Result<usize, NoRoom>>;
}

/// Whether somebody may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// They may.
    Yes,
    /// Nobody knows them, or there is no token.
    NotKnown,
    /// They may not do this.
    NotAllowed,
    /// That cannot be found out right now, or they send too much: so many seconds later.
    Later(u32),
}

/// Who may send.
pub trait Admit: Send + Sync {
    /// Whether a request with these headers is let in, which came from `peer`.
    fn admit(&self, headers: &HeaderMap, peer: IpAddr) -> BoxFuture<'_, Admitted>;
}
