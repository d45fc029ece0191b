//! Tokenizers and models from outside.

mod hostile;
#[path = "../made.rs"]
#[allow(dead_code, reason = "the binary of Stance uses more of it")]
#[expect(clippy::allow_attributes, reason = "not all of it is used by each")]
mod made;
#[cfg(feature = "onnx")]
mod models;
mod tokens;
