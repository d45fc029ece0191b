//! Text classifiers that users bring: a model in ONNX, its tokenizer and its labels, from bytes to scores.
//!
//! [`Tokenizer`] reads `tokenizer.json`, [`Labels`] reads `config.json`, [`Windows`] cuts what is longer than the model takes,
//! and with the feature `onnx`, `Classifier` runs the model. All of it takes bytes and gives values: files, processes and
//! deadlines are the caller's. Files are strangers' and may be made to harm: everything is bounded, except what a graph asks of
//! memory and time, which only the process around it can bound.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(feature = "onnx")]
mod classifier;
#[cfg(feature = "onnx")]
mod engine;
mod labels;
pub mod tokenizer;
mod windows;

#[cfg(feature = "onnx")]
pub use classifier::{Classifier, Error, Options, Parts, Scored};
pub use labels::{Labels, LabelsError};
pub use tokenizer::Tokenizer;
pub use windows::Windows;
