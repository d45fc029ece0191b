//! Rules about what was not looked at: silence never means safe.

use stance_core::fact::{Gap, GapReason};
use stance_core::{AssetId, AssetKind, Scope, Severity};

use crate::Cx;

rules! {
    advisories_missing,
    changed,
    defect,
    encrypted,
    limit,
    parser_stopped,
    special_file,
    too_large,
    unreadable,
}

/// Reports a gap when it has this reason; `what` says in words what happened to the file. The
/// rule's own severity holds for a file that is not known to be a model: in a model it is more.
fn report(gap: &Gap, reason: GapReason, what: &str, severity: Severity, cx: &mut Cx<'_>) {
    if gap.reason != reason {
        return;
    }
    let path = &gap.evidence.path;
    let model = model(path, cx);
    let severity = match Scope::of_path(path) {
        _ if model.is_some() || names_model(path) => severity.max(Severity::Medium),
        Scope::Production => severity,
        // Broken files are what tests are made of.
        Scope::Test | Scope::Documentation => Severity::Info,
    };
    let detail = stance_core::evidence::shorten(gap.detail.trim().trim_end_matches('.'));
    let asset = model.unwrap_or_else(|| cx.asset().clone());
    cx.report_about(asset, &gap.evidence, format!("`{path}` {what}: {detail}"))
        .severity(severity);
}

/// The model of the inventory that `path` is or lies in.
fn model(path: &str, cx: &Cx<'_>) -> Option<AssetId> {
    let containers = path.match_indices('!').take(8);
    let prefixes = containers.filter_map(|(end, _)| path.get(..end));
    std::iter::once(path)
        .chain(prefixes)
        .map(|path| AssetId::new(AssetKind::Model, format!("file/{path}")))
        .find(|id| cx.snapshot().assets.contains_key(id))
}

/// Whether the file calls itself a model: one that could not be read is in no inventory.
fn names_model(path: &str) -> bool {
    const EXTENSIONS: [&str; 15] = [
        "ckpt",
        "gguf",
        "h5",
        "joblib",
        "keras",
        "npz",
        "onnx",
        "pickle",
        "pkl",
        "pt",
        "pth",
        "safetensors",
        "tflite",
        "torchscript",
        "mlmodel",
    ];
    let outer = path.split('!').next().unwrap_or_default();
    outer.rsplit_once('.').is_some_and(|(_, extension)| {
        EXTENSIONS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
