//! Model and data files.

use std::collections::BTreeMap;

use serde::Serialize;

use super::tensor::{Shard, Tensor, TensorNames};
use super::weights::TensorSign;
use crate::evidence::Evidence;

/// What a model or data file is, as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactFormat {
    /// A Python pickle of no further known kind.
    Pickle,
    /// A PyTorch checkpoint in a zip (since PyTorch 1.6).
    PytorchZip,
    /// A PyTorch checkpoint of several pickles in a row (before 1.6).
    PytorchLegacy,
    /// A TorchScript program in a zip.
    Torchscript,
    /// A joblib dump, bare or compressed.
    Joblib,
    /// One NumPy array.
    Npy,
    /// Several NumPy arrays in a zip.
    Npz,
    /// A safetensors file.
    Safetensors,
    /// A GGUF file of llama.cpp.
    Gguf,
    /// An ONNX graph.
    Onnx,
    /// A Keras 3 archive.
    Keras,
    /// An HDF5 file, as Keras 2 wrote it.
    Hdf5,
    /// A TensorFlow SavedModel.
    SavedModel,
    /// A TensorFlow Lite flatbuffer.
    Tflite,
    /// A `torch.package` archive: pickles with the Python source they need.
    TorchPackage,
    /// An ExecuTorch program (flatbuffer).
    Executorch,
    /// A TorchServe model archive (`.mar`): a model and the handler that serves it.
    TorchserveArchive,
    /// A NeMo archive: configuration and checkpoint in a tar.
    Nemo,
    /// A skops archive of scikit-learn objects.
    Skops,
    /// A PaddlePaddle program or its parameters.
    Paddle,
    /// A CatBoost model.
    Catboost,
    /// A LightGBM model in its text form.
    Lightgbm,
    /// An XGBoost model: JSON, UBJSON or its older binary form.
    Xgboost,
    /// Flax parameters in msgpack.
    Flax,
    /// A serialised R object (`.rds`, `.rdata`).
    RData,
    /// A PMML document.
    Pmml,
    /// A Core ML model.
    Coreml,
    /// An OpenVINO graph.
    Openvino,
    /// A TensorRT engine.
    Tensorrt,
    /// A SentencePiece tokenizer model.
    Sentencepiece,
    /// A GGML file, as llama.cpp wrote it before GGUF.
    Ggml,
    /// An MXNet graph (JSON) or its parameters.
    Mxnet,
    /// An object of Torch 7, the Lua library.
    Torch7,
    /// A model of CNTK.
    Cntk,
    /// An executable that carries its model in a zip at its end.
    Llamafile,
    /// An OCI image or model artefact, as a layout or as one layer.
    OciImage,
    /// A text file that configures a model: a chat template, a Hugging Face `config.json`.
    Configuration,
    /// An archive that holds model files but is none of the above.
    Archive,
    /// A file whose name says model and whose bytes are something else.
    Other,
}

impl ArtifactFormat {
    /// What people call the format.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pickle => "pickle",
            Self::PytorchZip => "PyTorch zip",
            Self::PytorchLegacy => "PyTorch legacy",
            Self::Torchscript => "TorchScript",
            Self::Joblib => "joblib",
            Self::Npy => "NumPy npy",
            Self::Npz => "NumPy npz",
            Self::Safetensors => "safetensors",
            Self::Gguf => "GGUF",
            Self::Onnx => "ONNX",
            Self::Keras => "Keras v3",
            Self::Hdf5 => "HDF5",
            Self::SavedModel => "TensorFlow SavedModel",
            Self::Tflite => "TensorFlow Lite",
            Self::TorchPackage => "torch package",
            Self::Executorch => "ExecuTorch",
            Self::TorchserveArchive => "TorchServe archive",
            Self::Nemo => "NeMo",
            Self::Skops => "skops",
            Self::Paddle => "PaddlePaddle",
            Self::Catboost => "CatBoost",
            Self::Lightgbm => "LightGBM",
            Self::Xgboost => "XGBoost",
            Self::Flax => "Flax msgpack",
            Self::RData => "R data",
            Self::Pmml => "PMML",
            Self::Coreml => "Core ML",
            Self::Openvino => "OpenVINO",
            Self::Tensorrt => "TensorRT engine",
            Self::Sentencepiece => "SentencePiece",
            Self::Ggml => "GGML",
            Self::Mxnet => "MXNet",
            Self::Torch7 => "Torch 7",
            Self::Cntk => "CNTK",
            Self::Llamafile => "llamafile",
            Self::OciImage => "OCI image",
            Self::Configuration => "model configuration",
            Self::Archive => "archive",
            Self::Other => "not a model format",
        }
    }

    /// The framework that writes it, where only one does.
    #[must_use]
    pub const fn framework(self) -> Option<&'static str> {
        match self {
            Self::PytorchZip
            | Self::PytorchLegacy
            | Self::Torchscript
            | Self::TorchPackage
            | Self::Executorch
            | Self::TorchserveArchive => Some("pytorch"),
            Self::Joblib | Self::Skops => Some("scikit-learn"),
            Self::Nemo => Some("nemo"),
            Self::Paddle => Some("paddlepaddle"),
            Self::Catboost => Some("catboost"),
            Self::Lightgbm => Some("lightgbm"),
            Self::Xgboost => Some("xgboost"),
            Self::Flax => Some("flax"),
            Self::RData => Some("r"),
            Self::Coreml => Some("coreml"),
            Self::Openvino => Some("openvino"),
            Self::Tensorrt => Some("tensorrt"),
            Self::Mxnet => Some("mxnet"),
            Self::Torch7 => Some("torch7"),
            Self::Cntk => Some("cntk"),
            Self::Sentencepiece => Some("sentencepiece"),
            Self::Npy | Self::Npz => Some("numpy"),
            Self::Gguf | Self::Ggml | Self::Llamafile => Some("llama.cpp"),
            Self::Onnx => Some("onnx"),
            Self::Keras | Self::Hdf5 => Some("keras"),
            Self::SavedModel | Self::Tflite => Some("tensorflow"),
            Self::Pickle
            | Self::Safetensors
            | Self::Pmml
            | Self::OciImage
            | Self::Configuration
            | Self::Archive
            | Self::Other => None,
        }
    }
}

