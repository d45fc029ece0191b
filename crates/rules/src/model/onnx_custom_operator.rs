use stance_core::Severity;
use stance_core::fact::{ArtifactFormat, Artifact, EmbeddedKind};
use stance_inspect::onnx::assemble::{model, node, tensor};

use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # ONNX model that needs operators from a library of its own
    ///
    /// ## What it finds
    /// Operators in an ONNX graph whose domain neither ONNX nor a known runtime or exporter defines, and
    /// operators of ONNX's own domain that ONNX never had. Operators that call Python (`PyOp`, `PythonOp`) are
    /// high, and so are those whose domain or name says that they run commands or take files (`RunShell`).
    ///
    /// ## Why it matters
    /// Such a model runs only with a shared library or Python code that somebody registers first, and that code
    /// runs with the rights of the process. Most are honest extensions of a research group or a vendor, so this
    /// is a note: know where the library comes from before it is loaded.
    ///
    /// ## Example
    /// ```text
    /// node x: op_type RunShell, domain evil.ops
    /// ```
    ///
    /// ## Fix
    /// Export with standard operators, or pin and review the library that brings the operator.
    ///
    /// ## References
    /// - [ONNX Runtime: custom operators](https://onnxruntime.ai/docs/reference/operators/add-custom-op.html)
    OnnxCustomOperator {
        id: "model/onnx-custom-operator",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::made!("model.onnx", foreign),
            crate::made!("model.onnx", python),
            crate::made!("model.onnx", shell),
        ],
        good: [crate::made!("model.onnx", known)],
    }
}

/// Domains of operators that come with a runtime everybody uses.
const KNOWN: &[&str] = &[
    "ai.djl",
    "ai.graphcore",
    "ai.onnx.contrib",
    "aten",
    "com.amd",
    "com.google.mediapipe",
    "com.intel",
    "com.microsoft",
    "com.microsoft.experimental",
    "com.microsoft.extensions",
    "com.microsoft.extensions.genai",
    "com.microsoft.mlfeaturizers",
    "com.microsoft.nchwc",
    "com.microsoft.quantization",
    "com.ms.internal.nhwc",
    "com.nvidia",
    "com.qti.aisw",
    "com.xilinx",
    "finn.custom_op.fpgadataflow",
    "finn.custom_op.general",
    "local_functions",
    "mmcv",
    "mmdeploy",
    "onnx.brevitas",
    "org.caffe2",
    "org.pytorch",
    "org.pytorch.prim",
    "org.openvinotoolkit",
    "org.pytorch.aten",
    "pkg.onnxscript.torch_lib",
    "pkg.onnxscript.torch_lib.common",
    "pkg.torch",
    "pytorch",
    "qonnx.custom_op.channels_last",
    "qonnx.custom_op.general",
    "trt",
    "trt.plugins",
];

impl Rule for OnnxCustomOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Onnx);
        let all = artifact.embedded.iter();
        for operator in all.filter(|embedded| embedded.kind == EmbeddedKind::OnnxCustomOperator) {
            let name = operator.name.rsplit("::").next().unwrap_or_default();
            let message = if is_python(&operator.name.to_ascii_lowercase()) {
                format!("The model calls Python through the operator `{}`", operator.name)
            } else if let Some(words) = promises_harm(&operator.name) {
                format!("The model needs the operator `{}`, whose name says `{words}`", operator.name)
            } else if KNOWN.contains(&&*operator.detail) {
                continue;
            } else {
                let about = if operator.detail == "ai.onnx" {
                    format!("`{name}`, which ONNX does not have")
                } else {
                    format!("`{}`", operator.name)
                };
                cx.report(
                    &operator.evidence,
                    format!("The model needs a library with the operator {about}"),
                );
                continue;
            };
            cx.report(&operator.evidence, message)
                .severity(Severity::High);
        }
    }
}

/// Whether an operator, in lower case, is one of those that call into Python.
fn is_python(name: &str) -> bool {
    let operator = name.rsplit("::").next().unwrap_or_default();
    name.starts_with("pyop")
        || matches!(operator, "pyop" | "pycustomop" | "pythonop" | "pythonopgrad" | "pyfunc")
}

fn foreign() -> Vec<u8> {
    model(&[node("research.ops", "Warp")], &[tensor("w", &[1], &[0; 4])])
}

fn python() -> Vec<u8> {
    model(&[node("pyopmulti", "PyOp")], &[])
}

fn shell() -> Vec<u8> {
    model(&[node("ops.internal", "RunShell")], &[])
}

fn known() -> Vec<u8> {
    model(
        &[
            node("", "MatMul"),
            node("com.microsoft", "FusedMatMul"),
            node("ai.onnx.contrib", "OpenAIAudioToText"),
            node("mmdeploy", "MMCVRoiAlign"),
            node("ai.onnx.ml", "TreeEnsembleClassifier"),
        ],
        &[],
    )
}
