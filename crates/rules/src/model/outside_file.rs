use stance_core::fact::{Artifact, ArtifactFormat};
use stance_inspect::protobuf::assemble::Builder;

use crate::{Cx, Rule};

rule! {
    /// # Compiled model that opens a file from elsewhere
    ///
    /// ## What it finds
    /// A Core ML model whose weights or linked model lie outside of its own directory, and a TensorRT engine that
    /// names a library or Python file by a path that leads elsewhere.
    ///
    /// ## Why it matters
    /// Who loads the model opens that file with their own rights: a library is run, a file of secrets becomes
    /// numbers of the model. Exporters write paths inside the package only.
    ///
    /// ## Example
    /// ```text
    /// fileName = @model_path/../../../home/me/.ssh/id_ed25519
    /// ```
    ///
    /// ## Fix
    /// Do not load the model. Export it again from its source, and deserialise engines only when you built them:
    /// NVIDIA treats engines as code.
    ///
    /// ## References
    /// - [CWE-22: path traversal](https://cwe.mitre.org/data/definitions/22.html)
    /// - [CWE-426: untrusted search path](https://cwe.mitre.org/data/definitions/426.html)
    OutsideFile {
        id: "model/outside-file",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.mlmodel", || linked("../../other.mlmodelc")),
            crate::text!("m.mlpackage/Manifest.json", r#"{"itemInfoEntries": {"A": {"path": "../../../etc/passwd"}}}"#),
            crate::text!(
                "m.mlmodelc/model.mil",
                "const()[val = tensor<fp16, [2]>(BLOBFILE(path = tensor<string, []>(\"@model_path/../../x\"), offset = 64))];"
            ),
            crate::made!("model.engine", || engine("/tmp/plugin.so")),
        ],
        good: [
            crate::made!("model.mlmodel", || linked("other.mlmodelc")),
            crate::text!("m.mlpackage/Manifest.json", r#"{"itemInfoEntries": {"A": {"path": "com.apple.CoreML/weights"}}}"#),
            crate::text!(
                "m.mlmodelc/model.mil",
                "const()[val = tensor<fp16, [2]>(BLOBFILE(path = tensor<string, []>(\"@model_path/weights/w.bin\"), offset = 64))];"
            ),
            crate::made!("model.engine", || engine("libnvinfer_plugin.so")),
        ],
    }
}

impl Rule for OutsideFile {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Coreml | ArtifactFormat::Tensorrt));
        if !matches!(
            artifact.format,
            ArtifactFormat::Coreml | ArtifactFormat::Tensorrt
        ) {
            return;
        }
        for external in artifact.external.iter().filter(|external| external.escapes) {
            cx.report(
                &external.evidence,
                format!("loading the model opens `{}`", external.location),
            );
        }
    }
}

fn linked(path: &str) -> Vec<u8> {
    let file = Builder::default().bytes(1, Builder::default().bytes(1, path));
    Builder::default()
        .number(1, 4)
        .bytes(2, Builder::default().bytes(1, "input"))
        .bytes(556, Builder::default().bytes(1, file))
        .build()
}

fn engine(text: &str) -> Vec<u8> {
    let mut bytes = b"ftrt".to_vec();
    bytes.resize(64, 1);
    bytes.extend(text.as_bytes());
    bytes.extend([0; 16]);
    bytes
}