/// A model or data file, or the member of a container that is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Artifact {
    /// What it is, by content.
    pub format: ArtifactFormat,
    /// The framework that wrote it, where the bytes tell.
    pub framework: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the whole file in hexadecimal, when it was asked for.
    pub sha256: Option<String>,
    /// Number of tensors, where a header tells.
    pub tensors: Option<u64>,
    /// Number of parameters (elements of all tensors), where a header tells.
    pub parameters: Option<u64>,
    /// Number of tensors by data type, in the format's own spelling.
    pub dtypes: BTreeMap<String, u64>,
    /// The tensors one by one, where they were asked for and a header tells; the first ones when
    /// there are very many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensor_list: Vec<Tensor>,
    /// What the tensors are called, where a header tells, or all that an index places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tensor_names: Option<TensorNames>,
    /// The files over which an index spreads the tensors of a model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
    /// The architecture that the metadata names.
    pub architecture: Option<String>,
    /// The licence that the metadata names.
    pub licence: Option<String>,
    /// Further metadata of the header, at most 64 entries, values shortened.
    pub metadata: BTreeMap<String, String>,
    /// What each pickle stream in it would do, in file order.
    pub pickles: Vec<PickleTrace>,
    /// Code or operators that run when it is loaded or used.
    pub embedded: Vec<Embedded>,
    /// Other files that loading it would open.
    pub external: Vec<External>,
    /// What does not fit the format.
    pub anomalies: Vec<Anomaly>,
    /// What stands out in the data of its tensors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensor_signs: Vec<TensorSign>,
    /// The file as a whole.
    pub evidence: Evidence,
}

impl Artifact {
    /// Whether a chat template stands in it.
    #[must_use]
    pub fn has_template(&self) -> bool {
        self.embedded
            .iter()
            .any(|embedded| embedded.kind == EmbeddedKind::ChatTemplate)
    }

    /// An artefact of which only kind and size are known yet.
    #[must_use]
    pub fn new(format: ArtifactFormat, size: u64, evidence: Evidence) -> Self {
        Self {
            format,
            framework: format.framework().map(str::to_owned),
            size,
            sha256: None,
            tensors: None,
            parameters: None,
            dtypes: BTreeMap::new(),
            tensor_list: Vec::new(),
            tensor_names: None,
            shards: Vec::new(),
            architecture: None,
            licence: None,
            metadata: BTreeMap::new(),
            pickles: Vec::new(),
            embedded: Vec::new(),
            external: Vec::new(),
            anomalies: Vec::new(),
            tensor_signs: Vec::new(),
            evidence,
        }
    }
}

impl Artifact {
    /// How many anomalies of one kind are kept: one is enough for a finding,
    /// the next ones show how far it goes.
    pub const ANOMALIES_PER_KIND: usize = 8;

    /// Notes something that does not fit the format; past
    /// [`Artifact::ANOMALIES_PER_KIND`] of its kind it adds nothing.
    pub fn anomaly(&mut self, kind: AnomalyKind, detail: impl Into<String>, evidence: Evidence) {
        let same = self.anomalies.iter().filter(|known| known.kind == kind);
        if same.count() < Self::ANOMALIES_PER_KIND {
            self.anomalies.push(Anomaly {
                kind,
                detail: detail.into(),
                evidence,
            });
        }
    }

