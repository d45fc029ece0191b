use stance_core::Severity;
use stance_core::fact::{Artifact, EmbeddedKind};
use stance_inspect::onnx::assemble::{model, node, tensor};

use crate::{Cx, Rule};

rule! {
    /// # ONNX model that needs operators from a library of its own
    ///
    /// ## What it finds
    /// Operators in an ONNX graph whose domain neither ONNX nor a known runtime defines. Operators that call
    /// Python (`PyOp`, `PyCustomOp`) are high.
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
        ],
        good: [crate::made!("model.onnx", known)],
    }
}

/// Domains of operators that come with a runtime everybody uses.
const KNOWN: &[&str] = &[
    "ai.onnx.contrib",
    "com.microsoft",
    "com.microsoft.experimental",
    "com.microsoft.extensions",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
    "com.nvidia",
    "onnx.brevitas",
    "org.openvinotoolkit",
    "org.pytorch.aten",
    "qonnx.custom_op.general",
    "trt",
    "trt.plugins",
];

impl Rule for OnnxCustomOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let all = artifact.embedded.iter();
        for operator in all.filter(|embedded| embedded.kind == EmbeddedKind::OnnxCustomOperator) {
            let lower = operator.name.to_ascii_lowercase();
            let python = lower.ends_with("::pyop")
                || lower.ends_with("::pycustomop")
                || lower.starts_with("pyop");
            if !python && KNOWN.contains(&&*operator.detail) {
                continue;
            }
            if python {
                cx.report(
                    &operator.evidence,
                    format!("The model calls Python through the operator `{}`", operator.name),
                )
                .severity(Severity::High);
            } else {
                cx.report(
                    &operator.evidence,
                    format!("The model needs a library with the operator `{}`", operator.name),
                );
            }
        }
    }
}

fn foreign() -> Vec<u8> {
    model(&[node("research.ops", "Warp")], &[tensor("w", &[1], &[0; 4])])
}

fn python() -> Vec<u8> {
    model(&[node("pyopmulti", "PyOp")], &[])
}

fn known() -> Vec<u8> {
    model(
        &[
            node("", "MatMul"),
            node("com.microsoft", "FusedMatMul"),
            node("ai.onnx.ml", "TreeEnsembleClassifier"),
        ],
        &[],
    )
}
