//! The list of parsers: one line each.

use crate::input::Input;
use crate::report::Facts;

/// A parser of one format. It is asked about every file, so [`Inspector::claims`]
/// looks at the name and the head only.
pub trait Inspector: Sync {
    /// What it parses, for messages and docs: `pickle`, `safetensors`.
    fn name(&self) -> &'static str;

    /// Whether this file is of its format. By content where the format has any
    /// mark; by name where it has none. Several parsers may claim one file.
    fn claims(&self, input: &Input<'_>) -> bool;

    /// Whether it understands what a file is. One that looks for something in every text does
    /// not: such a file does not count as understood.
    fn understands(&self) -> bool {
        true
    }

    /// Says what it sees. Giving up is a gap, never silence.
    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>);
}

/// Declares the modules of the formats and lists their parsers, in order.
macro_rules! inspectors {
    ($($module:ident),* $(,)?) => {
        /// Every parser.
        pub static ALL: &[&dyn Inspector] = &[$(&crate::$module::INSPECTOR),*];
    };
}

inspectors! {
    allow,
    catboost,
    cntk,
    compose,
    compressed,
    configured,
    coreml,
    dependencies,
    dockerfile,
    dvc,
    executorch,
    ggml,
    gguf,
    hdf5,
    huggingface,
    instructions,
    keras,
    lfs,
    lightgbm,
    mcp,
    mlflow,
    msgpack,
    model_code,
    mxnet,
    modelfile,
    notebook,
    numpy,
    oci,
    onnx,
    paddle,
    openvino,
    pickle,
    pmml,
    provenance,
    python,
    rdata,
    safetensors,
    savedmodel,
    sealed,
    sentencepiece,
    sevenzip,
    secrets,
    tar,
    tensorrt,
    tflite,
    tokenizer,
    torch7,
    variables,
    workflow,
    xgboost,
    zip,
    // Last: they add to what the others found.
    hidden,
    disguise,
}
