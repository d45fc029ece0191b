//! What words try to do: normalisation, rules and a trained score.

pub mod concepts;
pub mod confusables;
pub mod fold;
pub mod hidden;
pub mod layer;
pub mod score;

pub use fold::fold;
