//! Rules about model files.

mod catalogue;
mod commands;
mod deed;
mod jinja;
mod verdict;

rules! {
    archive_path_traversal,
    bundled_code,
    configured_target,
    decompression_bomb,
    document_code,
    executable_model,
    hdf5_external,
    keras_file_access,
    keras_foreign_module,
    keras_lambda,
    loader_module,
    lying_header,
    metadata_code,
    name_mismatch,
    npy_header_code,
    onnx_custom_operator,
    onnx_external_data,
    path_outside,
    pickle_dangerous_import,
    pickle_exec,
    pickle_malformed,
    pickle_nested_loader,
    pickle_unknown_call,
    polyglot,
    reader_disagreement,
    remote_code,
    repository_code,
    shard_path_traversal,
    skops_untrusted_type,
    template_hidden_instruction,
    template_injection,
    tensor_oddity,
    tensor_payload,
    tensorflow_operator,
    tokenizer_tampering,
    torchscript_code,
    unclaimed_bytes,
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
