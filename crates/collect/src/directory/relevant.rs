//! Names that matter although git ignores the file.

/// Extensions of model files, in lower case.
const MODEL_EXTENSIONS: &[&str] = &[
    "pt",
    "pth",
    "bin",
    "ckpt",
    "pkl",
    "pickle",
    "p",
    "dill",
    "joblib",
    "npy",
    "npz",
    "safetensors",
    "gguf",
    "ggml",
    "onnx",
    "keras",
    "h5",
    "hdf5",
    "pb",
    "tflite",
    "mar",
    "nemo",
    "pdparams",
    "pdmodel",
    "model",
    "ubj",
    "cbm",
    "mlmodel",
    "pte",
    "llamafile",
    "skops",
    "rds",
    "msgpack",
    "engine",
    "plan",
    "torchscript",
    "ptl",
];

/// Whole file names, in lower case.
const NAMES: &[&str] = &[
    ".mcp.json",
    "mcp.json",
    "mcp_config.json",
    "claude_desktop_config.json",
    "settings.local.json",
    "agents.md",
    "claude.md",
    "gemini.md",
];

/// Whether a file of this name is looked at even when git ignores it.
pub(super) fn is_relevant(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
        return true;
    }
    NAMES.contains(&name.as_str())
        || name
            .rsplit_once('.')
            .is_some_and(|(_, extension)| MODEL_EXTENSIONS.contains(&extension))
}
