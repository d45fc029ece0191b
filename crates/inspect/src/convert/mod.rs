//! Checkpoints to safetensors without loading them: the pickle is read as data, each tensor is found
//! where it lies in the file, and its elements are copied through its strides. Nothing is called,
//! imported or made but the copy.
//!
//! [`open`] says what a file is, [`Plan::new`] what its result will consist of and what is left
//! behind, [`Plan::write`] writes it in pieces, and [`Plan::verify`] holds it against the source.

pub(crate) mod archive;
#[doc(hidden)]
pub mod assemble;
mod children;
mod describe;
mod dtype;
mod error;
mod gather;
pub(crate) mod joblib;
pub(crate) mod listing;
pub(crate) mod machine;
pub(crate) mod ndarray;
pub(crate) mod open;
mod part;
pub(crate) mod place;
mod plan;
mod select;
mod tape;
mod tar;
pub(crate) mod tensor;
mod torch;
pub(crate) mod tree;
mod unpacked;
mod write;

#[cfg(test)]
mod tests;

pub use dtype::Dtype;
pub use error::Error;
pub use open::{Checkpoint, Kind, open};
pub use plan::{Dropped, Plan, Planned, Shared, Wishes};
pub use select::Leftover;
pub use unpacked::unpacked;
pub(crate) use write::elements;
