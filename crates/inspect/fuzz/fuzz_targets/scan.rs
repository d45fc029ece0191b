//! Any bytes under any of the names that parsers look at.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_inspect::{Bytes, Interests, Limits, Options, scan};

/// The first byte chooses the name.
const NAMES: &[&str] = &[
    "model", "a.pkl", "a.pt", "a.joblib", "a.npy", "a.npz", "a.safetensors", "a.gguf", "a.onnx",
    "a.keras", "a.h5", "saved_model.pb", "a.tflite", "a.zip", "a.tar.gz", "a.py", "a.ipynb",
    "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "package.json",
    "package-lock.json", "Dockerfile", "compose.yaml", ".env", ".mcp.json", "CLAUDE.md",
    ".cursorrules", "config.json", "tokenizer_config.json", "stance.toml",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let interests = Interests::new(["*.load", "openai.*"]);
    let options = Options { limits: Limits::default(), hash: false, interests: &interests };
    let _ = scan(NAMES[usize::from(*first) % NAMES.len()], &Bytes(bytes), &options);
});
