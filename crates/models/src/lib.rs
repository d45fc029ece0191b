//! Model formats to facts: one folder per format; and what hides in their bytes.
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

pub mod catboost;
pub mod cntk;
pub mod coreml;
pub mod executorch;
pub mod ggml;
pub mod gguf;
pub mod hdf5;
pub mod keras;
pub mod lfs;
pub mod lightgbm;
pub mod magic;
pub mod members;
pub mod msgpack;
pub mod mxnet;
pub mod names;
pub mod numpy;
pub mod onnx;
pub mod openvino;
pub mod paddle;
pub mod payload;
pub mod pmml;
pub mod rdata;
pub mod safetensors;
pub mod savedmodel;
pub mod sentencepiece;
pub mod skops;
pub mod tar_header;
pub mod tensorrt;
#[cfg(test)]
mod testing;
pub mod tflite;
pub mod torch7;
pub mod unclaimed;
pub mod weights;
pub mod xgboost;
pub mod xml;

use stance_read::Inspector;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[
    &catboost::INSPECTOR,
    &cntk::INSPECTOR,
    &coreml::INSPECTOR,
    &executorch::INSPECTOR,
    &ggml::INSPECTOR,
    &gguf::INSPECTOR,
    &hdf5::INSPECTOR,
    &keras::INSPECTOR,
    &lfs::INSPECTOR,
    &lightgbm::INSPECTOR,
    &msgpack::INSPECTOR,
    &mxnet::INSPECTOR,
    &numpy::INSPECTOR,
    &onnx::INSPECTOR,
    &paddle::INSPECTOR,
    &openvino::INSPECTOR,
    &pmml::INSPECTOR,
    &rdata::INSPECTOR,
    &safetensors::INSPECTOR,
    &savedmodel::INSPECTOR,
    &sentencepiece::INSPECTOR,
    &tensorrt::INSPECTOR,
    &tflite::INSPECTOR,
    &torch7::INSPECTOR,
    &xgboost::INSPECTOR,
];
