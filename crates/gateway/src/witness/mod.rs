//! Who is told of exchanges that are over.
//!
//! The receipt is the evidence, and is written first; a [`Witness`] gets the same once more, as the noun that figures, pages
//! and findings are made of ([`Seen`]). Without one nothing of this is gathered.

mod about;
mod pieces;
mod queue;

use stance_core::traffic::Seen;

pub(crate) use about::{About, provider, trace};
pub(crate) use pieces::Pieces;
pub use queue::{Queue, Waiting, queue};

/// Is told of each exchange once it is over and its receipt is written.
pub trait Witness: Send + Sync {
    /// Takes what is kept of an exchange. The end of an answer may wait for this, so it neither blocks nor works much.
    fn saw(&self, seen: Seen);
}
