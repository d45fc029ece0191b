//! Rules about model files.

mod catalogue;
mod verdict;

rules! {
    archive_path_traversal,
    decompression_bomb,
    keras_file_access,
    keras_foreign_module,
    keras_lambda,
    name_mismatch,
    npy_header_code,
    pickle_dangerous_import,
    pickle_exec,
    pickle_malformed,
    pickle_nested_loader,
    pickle_unknown_call,
    polyglot,
    reader_disagreement,
    skops_untrusted_type,
    torchscript_code,
    unreadable_member,
}

use stance_core::fact::Artifact;

use crate::Cx;
use verdict::Kind;

/// Reports every verdict of one kind.
fn report(artifact: &Artifact, kind: Kind, cx: &mut Cx<'_>) {
    for verdict in verdict::verdicts(artifact) {
        if verdict.kind != kind {
            continue;
        }
        let mut draft = cx
            .report(verdict.evidence, verdict.message)
            .severity(verdict.severity)
            .confidence(verdict.confidence);
        for evidence in verdict.also {
            draft = draft.also(evidence);
        }
        for note in verdict.notes {
            draft = draft.note(note);
        }
    }
}
