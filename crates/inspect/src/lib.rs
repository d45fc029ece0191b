//! Hostile bytes to facts: one folder per format.
//!
//! Pure and bounded: a parser gets an [`Input`] with a [`Source`] that reads
//! at most what it asks for, says what it sees as [`Fact`]s, and says where it
//! gave up as a [`Gap`](stance_core::fact::Gap). It never panics, never
//! recurses without a bound, never allocates what a header claims.
//!
//! [`scan`] is the entry point: one file in, a [`Report`] out. A new format is
//! one folder and one line in [`mod@registry`].
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

pub mod compare;
pub mod compressed;
mod content;
pub mod convert;
pub mod disarm;
mod disguise;
#[doc(hidden)]
pub mod fuzzing;
mod hidden;
mod pickle_file;
pub mod registry;
mod sealed;
pub mod sevenzip;
pub mod tar;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod zip;

pub use stance_code::mcp::{configuration_files as agent_configurations, relocated};
pub use stance_code::{
    dependencies, dvc, huggingface, mlflow, model_code, modelfile, notebook, packages,
};
pub use stance_models::members::{is_certain_model_name, is_model_name, says_device, says_model};
pub use stance_models::{
    catboost, executorch, gguf, hdf5, keras, msgpack, mxnet, numpy, onnx, openvino, paddle, pmml,
    rdata, safetensors, savedmodel, skops, tflite, torch7, unclaimed,
};
pub use stance_pickle as pickle;
pub use stance_read::{
    Bytes, Facts, Input, Inspector, Interests, Limits, Options, Report, Source, Text, input,
    interests, limits, link, protobuf, redact, report, scan, scan_member, secrets, source, text,
    tree, vendors,
};