    /// Takes in a part of this artefact: what it would run, opens and is wrong
    /// with it becomes this one's, its tensors are added.
    pub fn absorb(&mut self, part: Self) {
        let add = |total: Option<u64>, more: Option<u64>| match (total, more) {
            (Some(total), Some(more)) => Some(total.saturating_add(more)),
            (known, None) | (None, known) => known,
        };
        self.tensors = add(self.tensors, part.tensors);
        self.parameters = add(self.parameters, part.parameters);
        for (dtype, count) in part.dtypes {
            let total = self.dtypes.entry(dtype).or_insert(0);
            *total = total.saturating_add(count);
        }
        for mut tensor in part.tensor_list {
            // It was counted from the start of the part.
            tensor.offset = None;
            self.tensor_list.push(tensor);
        }
        self.framework = self.framework.take().or(part.framework);
        self.architecture = self.architecture.take().or(part.architecture);
        self.licence = self.licence.take().or(part.licence);
        self.pickles.extend(part.pickles);
        self.embedded.extend(part.embedded);
        self.external.extend(part.external);
        self.tensor_signs.extend(part.tensor_signs);
        for anomaly in part.anomalies {
            self.anomaly(anomaly.kind, anomaly.detail, anomaly.evidence);
        }
    }
}

/// What the unpickling machine would do with one stream, up to its end or its first error:
/// what ran before an error has run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PickleTrace {
    /// Path of the stream: the file, or `outer!inner`.
    pub path: std::sync::Arc<str>,
    /// Offset of its first opcode in that path.
    pub offset: u64,
    /// How it comes to be loaded.
    pub origin: PickleOrigin,
    /// The highest protocol announced, 0 when none is.
    pub protocol: u8,
    /// Opcodes interpreted.
    pub opcodes: u64,
    /// Every global it imports, in order, without repetitions.
    pub globals: Vec<PickleGlobal>,
    /// Every call it makes, in order, bounded; a call repeated with equal arguments is kept once.
    pub calls: Vec<PickleCall>,
    /// Functions that it carries by value, as byte code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<CarriedCode>,
    /// Its first opcodes one by one, as many as were asked for; usually none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<PickleStep>,
    /// How it ends.
    pub end: PickleEnd,
}

/// One opcode of a pickle stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PickleStep {
    /// Where it stands.
    pub offset: u64,
    /// Its name, as `pickletools` spells it.
    pub opcode: &'static str,
    /// Its operand or what it pushes, shortened and redacted; empty when it has none.
    pub argument: String,
}

/// How a pickle stream comes to be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PickleOrigin {
    /// It stands in the file where a loader looks for it.
    File,
    /// It is a constant of another stream, which that stream passes to a loader.
    Loaded,
    /// It is a constant of another stream, and nothing in view loads it.
    Dormant,
}

/// A function that a pickle stream carries by value, as cloudpickle and dill write what stands in a notebook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CarriedCode {
    /// Its name; `<lambda>` for one without, `?` when its code is not in view.
    pub name: String,
    /// When it runs.
    pub runs: CodeRuns,
    /// What it would call, as Python would write it: `os.system("id")`. Calls that rules judge are all there, of the
    /// others only the first.
    pub calls: Vec<String>,
    /// Names of globals, attributes and modules that it uses, bounded.
    pub names: Vec<String>,
    /// How much of it was read.
    pub read: CodeRead,
    /// Where the function is made.
    pub evidence: Evidence,
}

impl CarriedCode {
    /// The pieces of one of its calls that stand outside of texts: names, numbers and signs.
    #[must_use]
    pub fn outside_texts(call: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut start = Some(0);
        let mut escaped = false;
        for (at, character) in call.char_indices() {
            match (character, start) {
                ('"', Some(from)) => {
                    pieces.push(call.get(from..at).unwrap_or_default());
                    start = None;
                }
                ('"', None) if !escaped => start = Some(at.saturating_add(1)),
                _ => {}
            }
            escaped = character == '\\' && !escaped;
        }
        pieces.extend(start.and_then(|from| call.get(from..)));
        pieces
    }
}

/// How much of carried code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRead {
    /// All instructions.
    Whole,
    /// Names and constants only: the instructions are of a version that is not known.
    Names,
    /// A part, up to a limit.
    Part,
    /// Nothing: the stream makes it of what is not in view.
    Nothing,
}

/// When code that a pickle stream carries runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRuns {
    /// While the stream is loaded.
    AtLoad,
    /// When somebody calls it later.
    Stored,
}

