//! The commands about one model file, or two.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::TextOrJson;
use crate::config::file::{Confidence, FailOn};

const COMPARE_AFTER: &str = "\
A file may be safetensors, GGUF, a PyTorch checkpoint or NumPy arrays; a directory or an index
(model.safetensors.index.json) stands for the files of a model that is spread over several.

Exit codes:
  0  nothing at or above --fail-on
  1  a finding at or above --fail-on: by default a change that looks planted
  2  error of use, configuration or tool, or nothing that can be compared";

/// Hold a tuned model against its base model.
///
/// Says which tensors came, went and changed and how much, what the change looks like (a full training,
/// a part of it, merged adapters, an edit, pruning, a conversion, another model), and which rows,
/// columns, heads or bits changed unlike the rest, as a planted trigger does; each with how sure that
/// is. Both files are read in parts and never loaded.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_AFTER)]
pub(crate) struct CompareArguments {
    /// The base model: a file, a directory or an index
    #[arg(value_name = "BASE")]
    pub(crate) base: PathBuf,
    /// The model that was tuned from it
    #[arg(value_name = "TUNED")]
    pub(crate) tuned: PathBuf,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_COMPARE_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
    /// Lowest severity of an open finding that makes the exit code 1 [default: high]
    #[arg(long, env = "STANCE_FAIL_ON", value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Lowest confidence of a finding that is reported [default: low]
    #[arg(long, env = "STANCE_MIN_CONFIDENCE", value_name = "CONFIDENCE")]
    pub(crate) min_confidence: Option<Confidence>,
}

/// Turn a pickle checkpoint into safetensors without loading it.
///
/// Reads PyTorch checkpoints of either format, TorchScript archives, NumPy files, joblib dumps and
/// plain pickles of arrays. Nothing in them is run: tensors are found where they lie in the file,
/// copied through offsets and strides, and compared with the result once it is written. What is no
/// tensor is left behind and listed. The exit code is 1 when the file holds something of severity
/// high or above, which then is left behind as well.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// The checkpoint
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the safetensors file
    #[arg(short, long, env = "STANCE_CONVERT_OUTPUT", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The part to take, keys joined by dots, such as model.state_dict [default: state_dict,
    /// model_state_dict, model or module where it has the tensors, else everything]
    #[arg(long, env = "STANCE_CONVERT_KEY", value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Tensors that are the same bytes under several names
    #[arg(
        long,
        env = "STANCE_CONVERT_SHARED",
        value_name = "HOW",
        default_value = "alias"
    )]
    pub(crate) shared: SharedTensors,
    /// Replace the output file when there is one
    #[arg(long, env = "STANCE_CONVERT_FORCE")]
    pub(crate) force: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_CONVERT_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SharedTensors {
    /// Written once; the metadata names the others, as safetensors.torch.save_model does
    Alias,
    /// Written once for each name
    Copy,
}

/// Write a copy of a model file whose pickles hold only what is known to be safe.
///
/// Every import and call that the catalogue does not know as safe becomes None, or the plain dict or
/// list of what the object was to be filled with; tensors are copied as they are. The copy is scanned
/// before it gets its name: when anything of severity medium or above is left, nothing is written.
#[derive(Debug, Args)]
pub(crate) struct DisarmArguments {
    /// The model file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the copy [default: beside the file, with .disarmed before its extension]
    #[arg(short, long, env = "STANCE_DISARM_OUTPUT", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the output file when there is one
    #[arg(long, env = "STANCE_DISARM_FORCE")]
    pub(crate) force: bool,
    /// Text for people or JSON for programs
    #[arg(long, env = "STANCE_DISARM_FORMAT", default_value = "text")]
    pub(crate) format: TextOrJson,
}
