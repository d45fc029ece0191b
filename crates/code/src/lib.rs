//! Source code and configuration to facts: one folder per language or kind of file.
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

pub mod allow;
pub mod builtin_tools;
pub mod compose;
pub mod configured;
pub mod credentials;
pub mod default_models;
pub mod dependencies;
pub mod dockerfile;
pub mod dvc;
pub mod huggingface;
pub mod instructions;
pub mod mcp;
pub mod mlflow;
pub mod model_code;
pub mod modelfile;
pub mod models;
pub mod names;
pub mod notebook;
pub mod oci;
pub mod opened;
pub mod packages;
pub mod provenance;
pub mod python;
pub mod served;
#[cfg(test)]
mod testing;
pub mod tokenizer;
pub mod variables;

use stance_read::Inspector;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[
    &allow::INSPECTOR,
    &compose::INSPECTOR,
    &configured::INSPECTOR,
    &dependencies::INSPECTOR,
    &dependencies::INSTALLS,
    &dockerfile::INSPECTOR,
    &dvc::INSPECTOR,
    &huggingface::INSPECTOR,
    &instructions::INSPECTOR,
    &mcp::INSPECTOR,
    &mlflow::INSPECTOR,
    &model_code::INSPECTOR,
    &modelfile::INSPECTOR,
    &notebook::INSPECTOR,
    &oci::INSPECTOR,
    &provenance::INSPECTOR,
    &python::INSPECTOR,
    &tokenizer::INSPECTOR,
    &variables::INSPECTOR,
];
