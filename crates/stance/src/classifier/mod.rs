//! The user's own classifier (`[guard.classifier]`), in a process of its own.
//!
//! A model is a stranger's: what it asks of memory and time only a process can bound, and nothing that it makes the engine do may
//! reach what the gateway holds. So this binary is started once more. The child reads the files, gives up its rights, lets
//! Stance's own inspector look at the model, loads it, tries it once and then answers lines of JSON: [`remote`] is the one side,
//! [`worker`] the other, [`message`] what they say. Only the child needs the feature `onnx`.

#[cfg(feature = "onnx")]
mod files;
mod message;
mod remote;
#[cfg(feature = "onnx")]
mod worker;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use stance_gateway::judge::classify::Classify;
use stance_guard::policy::Settings as GuardSettings;

#[cfg(feature = "onnx")]
pub(crate) use worker::run;

/// Set for the child.
const VARIABLE: &str = "STANCE_INTERNAL_CLASSIFIER";

/// Whether this process is the child.
#[cfg(feature = "onnx")]
pub(crate) fn is_child() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// The classifier that the settings name, if they name one; `file` is the file of the settings, which its path is relative to.
/// It has been loaded and tried when it is given.
pub(crate) fn start(
    settings: &GuardSettings,
    file: &Path,
) -> anyhow::Result<Option<Arc<dyn Classify>>> {
    let Some(set) = &settings.classifier else {
        return Ok(None);
    };
    anyhow::ensure!(
        cfg!(feature = "onnx"),
        "guard.classifier: this binary was built without an engine for models; build it with \
         `cargo build --release --features onnx`, or take the section out"
    );
    let base = file.parent().unwrap_or_else(|| Path::new("."));
    let path = base.join(&set.model);
    let load = message::Load {
        model: std::path::absolute(&path).unwrap_or(path),
        labels: set.labels(),
        tokens: set.max_tokens,
        threads: set.threads,
    };
    let shown = load.model.display().to_string();
    let remote = remote::Remote::start(load)
        .with_context(|| format!("guard.classifier: {shown} cannot be used"))?;
    Ok(Some(Arc::new(remote)))
}
