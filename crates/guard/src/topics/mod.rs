//! Subjects and harm: which of a few configurable categories a text is about.
//!
//! Each category has a lexicon (phrases that are strong by themselves, and words for its subject and for its purpose, which count
//! together) and, where it has examples, a linear score over hashed words that is learnt from them when the categories are built.
//! [`Topics::judge`] gives the categories that reach their mark, with evidence; what follows from them, policy says.
//!
//! What it cannot know, and nobody should believe it does:
//! - It knows words, not intent. Who asks how a poison acts may be a nurse; who paraphrases is not seen; irony is not understood.
//! - The lexicons that come with it are ours and small: a few dozen phrases per category in English, German, French, Spanish, Italian and
//!   Portuguese. In other languages it is blind until somebody adds words.
//! - A category is a reason to look or to answer with care. It is no verdict about a person, and blocking on it alone will block
//!   help: people in distress use the words of `self_harm`.
//! - It is no moderation model. Where harm must be kept out, put a classifier made for it beside this.

mod builtin;
mod category;
mod judge;
mod lexicon;
mod linear;
mod text;

pub use builtin::builtin;
pub use category::{Category, Problem};
pub use judge::{Topic, Topics};

#[cfg(test)]
mod tests;
