use stance_core::Severity;
use stance_core::fact::{Artifact, EmbeddedKind};
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # Keras model that reads or downloads a file when it is loaded
    ///
    /// ## What it finds
    /// A Keras configuration that names a function which fetches, reads or writes files (`get_file`,
    /// `tf.io.read_file`), a lookup or tokenizer layer whose vocabulary is a path instead of the words themselves,
    /// or a `TFSMLayer`, which loads a whole TensorFlow program from a path.
    ///
    /// ## Why it matters
    /// The path is opened while the model is built, before anything of it runs, with safe mode on or off. An
    /// absolute path or an address makes the loading machine read its own files into the model, from where
    /// they leave with the next save or prediction, or download and unpack what a stranger serves.
    ///
    /// ## Example
    /// ```json
    /// {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}
    /// ```
    ///
    /// ## Fix
    /// Do not load the file with an old Keras: 3.12 and later refuse this. Ask its publisher for an export
    /// with the vocabulary inside (`layer.get_vocabulary()`), or remove the path from `config.json`.
    ///
    /// ## References
    /// - CVE-2025-12058: vocabulary of `StringLookup` and `IndexLookup`
    /// - CVE-2025-8747 and CVE-2025-12060: `keras.utils.get_file`
    /// - CVE-2026-1462: `TFSMLayer` in spite of safe mode
    KerasFileAccess {
        id: "model/keras-file-access",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.keras", vocabulary_of_the_machine),
            crate::made!("fetch.keras", download),
            crate::made!("program.keras", saved_model),
        ],
        good: [crate::made!("model.keras", vocabulary_inside)],
    }
}

impl Rule for KerasFileAccess {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(super::is_keras(artifact));
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| embedded.kind == EmbeddedKind::KerasFileAccess) {
            let fetches = embedded.name.contains('.');
            let leaves = embedded.detail.starts_with(['/', '\\', '~'])
                || ["../", "..\\", "://", ":\\"]
                    .iter()
                    .any(|mark| embedded.detail.contains(mark));
            let what = match &*embedded.detail {
                "" => "a file".to_owned(),
                location => format!("`{location}`"),
            };
            let program = embedded.name == "TFSMLayer";
            let draft = cx
                .report(
                    &embedded.evidence,
                    format!("Loading it makes `{}` open {what}", embedded.name),
                )
                .exploits(match &*embedded.name {
                    "TFSMLayer" => "keras-saved-model-layer",
                    name if name.ends_with(".get_file") => "keras-get-file",
                    _ if fetches => "keras-function",
                    _ => "keras-vocabulary",
                });
            if !fetches && !leaves && !program {
                // A file beside the model: what the layer was built with, and harmless where it is missing.
                draft.severity(Severity::Low);
            }
        }
    }
}

fn keras(layer: &str) -> Vec<u8> {
    let config = format!(
        r#"{{"module": "keras", "class_name": "Sequential", "config": {{"layers": [{layer}]}}}}"#
    );
    zip::assemble::zip(&[
        zip::assemble::part("metadata.json", "{}"),
        zip::assemble::part("config.json", config),
    ])
}

fn vocabulary_of_the_machine() -> Vec<u8> {
    keras(
        r#"{"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}"#,
    )
}

fn download() -> Vec<u8> {
    keras(
        r#"{"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://example.org/x.tar"}}"#,
    )
}

fn saved_model() -> Vec<u8> {
    keras(
        r#"{"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "other_model"}}"#,
    )
}

fn vocabulary_inside() -> Vec<u8> {
    keras(
        r#"{"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}}"#,
    )
}
