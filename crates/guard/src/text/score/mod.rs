//! The trained score: hashed n-grams of characters and words, and concepts, added up over sliding windows.
//!
//! One linear model for direct prompts and one for what strangers wrote. The features are defined once, in [`features`];
//! `xtask train-guard` counts with the same code that scores here.

pub mod features;
pub mod model;
pub mod windows;

pub use model::{Kind, Model, ModelError};
