//! Rules about model files.

mod loaders;

rules! {
    archive_path_traversal,
    bundled_code,
    configured_target,
    custom_operator,
    decompression_bomb,
    document_code,
    executable_model,
    graph_custom_operator,
    hdf5_external,
    hdf5_filter_plugin,
    keras_custom_class,
    keras_file_access,
    keras_foreign_module,
    keras_lambda,
    loader_module,
    lua_code,
    lying_header,
    metadata_code,
    name_mismatch,
    npy_header_code,
    onnx_custom_operator,
    onnx_external_data,
    outside_file,
    paddle_operator,
    path_outside,
    pickle_carried_code,
    pickle_dangerous_import,
    pickle_exec,
    pickle_malformed,
    pickle_nested_loader,
    pickle_unknown_call,
    polyglot,
    r_code,
    reader_disagreement,
    remote_code,
    repository_code,
    shard_index_mismatch,
    shard_path_traversal,
    skops_untrusted_type,
    targeted_edit,
    template_hidden_instruction,
    template_injection,
    tensor_oddity,
    tensor_payload,
    tensorflow_operator,
    tokenizer_tampering,
    torchscript_code,
    unclaimed_bytes,
    uneven_change,
    unreadable_member,
    xml_external_entity,
}

use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat};

use crate::Cx;
use stance_intent::verdict::{self, Kind};

/// Whether Keras may load it.
fn is_keras(artifact: &Artifact) -> bool {
    matches!(
        artifact.format,
        ArtifactFormat::Keras
            | ArtifactFormat::Hdf5
            | ArtifactFormat::SavedModel
            | ArtifactFormat::Configuration
    ) && artifact
        .framework
        .as_deref()
        .is_none_or(|it| it == "keras" || it == "tensorflow")
}

/// Whether it is a document whose values an interpreter may evaluate.
fn is_document(artifact: &Artifact) -> bool {
    matches!(
        artifact.format,
        ArtifactFormat::Pmml
            | ArtifactFormat::Lightgbm
            | ArtifactFormat::Xgboost
            | ArtifactFormat::Catboost
            | ArtifactFormat::Cntk
    )
}

/// Reports every verdict of one kind.
fn report(artifact: &Artifact, kind: Kind, cx: &mut Cx<'_>) {
    if artifact.pickles.is_empty() {
        return;
    }
    let snapshot = cx.snapshot();
    let all = cx
        .memo()
        .pickles
        .get_or_init(|| verdict::verdicts(artifact, &snapshot.policy.catalogue).into());
    for verdict in all.iter().filter(|verdict| verdict.kind == kind) {
        let mut draft = cx
            .report(&verdict.evidence, &*verdict.message)
            .severity(verdict.severity)
            .confidence(verdict.confidence);
        for evidence in &verdict.also {
            draft = draft.also(evidence);
        }
        for note in &verdict.notes {
            draft = draft.note(&**note);
        }
        if verdict.severity >= Severity::High {
            let import = format!("import:{}", verdict.name);
            let mut flaws = loaders::flaws(artifact, &verdict.evidence.path, snapshot);
            flaws.push(&import);
            draft.exploits_all(&flaws);
        }
    }
}
