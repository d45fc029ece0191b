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

mod active;
mod allow;
mod bytecode;
pub mod catboost;
mod cntk;
pub mod compare;
mod compose;
pub mod convert;
mod coreml;
mod credential;
pub mod dependencies;
mod dockerfile;
pub mod dvc;
pub mod executorch;
mod external;
#[doc(hidden)]
pub mod fuzzing;
mod ggml;
pub mod gguf;
pub mod hdf5;
mod hidden;
pub mod huggingface;
pub mod input;
mod instructions;
pub mod interests;
pub(crate) mod keras;
mod lfs;
mod lightgbm;
pub mod limits;
mod mcp;
pub mod mlflow;
pub mod model_code;
pub mod modelfile;
pub mod msgpack;
pub mod mxnet;
mod names;
pub mod notebook;
mod oci;
pub mod onnx;
pub mod openvino;
pub mod packages;
pub mod paddle;
mod payload;
pub mod pickle;
pub mod pmml;
#[doc(hidden)]
pub mod protobuf;
mod provenance;
mod python;
pub mod rdata;
pub mod redact;
pub mod registry;
pub mod report;
pub mod safetensors;
pub mod savedmodel;
pub mod secrets;
mod sentencepiece;
mod served;
pub mod source;
mod tensorrt;
#[cfg(test)]
mod testing;
pub mod text;
pub mod tflite;
mod tokenizer;
pub mod torch7;
pub mod tree;
pub mod unclaimed;
mod variables;
pub mod vendors;
mod weights;
mod window;
mod workflow;
mod xgboost;
mod xml;

pub mod compressed;
mod configured;
pub mod disarm;
mod disguise;
mod little_endian;
mod magic;
mod members;
pub mod numpy;
mod sealed;
pub mod sevenzip;
mod skops;
pub mod tar;
mod unpack;
mod words;
pub mod zip;

use std::sync::Arc;

use stance_core::fact::GapReason;

pub use input::Input;
pub use interests::Interests;
pub use limits::{Limits, Options};
pub use members::{is_certain_model_name, is_model_name, says_device, says_model};
pub use registry::Inspector;
pub use report::{Facts, Report};
pub use source::{Bytes, Source};
pub use text::Text;

/// Looks at one file and says what it is and holds.
///
/// `path` is what evidence will carry: relative to the scanned root, `/`
/// between its parts. The same bytes under the same path give the same report.
#[must_use]
pub fn scan(path: impl Into<Arc<str>>, source: &dyn Source, options: &Options<'_>) -> Report {
    let mut facts = Facts::new(options);
    let input = Input::new(path.into(), source, options, &mut facts);
    scan_input(&input, &mut facts);
    facts.into_report()
}

/// Looks at the member of a container, one level deeper than `outer`.
///
/// `name` is the member's own path; the member's evidence path becomes
/// `outer!name`. Past the limit of nesting it leaves a gap and looks no further.
pub fn scan_member(outer: &Input<'_>, name: &str, source: &dyn Source, facts: &mut Facts<'_>) {
    let depth = outer.depth().saturating_add(1);
    let path: Arc<str> = format!("{}!{name}", outer.path()).into();
    if depth > outer.options().limits.depth {
        facts.gap(
            GapReason::Limit,
            format!(
                "containers are nested more than {} deep",
                outer.options().limits.depth
            ),
            stance_core::Evidence::file(path),
        );
        return;
    }
    if !facts.count_member() {
        return;
    }
    let input = Input::member(outer, path, source, facts);
    scan_input(&input, facts);
}

fn scan_input(input: &Input<'_>, facts: &mut Facts<'_>) {
    for inspector in registry::ALL {
        if inspector.claims(input) {
            inspector.inspect(input, facts);
            if inspector.understands() {
                facts.understood();
            }
        }
    }
}
