use stance_core::fact::{Artifact, ArtifactFormat};
use stance_inspect::onnx::assemble::{compiled, external, model, node};

use crate::{Cx, Rule};

rule! {
    /// # ONNX model that reads weights from outside its directory
    ///
    /// ## What it finds
    /// An ONNX tensor whose external data has an absolute path, a path that climbs up with `..` (with either
    /// kind of slash), an address, or the mark by which ONNX Runtime takes data from its own memory, and an
    /// `EPContext` operator whose compiled graph lies at such a path. A file beside the model is how large models
    /// are stored, and not reported.
    ///
    /// ## Why it matters
    /// Loading the model opens the path and reads it as numbers. What stands in that file (keys, password hashes,
    /// other people's data) becomes a weight and leaves with the next prediction or saved copy. Checks against
    /// it in the `onnx` package were got round more than once. A compiled graph is handed to the driver of an
    /// accelerator as it is.
    ///
    /// ## Example
    /// ```text
    /// initializer w: external_data location = "../../../etc/passwd"
    /// ```
    ///
    /// ## Fix
    /// Do not load the model. Ask its publisher for an export with the data inside or in a file beside it
    /// (`onnx.save_model(…, save_as_external_data=True, location="model.data")`).
    ///
    /// ## References
    /// - CVE-2022-25882, CVE-2024-27318, CVE-2024-5187, CVE-2025-51480
    /// - [ONNX: external data](https://onnx.ai/onnx/repo-docs/ExternalData.html)
    OnnxExternalData {
        id: "model/onnx-external-data",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0010.003",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.onnx", climbing),
            crate::made!("model.onnx", climbing_on_windows),
            crate::made!("model.onnx", || model(&[compiled("../../tmp/graph.bin")], &[])),
        ],
        good: [
            crate::made!("model.onnx", beside),
            crate::made!("model.onnx", || model(&[compiled("./graph_qnn.bin")], &[])),
            crate::made!("model.onnx", || model(&[compiled("/\u{1}\0\u{2}..")], &[])),
        ],
    }
}

impl Rule for OnnxExternalData {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Onnx);
        if artifact.format != ArtifactFormat::Onnx {
            return;
        }
        for external in artifact.external.iter().filter(|external| external.escapes) {
            if external.evidence.excerpt.starts_with("ep_cache_context") {
                cx.report(
                    &external.evidence,
                    format!(
                        "Loading the model opens `{}` as a graph compiled for this machine",
                        external.location
                    ),
                );
                continue;
            }
            cx.report(
                &external.evidence,
                format!(
                    "Loading the model reads `{}` as a weight",
                    external.location
                ),
            )
            .exploits(if steps_down_first(&external.location) {
                "onnx-external-data-nested"
            } else {
                "onnx-external-data"
            });
        }
    }
}

/// Whether a path leaves the directory only behind its first part, `a/../../b`.
fn steps_down_first(location: &str) -> bool {
    !location.starts_with(['/', '\\', '.', '~']) && !location.contains(':')
}

fn with_data_in(location: &str) -> Vec<u8> {
    model(&[node("", "MatMul")], &[external("w", &[4, 1], location)])
}

fn climbing() -> Vec<u8> {
    with_data_in("../../../etc/passwd")
}

fn climbing_on_windows() -> Vec<u8> {
    with_data_in("..\\..\\windows\\win.ini")
}

fn beside() -> Vec<u8> {
    with_data_in("weights/model.onnx_data")
}