/// An import of a pickle stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PickleGlobal {
    /// Dotted name, `module.qualname`; parts that could not be resolved are `?`.
    pub name: String,
    /// The module part of the name.
    pub module: String,
    /// The name inside the module.
    pub attribute: String,
    /// Whether both parts are known exactly.
    pub resolved: bool,
    /// Whether something was called or built with it; a bare reference runs only the import.
    pub called: bool,
    /// The opcode at its offset.
    pub evidence: Evidence,
}

/// A call that a pickle stream makes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PickleCall {
    /// Dotted name of what is called; attribute chains through `getattr`,
    /// `attrgetter` and partial application are followed.
    pub callable: String,
    /// The arguments, as Python would print them, shortened, `?` where unknown.
    pub arguments: Vec<String>,
    /// Whether any argument is a string or bytes constant that the file supplies.
    pub constant_text: bool,
    /// The opcode that calls: REDUCE, NEWOBJ, NEWOBJ_EX, INST, OBJ, BUILD, …
    pub opcode: &'static str,
    /// The call as pseudo-Python, at its offset.
    pub evidence: Evidence,
}

/// How a pickle stream ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PickleEnd {
    /// With STOP, as it should.
    Stop,
    /// The bytes end before STOP.
    Truncated,
    /// An opcode that does not exist or whose operands do not fit; the text says which.
    Malformed(String),
    /// A limit of the interpreter; the text says which.
    Limit(String),
}

/// Something in a model file that runs when it is loaded or used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Embedded {
    /// What it is.
    pub kind: EmbeddedKind,
    /// Its name: layer, operator, template key.
    pub name: String,
    /// What it does or holds, shortened.
    pub detail: String,
    /// Where.
    pub evidence: Evidence,
}

/// What runs when a model is loaded or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddedKind {
    /// A Keras Lambda layer with marshalled Python byte code.
    KerasLambda,
    /// A Keras object whose module lies outside Keras.
    KerasForeignModule,
    /// A Keras configuration that downloads or reads a file when it is built.
    KerasFileAccess,
    /// A type or function that a skops file makes its loader import.
    SkopsType,
    /// A TensorFlow operator that reads or writes files, or calls Python.
    TensorflowOperator,
    /// A Paddle operator that reads or writes files, connects to machines, or calls Python.
    PaddleOperator,
    /// An ONNX operator of a domain that is not part of ONNX.
    OnnxCustomOperator,
    /// A chat template (Jinja source) that is rendered with every conversation.
    ChatTemplate,
    /// Python source inside the container that the loader runs or compiles.
    Source,
    /// An operator, layer or plug-in that only a library outside the framework can run.
    CustomOperator,
    /// A module that a configuration makes the loader import and call.
    LoaderModule,
    /// A callable that a configuration makes its reader import and call: `_target_`, a YAML tag.
    ObjectTarget,
    /// R code that runs when a serialised object is read or used.
    RCode,
    /// A function of Lua in a stored object, which its reader makes one of.
    LuaCode,
    /// A change of how text becomes tokens: remapped, added or normalised tokens.
    TokenizerChange,
    /// An expression or extension that an interpreter of the document evaluates.
    DocumentCode,
    /// A call in Python that comes with the model; the name says when it runs.
    ModelCode,
}

/// A file outside the artefact that loading it would open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct External {
    /// The path or address as written.
    pub location: String,
    /// Whether it leaves the directory of the artefact (absolute, `..`, a scheme).
    pub escapes: bool,
    /// Where it is named.
    pub evidence: Evidence,
}

/// Something that does not fit the format.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anomaly {
    /// What kind.
    pub kind: AnomalyKind,
    /// What exactly, in one sentence.
    pub detail: String,
    /// Where.
    pub evidence: Evidence,
}

/// What can be wrong with a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// The name says one format, the content another.
    NameMismatch,
    /// Bytes before, between or behind the structure that nothing claims.
    UnclaimedBytes,
    /// A second format inside the bytes of the first.
    Polyglot,
    /// A header whose lengths, counts or offsets cannot be true.
    LyingHeader,
    /// Two readers of the container would see different content.
    ReaderDisagreement,
    /// A member that cannot be read: encrypted, unknown compression, broken.
    UnreadableMember,
    /// The file ends before its structure does.
    Truncated,
    /// A member whose path leaves the directory it is unpacked to.
    PathTraversal,
    /// It unpacks to far more than it is.
    Bomb,
}

/// Something beside model files that tells where they come from, or lets people check them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// What it is.
    pub kind: ProvenanceKind,
    /// The file.
    pub evidence: Evidence,
}

/// What tells where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenanceKind {
    /// A model card: a README that describes a model.
    Card,
    /// A signature over the files.
    Signature,
    /// Digests of the files.
    Checksums,
    /// A pointer or lock file of a versioning tool, which holds their digests.
    Pointer,
}
