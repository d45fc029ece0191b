use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::keras::COMPUTATION;
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # Keras model with a Lambda layer
    ///
    /// ## What it finds
    /// A Lambda layer in a Keras model, at any depth and inside any wrapper, and any other place where the
    /// configuration holds a Python function as byte code. Byte code that names system calls is critical; low is
    /// byte code that was read whole and is an expression of its arguments (`inputs[0] + inputs[1] * scale`),
    /// without a name, a call or a jump.
    ///
    /// ## Why it matters
    /// A Lambda layer is saved as marshalled Python byte code and becomes a function again when the model is
    /// loaded: whoever wrote the file decides what runs. Keras 3 refuses it unless `safe_mode=False` is given,
    /// but reads the same layer from an HDF5 file without asking in many versions, and Keras 2 never asks.
    ///
    /// ## Example
    /// ```json
    /// {"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "YwAA..."}}}}
    /// ```
    ///
    /// ## Fix
    /// Replace the layer by one of Keras or by a registered class of your own, and save the model again. Do not
    /// load models of others that need `safe_mode=False`.
    ///
    /// ## References
    /// - [Keras: serialization and safe mode](https://keras.io/api/models/model_saving_apis/)
    /// - CVE-2024-3660 and CVE-2025-9905: Lambda layers of old formats
    KerasLambda {
        id: "model/keras-lambda",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.keras", nested_lambda),
            crate::made!("model.zip", nested_lambda),
        ],
        good: [crate::made!("model.keras", dense)],
    }
}

impl Rule for KerasLambda {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(super::is_keras(artifact));
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| embedded.kind == EmbeddedKind::KerasLambda) {
            let draft = cx.report(
                &embedded.evidence,
                format!("Lambda layer `{}` runs {}", embedded.name, embedded.detail),
            )
            .exploits(if artifact.format == ArtifactFormat::Hdf5 {
                "hdf5-lambda"
            } else {
                "keras-lambda"
            });
            if calls_the_system(&embedded.detail) {
                draft.severity(Severity::Critical);
            } else if embedded.detail == COMPUTATION {
                draft.severity(Severity::Low);
            }
        }
    }
}

/// Whether names in byte code are those with which code leaves the model.
fn calls_the_system(detail: &str) -> bool {
    const NAMES: &[&str] = &[
        "system", "popen", "Popen", "subprocess", "exec", "eval", "compile", "__import__", "socket", "urlopen",
        "urllib", "requests", "os", "open", "getattr", "importlib", "marshal", "pickle", "ctypes", "check_output",
    ];
    detail
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|word| NAMES.contains(&word))
}

fn keras(layer: &str) -> Vec<u8> {
    let config = format!(
        r#"{{"module": "keras", "class_name": "Sequential", "config": {{"layers": [
            {{"class_name": "TimeDistributed", "config": {{"layer": {layer}}}}}]}}}}"#
    );
    zip::assemble::zip(&[
        zip::assemble::part("metadata.json", "{}"),
        zip::assemble::part("config.json", config),
    ])
}

fn nested_lambda() -> Vec<u8> {
    keras(
        r#"{"class_name": "Lambda", "config": {"name": "scale", "function": {"class_name": "__lambda__",
            "config": {"code": "YwACb3MGc3lzdGVtAAA="}}}}"#,
    )
}

fn dense() -> Vec<u8> {
    keras(r#"{"module": "keras.layers", "class_name": "Dense", "config": {"name": "Lambda", "units": 4}}"#)
}
