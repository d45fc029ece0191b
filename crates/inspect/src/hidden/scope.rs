//! Which files, and which parts of them, are looked at for a second content.

use stance_core::fact::ArtifactFormat;
use stance_models::magic::Recognise as _;

use stance_models::magic::foreign;
use stance_models::members::{is_certain_model_name, is_data_name, says_device, says_model};
use stance_read::input::Input;
use stance_read::little_endian::u64_at;

/// How much of a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that limits allow, and its end.
    Whole,
    /// The same of a file that should be a pickle and is not known to be one.
    Pickle,
    /// The same of a file of no known format that may be anything: only pickles are told.
    Data,
    /// The bytes that are at hand: of pictures, in front of pickles.
    Head,
    /// A range.
    Part(u64, u64),
}

impl Scope {
    /// Whether programs in it are told: in what may be the image of a device, or a picture with a
    /// script, they are nothing new.
    pub(super) const fn tells_programs(self) -> bool {
        !matches!(self, Self::Data | Self::Head)
    }
}

pub(super) fn scope(input: &Input<'_>, known: Option<ArtifactFormat>) -> Option<Scope> {
    match known {
        Some(format) => of_format(input, format),
        None => of_name(input),
    }
}

fn of_format(input: &Input<'_>, format: ArtifactFormat) -> Option<Scope> {
    match format {
        ArtifactFormat::Onnx
        | ArtifactFormat::Hdf5
        | ArtifactFormat::SavedModel
        | ArtifactFormat::Tflite
        | ArtifactFormat::Executorch
        | ArtifactFormat::Paddle
        | ArtifactFormat::Catboost
        | ArtifactFormat::Lightgbm
        | ArtifactFormat::Xgboost
        | ArtifactFormat::Flax
        | ArtifactFormat::Coreml
        | ArtifactFormat::Mxnet
        | ArtifactFormat::Torch7
        | ArtifactFormat::Cntk
        | ArtifactFormat::Ggml
        | ArtifactFormat::Gguf
        | ArtifactFormat::Sentencepiece => Some(Scope::Whole),
        // The tensors were looked at one by one.
        ArtifactFormat::Safetensors => {
            let header = u64_at(input.head(), 0)?;
            Some(Scope::Part(8, header.saturating_add(8)))
        }
        _ => None,
    }
}

fn of_name(input: &Input<'_>) -> Option<Scope> {
    let extension = input.extension();
    if is_pickle_name(extension) && input.magic().is_none() {
        return Some(Scope::Pickle);
    }
    if is_certain_model_name(input.file_name()) && input.magic().is_none() {
        return Some(Scope::Whole);
    }
    if is_data_name(extension) && !says_device(input.path()) {
        let says_model = says_model(input.path());
        return Some(if says_model {
            Scope::Whole
        } else {
            Scope::Data
        });
    }
    foreign(input.head())
        .is_some_and(|title| title.ends_with("picture"))
        .then_some(Scope::Head)
}

/// Whether only pickles, and files of PyTorch that begin with one, are called that.
fn is_pickle_name(extension: &str) -> bool {
    matches!(
        extension,
        "pkl" | "pickle" | "pck" | "joblib" | "dill" | "cloudpickle" | "pt" | "pth" | "ckpt"
    )
}
