//! Who is told of exchanges that are over.
//!
//! The receipt is the evidence, and is written first; a [`Witness`] gets the same once more, as the noun that figures, pages
//! and findings are made of ([`Seen`]). Without one nothing of this is gathered.

mod about;
mod pieces;
mod queue;

use stance_core::exchange::Part;
use stance_core::traffic::{Piece, Seen};

pub(crate) use about::{About, provider, trace};
pub(crate) use pieces::Pieces;
pub use queue::{Queue, Waiting, queue};

/// Is told of each exchange once it is over and its receipt is written.
pub trait Witness: Send + Sync {
    /// Takes what is kept of an exchange. The end of an answer may wait for this, so it neither blocks nor works much.
    fn saw(&self, seen: Seen);
}

/// The pieces of an exchange of which both sides are known whole, for those who are told of it otherwise than by carrying it.
/// With `kept` their words are kept, as that says.
#[must_use]
pub fn pieces(
    asked: &[Part],
    answered: &[Part],
    kept: Option<&dyn Fn(&str) -> String>,
) -> Vec<Piece> {
    let own = |text: &str| text.to_owned();
    let how = kept.unwrap_or(&own);
    let mut pieces = Pieces::new(kept.is_some());
    pieces.whole(asked, false, how);
    pieces.whole(answered, true, how);
    pieces.finish(how)
}
