//! What words try to do: normalisation, rules and a trained score.
//!
//! [`judge`] takes one text and says its signals. A text is read in several views: as it stands, folded to one way of writing
//! ([`fold`](fold())), with what hides in it spelt out ([`hidden`]), with disguises of letters taken off ([`disguise`]) and
//! encodings undone ([`decode`]), nested as deep as [`Limits`] allow. In each view, words of fifteen languages are read as
//! [`concepts`], [`rules`] look for concepts that stand together, and a trained model scores windows of it ([`score`]).
//!
//! What it cannot do: an instruction in plain words, in a document, reads like any other request. Such attacks are stopped by
//! what the words may cause, not by how they read; figures are in `models/MODEL_CARD.md`.
//!
//! A stream is judged by windows: hand in the last 1,300 characters again with each new piece, as the widest window of the
//! model is that long.

pub mod concepts;
mod confusables;
pub mod decode;
pub mod disguise;
mod exfiltration;
mod fold;
mod gibberish;
mod heads;
pub mod hidden;
mod judge;
mod layer;
mod limits;
mod probe;
pub mod rules;
pub mod score;

pub use fold::fold;
pub use judge::{Report, Signal, Unscanned, judge, judge_with};
pub use layer::{Map, Piece, View};
pub use limits::Limits;
pub use probe::Probe;
pub use rules::Grade;
