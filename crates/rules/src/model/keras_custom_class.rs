use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::zip;

use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # Keras model that needs a class from elsewhere
    ///
    /// ## What it finds
    /// A layer, loss, metric or other object in a Keras configuration whose class Keras does not have, and for
    /// which the file names no module: the loader has to be given it. Custom layers are common and honest, so
    /// this is low. A class whose name says that it attacks or that it runs commands and takes files
    /// (`MaliciousLayer`, `RunShell`) is high.
    ///
    /// ## Why it matters
    /// The model is half of what runs; the other half is Python code that comes with it, from a repository, a
    /// README or a chat, and that people paste in order to get the model loaded. It runs with their rights, and no
    /// scan of the model file sees it.
    ///
    /// ## Example
    /// ```json
    /// {"class_name": "MaliciousLayer", "config": {"name": "malicious_layer"}}
    /// ```
    ///
    /// ## Fix
    /// Get the class from the publisher of the model, read it before it is registered, and keep it with your own
    /// code. Do not load a model whose class you cannot find or whose name you would not expect.
    ///
    /// ## References
    /// - [Keras: custom objects](https://keras.io/guides/serialization_and_saving/)
    /// - [CWE-829: Inclusion of Functionality from Untrusted Control Sphere](https://cwe.mitre.org/data/definitions/829.html)
    KerasCustomClass {
        id: "model/keras-custom-class",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::made!("model.keras", attacker),
            crate::made!("research.keras", gate),
        ],
        good: [crate::made!("model.keras", dense)],
    }
}

impl Rule for KerasCustomClass {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(super::is_keras(artifact));
        if !matches!(
            artifact.format,
            ArtifactFormat::Keras | ArtifactFormat::Hdf5 | ArtifactFormat::SavedModel | ArtifactFormat::Configuration
        ) {
            return;
        }
        let all = artifact.embedded.iter();
        for class in all.filter(|embedded| {
            embedded.kind == EmbeddedKind::CustomOperator && embedded.detail.starts_with("a class ")
        }) {
            if let Some(words) = promises_harm(&class.name) {
                cx.report(
                    &class.evidence,
                    format!("The model needs {}, whose name says `{words}`", class.detail),
                )
                .severity(Severity::High)
                .confidence(Confidence::Medium);
            } else {
                cx.report(&class.evidence, format!("The model needs {}", class.detail));
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

fn attacker() -> Vec<u8> {
    keras(r#"{"class_name": "ReverseShellLayer", "config": {"name": "m"}}"#)
}

fn gate() -> Vec<u8> {
    keras(r#"{"module": null, "class_name": "Gate", "config": {"name": "g"}, "registered_name": "lab>Gate"}"#)
}

fn dense() -> Vec<u8> {
    keras(
        r#"{"module": "keras.layers", "class_name": "Dense", "config": {"name": "RunShell", "dtype":
            {"class_name": "DTypePolicy", "config": {"name": "float32"}}}}, {"class_name": "LSTM", "config": {}}"#,
    )
}
